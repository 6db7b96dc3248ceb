"""Which versions of the libraries that decide about bytes made a result; recorded beside it, never hashed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

LIBRARIES = ("worldwright", "numpy", "numba", "scipy", "pyarrow", "lupa", "networkx", "SALib")


@cache
def versions() -> dict[str, str]:
    """The version of each that is installed here, and Python's."""
    found = {"python": python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # an extra that is not installed, or a source tree that is not either
            continue
    return found
