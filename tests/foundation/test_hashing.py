"""Identity: one byte form, tagged digests."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldwright.hashing import bytes_digest, canonical, digest, file_digest

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), parts),
    max_leaves=10,
)


def shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(list(value))}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@given(PLAIN)
def test_the_canonical_form_is_json_and_knows_no_order_of_keys(value: Any) -> None:
    assert json.loads(canonical(value)) == value
    assert canonical(shuffled(value)) == canonical(value)


def test_integers_and_floats_are_told_apart() -> None:
    assert canonical(1) != canonical(1.0)
    assert canonical({"b": 1, "a": [True, None, "é"]}) == '{"a":[true,null,"é"],"b":1}'.encode()
    assert canonical((1, 2)) == canonical([1, 2])


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        ({1: 2}, TypeError),
        (object(), TypeError),
        ({1}, TypeError),
    ],
)
def test_what_has_no_canonical_form(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        canonical([value])


def test_a_digest_is_a_tag_and_half_a_sha256() -> None:
    expected = hashlib.sha256(b'spec\n{"a":1}').hexdigest()[:32]
    assert digest("spec", {"a": 1}) == f"spec:{expected}"
    assert digest("run", {"a": 1}).split(":")[1] != expected


def test_bytes_and_files_agree(tmp_path: Path) -> None:
    content = b"x" * (1 << 20) + b"y"
    path = tmp_path / "f"
    path.write_bytes(content)
    assert file_digest(path) == bytes_digest(content) == hashlib.sha256(content).hexdigest()
