"""A brief becomes a population or a scenario: settled, outlined, researched, drafted, checked, repaired."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from worldwright.architect.answers import NoDocument, document_in
from worldwright.architect.asking import ask_form
from worldwright.architect.assembly import NOTHING, Kept, assembled
from worldwright.architect.authored import REPAIRS, Authored, Files
from worldwright.architect.client import Client
from worldwright.architect.drafting import FileCheck, Task, draft
from worldwright.architect.planning import Ask, Outline, Planned, Settled, assume, outline, settle
from worldwright.architect.prompting import prompt
from worldwright.architect.question import Message, Reply
from worldwright.architect.research import Findings, Research, findings
from worldwright.architect.vetting import INVENTED_SOURCE, Wanted, vet
from worldwright.diagnostics import Diagnostic
from worldwright.errors import ArchitectError
from worldwright.spec import Source, load_population, read
from worldwright.spec.data_files import Reader, refuse_all
from worldwright.spec.tree import MappingNode, find, plain
from worldwright.spec.writer import write

UNKNOWN_SOURCE = "WW0601"
"""What the language says of a source that is not listed; for a generated document we say more."""
_BATCH = 8
"""How many attributes one research call looks up."""
_WORDS_FOR_PEOPLE = ("source", "sources", "assumption", "note")


@dataclass(frozen=True, slots=True)
class Layer:
    """What is to be written.

    Args:
        kind: `population` or `scenario`.
        name: Its name; diagnostics call its file `NAME.yaml`.
        base_name: The population that a scenario extends.
        base: That population's document.
        files: Gives the files of data that it names.
        kept: What a person has edited of the document that is there.
    """

    kind: str
    name: str
    base_name: str = ""
    base: str = ""
    files: Reader = refuse_all
    kept: Kept = NOTHING

    @property
    def file(self) -> str:
        """The document's file name."""
        return f"{self.name}.yaml"


def author_layer(
    brief: str,
    layer: Layer,
    client: Client,
    *,
    ask: Ask = assume,
    check: FileCheck | None = None,
    repairs: int = REPAIRS,
) -> Authored:
    """Write a population or a scenario from its brief.

    Args:
        brief: What is wanted, in plain language.
        layer: What is to be written, over which base, and what stays.
        client: The model, with its budget.
        ask: Puts what the brief leaves open to a person; by default it is assumed, and written down.
        check: How the document is checked; the language's own checks by default.
        repairs: The most rounds of repair of each step.

    Raises:
        InvalidAnswerError: when no answer was valid; it holds the last one and its diagnostics.
        BudgetExceededError: when the budget does not admit a step's first call.
        ArchitectError: when the base is not valid, the server does not answer, or the model declines.
    """
    base = _base_columns(layer)
    context = _context(layer)
    settled = settle(brief, layer.kind, layer.name, client, ask, context)
    kept = layer.kept.for_model()
    planned = outline(settled, layer.kind, layer.name, client, base, context, kept)
    found = research(planned, settled, layer.name, client)
    drafted = draft(client, _task(layer, settled, planned, found, context, check, repairs))
    text = drafted.files[layer.file]
    listed = find(read(text, layer.file)[0], "sources")
    named = listed.keys() if isinstance(listed, MappingNode) else ()
    return Authored(
        {layer.file: text},
        (*found.diagnostics, *drafted.diagnostics),
        drafted.reply.model,
        drafted.repairs,
        _when(drafted.reply),
        settled.assumptions,
        tuple(one for one in found.citations if one.id in named),
        settled.answers,
    )


def research(planned: Outline, settled: Settled, name: str, client: Client) -> Findings:
    """Look up what the outline asks for, a few attributes a call; nothing where the model cannot search."""
    wanted = [one for one in planned.attributes if one.look_up is not None]
    if not wanted or not client.settings.can_search:
        return Findings()
    batches = [wanted[at : at + _BATCH] for at in range(0, len(wanted), _BATCH)]
    with client.together() as each:
        replies = each(partial(_look_up, settled, name, client), batches)
    return findings([(form, reply.citations, _when(reply).date().isoformat()) for form, reply in replies])


def _look_up(settled: Settled, name: str, client: Client, batch: list[Planned]) -> tuple[Research, Reply]:
    rows = [{"attribute": one.name, "unit": one.unit, "look_up": one.look_up} for one in batch]
    task = prompt(
        "research",
        brief=settled.text,
        wanted="\n".join(json.dumps(row, ensure_ascii=False) for row in rows),
    )
    names = {one.name for one in batch}

    def judge(form: Research) -> list[str]:
        return [
            f"figures: `{figure.attribute}` is not one of {', '.join(sorted(names))}"
            for figure in form.figures
            if figure.attribute not in names
        ]

    return ask_form(client, [Message("user", task)], Research, name, judge=judge, search=True)


