"""The page of all commands, written from the commands themselves: `python -m worldwright.cli.reference`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from worldwright.cli.main import HELP_OPTIONS, command
from worldwright.cli.output import EXIT_CODES

_WIDTH = 100
_HEAD = f"""\
# The command line

`worldwright COMMAND --help` says what is on this page, which is written from the commands.

- **Exit codes**: {EXIT_CODES}.
- **`--json`** gives what a command found as JSON on standard output; progress, notes and errors go to the
  standard error.
- **Colours and bars** are shown in a terminal only. `NO_COLOR=1` keeps them away; `COLUMNS` sets the width of
  tables in a pipe.
- **Completion**: `eval "$(_WORLDWRIGHT_COMPLETE=bash_source worldwright)"` in `~/.bashrc`, or `zsh_source` in
  `~/.zshrc`; for fish `_WORLDWRIGHT_COMPLETE=fish_source worldwright | source`.
- **Ctrl-C** stops cleanly: nothing is left half made, and what an experiment had finished is kept.
"""


def page() -> str:
    """The page in Markdown."""
    return "\n".join([_HEAD, *_sections(command, "worldwright", None)])


def _sections(of: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        of,
        parent,
        info_name=name,
        max_content_width=_WIDTH,
        terminal_width=_WIDTH,
        help_option_names=HELP_OPTIONS,
    )
    level = "##" if parent is None or parent.parent is None else "###"
    yield f"{level} {context.command_path}\n\n```text\n{of.get_help(context).rstrip()}\n```\n"
    if isinstance(of, click.Group):
        for inner in of.list_commands(context):
            found = of.get_command(context, inner)
            if found is not None:
                yield from _sections(found, inner, context)


if __name__ == "__main__":
    sys.stdout.write(page())
