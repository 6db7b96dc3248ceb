"""Checks of scripts before they run."""

from __future__ import annotations

from dataclasses import dataclass

from worldwright.diagnostics import Diagnostic, Span


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a script may refer to."""

    runtime: str
    parameters: frozenset[str]
    entities: frozenset[str]


def check_script(source: str, file: str, dialect: Dialect) -> list[Diagnostic]:
    return []


def check_vivarium_script(name: str, source: str, span: Span) -> list[Diagnostic]:
    return []
