"""Which population columns a script is sure to read."""

import pytest

from worldwright.world.agent_reads import columns_read

CASES = {
    "by its own name": ("x = self.agent.age", {"age"}),
    "through a local": ("function update() local me = self.agent x = me.age + me.rank end", {"age", "rank"}),
    "in one of several locals": ("local p, me = world.param, self.agent\nx = me.age + p.price", {"age"}),
    "in a function inside": ("local me = self.agent\nfunction f() return me.age end", {"age"}),
    "not a parameter of the name": ("local me = self.agent\nfunction f(me) return me.age end", set[str]()),
    "not a local of two meanings": ("local me = self.agent\nlocal me = state\nx = me.age", set[str]()),
    "not a variable that is assigned": ("local me = self.agent\nme = state\nx = me.age", set[str]()),
    "not another table's agent": ("x = other.agent.age", set[str]()),
}


@pytest.mark.parametrize(("source", "columns"), CASES.values(), ids=CASES)
def test_columns_are_read(source: str, columns: set[str]) -> None:
    assert set(columns_read(source)) == columns


def test_the_place_is_the_first_one() -> None:
    found = columns_read("local a = 1\nlocal b = self.agent.age\nlocal c = self.agent.age")
    assert found["age"].start_point == (1, 21)
