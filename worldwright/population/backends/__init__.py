"""Backends: ways to run one sampling plan; all give the same bits.

Takes a plan and a range of agents, gives Arrow tables.
Touches nothing beyond the processes it is given.
"""
