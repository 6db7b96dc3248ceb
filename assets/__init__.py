"""Dagster assets: what exists, with its partitions and resources; one module per stage.

Takes the partition's experiment name, gives materialisations; each body calls one use case of the engine.
Touches what `worldwright.project` touches.
"""