def _task(
    layer: Layer,
    settled: Settled,
    planned: Outline,
    found: Findings,
    context: str,
    check: FileCheck | None,
    repairs: int,
) -> Task:
    sources = {one.id: one.entry() for one in found.citations}
    wanted = Wanted(
        layer.kind,
        layer.name,
        extends=layer.base_name or None,
        attributes=[one.name for one in planned.attributes],
        sources=[*sources, *layer.kept.sources],
        kept=[*layer.kept.attributes, *layer.kept.removed, *layer.kept.sections],
    )
    places = {"base_name": layer.base_name, "base": context} if layer.kind == "scenario" else {}
    asked = prompt(
        layer.kind,
        name=layer.name,
        brief=settled.text,
        plan="\n".join(_planned_line(one) for one in planned.attributes),
        figures=found.for_model() or "none: nothing was looked up, so every figure is an assumption",
        kept=layer.kept.for_model() or "none",
        **places,
    )

    def read_reply(reply: Reply) -> Files | NoDocument:
        document = document_in(reply)
        return document if isinstance(document, NoDocument) else {layer.file: document}

    def assemble(before: Files, answer: Files) -> Files:
        text = assembled(answer[layer.file], layer.file, sources, layer.kept)
        return {layer.file: _with_assumptions(text, settled.assumptions)}

    def checked(files: Files) -> Sequence[Diagnostic]:
        text = files[layer.file]
        judged = check(files) if check is not None else _check(layer, text)
        vetted = vet(text, layer.file, wanted)
        invented = {d.span for d in vetted if d.code == INVENTED_SOURCE.id}
        return [*(d for d in judged if d.code != UNKNOWN_SOURCE or d.span not in invented), *vetted]

    opening = [Message("system", prompt("language")), Message("user", asked)]
    return Task(f"the {layer.kind}", layer.name, opening, read_reply, assemble, checked, repairs)


def _check(layer: Layer, text: str) -> list[Diagnostic]:
    """What the language says; of a scenario's base only what is an error, which no scenario could mend."""
    document = Source(layer.file, text)
    if layer.kind == "population":
        return load_population(document, files=layer.files)[1]
    base = Source(f"{layer.base_name}.yaml", layer.base)
    found = load_population(base, document, layer.files)[1]
    return [d for d in found if d.is_error or (d.span is not None and d.span.file == layer.file)]


def _base_columns(layer: Layer) -> tuple[str, ...]:
    """The attributes of a scenario's base, which has to be valid before anything is asked."""
    if layer.kind != "scenario":
        return ()
    population, found = load_population(Source(f"{layer.base_name}.yaml", layer.base), files=layer.files)
    if population is None:
        first = next(d for d in found if d.is_error)
        help = f"mend {layer.base_name}.yaml first: {first.message}"
        raise ArchitectError("the population a scenario extends is not valid", where=layer.name, help=help)
    return population.columns


def _context(layer: Layer) -> str:
    """A scenario's base as a model reads it: all that is drawn, without what people wrote about sources."""
    if layer.kind != "scenario":
        return ""
    node, _ = read(layer.base, f"{layer.base_name}.yaml")
    return write(_bare(plain(node))) if isinstance(node, MappingNode) else layer.base


def _bare(value: object) -> dict[str, object]:
    def without(item: object) -> object:
        match item:
            case dict():
                return {k: without(v) for k, v in item.items() if k not in _WORDS_FOR_PEOPLE}
            case list():
                return [without(one) for one in item]
            case _:
                return item

    bare = without(value)
    return {k: v for k, v in bare.items() if k != "expect"} if isinstance(bare, dict) else {}


def _planned_line(one: Planned) -> str:
    depends = f"; depends on {', '.join(one.depends_on)}" if one.depends_on else ""
    unit = f" in {one.unit}" if one.unit else ""
    return f"- {one.name}: {one.type}{unit}; {one.meaning}{depends}"


def _with_assumptions(text: str, assumptions: Sequence[str]) -> str:
    """The document with what was assumed as comments at its top, where a reader looks first.

    Comments that a model put there, or took over from an earlier round, give way.
    """
    if not assumptions:
        return text
    start = next((n for n, line in enumerate(text.splitlines()) if line and not line.startswith("#")), 0)
    rest = "".join(text.splitlines(keepends=True)[start:])
    lines = ["# Assumed, since the brief does not say it:", *(f"# - {one}" for one in assumptions)]
    return "\n".join(lines) + "\n" + rest


def _when(reply: Reply) -> datetime:
    if reply.at is None:
        raise ArchitectError("the answer has no time")
    return reply.at
