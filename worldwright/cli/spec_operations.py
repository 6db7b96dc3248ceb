"""The verbs of `worldwright spec` that compare documents and make new ones from old."""

from __future__ import annotations

import math
from pathlib import Path

import click

from worldwright.cli.output import DIAGNOSTICS, OK, echo_json
from worldwright.errors import UsageError


@click.command("diff")
@click.argument("old", type=click.Path(dir_okay=False))
@click.argument("new", type=click.Path(dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Give the changes as JSON.")
def diff(old: str, new: str, as_json: bool) -> int:
    """Compare two populations, or two scenarios, by meaning: layout, spelling and comments do not count.

    Below the changes stand the attributes that are drawn otherwise only because they depend on a changed one.
    Exit code 0 where the two mean the same, 1 where they do not.

    \b
      worldwright spec diff specs/populations/german-surgeons.yaml specs/populations/older-surgeons.yaml
    """
    from worldwright.cli.spec_changes import change_json, echo_spec_diff
    from worldwright.project.spec_tools import diff_specs

    done = diff_specs(Path(old), Path(new))
    if as_json:
        changes = [change_json(change) for change in done.changes]
        echo_json(
            {"same": not changes, "changes": changes, "changed": done.changed, "affected": done.affected}
        )
    else:
        echo_spec_diff(done)
    return DIAGNOSTICS if done.changes else OK


@click.command("perturb")
@click.argument("spec", type=click.Path(dir_okay=False))
@click.option("--shift", multiple=True, metavar="NAME=BY", help="Move a number's values by an amount.")
@click.option("--scale", multiple=True, metavar="NAME=BY", help="Multiply a number's values.")
@click.option(
    "--reweigh", multiple=True, metavar="NAME.OPTION=SHARE", help="Give an option a share, a boolean its own."
)
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False), help="The new document; printed where not given."
)
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
def perturb(
    spec: str,
    shift: tuple[str, ...],
    scale: tuple[str, ...],
    reweigh: tuple[str, ...],
    out: str | None,
    as_json: bool,
) -> int:
    """Write SPEC anew with figures moved; comments and everything else stay.

    A shift moves the mean (the ends of a uniform or triangular distribution), a scale mean and spread alike;
    truncation stays where it is. Other options keep their proportions when one is given a share.

    \b
      worldwright spec perturb specs/populations/german-surgeons.yaml --reweigh partnered=.7 \\
        --scale paperwork_hours=1.2 --out specs/populations/busier-surgeons.yaml
    """
    from worldwright.project.spec_making import perturb_spec
    from worldwright.spec.perturb import Perturbation, Reweigh, Scale, Shift

    changes: list[Perturbation] = [Shift(*_figure(text)) for text in shift]
    changes += [Scale(*_figure(text)) for text in scale]
    for text in reweigh:
        name, share = _figure(text)
        attribute, _, option = name.partition(".")
        changes.append(Reweigh(attribute, option or None, share))
    if not changes:
        raise UsageError("nothing is to be moved", help="use --shift, --scale or --reweigh")
    text = perturb_spec(Path(spec), changes, None if out is None else Path(out))
    if as_json:
        echo_json({"file": out, "document": text})
    else:
        click.echo(f"wrote {out}" if out else text, nl=bool(out))
    return OK


