"""Experiments: cells of parameters × replicates, run, stopped, summarised.

Takes an experiment document with its closure, gives runs, metrics and summaries as tables.
Touches the store and the executor it is given.
"""
