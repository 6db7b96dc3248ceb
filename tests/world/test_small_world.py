"""Our small-world graphs against networkx's, edge for edge."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from worldwright.world.small_world import small_world


@pytest.mark.parametrize(
    ("n", "k", "p"),
    [
        (2000, 8, 0.1),
        (2000, 8, 0.0),
        (500, 10, 1.0),
        (5, 4, 1.0),  # complete: no tie can be replaced
        (6, 4, 0.9),  # soon there are nodes tied to all others
        (30, 26, 0.7),
        (3, 2, 0.5),
        (7, 0, 0.5),
        (1, 0, 0.5),
    ],
)
def test_every_edge_is_that_of_networkx(n: int, k: int, p: float) -> None:
    for seed in (0, 1, 2**62 + 12345):
        graph = nx.watts_strogatz_graph(n, k, p, seed=seed)
        wanted = sorted((min(pair), max(pair)) for pair in graph.edges())
        found = small_world(n, k, p, seed)
        assert found.shape == (len(wanted), 2)
        assert np.array_equal(found, np.array(wanted, dtype=np.int64).reshape(-1, 2))
