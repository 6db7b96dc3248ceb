"""Dagster assets: what exists, with its partitions and resources.

Takes the partition's experiment name, gives materialisations; each body calls one use case.
Touches what `worldwright.project` touches.
"""
