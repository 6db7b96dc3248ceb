"""Predator and prey of the article on Vivarium: its scripts, from its text, and both ways to run them."""

from __future__ import annotations

import dataclasses
import json
import re
import time
from pathlib import Path
from typing import Any

from worlds_ours import Timed, run
from worlds_vms import World

from worldwright.world import Record, RunRequest, WorldProgram, load_world

NAMES = {"Spawner": "spawner_script", "Prey": "prey_script", "Predator": "predator_script"}
POPULATIONS = ("prey_population", "predator_population")
_BLOCK = re.compile(r'collapsable "(\w+) Script" >\}\}\s*```lua\n(.*?)```', re.DOTALL)
_COUNTING = {
    "prey": re.compile(r"local all_entities = .*?local prey_count = 0.*?\n        end\n", re.DOTALL),
    "predator": re.compile(r"local all_entities = .*?local predator_count = 0.*?\n        end\n", re.DOTALL),
    "list": re.compile(r"local all_entities = .*?local prey_list = \{\}.*?\n        end\n", re.DOTALL),
    "both": re.compile(r"local all_entities = .*?local predator_count = 0.*?\n    end\n", re.DOTALL),
}
# A stream of the scripts' own, by entity, so that two ways of running them can be compared to the number.
_OWN_DRAWS = """
local own_seed = 7
for i = 1, #self.id do own_seed = (own_seed * 31 + self.id:byte(i)) % 2147483647 end
local math = {random = function(a, b)
  own_seed = (own_seed * 16807) % 2147483647
  local u = own_seed / 2147483647
  if not a then return u end
  if not b then a, b = 1, a end
  return a + (u * (b - a + 1) - u * (b - a + 1) % 1)
end}
"""


def scripts(article: Path) -> dict[str, str]:
    """The three scripts in the text of the article."""
    found = {NAMES[name]: source for name, source in _BLOCK.findall(article.read_text(encoding="utf-8"))}
    if len(found) != len(NAMES):
        raise SystemExit(f"{article}: the three scripts of the article are not in it")
    return found


def with_count(given: dict[str, str]) -> dict[str, str]:
    """The same, where they ask `world.count` and `world.entities` instead of walking the list of all."""
    prey, predators = 'world.count("prey_script")', 'world.count("predator_script")'
    spawner, a = _COUNTING["both"].subn(
        f"local prey_count, predator_count = {prey}, {predators}\n", given["spawner_script"], 1
    )
    prey_script, b = _COUNTING["prey"].subn(f"local prey_count = {prey}\n", given["prey_script"], 1)
    hunter, c = _COUNTING["list"].subn(
        'local prey_list = world.entities("prey_script")\n', given["predator_script"], 1
    )
    hunter, d = _COUNTING["predator"].subn(f"local predator_count = {predators}\n", hunter, 1)
    if a + b + c + d != 4:
        raise SystemExit("the scripts of the article are not those this benchmark knows how to change")
    return {"spawner_script": spawner, "prey_script": prey_script, "predator_script": hunter}


def program(given: dict[str, str], runtime: str) -> WorldProgram:
    """A world of ours of them, as of a config of Vivarium's."""
    config = {
        "name": "ecosystem",
        "script_library": {name: {"id": name, "kind": "lua", "script": text} for name, text in given.items()},
        "entities": [{"id": "spawner", "script_id": "spawner_script"}],
    }
    loaded, found = load_world(Path("ecosystem.json"), lambda _: json.dumps(config))
    if loaded is None:
        raise SystemExit("\n".join(str(diagnostic) for diagnostic in found))
    return dataclasses.replace(loaded, runtime=runtime)


def by_machines(given: dict[str, str], runtime: str, ticks: int) -> World:
    """The same, by a machine for each entity."""
    world = World(given, runtime)
    world.add("spawner", "spawner_script")
    for _ in range(ticks):
        world.step()
    return world


def differences(article: Path, ticks: int = 60) -> list[str]:
    """What the two ways do not agree on, with draws of the scripts' own."""
    given = {name: _OWN_DRAWS + source for name, source in scripts(article).items()}
    problems: list[str] = []
    for runtime in ("luajit", "lua54"):
        theirs = by_machines(given, runtime, ticks)
        for title, ours in (("unchanged", given), ("with world.count", with_count(given))):
            done = run(program(ours, runtime), ticks, runtime=runtime)
            series = {name: [v for t, m, v in rows(done) if m == name] for name in POPULATIONS}
            expected = {name: list(theirs.metrics[name].values()) for name in POPULATIONS}
            sent = done.result.counts["messages"]
            if series != expected or sent != theirs.sent or sent == 0:
                problems.append(f"predator and prey, {title}, {runtime}: other populations or messages")
    return problems


def rows(done: Timed) -> list[tuple[int, str, float]]:
    """Tick, metric and value."""
    table = done.result.metrics.to_pydict()
    return list(zip(table["tick"], table["metric"], table["value"], strict=True))


def measured(article: Path, way: str, runtime: str, ticks: int) -> dict[str, Any]:
    """CPU seconds and updates of one run from the beginning."""
    given = scripts(article)
    if way == "machines":
        start = time.process_time()
        world = by_machines(given, runtime, ticks)
        return {"cpu_s": time.process_time() - start, "work": world.updates}
    made = program(with_count(given) if way == "count" else given, runtime)
    best = min(
        (Timed(RunRequest(made, ticks, seed, record=Record(())), runtime) for seed in (1, 2, 3)),
        key=lambda done: done.total_s / done.result.counts["updates"],
    )
    return {"cpu_s": best.total_s, "work": best.result.counts["updates"]}
