"""The rewriting of scripts, and whatever text may come in place of a script."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldwright.world.checks import Dialect, check_script
from worldwright.world.compiler import compile_error
from worldwright.world.syntax import facts_of, instrument, without_comments

DIALECT = Dialect("auto", frozenset({"price"}), frozenset({"a"}))
TOKENS = """function end if then else elseif for in do while repeat until return break goto local nil
true not and or self world state update now msgs x y ( ) { } [ ] [[ ]] , ; : :: . .. ... + - * / // ^ % & ~ |
<< >> < <= == = ~= # ' " -- --[[ ]] 1 0x1F 1e9 '\\n' "text" <const> _ENV __ww_b send_msg agent é"""
WORDS = st.sampled_from([*TOKENS.split(), "\n"])
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=40).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text_is_judged_without_a_crash(text: str) -> None:
    found = check_script(text, "x.lua", DIALECT)
    lines = len(text.split("\n"))
    for diagnostic in found:
        assert diagnostic.span is not None
        assert 1 <= diagnostic.span.start.line <= lines
    facts_of(text)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_what_compiles_still_compiles_when_it_is_rewritten(text: str) -> None:
    if compile_error(text) is None:
        rewritten = instrument(text)
        assert rewritten.count("\n") == text.count("\n")
        if not any(d.code in ("WW0701", "WW0708") for d in check_script(text, "x.lua", DIALECT)):
            assert compile_error("local __ww_b, __ww_over, __ww_pow = ... " + rewritten) is None


@pytest.mark.parametrize(
    ("source", "rewritten"),
    [
        ("x = 2^3", "x = __ww_pow(2,3)"),
        ("x = 2^3^4", "x = __ww_pow(2,__ww_pow(3,4))"),
        ("x = (2^3)^4", "x = __ww_pow((__ww_pow(2,3)),4)"),
        ("x = -y^-2", "x = -__ww_pow(y,-2)"),
        ("x = a^(b)goto y ::y::", "x = __ww_pow(a,(b))CHARGE goto y ::y::"),
        ("while a^2 do end", "while __ww_pow(a,2) do CHARGE end"),
        ("repeat until a^2", "repeat CHARGE until __ww_pow(a,2)"),
        ("f = function() end", "f = function() CHARGE end"),
        ("for i=1,2 do f(i)end", "for i=1,2 do CHARGE f(i)end"),
        ("x = 'a^b' -- a^b", "x = 'a^b' -- a^b"),
    ],
)
def test_loops_are_charged_and_powers_are_ours(source: str, rewritten: str) -> None:
    charge = "__ww_b[1]=__ww_b[1]-1 if __ww_b[1]<0 then __ww_over() end"
    assert instrument(source).replace(charge, "CHARGE").split() == rewritten.split() or (
        instrument(source).replace(charge, "CHARGE").replace(" ", "") == rewritten.replace(" ", "")
    )


def test_the_columns_a_script_may_read() -> None:
    direct = facts_of("function update() local x = self.agent.age + self.agent['income'] end")
    assert direct.agent_fields == {"age", "income"}
    aliased = facts_of("function update() local me = self.agent return me.age + me['rent'] end").agent_fields
    assert aliased is not None
    assert {"age", "rent"} <= aliased
    assert facts_of("function update() local me = self.agent return me[name] end").agent_fields is None
    assert facts_of("function update() return self.agent[name] end").agent_fields is None
    assert facts_of("function update() local s = self return s.agent[name] end").agent_fields is None
    assert facts_of("function update(now) return now end").agent_fields == frozenset()


@pytest.mark.parametrize(
    ("body", "keeps"),
    [
        ("for _, m in ipairs(msgs) do f(m) end", False),
        ("local n, first = #msgs, msgs[1]", False),
        ("return now", False),
        ("state.box = msgs", True),
        ("msgs[1] = 3", True),
        ("table.insert(msgs, 1)", True),
        ("local box = {msgs}", True),
        ("f(msgs)", True),
        ("for k, m in pairs(msgs) do end", True),
        ("local g = function() return msgs end", True),
    ],
)
def test_an_inbox_that_may_be_kept_is_noticed(body: str, keeps: bool) -> None:
    assert facts_of(f"function update(now, msgs) {body} end").keeps_inbox == keeps


