"""The measurements of `worlds.py`, each run in a process of its own, and the comparisons before them."""

from __future__ import annotations

import dataclasses
import json
import math
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from worlds_ours import LUA54, LUAJIT, WORLDS, Timed, run, sources, world

from worldwright.world import Record, RunRequest, WorldProgram
from worldwright.world.machine import Machines

HERE = Path(__file__).resolve().parent
SEEDS = 20
RUNS = {"small": 20, "large": 5}
"""Timed runs of one process, each with its own seed."""

# Settings of github.com/JuliaDynamics/ABMFrameworksComparison; money: of Mesa's example and 100 times that.
SETTINGS: dict[tuple[str, str], dict[str, Any]] = {
    ("wolf-sheep", "small"): {
        "width": 25, "counts": {"sheep": 60, "wolf": 40}, "steps": 100,
        "parameters": {
            "sheep_gain": 5, "wolf_gain": 13, "sheep_reproduce": 0.2, "wolf_reproduce": 0.1, "regrowth": 20,
        },
    },
    ("wolf-sheep", "large"): {
        "width": 100, "counts": {"sheep": 1000, "wolf": 500}, "steps": 50,
        "parameters": {
            "sheep_gain": 5, "wolf_gain": 13, "sheep_reproduce": 0.4, "wolf_reproduce": 0.2, "regrowth": 10,
        },
    },
    ("schelling", "small"): {
        "width": 40, "counts": {"red": 500, "blue": 500}, "steps": 20,
        "parameters": {"wanted": 3, "radius": 1},
    },
    ("schelling", "large"): {
        "width": 100, "counts": {"red": 4000, "blue": 4000}, "steps": 20,
        "parameters": {"wanted": 8, "radius": 2},
    },
    ("flocking", "small"): {
        "width": 100, "counts": {"boid": 200}, "steps": 100, "parameters": {"vision": 5, "separation": 1},
    },
    ("flocking", "large"): {
        "width": 150, "counts": {"boid": 400}, "steps": 100, "parameters": {"vision": 15, "separation": 1},
    },
    ("money", "small"): {"width": 10, "counts": {"person": 100}, "steps": 100, "parameters": {}},
    ("money", "large"): {"width": 100, "counts": {"person": 10000}, "steps": 20, "parameters": {}},
}  # fmt: skip


# ---- the article


def article(article: str, way: str, runtime: str, ticks: int) -> dict[str, Any]:
    from worlds_article import measured

    return measured(Path(article), way, runtime, ticks)


def compare_article(article: str) -> dict[str, Any]:
    from worlds_article import differences

    return {"problems": differences(Path(article))}


# ---- messages


def ring(kind: str, size: int, runtime: str, ticks: int = 20, locked: bool = False) -> dict[str, Any]:
    """Messages for each CPU second, and the heap at the end."""
    program = world(WORLDS / f"ring-{kind}", a=size)
    request = RunRequest(program, ticks, 1, parameters={"size": size}, record=Record(()))
    if locked:
        from worldwright.world.lock import lock_process

        run(world(WORLDS / f"ring-{kind}", a=10), 2, runtime=runtime, size=10)  # loads what is loaded late
        if not lock_process(1 << 40).holds:
            raise SystemExit("this system offers no lock")
    done = Timed(request, runtime)
    head = json.loads(done.text)
    if head["counts"]["messages"] != size * ticks:
        raise SystemExit("messages are missing")
    return {"rate": size * ticks / done.steps_s, "heap": done.heap() / size}


def compare_messages() -> dict[str, Any]:
    """Every message must have been heard: after t ticks each entity has heard 1 + 2 + ... + (t - 1)."""
    problems: list[str] = []
    for kind in ("table", "scalar"):
        for runtime in (LUAJIT, LUA54):
            program = dataclasses.replace(world(WORLDS / f"ring-{kind}", a=1000), runtime=runtime)
            request = RunRequest(program, 20, 1, parameters={"size": 1000}, record=Record(("last",)))
            heard = Timed(request, runtime).result.agents["heard"].to_pylist()
            if heard != [190] * 1000:
                problems.append(f"{kind} messages on {runtime}: not everybody heard what was sent")
    return {"problems": problems}


def network(size: int) -> dict[str, Any]:
    """CPU seconds of 52 ticks of a rumour in a small world."""
    done = run(world(WORLDS / "rumour", person=size), 52)
    last = done.result.metrics.to_pylist()[-1]
    if last["value"] < 0.5:
        raise SystemExit("the rumour has not spread")
    return {"cpu_s": done.total_s}


# ---- Mesa


def program_of(model: str, settings: dict[str, Any]) -> WorldProgram:
    program = world(WORLDS / model, **settings["counts"])
    if program.grid is not None:
        size = (settings["width"], settings["width"])
        return dataclasses.replace(program, grid=dataclasses.replace(program.grid, size=size))
    assert program.space is not None
    size = (float(settings["width"]), float(settings["width"]))
    return dataclasses.replace(program, space=dataclasses.replace(program.space, size=size))


def figures(model: str, settings: dict[str, Any], done: Timed) -> dict[str, float]:
    """The last tick's figures, as worlds_mesa.py names them."""
    table = done.result.metrics.to_pylist()
    last = {row["metric"]: row["value"] for row in table if row["tick"] == done.result.final_tick}
    people = sum(settings["counts"].values())
    match model:
        case "wolf-sheep":
            return {"sheep": last["sheep"], "wolves": last["wolves"]}
        case "schelling":
            return {name: (last[f"red_{name}"] + last[f"blue_{name}"]) / 2 for name in ("alike", "moved")}
        case "flocking":
            return {"order": math.hypot(last["dx"], last["dy"])}
        case _:
            return {name: last[name] / people for name in ("poor", "squares")}


