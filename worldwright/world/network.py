"""Random graphs among the entities of a world.

Takes a model, a size and a seed, gives undirected edges; the graphs are networkx's. Touches nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from worldwright.errors import WorldError
from worldwright.streams import derive_seed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

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


def edges(network: Network, size: int, seed: int, replicate: int) -> npt.NDArray[np.int32]:
    """The edges as an (n, 2) array of entity numbers, each edge once, smaller number first, sorted.

    Args:
        network: Model and settings.
        size: How many entities there are.
        seed: The world's seed.
        replicate: Each replicate has a graph of its own.

    Raises:
        WorldError: where no such graph exists.
    """
    problem = impossible(network, size)
    if problem:
        raise WorldError(problem, where=network.of)
    settings = tuple(sorted(network.settings.items()))
    return _edges(network.model, settings, size, derive_seed(seed, "network", replicate))


@lru_cache(maxsize=4)
def _edges(model: str, given: tuple[tuple[str, float], ...], size: int, own: int) -> npt.NDArray[np.int32]:
    """Kept for the next cells of a replicate, which have the same graph."""
    import networkx as nx
    import numpy as np

    settings = dict(given)
    graph: Any
    match model:
        case "watts_strogatz":
            graph = nx.watts_strogatz_graph(size, int(settings["k"]), settings["p"], seed=own)
        case "barabasi_albert":
            graph = nx.barabasi_albert_graph(size, int(settings["m"]), seed=own)
        case _:
            p = settings["p"] if "p" in settings else settings["mean_degree"] / max(size - 1, 1)
            graph = nx.fast_gnp_random_graph(size, p, seed=own)
    pairs = np.array(list(graph.edges()), dtype=np.int32).reshape(-1, 2)
    pairs.sort(axis=1)
    ordered = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    ordered.flags.writeable = False
    return ordered
