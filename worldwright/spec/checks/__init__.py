"""Checks of a resolved spec: one rule, one code, one file.

Takes a `Context` (the population as far as it could be resolved, and its documents), gives diagnostics.
Touches nothing.
"""

from __future__ import annotations

from worldwright.diagnostics import Diagnostic
from worldwright.spec.checks.context import Context, Rule

RULES: tuple[Rule, ...] = ()
"""Every rule, in the order of the codes."""


def run(context: Context) -> list[Diagnostic]:
    """What all rules have to say."""
    return [diagnostic for rule in RULES for diagnostic in rule.check(context)]


__all__ = ["RULES", "Context", "Rule", "run"]
