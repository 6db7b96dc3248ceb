"""Our elementary functions against decimal arithmetic of 60 digits and against the C library."""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import struct
from decimal import Decimal, getcontext
from typing import Any

import numpy as np
import pytest

from worldwright.world.machine import Machine, kernel_sources

getcontext().prec = 60


@pytest.fixture(scope="module")
def machines() -> dict[str, Machine]:
    return {name: Machine(name, kernel_sources()) for name in ("luajit", "lua54")}


def literal(x: float) -> str:
    if math.isinf(x):
        return "math.huge" if x > 0 else "(-math.huge)"
    return "(0/0)" if math.isnan(x) else f"({x!r})" if x or math.copysign(1, x) > 0 else "(-0.0)"


def values(machine: Machine, name: str, arguments: list[tuple[float, ...]]) -> list[float]:
    calls = ",".join(f"M.{name}({','.join(literal(x) for x in a)})" for a in arguments)
    table = machine.evaluate(
        f"(function() local M = W.mathematics return W.doubles({{{calls}}}, {len(arguments)}) end)()"
    )
    return list(struct.unpack(f"<{len(arguments)}d", table))


def ulps(got: float, want: Decimal) -> float:
    if not math.isfinite(got):
        return math.inf
    nearest = float(want)
    return float(abs(Decimal(got) - want) / Decimal(math.ulp(nearest) or 5e-324))


rng = np.random.default_rng(5)
REALS = [float(x) for x in [*rng.normal(0, 1, 60), *rng.uniform(-700, 700, 60), 0.5, 1.0, -1.0, 1e-10, 88.7]]
POSITIVE = [
    float(x) for x in [*np.exp(rng.uniform(-700, 700, 80)), *rng.uniform(0.5, 2, 60), 1.0, 5e-324, 1e308]
]


@pytest.mark.parametrize("name", ["luajit", "lua54"])
def test_exp_and_log_are_right_to_one_place(machines: dict[str, Machine], name: str) -> None:
    got = values(machines[name], "exp", [(x,) for x in REALS])
    assert max(ulps(y, Decimal(x).exp()) for x, y in zip(REALS, got, strict=True)) < 1
    got = values(machines[name], "log", [(x,) for x in POSITIVE])
    assert max(ulps(y, Decimal(x).ln()) for x, y in zip(POSITIVE, got, strict=True)) < 0.51
    got = values(machines[name], "log10", [(x,) for x in POSITIVE])
    assert max(ulps(y, Decimal(x).log10()) for x, y in zip(POSITIVE, got, strict=True)) < 0.51
    assert values(machines[name], "log10", [(10.0**k,) for k in range(23)]) == list(range(23))
    assert values(machines[name], "log", [(2.0**k, 2.0) for k in range(-40, 1000, 13)]) == list(
        range(-40, 1000, 13)
    )


@pytest.mark.parametrize("name", ["luajit", "lua54"])
def test_pow_is_right_to_one_place(machines: dict[str, Machine], name: str) -> None:
    pairs = [
        (float(x), float(y))
        for x, y in zip(np.exp(rng.uniform(-50, 50, 150)), rng.uniform(-12, 12, 150), strict=True)
    ]
    got = values(machines[name], "pow", pairs)
    for (x, y), z in zip(pairs, got, strict=True):
        want = (Decimal(x).ln() * Decimal(y)).exp()
        assert ulps(z, want) < 1, (x, y)
    whole = [
        (float(x), float(n)) for x in (3, -3, 10, 1.5, -0.7, 2) for n in (-9, -3, -1, 0, 1, 2, 3, 5, 22, 33)
    ]
    for (x, n), z in zip(whole, values(machines[name], "pow", whole), strict=True):
        assert ulps(z, Decimal(x) ** int(n)) <= 0.51, (x, n)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5, math.inf, -math.inf, math.nan, 1e300, 1e-300]


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))


@pytest.mark.parametrize("name", ["luajit", "lua54"])
def test_special_cases_are_those_of_c(machines: dict[str, Machine], name: str) -> None:
    c_pow = ctypes.CDLL(ctypes.util.find_library("m")).pow
    c_pow.argtypes, c_pow.restype = [ctypes.c_double, ctypes.c_double], ctypes.c_double
    pairs = [(x, y) for x in SPECIAL for y in SPECIAL]
    for (x, y), z in zip(pairs, values(machines[name], "pow", pairs), strict=True):
        want = float(c_pow(x, y))
        assert same(z, want) or z == pytest.approx(want, rel=1e-15), (x, y, z, want)
    for (y, x), z in zip(pairs, values(machines[name], "atan", pairs), strict=True):
        assert same(z, math.atan2(y, x)) or z == pytest.approx(math.atan2(y, x), abs=1e-15), (y, x, z)
    for function in ("exp", "sin", "cos", "tan", "atan"):
        # sine and its kin are promised for arguments up to 2^50 only
        given = [x for x in SPECIAL if x != 1e300 or function in ("exp", "atan")]
        for x, z in zip(given, values(machines[name], function, [(x,) for x in given]), strict=True):
            try:
                want = getattr(math, function)(x)
            except (ValueError, OverflowError):
                want = math.nan if function != "exp" else math.inf
            assert same(z, want) or z == pytest.approx(want, rel=1e-13), (function, x, z)


@pytest.mark.parametrize("name", ["luajit", "lua54"])
@pytest.mark.parametrize("function", ["sin", "cos", "tan", "atan", "asin", "acos"])
def test_trigonometry_is_near_the_c_library(machines: dict[str, Machine], name: str, function: str) -> None:
    wide = (
        [] if function in ("asin", "acos") else [*rng.uniform(-1e6, 1e6, 100), *rng.uniform(-1e15, 1e15, 50)]
    )
    arguments = [float(x) for x in [*rng.uniform(-1, 1, 100), *wide]]
    near: Any = getattr(math, function)
    for x, z in zip(arguments, values(machines[name], function, [(x,) for x in arguments]), strict=True):
        assert abs(z - near(x)) <= 3 * math.ulp(near(x)), x


def test_both_runtimes_give_the_same_bits(machines: dict[str, Machine]) -> None:
    singles = [(x,) for x in [*REALS, *POSITIVE, *SPECIAL]]
    for function in ("exp", "log", "log10", "sin", "cos", "tan", "atan", "asin", "acos"):
        a, b = (values(machines[name], function, singles) for name in ("luajit", "lua54"))
        assert all(same(x, y) for x, y in zip(a, b, strict=True)), function
    pairs = [(abs(x), y / 50) for x, y in zip(REALS, reversed(REALS), strict=True)]
    a, b = (values(machines[name], "pow", pairs) for name in ("luajit", "lua54"))
    assert all(same(x, y) for x, y in zip(a, b, strict=True))
