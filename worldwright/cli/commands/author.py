"""`worldwright author`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.output import OK, echo_diagnostics, echo_json, echo_rows, open_project

if TYPE_CHECKING:
    from worldwright.architect import Query
    from worldwright.project.author import Authoring, Plan

_FEW = 8


@click.command("author")
@click.argument("document", type=click.Path())
@click.option("--accept", is_flag=True, help="The document, as it stands, answers its brief: renew its lock.")
@click.option(
    "--record", "mode", flag_value="record", help="Keep every answer of the model in specs/cassettes/."
)
@click.option(
    "--replay", "mode", flag_value="replay", help="Ask no model: use the answers that were recorded."
)
@click.option(
    "--ours", "hands", flag_value="ours", default=True, help="Keep what was edited by hand (the default)."
)
@click.option("--theirs", "hands", flag_value="theirs", help="Take the model's version of that, too.")
@click.option(
    "--population", metavar="NAME", help="The population that a scenario, world or experiment is for."
)
@click.option("--scenario", metavar="NAME", help="The scenario over it that a world or experiment is for.")
@click.option("--world", metavar="NAME", help="The world that an experiment is for.")
@click.option("--max-calls", type=click.IntRange(1), metavar="N", help="Most requests, retries included.")
@click.option("--max-tokens", type=click.IntRange(1), metavar="N", help="Most tokens, in and out.")
@click.option(
    "--max-cost", type=click.FloatRange(0), metavar="X", help="Most money; needs prices in model.yaml."
)
@click.option("--yes", is_flag=True, help="Ask nothing: assume what the brief leaves open, accept the plan.")
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
@click.pass_context
def command(ctx: click.Context, document: str, **asked: Any) -> int:
    """Have a model write DOCUMENT from its brief, specs/briefs/NAME.md; or accept it as it stands.

    DOCUMENT is a population, scenario, experiment or world (its folder) under specs/. The model is the one
    of WORLDWRIGHT_MODEL or model.yaml: OpenAI's with OPENAI_API_KEY, or any server that speaks Chat
    Completions at WORLDWRIGHT_BASE_URL.

    \b
      worldwright author specs/populations/german-surgeons.yaml --accept
      WORLDWRIGHT_MODEL=… worldwright author specs/populations/nurses.yaml --record
      worldwright author specs/worlds/shifts --population nurses --max-cost 2
    """
    from worldwright.project.author import How, accept_document, author_document
    from worldwright.project.model import limited, model_settings

    project = open_project(ctx)
    as_json = bool(asked["as_json"])
    if asked["accept"]:
        done = accept_document(project, Path(document))
    else:
        settings, budget = model_settings(project, os.environ)
        alone = bool(asked["yes"]) or as_json or not sys.stdin.isatty()
        against = {k: asked[k] for k in ("population", "scenario", "world") if asked[k] is not None}
        how = How(
            settings,
            limited(budget, asked["max_calls"], asked["max_tokens"], asked["max_cost"]),
            asked["mode"] or "live",
            asked["hands"],
            against=against,
            confirm=_accepting(bool(asked["yes"]), alone),
            watch=_watch,
            **({} if alone else {"ask": _ask}),
        )
        done = author_document(project, Path(document), how)
    if as_json:
        echo_json(_as_data(done))
    else:
        _tell(done)
    return OK


_ASKED = {
    "sufficiency": "what the brief leaves open",
    "outline": "which attributes it needs",
    "research": "what is published about them",
    "design": "how the world is made",
    "experiment": "how the question is answered",
    "document": "for the document",
}


def _watch(asked: str) -> None:
    """Say what the model is asked, where somebody waits for it at a terminal."""
    if sys.stderr.isatty():
        click.echo(f"asking {_ASKED.get(asked, asked)} …", err=True)


def _ask(questions: Sequence[Query]) -> Mapping[str, str]:
    """Put the questions to whoever sits at the terminal; an empty answer assumes."""
    click.echo("The brief leaves open (Enter takes the assumption):", err=True)
    answers: dict[str, str] = {}
    for query in questions:
        options = f" [{' / '.join(query.options)}]" if query.options else ""
        click.echo(f"\n{query.question}{options}\n  assumed: {query.otherwise}", err=True)
        answers[query.id] = click.prompt("  answer", default="", show_default=False, err=True)
    return answers


def _accepting(yes: bool, alone: bool) -> Any:
    def confirm(plan: Plan) -> bool:
        if not yes or sys.stderr.isatty():
            click.echo(f"{plan.title}", err=True)
            width = max(len(name) for name, _ in plan.rows)
            for name, value in plan.rows:
                click.echo(f"  {name:<{width}}  {value}", err=True)
        if yes:
            return True
        if alone:
            click.echo("nobody is there to accept the plan; add --yes", err=True)
            return False
        return click.confirm("Write this experiment?", default=False, err=True)

    return confirm


def _as_data(done: Authoring) -> dict[str, Any]:
    data = asdict(done)
    del data["texts"]
    data["diagnostics"] = [
        {"code": d.code, "severity": d.severity.value, "message": d.message} for d in done.diagnostics
    ]
    return data


def _tell(done: Authoring) -> None:
    click.echo(f"{done.document}: by {done.author}{_spent(done)}; its lock is {done.lock}")
    if done.kept:
        shown = ", ".join(done.kept[:_FEW]) + (
            f" and {len(done.kept) - _FEW} more" if len(done.kept) > _FEW else ""
        )
        click.echo(f"kept as edited by hand: {shown}")
    for assumption in done.assumptions:
        click.echo(f"assumed: {assumption}")
    if done.citations:
        echo_rows(["source", "page", "address"], [(c.id, c.title, c.url) for c in done.citations])
    echo_diagnostics(done.diagnostics, done.texts)


def _spent(done: Authoring) -> str:
    cost = done.cost
    if not cost.calls:
        return ""
    money = f", {cost.money:.2f} {cost.currency}" if cost.money is not None else ""
    plural = "" if cost.searches == 1 else "es"
    searches = f", {cost.searches} search{plural}" if cost.searches else ""
    tokens = f"{cost.tokens_in + cost.tokens_out:,} tokens"
    replayed = " when it was recorded; nothing was spent now" if done.replayed else ""
    return f" in {cost.calls} calls, {tokens}{searches}{money}{replayed}"
