"""One check without the cyclic garbage collector: it would walk the whole heap again and again.

A check makes a tree of small objects and lets go of most of them at once; they lie in no cycles, so that
counting references frees them. The collector takes what is alive in between as a reason to walk everything
that is alive, other modules' objects too: measured, more than half the time of the longest checks. What a
check may make is bounded by the limits of the reader, and so is what waits for the collector meanwhile.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def without_collection(check: Callable[P, R]) -> Callable[P, R]:
    """The same function; while it runs, the collector rests, unless it rested already.

    Threads may overlap: the one that stopped the collector starts it again, and no other does.
    """

    @wraps(check)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not gc.isenabled():
            return check(*args, **kwargs)
        gc.disable()
        try:
            return check(*args, **kwargs)
        finally:
            gc.enable()

    return checked
