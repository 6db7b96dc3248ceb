"""The references of the languages, and what a project holds, as pages that are read one at a time."""

from __future__ import annotations

from worldwright.errors import UsageError
from worldwright.project.codes import all_codes, code_page
from worldwright.project.find_spec import document_path
from worldwright.project.locate import Project
from worldwright.project.query import list_tables
from worldwright.render import render_text

KINDS = ("population", "scenario", "world", "experiment")


def language() -> str:
    """The spec language, in Markdown."""
    from worldwright.spec.reference.page import page

    return page()


def world_api() -> str:
    """What a script can call, in Markdown."""
    from worldwright.world.reference import page

    return page()


def world_api_short() -> str:
    """Every signature with a sentence."""
    from worldwright.world.reference import short

    return short()


def diagnostics() -> str:
    """Every code with its name and why it matters, one a line."""
    return "\n".join(f"{code.id} {code.slug} ({code.severity}): {code.why}" for code in all_codes())


def diagnostic(code: str) -> str:
    """A code with a document that has it and one that has not.

    Raises:
        UsageError: when there is no such code.
    """
    found = code_page(code)
    parts = [f"{found.code.id} {found.code.slug}", found.code.why]
    for title, example in (("Wrong:", found.bad), ("Right:", found.good)):
        if example is not None:
            parts += [f"{title}\n{example.text.rstrip()}"]
            said = render_text(example.diagnostics, {example.file: example.text}.get)
            parts += [said] if said else []
    return "\n\n".join(parts)


def catalog_schema(project: Project) -> str:
    """The tables of the catalog with their columns.

    Raises:
        UsageError: when there are no results yet.
    """
    lines: list[str] = []
    for table in list_tables(project):
        lines.append(f"{table['table']} ({table['kind']}): {table['comment']}".rstrip(": "))
        lines += [
            f"  {one['name']} {one['type']}" + (f"  -- {one['comment']}" if one["comment"] else "")
            for one in table["columns"]
        ]
    return "\n".join(lines)


def documents(project: Project) -> str:
    """The paths of all documents, by kind."""
    lines = [
        f"{kind}: {name} ({project.show(project.document(kind, name))})"
        for kind in KINDS
        for name in project.names(kind)
    ]
    return "\n".join(lines) or "there are no documents yet; write_document writes one"


def document(project: Project, path: str) -> str:
    """The text of a document.

    Args:
        project: The project.
        path: Within `specs/`.

    Raises:
        UsageError: for one that is not there, or lies elsewhere.
    """
    found = document_path(project, path)
    if found.is_dir() and (found / "world.yaml").is_file():
        found = found / "world.yaml"
    if not found.is_file() or found.suffix not in (".yaml", ".lua", ".md", ".json"):
        raise UsageError(f"no document {path[:200]!r} in specs/", help=documents(project))
    return found.read_text(encoding="utf-8", errors="replace")