def mesa_runs(
    mesa: str, model: str, settings: dict[str, Any], steps: int, seeds: int
) -> list[dict[str, Any]]:
    given = json.dumps({"width": settings["width"], **settings["counts"], **settings["parameters"]})
    arguments = [mesa, str(HERE / "worlds_mesa.py"), model, given, str(steps), *map(str, range(1, seeds + 1))]
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"Mesa failed: {done.stderr.strip().splitlines()[-1:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def compare_mesa(mesa: str) -> dict[str, Any]:
    """Means over seeds, at most four standard errors of their difference apart (a false alarm in 400)."""
    problems: list[str] = []
    for model in ("wolf-sheep", "schelling", "flocking", "money"):
        settings, steps = SETTINGS[model, "small"], 10 if model == "schelling" else 20
        theirs = [found["figures"] for found in mesa_runs(mesa, model, settings, steps, SEEDS)]
        program = program_of(model, settings)
        ours = [
            figures(model, settings, run(program, steps, seed, **settings["parameters"]))
            for seed in range(SEEDS)
        ]
        for name in theirs[0]:
            a, b = [found[name] for found in ours], [found[name] for found in theirs]
            error = math.sqrt((statistics.variance(a) + statistics.variance(b)) / SEEDS)
            difference = statistics.mean(a) - statistics.mean(b)
            if abs(difference) > 4 * error:
                problems.append(
                    f"{model}: mean {name} after {steps} steps is {statistics.mean(a):.4g}, "
                    f"Mesa's {statistics.mean(b):.4g} (standard error {error:.2g})"
                )
    return {"problems": problems}


def model(model: str, size: str, warm: bool) -> dict[str, Any]:
    """CPU seconds of ours: of what precedes the first step, and of the steps; medians over seeds.

    Args:
        warm: Whether one machine runs all seeds, as a worker does with the runs of an experiment.
    """
    settings = SETTINGS[model, size]
    program = program_of(model, settings)
    machines = Machines(sources())
    done: list[Timed] = []
    for seed in range(1, RUNS[size] + 1):
        machines = machines if warm else Machines(sources())
        done.append(run(program, settings["steps"], seed, machines=machines, **settings["parameters"]))
    steps = statistics.median(one.steps_s for one in done)
    return {"steps_s": steps, "setup_s": statistics.median(one.total_s - one.steps_s for one in done)}


def mesa(mesa: str, model: str, size: str) -> dict[str, Any]:
    """The same of Mesa; one process runs all seeds."""
    settings = SETTINGS[model, size]
    done = mesa_runs(mesa, model, settings, settings["steps"], RUNS[size])
    return {name: statistics.median(one[name] for one in done) for name in ("steps_s", "setup_s")}


# ---- the step budget


def budget(model: str, size: int, article: str | None = None, pairs: int = 9) -> dict[str, float]:
    """What the charges in a script cost: the median of runs in pairs, with them and without, in turns."""
    if model == "ring":
        program, ticks, parameters = world(WORLDS / "ring-scalar", a=size), 10, {"size": size}
    elif article is not None:
        from worlds_article import program as article_program
        from worlds_article import scripts

        program, ticks, parameters = article_program(scripts(Path(article)), LUAJIT), 400, {}
    else:
        settings = SETTINGS[model, "large"]
        program, ticks, parameters = program_of(model, settings), settings["steps"], settings["parameters"]
    request = RunRequest(program, ticks, 1, parameters=parameters, record=Record(()))
    ratios: list[float] = []
    for i in range(pairs):
        times: dict[bool, float] = {}
        for uncharged in (i % 2 == 0, i % 2 == 1):
            times[uncharged] = Timed(request, uncharged=uncharged).steps_s
        ratios.append(times[False] / times[True])
    return {"cost": statistics.median(ratios) - 1}


# ---- state


def snapshot(size: int) -> dict[str, Any]:
    """CPU seconds of taking one: the best of three."""
    done = run(world(WORLDS / "ring-table", a=size), 2, size=size)
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        done.machine.evaluate("W.save()")
        times.append(time.process_time() - start)
    if done.machine.evaluate("W.saved.sizes.messages") != size:
        raise SystemExit("the snapshot lacks messages")
    return {"cpu_s": min(times)}


def population(size: int) -> dict[str, Any]:
    """CPU seconds from a table to a world whose entities stand: the best of three."""
    import numpy as np
    import pyarrow as pa

    random = np.random.default_rng(1)
    columns: dict[str, Any] = {f"c{i}": random.normal(size=size) for i in range(1, 13)}
    columns |= {f"c{i}": random.integers(0, 100, size) for i in range(13, 17)}
    texts = pa.array(["north", "east", "south", "west"])
    for i in range(17, 21):
        columns[f"c{i}"] = pa.DictionaryArray.from_arrays(
            pa.array(random.integers(0, 4, size, dtype="i4")), texts
        )
    table = pa.table(columns)
    program = world(WORLDS / "columns")
    sources()
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        done = Timed(RunRequest(program, 0, 1, populations={"main": table}, record=Record(())))
        times.append(time.process_time() - start)
        if done.result.counts["entities"] != size:
            raise SystemExit("entities are missing")
    return {"cpu_s": min(times)}


CHILDREN = {
    "compare article": compare_article,
    "compare messages": compare_messages,
    "compare mesa": compare_mesa,
    "article": article,
    "ring": ring,
    "network": network,
    "model": model,
    "mesa": mesa,
    "budget": budget,
    "snapshot": snapshot,
    "population": population,
}
