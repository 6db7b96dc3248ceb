"""Dagster: when. Jobs, schedules, sensors and the assembled definitions.

Takes assets and resources, gives `Definitions`; computes nothing.
Touches nothing on import.
"""
