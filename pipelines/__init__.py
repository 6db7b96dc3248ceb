"""Dagster: when. Jobs, schedules, sensors and the assembled definitions, and the doors to run and see them.

Takes assets and resources, gives `Definitions`; computes nothing.
Touches nothing on import but the names of folders.
"""
