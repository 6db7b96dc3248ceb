"""The keys of a population's streams under one seed.

What a population's steps compute is the same under every seed, so they know streams by name; a seed gives
each of them its key when agents are drawn.
"""

from __future__ import annotations

from worldwright.streams import stream_key


class Keys:
    """Keys by stream, each made when it is first asked for."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._made: dict[tuple[str, str], int] = {}

    def of(self, kind: str, stream: str) -> int:
        """The key of an attribute's stream (`attribute`), a table's rows (`table`) or places (`places`)."""
        made = self._made.get((kind, stream))
        if made is None:
            made = self._made[kind, stream] = stream_key(self.seed, kind, stream, 0)
        return made
