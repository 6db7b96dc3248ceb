"""`worldwright lineage`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.output import OK, echo_json, open_project
from worldwright.errors import UsageError

if TYPE_CHECKING:
    from worldwright.project.locate import Project
    from worldwright.project.staleness import Staleness

_SHOWN = 3


@click.command("lineage")
@click.argument("name", metavar="[KEY|EXPERIMENT]", required=False)
@click.option("--stale", "as_stale", is_flag=True, help="Say which results are out of date, and why.")
@click.option(
    "--picture", metavar="FILE", type=click.Path(dir_okay=False), help="Draw it into a .png or .svg file."
)
@click.option("--json", "as_json", is_flag=True, help="Give it as JSON.")
@click.pass_context
def command(ctx: click.Context, name: str | None, as_stale: bool, picture: str | None, as_json: bool) -> int:
    """Show what a dataset, or an experiment's report, was made from.

    With --stale, compare documents with the results that were made from them: of one EXPERIMENT, or of all.

    \b
      worldwright lineage ai-diagnostic-adoption
      worldwright lineage ai-diagnostic-adoption --picture lineage.svg
      worldwright lineage --stale
      worldwright lineage "$(worldwright query 'select run from runs limit 1' --csv | tail -1)"
    """
    project = open_project(ctx)
    if as_stale:
        if picture is not None:
            raise UsageError(
                "--stale has no picture of its own", help="--picture alone marks what is out of date"
            )
        return _stale(project, name, as_json)
    if name is None:
        raise UsageError(
            "name an experiment or the key of a dataset", help="or use --stale, for all experiments"
        )
    if picture is not None:
        from worldwright.project.lineage_picture import draw_lineage

        draw_lineage(project, name, Path(picture))
        click.echo(picture)
        return OK
    return _ancestors(project, name, as_json)


def _ancestors(project: Project, name: str, as_json: bool) -> int:
    from worldwright.project.lineage import lineage

    rows: list[dict[str, Any]] = [
        {
            "key": ancestor.key,
            "stage": ancestor.dataset.stage if ancestor.dataset else "missing",
            "digest": ancestor.dataset.digest if ancestor.dataset else None,
            "depth": ancestor.depth,
            "inputs": dict(ancestor.dataset.inputs) if ancestor.dataset else {},
            "versions": ancestor.dataset.about.get("versions", {}) if ancestor.dataset else {},
            "parents": list(ancestor.dataset.parents) if ancestor.dataset else [],
        }
        for ancestor in lineage(project, name)
    ]
    if as_json:
        echo_json(rows)
        return OK
    runs = [row["key"] for row in rows if row["stage"] == "run"]
    for row in rows:
        if row["key"] not in runs[_SHOWN:]:
            told = f"{'  ' * row['depth']}{row['stage']}  {row['key']}  {row['digest'] or ''}".rstrip()
            click.echo(f"{told}  {_made_from(row['inputs'])}".rstrip())
    if len(runs) > _SHOWN:
        click.echo(f"… and {len(runs) - _SHOWN} more runs (--json lists all)")
    return OK


def _made_from(inputs: dict[str, Any]) -> str:
    """The inputs that a person would ask for, in one line."""
    shown = [str(inputs[word]) for word in ("name",) if inputs.get(word)]
    if "settings" in inputs:
        shown += [f"{name}={value}" for name, value in inputs["settings"].items()]
    shown += [
        f"{word} {inputs[word]}" for word in ("replicate", "seed", "agents", "algorithm") if word in inputs
    ]
    return ", ".join(shown)


def _stale(project: Project, name: str | None, as_json: bool) -> int:
    from worldwright.project.staleness import stale

    found = stale(project, name)
    if as_json:
        echo_json([_stale_json(one) for one in found])
        return OK
    if not found:
        click.echo("there are no experiments")
    for one in found:
        _echo_stale(one)
    return OK


def _stale_json(one: Staleness) -> dict[str, Any]:
    return {
        "experiment": one.experiment,
        "version": one.version,
        "state": one.state,
        "changed": [
            {
                "kind": change.one.kind,
                "name": change.one.name,
                "file": change.one.file,
                "before": change.before.value if change.before else None,
                "after": change.after.value if change.after else None,
            }
            for change in one.changed
        ],
        "stages": {stage: list(why) for stage, why in (one.stages or {}).items()},
        "up_to_date": list(one.current) if one.version is not None and not one.problem else [],
        "wording": list(one.wording),
        "runs_to_make": one.to_run,
        "runs_of_first_round": one.needed,
        "problem": one.problem or None,
    }


_COLOURS = {"up to date": "green", "wording": "green", "out of date": "yellow", "invalid": "red"}
_UNKNOWN = "published before inputs were recorded; `worldwright run` records them"


def _echo_stale(one: Staleness) -> None:
    version = f", version {one.version}" if one.version is not None else ""
    state = "up to date but for wording" if one.state == "wording" else one.state
    click.echo(f"{one.experiment}{version}: {click.style(state, fg=_COLOURS.get(one.state))}")
    for change in one.changed:
        click.echo(f"  {change.words}")
    for stage, why in (one.stages or {}).items():
        click.echo(f"    {stage:<18} {'; '.join(why)}")
    for file in one.wording:
        click.echo(f"  {file}: only comments, descriptions or layout changed; no number depends on it")
    if one.state == "unknown":
        click.echo(f"  {_UNKNOWN}")
    if one.problem:
        click.echo("\n".join(f"  {line}" for line in one.problem.splitlines()))
    if one.state in ("out of date", "never run", "unknown"):
        click.echo(f"  {one.to_run:,} of the {one.needed:,} runs of the first round are to be made")
