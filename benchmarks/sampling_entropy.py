"""Sample a file with entropy-predict 0.2.0; run by the Python it is installed in: SPEC AGENTS.

Prints JSON: CPU and wall seconds, peak memory in MB, and the agents by attribute.
"""

import json
import resource
import sys
import time
from pathlib import Path

from entropy.core.models.population import PopulationSpec
from entropy.population.sampler import sample_population

spec = PopulationSpec.from_yaml(Path(sys.argv[1]))
sample_population(spec, count=50, seed=2)
cpu, wall = time.process_time(), time.perf_counter()
agents = sample_population(spec, count=int(sys.argv[2]), seed=1).agents
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
columns = {name: [agent[name] for agent in agents] for name in agents[0]}
print(json.dumps({"cpu_s": cpu, "wall_s": wall, "peak_mb": peak, "agents": columns}))
