"""Graphs among the entities of a world.

Takes a model, a size, a population and a seed, gives edges; two graphs are networkx's, and one is made as it
would. Touches nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from worldwright.errors import WorldError
from worldwright.streams import derive_seed, stream_key

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from worldwright.world.program import Network


def impossible(network: Network, size: int) -> str | None:
    """Why no such graph of this size exists; None where it does."""
    settings = network.settings
    if network.model == "watts_strogatz" and settings["k"] >= size:
        return f"watts_strogatz needs more than k = {settings['k']:g} entities, and there are {size}"
    if network.model == "watts_strogatz" and settings["k"] % 2:
        return f"watts_strogatz has k / 2 neighbours on either side, so k is even, not {settings['k']:g}"
    if network.model == "barabasi_albert" and settings["m"] >= size:
        return f"barabasi_albert needs more than m = {settings['m']:g} entities, and there are {size}"
    if network.model == "erdos_renyi" and settings.get("mean_degree", 0) > max(size - 1, 0):
        return f"a mean degree of {settings['mean_degree']:g} needs more than {size} entities"
    return None


def edges(
    network: Network, size: int, seed: int, replicate: int, table: pa.Table | None = None
) -> npt.NDArray[np.int32]:
    """The edges as an (n, 2) array of entity numbers, each edge once, sorted.

    Links without direction have the smaller number first.

    Args:
        network: Model and settings.
        size: How many entities there are.
        seed: The world's seed.
        replicate: Each replicate has a graph of its own.
        table: The population, where the entities have one.

    Raises:
        WorldError: where no such graph exists.
    """
    problem = impossible(network, size)
    if problem:
        raise WorldError(problem, where=network.of)
    if network.model == "edges":
        from worldwright.world.ties import listed_edges

        return listed_edges(network, size, table)
    if network.model in ("stochastic_block", "homophily"):
        return _between_groups(network, size, table, stream_key(seed, "network", replicate))
    settings = tuple(sorted(network.settings.items()))
    return _edges(network.model, settings, size, derive_seed(seed, "network", replicate))


@lru_cache(maxsize=4)
def _edges(model: str, given: tuple[tuple[str, float], ...], size: int, own: int) -> npt.NDArray[np.int32]:
    """Kept for the next cells of a replicate, which have the same graph."""
    import numpy as np

    from worldwright.world.small_world import small_world

    settings = dict(given)
    if model == "watts_strogatz":
        made = small_world(size, int(settings["k"]), settings["p"], own).astype(np.int32)
        made.flags.writeable = False
        return made
    import networkx as nx

    graph: Any
    match model:
        case "barabasi_albert":
            graph = nx.barabasi_albert_graph(size, int(settings["m"]), seed=own)
        case _:
            p = settings["p"] if "p" in settings else settings["mean_degree"] / max(size - 1, 1)
            graph = nx.fast_gnp_random_graph(size, p, seed=own)
    ordered = in_order(np.array(list(graph.edges()), dtype=np.int32).reshape(-1, 2))
    ordered.flags.writeable = False
    return ordered


def in_order(pairs: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Pairs with the smaller number first, sorted."""
    import numpy as np

    pairs = np.sort(pairs, axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _between_groups(network: Network, size: int, table: pa.Table | None, key: int) -> npt.NDArray[np.int32]:
    import numpy as np

    from worldwright.world.blocks import block_edges, homophily

    if network.sizes:
        if sum(network.sizes) != size:
            raise WorldError(
                f"the sizes of the groups sum to {sum(network.sizes)}, and there are {size} entities",
                where=network.of,
            )
        groups, n = (
            np.repeat(np.arange(len(network.sizes), dtype=np.int32), network.sizes),
            len(network.sizes),
        )
    else:
        groups, n = _groups(network, table)
    settings, matrix = network.settings, network.matrix
    if network.model == "homophily":
        sizes = np.bincount(groups, minlength=n).tolist()
        matrix = homophily(sizes, settings["mean_degree"], settings["preference"], network.of)
    elif not matrix:
        within, between = settings["within"], settings["between"]
        matrix = tuple(tuple(within if a == b else between for b in range(n)) for a in range(n))
    if len(matrix) != n:
        raise WorldError(
            f"the matrix is for {len(matrix)} groups, and {', '.join(network.by)} makes {n}", where=network.of
        )
    return in_order(block_edges(groups, matrix, key))


def _groups(network: Network, table: pa.Table | None) -> tuple[npt.NDArray[np.int32], int]:
    """Each entity's group, and how many there are; those who miss a value are a group of their own."""
    import numpy as np

    from worldwright.world.columns import segment_codes

    if table is None:
        raise WorldError("groups by columns need a population", where=network.of)
    groups, labels = segment_codes(table, network.by, "network")
    missing = bool((groups < 0).any())
    return np.where(groups < 0, len(labels), groups).astype(np.int32), len(labels) + missing