@pytest.mark.parametrize(
    ("body", "keeps"),
    [
        ("for _, m in ipairs(msgs) do if m.kind == 'x' then state.n = m.content.v end end", False),
        ("for i = 1, #msgs do state.x = msgs[i].content end", False),
        ("local m = msgs[1] state.x = m.content", False),
        ("for _, m in ipairs(msgs) do local q = {m = 1, n = x.m} end", False),
        ("for _, m in ipairs(msgs) do f(m) end", True),
        ("for _, m in ipairs(msgs) do m.kind = 2 end", True),
        ("for _, m in ipairs(msgs) do state.m = m end", True),
        ("for _, m in ipairs(msgs) do state[m] = 1 end", True),
        ("for _, m in ipairs(msgs) do state.f = function() return m.kind end end", True),
        ("for _, m in ipairs(msgs) do local q = {m} end", True),
        ("for _, m in ipairs(msgs), state, 0 do state.x = 1 end", True),
        ("local each, list = ipairs(msgs)", True),
        ("msgs[1].kind = 2", True),
        ("local m = msgs[1] m = 3", True),
        ("return msgs[1]", True),
        ("f(msgs)", True),
    ],
)
def test_a_message_that_may_be_kept_is_noticed(body: str, keeps: bool) -> None:
    assert facts_of(f"function update(now, msgs) {body} end").keeps_messages == keeps


@pytest.mark.parametrize(
    ("body", "keeps"),
    [
        ("local a = world.list_entities() for _, id in ipairs(a) do f(id) end", False),
        ("local a = world.entities('x') local b = a[math.random(#a)]", False),
        ("self.send_msg(world.entities('prey')[3], 'x')", False),
        ("for _, id in ipairs(world.entities('x')) do f(id) end", False),
        ("state.a = world.entities('x')", True),
        ("local a = world.entities('x') a[1] = 2", True),
        ("world.entities('x')[1] = 2", True),
        ("local a = world.entities('x') table.sort(a)", True),
        ("local a = world.entities('x') local b = a", True),
        ("local a a = world.entities('x')", True),
        ("local a = world.entities('x') return a", True),
        ("local each, list = ipairs(world.entities('x'))", True),
        ("local w = world", True),
        ("local e = world.entities", True),
        ("world['entities']('x')[1] = 2", True),
    ],
)
def test_a_list_of_ids_that_may_be_kept_is_noticed(body: str, keeps: bool) -> None:
    assert facts_of(f"function update(now, msgs) {body} end").keeps_lists == keeps


def test_an_update_defined_twice_is_not_trusted() -> None:
    assert facts_of("function update(a, b) end function update(now, msgs) table.sort(msgs) end").keeps_inbox
    assert facts_of("function update(a, b) end update = function(now, msgs) msgs[1] = 2 end").keeps_inbox
    own = "local function ipairs(t) t[1] = 2 end "
    assert facts_of(own + "function update(now, msgs) ipairs(msgs) end").keeps_inbox


def test_comments_do_not_count() -> None:
    source = "-- head\nstate = {} -- tail\n\n--[[ long\n comment ]] x = 1 --[==[ ]==]\ny = '-- not one'"
    assert " ".join(without_comments(source).split()) == "state = {} x = 1 y = '-- not one'"


def test_loading_a_world_needs_none_of_the_heavy_packages() -> None:
    code = (
        "import sys; from worldwright.world import load_world, is_vivarium, resolve_parameters; "
        "heavy = {'numpy', 'pyarrow', 'scipy', 'pandas', 'networkx', 'numba', 'matplotlib'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
