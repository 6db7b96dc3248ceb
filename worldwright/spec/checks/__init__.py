"""Checks of a resolved spec: one rule, one code, one file.

Takes a `Context` (the population as far as it could be resolved, and its documents), gives diagnostics.
Touches nothing.
"""

from __future__ import annotations

from worldwright.diagnostics import Diagnostic
from worldwright.spec.checks import (
    always_fires,
    beyond_support,
    beyond_truncation,
    bound_as_constraint,
    clip,
    contradictory_marginals,
    correlation_member,
    correlation_range,
    empty_cells,
    empty_range,
    expectation_type,
    family_type,
    heading_first,
    idle_constraint,
    impossible_constraint,
    impossible_expectation,
    incomplete_replacement,
    marginal_member,
    marginal_sum,
    marginals_unmet,
    mixed_units,
    mixture_shares,
    mode_outside,
    modifier_field,
    negative_weight,
    never_fires,
    no_change,
    no_source,
    not_positive,
    not_positive_definite,
    one_component,
    options_type,
    overlapping_replacements,
    overridden_shares,
    probability,
    raked_owner,
    repeated_pair,
    text_read,
    too_many_cells,
    trials,
    truncation_shift,
    unattainable_correlation,
    undefined,
    unknown_source,
    unreachable_option,
    unused_source,
    weights_sum,
    zero_weights,
)
from worldwright.spec.checks.context import Context, Rule

RULES: tuple[Rule, ...] = (
    family_type.RULE,
    not_positive.RULE,
    empty_range.RULE,
    mode_outside.RULE,
    probability.RULE,
    trials.RULE,
    undefined.RULE,
    mixture_shares.RULE,
    one_component.RULE,
    clip.RULE,
    negative_weight.RULE,
    weights_sum.RULE,
    zero_weights.RULE,
    unreachable_option.RULE,
    options_type.RULE,
    text_read.RULE,
    truncation_shift.RULE,
    beyond_support.RULE,
    modifier_field.RULE,
    never_fires.RULE,
    always_fires.RULE,
    incomplete_replacement.RULE,
    overlapping_replacements.RULE,
    beyond_truncation.RULE,
    no_change.RULE,
    correlation_range.RULE,
    repeated_pair.RULE,
    correlation_member.RULE,
    not_positive_definite.RULE,
    unattainable_correlation.RULE,
    impossible_constraint.RULE,
    idle_constraint.RULE,
    bound_as_constraint.RULE,
    marginal_member.RULE,
    marginal_sum.RULE,
    contradictory_marginals.RULE,
    too_many_cells.RULE,
    empty_cells.RULE,
    marginals_unmet.RULE,
    overridden_shares.RULE,
    raked_owner.RULE,
    unknown_source.RULE,
    no_source.RULE,
    expectation_type.RULE,
    impossible_expectation.RULE,
    unused_source.RULE,
    mixed_units.RULE,
    heading_first.RULE,
)
"""Every rule, in the order of the codes."""


def run(context: Context) -> list[Diagnostic]:
    """What all rules have to say."""
    return [diagnostic for rule in RULES for diagnostic in rule.check(context)]


__all__ = ["RULES", "Context", "Rule", "run"]
