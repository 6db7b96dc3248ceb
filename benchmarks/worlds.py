"""Measure worlds: ours beside a machine for each entity and beside Mesa 3.3, in one run.

    python benchmarks/worlds.py [--article FILE] [--mesa PYTHON] [--only PART …] [--scale 1] [--json]

First the results of all sides are compared: populations to the number where both draw the same, else means
over seeds within four standard errors of their difference. Nothing is timed where they differ. Each
measurement is a process of its own; figures are CPU time. How to run it, and figures: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

PARTS = ("article", "messages", "mesa", "state", "sandbox")
NO_ARTICLE = """Predator and prey of the article are not measured: give its text, with the scripts in it, by
    python benchmarks/worlds.py --article 05-ai-agent-sim.md"""
NO_MESA = """Mesa is not measured. To measure it, install it into an environment of its own:
    python3 -m venv mesa-venv && mesa-venv/bin/pip install 'mesa==3.3.*' networkx
    python benchmarks/worlds.py --mesa mesa-venv/bin/python"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--article", type=Path, help="the text of the article with the three scripts")
    parser.add_argument("--mesa", help="a Python that has Mesa 3.3")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="these parts alone")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the numbers of entities")
    parser.add_argument("--json", action="store_true", help="give the figures as JSON")
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "SETTINGS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        from worlds_parts import CHILDREN

        print(json.dumps(CHILDREN[options.child[0]](**json.loads(options.child[1]))))
        return 0
    missing: list[str] = []
    if "article" in options.only and options.article is None:
        missing.append(NO_ARTICLE)
    if "mesa" in options.only and options.mesa is None:
        missing.append(NO_MESA)
    wanted = [
        part
        for part in options.only
        if {"article": options.article, "mesa": options.mesa}.get(part, True) is not None
    ]
    run = Run(options.article, options.mesa, options.scale, quiet=options.json)
    problems = run.compared(wanted)
    if problems:
        print("the results differ; nothing is timed\n" + "\n".join(problems))
        return 1
    for part in wanted:
        run.measure(part)
    if options.json:
        print(json.dumps(run.rows, indent=2))
    else:
        print("\n".join(["", *missing]) if missing else "")
    return 0


