"""The one partitioning of the graph: an experiment is a partition.

Partitions are added by `pipelines.run` and by the sensors, never while definitions load.
"""

import dagster as dg

experiments = dg.DynamicPartitionsDefinition(name="experiments")
"""One partition per document in `specs/experiments/`, named as its file."""
