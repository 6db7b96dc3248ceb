"""The spec language: an intermediate representation of populations and scenarios.

Takes the text of documents, gives a resolved `Population` and diagnostics with places and fixes.
Touches no disk: texts are passed in. Knows nothing of sampling.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.spec.binding import bind
    from worldwright.spec.codes.registry import ALL_CODES
    from worldwright.spec.expressions.parser import parse_expression
    from worldwright.spec.heading import expect_kind, kind_of
    from worldwright.spec.load import check_scenario, load_population
    from worldwright.spec.population import Population
    from worldwright.spec.reader import decode, read
    from worldwright.spec.source import Source
    from worldwright.spec.tree import plain

_HOMES = {
    "ALL_CODES": "codes.registry",
    "Population": "population",
    "Source": "source",
    "bind": "binding",
    "check_scenario": "load",
    "decode": "reader",
    "expect_kind": "heading",
    "kind_of": "heading",
    "load_population": "load",
    "parse_expression": "expressions.parser",
    "plain": "tree",
    "read": "reader",
}

__all__ = [
    "ALL_CODES",
    "Population",
    "Source",
    "bind",
    "check_scenario",
    "decode",
    "expect_kind",
    "kind_of",
    "load_population",
    "parse_expression",
    "plain",
    "read",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
