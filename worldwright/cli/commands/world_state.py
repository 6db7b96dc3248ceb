"""`worldwright world snapshot`, `diff`, `branch` and `convert`: states of worlds as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldwright.cli.output import OK, echo_json, echo_rows
from worldwright.errors import UsageError

if TYPE_CHECKING:
    from worldwright.world.state_diff import Change

_SHOWN = 60


@click.command("snapshot")
@click.argument("path", type=click.Path())
@click.option("--entity", "-e", help="Also show what this entity remembers.")
@click.option("--json", "as_json", is_flag=True, help="Give it as JSON.")
def snapshot(path: str, entity: str | None, as_json: bool) -> int:
    """Say what is in the snapshot at PATH (or in any world, before its first tick).

    \b
      worldwright world snapshot half.arrow
      worldwright world snapshot half.arrow --entity surgeon_17
    """
    from worldwright.project.world_state import describe_state
    from worldwright.world.state_diff import short

    found = describe_state(Path(path), entity)
    if as_json:
        echo_json(_finite(found))
        return OK
    one = found.pop("entity", None)
    metrics = found.pop("metrics")
    rows = [[name, short(value)] for name, value in found.items() if not isinstance(value, dict)]
    rows += [[f"parameter {name}", short(value)] for name, value in found["parameters"].items()]
    rows += [[f"entities {name}", count] for name, count in found["entities"].items()]
    echo_rows(["what", "value"], [[name, str(value)] for name, value in rows])
    if metrics:
        echo_rows(["metric", "last value"], list(metrics.items())[:_SHOWN])
    if one is not None:
        click.echo(f"{one['id']} ({one['kind']}), born in tick {one['born']}")
        for name in ("state", "neighbors", "inbox"):
            click.echo(f"  {name}: {short(one[name], 2000)}")
    return OK


@click.command("diff")
@click.argument("one", type=click.Path())
@click.argument("other", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Give all changes as JSON.")
def diff(one: str, other: str, as_json: bool) -> int:
    """Say what the state OTHER differs in from the state ONE, by entity and field.

    \b
      worldwright world diff half.arrow end.arrow
    """
    from worldwright.project.world_state import compare_states

    changes = compare_states(Path(one), Path(other))
    if as_json:
        echo_json(
            [
                {
                    "what": change.what,
                    "entity": change.entity or None,
                    "field": change.field or None,
                    "before": _finite(change.before),
                    "after": _finite(change.after),
                }
                for change in changes
            ]
        )
        return OK
    if not changes:
        click.echo("no difference")
    for change in changes[:_SHOWN]:
        click.echo(_line(change))
    if len(changes) > _SHOWN:
        click.echo(f"… and {len(changes) - _SHOWN:,} more; --json gives them all")
    return OK


@click.command("branch")
@click.argument("source", type=click.Path())
@click.argument("target", type=click.Path(dir_okay=False))
@click.option("--seed", "-s", type=click.IntRange(0, 2**63 - 1), help="The seed from here on.")
@click.option(
    "--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter from here on."
)
@click.option("--json", "as_json", is_flag=True, help="Give what was written as JSON.")
def branch(source: str, target: str, seed: int | None, params: tuple[str, ...], as_json: bool) -> int:
    """Write the state SOURCE to TARGET with another seed or other parameters; without any, a copy.

    \b
      worldwright world branch half.arrow dear.arrow --param price=500
    """
    from worldwright.project.world_state import branch_state

    done = branch_state(Path(source), Path(target), seed=seed, parameters=pairs(params, "--param"))
    if as_json:
        echo_json({"file": target, "tick": done.tick, "seed": done.seed})
    else:
        click.echo(f"wrote {target}: tick {done.tick}, seed {done.seed}")
    return OK


@click.command("convert")
@click.argument("source", type=click.Path())
@click.argument("target", type=click.Path(dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Give what was written as JSON.")
def convert(source: str, target: str, as_json: bool) -> int:
    """Write the state SOURCE as TARGET: .arrow is ours, .yaml and .json are Vivarium's.

    \b
      worldwright world convert half.arrow half.yaml
    """
    from worldwright.project.world_state import convert_state

    notes = convert_state(Path(source), Path(target))
    if as_json:
        echo_json({"file": target, "notes": notes})
        return OK
    click.echo(f"wrote {target}")
    for note in notes:
        click.echo(f"note: {note}", err=True)
    return OK


STATE_COMMANDS = (snapshot, diff, branch, convert)
"""In the order of a listing."""


def _line(change: Change) -> str:
    from worldwright.world.state_diff import short

    match change.what:
        case "entity" if change.before is None:
            return f"+ {change.entity} ({change.after})"
        case "entity":
            return f"- {change.entity} ({change.before})"
        case "field":
            return f"~ {change.entity}: {change.field}: {short(change.before)} → {short(change.after)}"
        case "messages":
            sign = "+" if change.before is None else "-" if change.after is None else "~"
            return f"{sign} message {change.field} × {change.after or change.before}"
        case "script":
            return f"~ script {change.field}: {change.before or 'none'} → {change.after or 'none'}"
        case "parameter":
            return f"~ parameter {change.field}: {short(change.before)} → {short(change.after)}"
        case _:
            return f"~ {change.field}: {short(change.before)} → {short(change.after)}"


def _finite(value: object, depth: int = 0) -> object:
    """For JSON: numbers that it lacks as text, keys as text, and an end to what holds itself."""
    if depth > 100:
        return "…"
    if isinstance(value, dict):
        return {str(key): _finite(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item, depth + 1) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return repr(value)
    return (
        value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if isinstance(value, str)
        else value
    )


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """The values of a repeated option NAME=VALUE."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise UsageError(f"{option} takes NAME=VALUE, not {text!r}")
        if name in pairs:
            raise UsageError(f"{option} {name} is given twice")
        pairs[name] = value
    return pairs