def _figure(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not name or not math.isfinite(number):
        raise UsageError(f"NAME=NUMBER is wanted, not {text!r}")
    return name.strip(), number


_OUT = click.option(
    "--out", "-o", type=click.Path(dir_okay=False), help="The new document; printed where not given."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")


@click.command("apply")
@click.argument("old", type=click.Path(dir_okay=False))
@click.argument("changes", type=click.Path(dir_okay=False))
@_OUT
@_JSON
def apply(old: str, changes: str, out: str | None, as_json: bool) -> int:
    """Carry out on OLD the CHANGES that `spec diff --json` printed; the result means what the new one does.

    Where only single values change they are edited in place, and every comment stays. Changes that were made
    from another document are refused.

    \b
      worldwright spec diff old.yaml new.yaml --json > changes.json
      worldwright spec apply old.yaml changes.json --out again.yaml
    """
    from worldwright.project.spec_making import apply_changes

    return _echo_document(apply_changes(Path(old), Path(changes), _path(out)), out, as_json)


@click.command("interpolate")
@click.argument("first", type=click.Path(dir_okay=False))
@click.argument("second", type=click.Path(dir_okay=False))
@click.option("--at", type=float, required=True, help="0 is the first, 1 the second; with --between, a year.")
@click.option("--between", nargs=2, type=float, metavar="FROM TO", help="The years of the two documents.")
@_OUT
@_JSON
def interpolate(
    first: str, second: str, at: float, between: tuple[float, float] | None, out: str | None, as_json: bool
) -> int:
    """Write the document between FIRST and SECOND: two years of one population give the years between.

    Numbers and shares in the same place of both are interpolated linearly, dates by days; expressions, names
    and conditions must be equal on both sides. What does not line up is said with both positions.

    \b
      worldwright spec interpolate people-2020.yaml people-2024.yaml --at .5 --out people-2022.yaml
      worldwright spec interpolate people-2020.yaml people-2024.yaml --at 2021 --between 2020 2024
    """
    from worldwright.project.spec_making import interpolate_specs

    if between is not None:
        start, end = between
        if start == end:
            raise UsageError("between a year and itself there is nothing")
        at = (at - start) / (end - start)
    return _echo_document(interpolate_specs(Path(first), Path(second), at, _path(out)), out, as_json)


@click.command("merge")
@click.argument("specs", nargs=-1, required=True, type=click.Path(dir_okay=False))
@click.option(
    "--share", "shares", multiple=True, type=float, help="The share of each; the last one has the rest."
)
@click.option(
    "--component", default="component", show_default=True, help="The attribute that names the part."
)
@_OUT
@_JSON
def merge(
    specs: tuple[str, ...], shares: tuple[float, ...], component: str, out: str | None, as_json: bool
) -> int:
    """Write one population of several: each agent belongs to one of SPECS, by the shares given.

    What the parts say alike stays; where only figures differ, the part decides which applies; where more
    does, each part keeps an attribute of its own. What some parts do not know is null for their agents. An
    agent has the values it would have in its part alone. Types, options and units must be the same.

    \b
      worldwright spec merge surgeons.yaml nurses.yaml --share .3 --out staff.yaml
      worldwright spec merge north.yaml south.yaml west.yaml --share .5 --share .3
    """
    from worldwright.project.spec_making import merge_specs

    text = merge_specs([Path(spec) for spec in specs], shares, component, _path(out))
    return _echo_document(text, out, as_json)


@click.command("simplify")
@click.argument("spec", type=click.Path(dir_okay=False))
@click.option("--write", "in_place", is_flag=True, help="Carry the suggestions out in SPEC itself.")
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False), help="Write the simpler document there instead."
)
@_JSON
def simplify(spec: str, in_place: bool, out: str | None, as_json: bool) -> int:
    """Say what could be simpler in SPEC without changing a drawn value: not one, to the bit.

    Constants are folded, modifiers that never apply or change nothing go, conditions that always hold become
    `true`, branches that are equal become one. Nothing is written unless asked for; comments stay.

    \b
      worldwright spec simplify specs/populations/german-surgeons.yaml
      worldwright spec simplify specs/populations/german-surgeons.yaml --write
    """
    from worldwright.project.spec_making import simplify_spec

    if in_place and out is not None:
        raise UsageError("a document is written in place or elsewhere", help="use --write or --out")
    text, found = simplify_spec(Path(spec), _path(out), write=in_place)
    written = (spec if found else None) if in_place else out
    if as_json:
        items = [
            {
                "line": s.span.start.line,
                "column": s.span.start.column,
                "message": s.message,
                "to": s.edit.replacement,
            }
            for s in found
        ]
        echo_json({"suggestions": items, "file": written, "document": text})
        return OK
    for item in found:
        click.echo(f"{item.span.file}:{item.span.start.line}:{item.span.start.column} {item.message}")
    if written:
        click.echo(f"wrote {written}")
    else:
        click.echo(
            "--write carries them out; no drawn value changes" if found else "nothing could be simpler"
        )
    return OK


def _path(out: str | None) -> Path | None:
    return None if out is None else Path(out)


def _echo_document(text: str, out: str | None, as_json: bool) -> int:
    if as_json:
        echo_json({"file": out, "document": text})
    else:
        click.echo(f"wrote {out}" if out else text, nl=bool(out))
    return OK
