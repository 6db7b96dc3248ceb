"""How long it takes to explain one agent, warm, after checking that explanations agree with stored rows.

    python benchmarks/explain.py

CPU time of 1,000 random agents of the benchmark's population of 40 attributes (`sampling_contenders.py`), one
at a time, by one explainer.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from typing import Any

from sampling_contenders import population

from worldwright.population import Explainer, plan, sample

AGENTS = 1000
WARM = 200
LARGEST = 1_000_000
SEED = 7


def main() -> int:
    """Check, then measure; 1 where an explanation disagrees with the stored row."""
    made = plan(population(), SEED)
    explainer = Explainer(made)
    chosen = random.Random(SEED).sample(range(LARGEST), AGENTS)
    for agent in chosen:
        stored: dict[str, Any] = sample(made, agent, 1).to_pylist()[0]
        told = {found.name: found.value for found in explainer.agent(agent).attributes}
        if told != stored:
            print(f"agent {agent} is {stored}, explained as {told}")
            return 1
    print(f"{AGENTS:,} explanations agree with the stored rows, {len(made.population.columns)} columns each")
    for agent in chosen[:WARM]:
        explainer.agent(agent)
    taken: list[float] = []
    for agent in chosen:
        begun = time.process_time_ns()
        explainer.agent(agent)
        taken.append((time.process_time_ns() - begun) / 1e6)
    print(f"CPU ms an agent: median {statistics.median(taken):.2f}, fastest {min(taken):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
