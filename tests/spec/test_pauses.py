"""A check rests the garbage collector, and leaves it as it was, whatever happens."""

from __future__ import annotations

import gc

import pytest

from tests.spec.specs import AGE, HEAD
from worldwright.spec import Source, load_population
from worldwright.spec.data_files import DataFileError, Reader
from worldwright.spec.pauses import without_collection


def read_while(states: list[bool]) -> Reader:
    def reader(_document: str, _path: str) -> bytes:
        states.append(gc.isenabled())
        raise DataFileError("there is no such file", "name another")

    return reader


def test_the_collector_rests_during_a_check_and_goes_on_after_it() -> None:
    text = (
        HEAD
        + AGE
        + "  x: {type: float, assumption: true, distribution: {empirical: {file: a.csv, column: x}}}\n"
    )
    states: list[bool] = []
    load_population(Source("p.yaml", text), files=read_while(states))
    assert states and not any(states) and gc.isenabled()


@pytest.mark.parametrize("is_on", [True, False])
def test_it_is_left_as_it_was_where_a_check_fails(is_on: bool) -> None:
    @without_collection
    def failing() -> None:
        raise ValueError

    before = gc.isenabled()
    (gc.enable if is_on else gc.disable)()
    try:
        with pytest.raises(ValueError):
            failing()
        assert gc.isenabled() is is_on
    finally:
        (gc.enable if before else gc.disable)()
