"""Keyed randomness: every draw is a function of names and numbers, never of what was drawn before.

Takes seeds and names, gives 64-bit keys for the Philox generator of Salmon et al. (2011), "Parallel
random numbers: as easy as 1, 2, 3", whose kernels live beside their users. Touches nothing.
"""

from __future__ import annotations

import hashlib

MAX_SEED = 2**63 - 1
"""Seeds are whole numbers from 0 to this."""


def stream_key(seed: int, *names: str | int) -> int:
    """The 64-bit key of the stream that `names` denote under `seed`.

    Names are length-prefixed before hashing (BLAKE2b-64), so ("ab", "c") and ("a", "bc") differ,
    and so do the number 1 and the text "1".

    Raises:
        ValueError: if the seed is outside 0 … 2⁶³ − 1.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"a seed is a whole number from 0 to 2**63 - 1, not {seed}")
    state = hashlib.blake2b(digest_size=8, person=b"worldwright")
    state.update(seed.to_bytes(8, "little"))
    for name in names:
        kind, data = (b"i", str(name).encode()) if isinstance(name, int) else (b"s", name.encode())
        state.update(kind + len(data).to_bytes(4, "little") + data)
    return int.from_bytes(state.digest(), "little")


def derive_seed(seed: int, *names: str | int) -> int:
    """A seed for what `names` denote under `seed`, such as a replicate's own population."""
    return stream_key(seed, *names) >> 1
