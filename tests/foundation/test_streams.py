"""Keys of streams: functions of seed and names, and of nothing else."""

import hashlib
from itertools import product

import pytest

from worldwright.streams import MAX_SEED, stream_key


def test_names_do_not_run_into_each_other() -> None:
    keys = [
        stream_key(1, *names) for names in [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), (1,), ("1",), ()]
    ]
    assert len(set(keys)) == len(keys)


def test_seeds_and_names_give_different_keys() -> None:
    keys = {stream_key(seed, name, number) for seed, name, number in product(range(20), "abcde", range(20))}
    assert len(keys) == 20 * 5 * 20


def test_a_key_is_the_hash_of_what_is_length_prefixed() -> None:
    data = (7).to_bytes(8, "little") + b"s" + (3).to_bytes(4, "little") + b"age"
    data += b"i" + (2).to_bytes(4, "little") + b"12"
    expected = hashlib.blake2b(data, digest_size=8, person=b"worldwright").digest()
    assert stream_key(7, "age", 12) == int.from_bytes(expected, "little")
    assert 0 <= stream_key(MAX_SEED, "é") < 2**64


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_seeds_have_bounds(seed: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        stream_key(seed, "age")
