"""What each key means, in a sentence: beside the models, whose names, types and defaults are not repeated."""

from __future__ import annotations

from pydantic import BaseModel

from worldwright.spec import documents

_WORDS = {
    "description": "Words for people; they enter nothing.",
    "source": "An entry of `sources:`.",
    "assumption": "`true`, or why the figure is assumed: it has no source.",
}
"""Keys that mean the same wherever they stand."""

SECTIONS: tuple[tuple[str, type[BaseModel], str, dict[str, str]], ...] = (
    (
        "A population",
        documents.PopulationDocument,
        "The document opens with `worldwright: population/1`.",
        {
            "worldwright": "Kind and version of the language.",
            "name": "The population's name, by which others refer to it.",
            "agents": "How many agents there are unless one asks for another number; of rows in order, all.",
            "sources": "Where figures come from, each under a short name.",
            "table": "A file whose rows are agents.",
            "attributes": "What agents have, by name: letters, digits and underscores, up to 64.",
            "correlations": "A list of `[one, other, value]`.",
            "constraints": "Conditions that every agent meets, each an expression or a mapping.",
            "marginals": "Known tables that a joint table of categories is fitted to.",
            "expect": "Known figures of the whole, which a sampled population is held to.",
        },
    ),
    (
        "A scenario",
        documents.ScenarioDocument,
        "The document opens with `worldwright: scenario/1`. It has the keys of a population but `agents` and "
        "`table`, and may read what the base has; it never changes it.",
        {"extends": "The name of the population it is laid over."},
    ),
    (
        "An attribute",
        documents.Attribute,
        "It comes about in one way: a `distribution`, a `formula`, a `template`, or a `column` of the table.",
        {
            "type": "May be left out where the way it comes about leaves no choice.",
            "ordered": "Whether options go from least to greatest; labels are then compared with `<`.",
            "options": "The labels and their order, where weights do not list them, or a file does.",
            "unit": "What a number counts; adding or comparing two different units is a warning.",
            "stream": "The name its randomness is keyed by: keep the old name when an attribute is renamed.",
            "only_if": "A condition; elsewhere the attribute has no value.",
            "distribution": "What it is drawn from.",
            "modifiers": "Changes where conditions hold.",
            "formula": "An expression it is computed by.",
            "template": "A text with `{attribute}` places.",
            "column": "The column of the population's table it is taken from.",
            "clip": "Bounds that act last.",
            "level": "Reserved: attributes of households and other groups are not built yet.",
        },
    ),
    (
        "A modifier",
        documents.Modifier,
        "",
        {
            "when": "The condition under which it applies.",
            "multiply": "Of a number: a factor.",
            "add": "Of a number: what is added, after all factors.",
            "weights": "Of labels: the weights instead; an option left out has 0. The last match wins.",
            "scale": "Of labels: a factor on each named weight. Of booleans: a factor on the odds of true.",
            "probability": "Of booleans: the probability of true instead. The last match wins.",
        },
    ),
    (
        "A clip",
        documents.Clip,
        "",
        {"min": "Less becomes this.", "max": "More becomes this."},
    ),
    (
        "A table of agents",
        documents.Table,
        "Attributes with a `column` are taken from one row each agent, so that they hang together as they do "
        "in the file; what else the agent has may read them.",
        {
            "file": "CSV (UTF-8, commas, names in the first line) or Parquet, as seen from the document.",
            "rows": "`draw`: a row is drawn for each agent, with replacement. `in_order`: agent i is row i.",
            "weights": "The column that says how likely each row is drawn.",
            "nulls": "What empty fields do: they are an `error`, `drop` their row, or are kept (`keep`) as "
            "missing values, which are then guarded by `is known`.",
        },
    ),
    (
        "A correlation",
        documents.Correlation,
        "Written as a list, `[age, income, .3]`.",
        {
            "first": "An attribute that is drawn: a number, a date, a boolean or an ordered category.",
            "second": "Another.",
            "value": "The Spearman correlation of their base draws, between −1 and 1.",
        },
    ),
    (
        "A constraint",
        documents.Constraint,
        "An expression alone stands for `{require: …}`.",
        {
            "require": "The condition.",
            "redraw": "The attributes drawn again together where it fails; if left out, the last it names.",
            "on_fail": "What happens to an agent that never meets it: an `error`, or `drop` it.",
        },
    ),
    (
        "An expectation",
        documents.Expectation,
        "Exactly one of the statistics is given.",
        {
            "mean": "The attribute whose mean is known.",
            "sd": "The attribute whose standard deviation is known.",
            "median": "The attribute whose median is known.",
            "share": "The condition whose share of agents is known.",
            "correlation": "The two attributes whose Spearman correlation is known.",
            "is": "The figure.",
            "within": "How far from it the population may be.",
            "where": "The agents it is about; all where left out.",
        },
    ),
    (
        "Marginals",
        documents.Marginals,
        "See [marginals](marginals.md).",
        {
            "targets": "The tables that are met.",
            "seed": "How the attributes hang together, whatever their margins are.",
            "counts": "`drawn`: agents are drawn from the fitted table; `exact`: it is made of whole agents.",
        },
    ),
    (
        "A target of marginals",
        documents.Margin,
        "",
        {
            "of": "The attributes it is about.",
            "shares": "Shares by label, nested for several attributes.",
            "totals": "The same as numbers of people.",
        },
    ),
    (
        "A seed of marginals",
        documents.SeedTable,
        "",
        {"of": "The attributes it is about.", "table": "Counts or weights by label, nested."},
    ),
    (
        "A source",
        documents.Source,
        "",
        {
            "title": "What it is called.",
            "url": "Where it is found.",
            "author": "Who wrote it.",
            "publisher": "Who published it.",
            "year": "When.",
            "accessed": "When it was read.",
            "license": "Under which terms.",
            "note": "What else there is to say.",
        },
    ),
)
"""Heading, model, what is said before its table, and a sentence for each key of its own."""


def sentence(own: dict[str, str], key: str) -> str | None:
    """What is said of a key; None where nothing is."""
    return own.get(key, _WORDS.get(key))


CONDITIONS = frozenset({"when", "only_if", "require", "where"})
"""Keys that hold conditions: an expression that is true or false."""
