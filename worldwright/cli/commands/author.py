"""`worldwright author`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldwright.cli.output import OK, echo_json, open_project

if TYPE_CHECKING:
    from worldwright.architect import ModelSettings


@click.command("author")
@click.argument("document", type=click.Path(dir_okay=False))
@click.option("--accept", is_flag=True, help="The document, as it stands, answers its brief: renew its lock.")
@click.option("--overwrite", is_flag=True, help="Also replace what was written or edited by hand.")
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
@click.pass_context
def command(ctx: click.Context, document: str, accept: bool, overwrite: bool, as_json: bool) -> int:
    """Have a model write DOCUMENT from its brief, specs/briefs/NAME.md; or accept it as it stands.

    The model is the one of WORLDWRIGHT_MODEL, behind any server that speaks Chat Completions:
    WORLDWRIGHT_BASE_URL, with OPENAI_API_KEY where it wants one.

    \b
      worldwright author specs/populations/german-surgeons.yaml --accept
      WORLDWRIGHT_MODEL=… worldwright author specs/populations/nurses.yaml
    """
    from worldwright.project.author import accept_document, author_document

    project = open_project(ctx)
    if accept:
        done = accept_document(project, Path(document))
    else:
        done = author_document(project, Path(document), model_settings(), overwrite=overwrite)
    if as_json:
        echo_json(
            {
                "document": done.document,
                "lock": done.lock,
                "author": done.author,
                "calls": done.calls,
                "tokens": done.tokens,
            }
        )
    else:
        cost = f" in {done.calls} calls, {done.tokens:,} tokens" if done.calls else ""
        click.echo(f"{done.document}: by {done.author}{cost}; its lock is {done.lock}")
    return OK


def model_settings() -> ModelSettings | None:
    """The model the environment names; None where it names none."""
    from worldwright.architect import ModelSettings

    model = os.environ.get("WORLDWRIGHT_MODEL")
    if not model:
        return None
    return ModelSettings(
        model=model,
        base_url=os.environ.get("WORLDWRIGHT_BASE_URL") or None,
        api_key=os.environ.get("OPENAI_API_KEY") or None,
    )
