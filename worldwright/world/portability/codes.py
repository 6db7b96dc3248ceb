"""WW073x: what makes a script do one thing on LuaJIT and another on Lua 5.4.

Takes nothing, gives `Code`s with scripts as examples. Touches nothing.
"""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity


def _inside(body: str) -> str:
    return f"state = {{}}\nfunction update(now, msgs)\n  {body}\nend\n"


FRACTION_AS_TEXT = Code(
    "WW0731",
    "fraction-as-text",
    Severity.WARNING,
    "Lua 5.4 tells floats from whole numbers, LuaJIT does not: 4 / 2 as text is `2.0` or `2`.",
    bad=_inside('state.name = "n" .. now / 2'),
    good=_inside('state.name = string.format("n%.1f", now / 2)'),
)
LARGE_NUMBER = Code(
    "WW0732",
    "large-number",
    Severity.WARNING,
    "LuaJIT's whole numbers are exact up to 2^53; Lua 5.4's have 64 bits and wrap.",
    bad=_inside("state.n = (now * 6364136223846793 + 1) % 1000"),
    good=_inside("state.n = (now * 16807 + 1) % 1000"),
)
ZERO_DIVISOR = Code(
    "WW0733",
    "zero-divisor",
    Severity.WARNING,
    "A remainder by zero is nan on LuaJIT and an error on Lua 5.4.",
    bad=_inside("state.n = now % #msgs"),
    good=_inside("state.n = now % math.max(1, #msgs)"),
)
HOLE = Code(
    "WW0734",
    "hole",
    Severity.WARNING,
    "Lua leaves open what the length of a list with holes is.",
    bad=_inside("state.n = #{1, nil, 3}"),
    good=_inside("state.n = #{1, false, 3}"),
)
FRACTIONAL_ARGUMENT = Code(
    "WW0735",
    "fractional-argument",
    Severity.WARNING,
    "LuaJIT cuts a fraction off where a whole number is wanted; Lua 5.4 stops the run.",
    bad=_inside('state.name = string.sub("entity", now / 2)'),
    good=_inside('state.name = string.sub("entity", math.floor(now / 2))'),
)
ONE_RUNTIME = Code(
    "WW0736",
    "one-runtime",
    Severity.WARNING,
    "LuaJIT speaks Lua 5.1 with additions, so each runtime has what the other has not.",
    bad=_inside("state.version = _VERSION"),
    good=_inside("state.version = 1"),
)
ERROR_WORDS = Code(
    "WW0737",
    "error-words",
    Severity.WARNING,
    "Each runtime says in words of its own what went wrong.",
    bad=_inside("local ok, words = pcall(function() return msgs[1].kind end) state.words = words"),
    good=_inside("local ok = pcall(function() return msgs[1].kind end) state.ok = ok"),
)