class Run:
    """One run of the benchmark: `rows` are what, goal, measured and whether the goal is met."""

    def __init__(self, article: Path | None, mesa: str | None, scale: float, quiet: bool) -> None:
        self._given = {"article": str(article) if article else None, "mesa": mesa}
        self._scale = scale
        self._quiet = quiet
        self.rows: list[dict[str, Any]] = []

    def compared(self, parts: list[str]) -> list[str]:
        """What the sides do not agree on."""
        problems: list[str] = []
        for part in ("article", "messages", "mesa"):
            if part in parts:
                self._say(f"comparing results: {part}")
                given = {} if part == "messages" else {part: self._given[part]}
                problems += child(f"compare {part}", **given)["problems"]
        return problems

    def measure(self, part: str) -> None:
        """The rows of one part."""
        {
            "article": self._article,
            "messages": self._messages,
            "mesa": self._mesa,
            "state": self._state,
            "sandbox": self._sandbox,
        }[part]()

    def _article(self) -> None:
        from worlds_parts import LUA54, LUAJIT

        article = self._given["article"]
        for runtime, ticks in ((LUAJIT, 200), (LUA54, 100)):
            rate = {
                way: rate_of(
                    child(
                        "article",
                        article=article,
                        way=way,
                        runtime=runtime,
                        ticks=ticks if way == "machines" else 400,
                    )
                )
                for way in ("machines", "plain", "count")
            }
            goals = (40, 400) if runtime == LUAJIT else (None, None)
            title = f"predator and prey, {runtime}"
            self._row(f"{title}: a machine for each entity", rate["machines"], "updates/s")
            self._row(f"{title}: scripts unchanged", rate["plain"] / rate["machines"], "times", goals[0])
            self._row(f"{title}: with world.count", rate["count"] / rate["machines"], "times", goals[1])

    def _messages(self) -> None:
        size = self._size(100_000)
        for kind, goal in (("table", 2.0), ("scalar", 5.0)):
            for runtime in ("luajit", "lua54"):
                found = child("ring", kind=kind, size=size, runtime=runtime)
                aim = goal if runtime == "luajit" else None
                self._row(f"{size:,} entities, {kind} messages, {runtime}", found["rate"] / 1e6, "M/s", aim)
                if runtime == "luajit":
                    self._row(
                        "    its heap for each entity, a message under way included",
                        found["heap"],
                        "bytes",
                        1024,
                        most=True,
                    )
        size = self._size(1_000_000)
        found = child("ring", kind="table", size=size, runtime="luajit", ticks=5)
        self._row(
            f"{size:,} entities, table messages: the whole process",
            found["peak_mb"] / 1000,
            "GB",
            3,
            most=True,
        )
        size = self._size(100_000)
        found = child("network", size=size)
        self._row(f"{size:,} in a network of 8 neighbours, 52 ticks", found["cpu_s"], "CPU s", 10, most=True)

    def _mesa(self) -> None:
        from worlds_parts import SETTINGS

        for (model, size), goal in {
            ("wolf-sheep", "small"): 7, ("wolf-sheep", "large"): 25, ("schelling", "small"): 7,
            ("schelling", "large"): 15, ("flocking", "small"): 7, ("flocking", "large"): 35,
            ("money", "small"): 7, ("money", "large"): None,
        }.items():  # fmt: skip
            theirs = child("mesa", model=model, size=size, mesa=self._given["mesa"])
            for warm in (True, False):
                ours = child("model", model=model, size=size, warm=warm)
                self._beside_mesa(
                    f"{model}, {size}", SETTINGS[model, size]["steps"], theirs, ours, warm, goal
                )

    def _beside_mesa(
        self, title: str, steps: int, theirs: Any, ours: Any, warm: bool, goal: float | None
    ) -> None:
        both = [side["setup_s"] + side["steps_s"] for side in (theirs, ours)]
        each = [side["steps_s"] / steps * 1e3 for side in (theirs, ours)]
        note = f"{each[0]:.2f} ms/step against {each[1]:.2f}; with building {both[0] / both[1]:.1f} times"
        ratio = theirs["steps_s"] / ours["steps_s"]
        if warm:
            self._row(f"{title}: Mesa's time by ours, run after run", ratio, "times", goal, note=note)
        else:
            self._row("    each run in a fresh machine", ratio, "times", note=note)

    def _state(self) -> None:
        size = self._size(100_000)
        self._row(
            f"snapshot of {size:,} entities with their bus",
            child("snapshot", size=size)["cpu_s"] * 1e3,
            "CPU ms",
            150,
            most=True,
        )
        self._row(
            f"population of {size:,} x 20 into a world",
            child("population", size=size)["cpu_s"] * 1e3,
            "CPU ms",
            200,
            most=True,
        )

    def _sandbox(self) -> None:
        size = self._size(100_000)
        for title, model in (
            ("scalar messages", "ring"),
            ("Schelling's model", "schelling"),
            ("flocking", "flocking"),
        ):
            cost = child("budget", model=model, size=size)["cost"]
            self._row(f"step budget, cost in {title}", cost * 100, "%", 12, most=True)
        if self._given["article"]:
            cost = child("budget", model="article", size=size, article=self._given["article"])["cost"]
            self._row("step budget, cost in predator and prey", cost * 100, "%", 12, most=True)
        plain = child("ring", kind="scalar", size=size, runtime="luajit")["rate"]
        locked = child("ring", kind="scalar", size=size, runtime="luajit", locked=True)["rate"]
        self._row(
            "lock of the process, cost in scalar messages", (plain / locked - 1) * 100, "%", 12, most=True
        )

    def _size(self, number: int) -> int:
        return max(10, int(number * self._scale))

    def _say(self, text: str) -> None:
        if not self._quiet:
            print(text, flush=True)

    def _row(
        self,
        what: str,
        measured: float,
        unit: str,
        goal: float | None = None,
        most: bool = False,
        note: str = "",
    ) -> None:
        met = None if goal is None else (measured <= goal if most else measured >= goal)
        row: dict[str, Any] = {
            "what": what,
            "measured": measured,
            "unit": unit,
            "goal": goal,
            "met": met,
            "note": note,
        }
        self.rows.append(row | {"load": os.getloadavg()[0]})
        if len(self.rows) == 1:
            self._say("\n{:60} {:>10} {:9} {:>8}".format("", "measured", "", "goal"))
        sign = "" if goal is None else ("<= " if most else ">= ") + f"{goal:,g}"
        verdict = {None: "", True: "met", False: "MISSED"}[met]
        self._say(f"{what:60} {number(measured):>10} {unit:9} {sign:>8}  {verdict:6}  {note}".rstrip())


def rate_of(found: dict[str, float]) -> float:
    """Work for each CPU second."""
    return found["work"] / found["cpu_s"]


def number(value: float) -> str:
    """With three digits or all of its whole ones."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def child(what: str, **settings: Any) -> dict[str, Any]:
    """One measurement in a process of its own."""
    arguments = [sys.executable, __file__, "--child", what, json.dumps(settings)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{what} failed: {settings}")
    return json.loads(text.splitlines()[-1]) | {"peak_mb": usage.ru_maxrss / 1024}


if __name__ == "__main__":
    sys.exit(main())
