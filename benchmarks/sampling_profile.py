"""Print what each attribute costs to sample.

    python benchmarks/sampling_profile.py [SPEC.yaml [SCENARIO.yaml]]

CPU nanoseconds for each agent, the least of three passes over blocks as `sample` makes them; without a spec,
the benchmark's own population.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

BLOCKS = 4


def main(paths: list[str]) -> int:
    import numpy as np

    from worldwright.population import plan
    from worldwright.population.backends.memory import BLOCK
    from worldwright.population.block import Block

    made = plan(population_of(paths), 1)
    passes: list[list[float]] = []
    with np.errstate(all="ignore"):
        for _ in range(4):  # the first loads the kernels
            costs = [0.0] * len(made.steps)
            for number in range(BLOCKS):
                block = Block(number * BLOCK, BLOCK, made.keys)
                for i, step in enumerate(made.steps):
                    begun = time.process_time()
                    step.run(block)
                    costs[i] += time.process_time() - begun
            passes.append(costs)
    least = [min(costs) / (BLOCKS * BLOCK) * 1e9 for costs in zip(*passes[1:], strict=True)]
    print(f"{'ns/agent':>8}  {'attribute':36} {'law':13} modifiers")
    for cost, step in sorted(zip(least, made.steps, strict=True), key=lambda pair: -pair[0]):
        print(f"{cost:8.2f}  {described(step, made.population)}")
    count = len(made.population.columns)
    print(f"{sum(least):8.2f}  together: {sum(least) / count:.1f} for each of {count} attributes")
    return 0


def described(step: Any, population: Any) -> str:
    names = ", ".join(step.writes)
    known = [a for a in population.attributes if a.name == step.writes[0]]
    if len(step.writes) > 1 or not known or not hasattr(step, "attribute"):
        return f"{names[:36]:36} {type(step).__name__}"
    (attribute,) = known
    law = attribute.distribution.family if attribute.distribution else "formula"
    return f"{names[:36]:36} {law:13} {len(attribute.modifiers) or ''}"


def population_of(paths: list[str]) -> Any:
    from sampling_contenders import population

    from worldwright.spec import Source, load_population

    if not paths:
        return population()
    sources = [Source(path, Path(path).read_text(encoding="utf-8")) for path in paths]
    made, found = load_population(*sources)
    if made is None:
        raise SystemExit("\n".join(str(diagnostic) for diagnostic in found))
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
