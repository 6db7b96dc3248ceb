"""Graphs between groups and from files; the random graphs of networkx are compared with its own."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from worldwright.errors import WorldError
from worldwright.world import Record, RunRequest, Worker, WorldProgram, load_world
from worldwright.world.blocks import _log  # pyright: ignore[reportPrivateUsage] - its bits are the point
from worldwright.world.network import edges
from worldwright.world.program import Network

ERROR = 1e-4
"""The chance at which each statistical test fails; its seeds are fixed."""


def test_the_logarithm_is_one() -> None:
    x = np.concatenate([np.linspace(1e-9, 1, 100_001), 1 - np.logspace(-15, -1, 1000)])
    assert np.abs(_log(x) - np.log(x)).max() < 1e-15 * 20
    assert _log(np.array([1.0, 0.5]))[0] == 0
    assert _log(np.array([0.7071067811865476]))[0] == pytest.approx(math.log(0.7071067811865476), rel=1e-15)


def degrees(pairs: Any, n: int) -> Any:
    return np.bincount(np.asarray(pairs).ravel(), minlength=n)


def test_blocks_are_linked_as_often_as_they_say() -> None:
    """Counts of edges are binomial; degrees and clustering are those of networkx's own model."""
    sizes, p = [60, 40, 100], ((0.2, 0.02, 0.05), (0.02, 0.5, 0.0), (0.05, 0.0, 0.1))
    network = Network("a", "stochastic_block", {}, sizes=tuple(sizes), matrix=p)
    group = np.repeat([0, 1, 2], sizes)
    counts, ours, theirs, triangles, others = np.zeros((3, 3)), [], [], [], []
    replicates = 60
    for r in range(replicates):
        pairs = edges(network, 200, 1, r)
        assert (pairs[:, 0] < pairs[:, 1]).all()
        assert len(np.unique(pairs, axis=0)) == len(pairs)
        np.add.at(counts, (group[pairs[:, 0]], group[pairs[:, 1]]), 1)
        ours.append(degrees(pairs, 200))
        triangles.append(nx.transitivity(nx.Graph(pairs.tolist())))
        graph = nx.stochastic_block_model(sizes, p, seed=r)
        theirs.append([d for _, d in graph.degree()])
        others.append(nx.transitivity(graph))
    for a in range(3):
        for b in range(a, 3):
            n = replicates * (sizes[a] * (sizes[a] - 1) // 2 if a == b else sizes[a] * sizes[b])
            assert stats.binomtest(int(counts[a, b]), n, p[a][b]).pvalue > ERROR or p[a][b] in (0, 1)
            assert p[a][b] > 0 or counts[a, b] == 0
    for low, high in ((0, 60), (60, 100), (100, 200)):
        mine = np.array(ours)[:, low:high].ravel()
        nxs = np.array(theirs)[:, low:high].ravel()
        top = int(max(mine.max(), nxs.max())) + 1
        table = np.array([np.bincount(mine, minlength=top), np.bincount(nxs, minlength=top)])
        table = table[:, table.sum(axis=0) >= 40]
        assert float(stats.chi2_contingency(table)[1]) > ERROR  # pyright: ignore[reportArgumentType]
    assert float(stats.ttest_ind(triangles, others)[1]) > ERROR  # pyright: ignore[reportArgumentType]


def test_certain_and_impossible_links() -> None:
    network = Network("a", "stochastic_block", {"within": 1.0, "between": 0.0}, sizes=(3, 2))
    assert edges(network, 5, 1, 0).tolist() == [[0, 1], [0, 2], [1, 2], [3, 4]]
    with pytest.raises(WorldError, match="sum to 5"):
        edges(network, 6, 1, 0)


def test_alike_are_linked_more_often() -> None:
    rank = ["low"] * 500 + ["high"] * 300 + [None] * 200
    people = pa.table({"rank": rank})
    network = Network("a", "homophily", {"mean_degree": 8.0, "preference": 6.0}, by=("rank",))
    group = np.repeat([0, 1, 2], [500, 300, 200])
    within = between = 0
    for r in range(20):
        pairs = edges(network, 1000, 3, r, people)
        alike = group[pairs[:, 0]] == group[pairs[:, 1]]
        within, between = within + int(alike.sum()), between + int((~alike).sum())
    pairs_within = sum(n * (n - 1) // 2 for n in (500, 300, 200))
    pairs_between = 1000 * 999 // 2 - pairs_within
    total = 20 * 1000 * 8 / 2
    assert abs(within + between - total) < 4 * math.sqrt(total)
    ratio = (within / pairs_within) / (between / pairs_between)
    assert ratio == pytest.approx(6, rel=4 * math.sqrt(1 / within + 1 / between))
    with pytest.raises(WorldError, match="needs more entities"):
        edges(
            Network("a", "homophily", {"mean_degree": 900.0, "preference": 9.0}, by=("rank",)),
            1000,
            3,
            0,
            people,
        )


def test_a_hundred_thousand_are_linked_without_repeats() -> None:
    people = pa.table({"town": (np.arange(100_000) % 50).astype(np.int32)})
    network = Network("a", "homophily", {"mean_degree": 8.0, "preference": 20.0}, by=("town",))
    pairs = edges(network, 100_000, 1, 0, people)
    assert len(pairs) == pytest.approx(400_000, abs=4 * math.sqrt(400_000))
    assert len(np.unique(pairs[:, 0].astype(np.int64) * 100_000 + pairs[:, 1])) == len(pairs)
    assert (edges(network, 100_000, 1, 0, people) == pairs).all()
    assert (edges(network, 100_000, 1, 1, people)[:100] != pairs[:100]).any()


SCRIPT = """state = {ties = ""}
function update(now, msgs)
  if now == 2 then world.link("a_4", "a_1") world.unlink("a_1", "a_2") end
  state.ties = state.ties .. table.concat(self.neighbors(), " ") .. ";"
end"""


def linked(csv: str, **given: Any) -> tuple[WorldProgram | None, list[str]]:
    texts = {
        "w/world.yaml": json.dumps(
            {
                "worldwright": "world/1",
                "name": "w",
                "entities": [{"name": "a", "script": "a.lua", "population": "main"}],
                "network": {"of": "a", "edges": {"file": "ties.csv", **given}},
            }
        ),
        "w/a.lua": SCRIPT,
        "w/ties.csv": csv,
    }
    program, found = load_world(Path("w/world.yaml"), lambda path: texts[path.as_posix()])
    return program, [d.message for d in found]


PEOPLE = pa.table({"name": ["ann", "bob", "eve", "joe"]})


@pytest.mark.parametrize(
    ("csv", "given"),
    [
        ("source,target,weight\n0,1,5\n1,2,1\n2,1,1\n", {}),
        ("x,who,whom\n1,a_1,a_2\n2,a_2,a_3\n", {"source": "who", "target": "whom", "match": "id"}),
        ('source,target\n"ann",bob\nbob,eve\n\n', {"match": "name"}),
    ],
)
@pytest.mark.parametrize("directed", [False, True])
def test_links_come_from_a_file(worker: Worker, csv: str, given: dict[str, Any], directed: bool) -> None:
    program, found = linked(csv, directed=directed, **given)
    assert program is not None, found
    assert WorldProgram.from_json(json.loads(json.dumps(program.to_json()))) == program
    request = RunRequest(program, 3, 1, populations={"main": PEOPLE}, record=Record(("last",)))
    ties = worker.run(request).agents["ties"].to_pylist()
    if not directed:
        assert ties == ["a_2;a_2;a_4;", "a_1 a_3;a_1 a_3;a_3;", "a_2;a_2;a_2;", ";;a_1;"]
    else:
        both = csv.count("\n2,1") == 1
        assert ties == ["a_2;a_2;;", "a_3;a_3;a_3;", "a_2;a_2;a_2;" if both else ";;;", ";;a_1;"]


@pytest.mark.parametrize(
    ("csv", "given", "message"),
    [
        ("a,b\n1,2\n", {}, "the file 'ties.csv' has no column 'source'; its header has a, b"),
        ("source,target\n1,2\n3\n", {}, "the file 'ties.csv' line 3 names no target"),
        (
            "source,target\n",
            {"file": "../x.csv"},
            "the file of links '../x.csv' is not a file beside the world",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_told(csv: str, given: dict[str, Any], message: str) -> None:
    _, found = linked(csv, **given)
    assert found == [message]


@pytest.mark.parametrize(
    ("csv", "given", "message"),
    [
        ("source,target\n0,4\n", {}, "link 1 of the file names '4', and no a has that row"),
        ("source,target\n0,1\n2,2\n", {}, "link 2 of the file ties '2' to itself"),
        ("source,target\n0,1\n", {"match": "nam"}, "matched by 'nam', which is no column"),
    ],
)
def test_links_of_nobody_are_told(worker: Worker, csv: str, given: dict[str, Any], message: str) -> None:
    program, found = linked(csv, **given)
    assert program is not None, found
    with pytest.raises(WorldError, match=message):
        worker.run(RunRequest(program, 1, 1, populations={"main": PEOPLE}))
