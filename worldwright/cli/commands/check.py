"""`worldwright check`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.output import DIAGNOSTICS, OK, echo_diagnostics, echo_json
from worldwright.errors import UsageError
from worldwright.render import count, place, printable, render_text, to_json

if TYPE_CHECKING:
    from worldwright.diagnostics import Diagnostic
    from worldwright.project.check import Checked
    from worldwright.project.codes import CodePage, Example
    from worldwright.project.mend import Mended


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path())
@click.option("--fix", is_flag=True, help="Apply the safe fixes: those that change no drawn value.")
@click.option("--fix-suggested", is_flag=True, help="Apply the suggested fixes too; look at what they did.")
@click.option("--explain", metavar="CODE", help="Show the page of a code, such as WW0312 or weights-sum.")
@click.option("--portable", is_flag=True, help="Warn of what worlds do otherwise on LuaJIT and on Lua 5.4.")
@click.option("--json", "as_json", is_flag=True, help="Give the diagnostics as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    fix: bool,
    fix_suggested: bool,
    explain: str | None,
    portable: bool,
    as_json: bool,
) -> int:
    """Check documents: populations, scenarios, worlds (a folder or its world.yaml) and experiments.

    All problems of all files are shown at once. Exit code 0 when there are no errors, 1 when there are.

    \b
      worldwright check specs/populations/german-surgeons.yaml
      worldwright check specs/experiments/*.yaml --json
      worldwright check specs/populations/german-surgeons.yaml --fix
      worldwright check specs/worlds/epidemic --portable
      worldwright check --explain WW0312
    """
    if explain is not None:
        return _explain(explain, as_json)
    if not files:
        raise UsageError("no document is named", help="name one or more, or a code with --explain")
    if (fix or fix_suggested) and portable:
        raise UsageError("--portable has no fixes", help="leave out --fix and --fix-suggested")
    if fix or fix_suggested:
        return _mend(files, fix_suggested, as_json)
    from worldwright.project.check import check_files

    checked = check_files([Path(file) for file in files], portable=portable)
    failed = _failed(checked)
    if as_json:
        echo_json({"ok": not failed, **_checked_json(checked)})
    else:
        _echo_checked(checked)
    return DIAGNOSTICS if failed else OK


def _failed(checked: Checked) -> bool:
    return any(d.is_error for d in checked.diagnostics)


def _checked_json(checked: Checked) -> dict[str, Any]:
    return {"files": sorted(checked.checked), "diagnostics": to_json(checked.diagnostics)}


def _echo_checked(checked: Checked) -> None:
    echo_diagnostics(checked.diagnostics, checked.texts)
    if not checked.diagnostics:
        number = len(checked.checked)
        click.echo(f"{number} document{'' if number == 1 else 's'} checked: {count([])}")


def _mend(files: tuple[str, ...], suggested: bool, as_json: bool) -> int:
    from worldwright.project.mend import mend_files

    mended = mend_files([Path(file) for file in files], suggested=suggested)
    failed = _failed(mended.left)
    if as_json:
        fixed = to_json(mended.fixed)
        echo_json(
            {"ok": not failed, "fixed": fixed, "changed": sorted(mended.after), **_checked_json(mended.left)}
        )
        return DIAGNOSTICS if failed else OK
    _echo_mended(mended, suggested)
    _echo_checked(mended.left)
    return DIAGNOSTICS if failed else OK


def _echo_mended(mended: Mended, suggested: bool) -> None:
    from worldwright.cli.changes import echo_changes

    for diagnostic in mended.fixed:
        click.echo(_fixed_line(diagnostic))
    for file, text in mended.after.items():
        echo_changes(file, mended.before[file], text)
    number = len(mended.fixed)
    click.echo(f"{number} problem{'' if number == 1 else 's'} fixed" if number else "nothing was fixed")
    if mended.offered:
        way = "in documents not named here" if suggested else "suggested: apply them with --fix-suggested"
        click.echo(f"{mended.offered} more fix{'' if mended.offered == 1 else 'es'} {way}")
    click.echo()


def _fixed_line(diagnostic: Diagnostic) -> str:
    assert diagnostic.fix is not None
    return f"fixed {place(diagnostic.span)}[{diagnostic.code}] {diagnostic.message}: {diagnostic.fix.title}"


def _explain(name: str, as_json: bool) -> int:
    from worldwright.project.codes import code_page

    page = code_page(name)
    if as_json:
        code = page.code
        echo_json(
            {
                "code": code.id,
                "rule": code.slug,
                "severity": str(code.severity),
                "why": code.why,
                "bad": code.bad or None,
                "good": code.good or None,
            }
        )
    else:
        _echo_page(page)
    return OK


def _echo_page(page: CodePage) -> None:
    code = page.code
    click.secho(f"{code.id} {code.slug}: {code.severity}", bold=True)
    click.echo(f"\n{code.why}")
    if page.bad is None or page.good is None:
        click.echo("\nNo short document shows it by itself, so there is no example here.")
        return
    click.echo("\nThis document has it:\n")
    _echo_example(page.bad)
    own = [replace(d, why=None) for d in page.bad.diagnostics if d.code == code.id]
    if own:
        text = page.bad.text
        click.echo("\nWhat is said of it:\n")
        click.echo(render_text(own, lambda _: text).rsplit("\n\n", 1)[0])
    click.echo("\nThis one is right:\n")
    _echo_example(page.good)


def _echo_example(example: Example) -> None:
    for line in example.text.splitlines():
        click.echo(f"    {printable(line)[:200]}".rstrip())
