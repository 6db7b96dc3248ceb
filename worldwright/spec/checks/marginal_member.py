"""WW0523: what is raked is a category or a boolean with a distribution of constants alone."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Diagnostic
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.raked import tables_of
from worldwright.spec.codes.marginals import MEMBER
from worldwright.spec.population import Attribute, Population

CODE = MEMBER


def check(context: Context) -> Iterator[Diagnostic]:
    """Every attribute of every table, once."""
    for marginals in context.population.marginals:
        told: set[str] = set()
        for table in tables_of(marginals):
            for name in table.of:
                attribute = context.attributes[name]
                reason = _reason(attribute, context.population)
                if reason is None or name in told:
                    continue
                told.add(name)
                message = f"`{name}` cannot have marginals: {reason[0]}"
                related = ((attribute.span, f"`{name}` is declared here"),)
                yield CODE.at(table.span, message, help=reason[1], related=related)


def is_plain(attribute: Attribute, population: Population) -> bool:
    """Whether the marginals alone can decide an attribute."""
    return _reason(attribute, population) is None


def _reason(attribute: Attribute, population: Population) -> tuple[str, str] | None:
    if attribute.distribution is None:
        help = "give it a distribution, and let the formula's attribute read it"
        return "it is computed and not drawn", help
    if attribute.modifiers:
        help = "remove them; a seed table says how it hangs together with other categories"
        return "its modifiers would be overridden", help
    if attribute.only_if is not None:
        return "it is missing for some agents (`only_if`)", "give it an option that says so"
    if attribute.reads:
        names = ", ".join(f"`{name}`" for name in attribute.reads)
        help = "a table that holds both attributes can say how they hang together"
        return f"its distribution reads {names}, which the marginals would override", help
    if any(attribute.name in (pair.first, pair.second) for pair in population.correlations):
        help = "remove the correlation; a seed table says how categories hang together"
        return "it is correlated, and has no draw of its own to correlate", help
    return None


RULE = Rule(CODE, check)
