"""Writing a document from its brief with a language model; the one op that talks to the network."""

import os
from typing import Any, Literal

import dagster as dg
from pydantic import Field

from assets.failures import explained
from assets.resources import Workspace
from worldwright.project.author import Authoring as Done
from worldwright.project.author import How, accept_document
from worldwright.project.author import author_document as author_with_model
from worldwright.project.model import limited, model_settings


class Authoring(dg.Config):
    """Which document to author, and how."""

    document: str = Field(description="The document's path in the project: specs/populations/NAME.yaml")
    accept: bool = Field(default=False, description="It answers its brief as it stands: only renew its lock")
    mode: str = Field(default="live", description="live, record or replay (from specs/cassettes)")
    hands: str = Field(
        default="ours", description="Of what was edited by hand: ours keeps it, theirs does not"
    )
    population: str = Field(
        default="", description="The population that a scenario, world or experiment is for"
    )
    scenario: str = Field(default="", description="The scenario over it")
    world: str = Field(default="", description="The world that an experiment is for")
    max_calls: int = Field(default=0, description="Most requests; 0 leaves it to model.yaml")
    max_tokens: int = Field(default=0, description="Most tokens; 0 leaves it to model.yaml")
    max_cost: float = Field(default=0.0, description="Most money; 0 leaves it to model.yaml")


_MODES: dict[str, Literal["live", "record", "replay"]] = {
    "live": "live",
    "record": "record",
    "replay": "replay",
}
_HANDS: dict[str, Literal["ours", "theirs"]] = {"ours": "ours", "theirs": "theirs"}


@dg.op
def author_document(context: dg.OpExecutionContext, workspace: Workspace, config: Authoring) -> None:
    """Author or accept one document; without a model configured it fails with what to set."""
    project = workspace.project()
    document = project.root / config.document
    with explained():
        if config.accept:
            done = accept_document(project, document)
        else:
            settings, budget = model_settings(project, os.environ)
            budget = limited(
                budget, config.max_calls or None, config.max_tokens or None, config.max_cost or None
            )
            against = {"population": config.population, "scenario": config.scenario, "world": config.world}
            how = How(
                settings,
                budget,
                _known(_MODES, config.mode),
                _known(_HANDS, config.hands),
                against={kind: name for kind, name in against.items() if name},
            )
            done = author_with_model(project, document, how)
    context.add_output_metadata(_metadata(done))


def _known(words: dict[str, Any], word: str) -> Any:
    if word not in words:
        raise dg.Failure(f"{word!r} is none of {', '.join(words)}", allow_retries=False)
    return words[word]


def _metadata(done: Done) -> dict[str, Any]:
    """What was done, as values and tables; texts of others are table cells, which are shown as they are."""
    cost = done.cost
    metadata: dict[str, Any] = {
        "document": dg.MetadataValue.path(done.document),
        "lock": dg.MetadataValue.path(done.lock),
        "author": done.author,
        "calls": cost.calls,
        "tokens": cost.tokens_in + cost.tokens_out,
        "tokens_in": cost.tokens_in,
        "tokens_out": cost.tokens_out,
        "searches": cost.searches,
        "repairs": done.repairs,
        "replayed": done.replayed,
    }
    if cost.money is not None:
        metadata |= {"cost": cost.money, "currency": cost.currency or ""}
    if done.citations:
        metadata["citations"] = _table(
            [{"source": c.id, "title": c.title, "address": c.url, "quote": c.quote} for c in done.citations]
        )
    if done.assumptions:
        metadata["assumptions"] = _table([{"assumed": one} for one in done.assumptions])
    return metadata


def _table(rows: list[dict[str, str]]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in rows])
