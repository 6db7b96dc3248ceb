"""Write a document of the project and say what a check finds in it."""

from __future__ import annotations

from worldwright.errors import UsageError
from worldwright.project.check import Checked, check_files
from worldwright.project.find_spec import document_path
from worldwright.project.locate import Project
from worldwright.world.snapshot_file import write_whole

ENDINGS = (".yaml", ".lua", ".md")
MOST_CHARACTERS = 1_000_000


def write_document(project: Project, path: str, text: str, *, replace: bool) -> tuple[str, Checked]:
    """Write a document, whole or not at all, whatever is found in it.

    Args:
        project: The project.
        path: Where, within `specs/`, such as `specs/worlds/adoption/world.yaml`.
        text: All of it.
        replace: Whether it may replace another.

    Returns:
        The path as a person would write it, and what a check finds (nothing in a brief).

    Raises:
        UsageError: for another place or ending, a document that is there already, or one that is too large.
    """
    target = document_path(project, path)
    if target.suffix not in ENDINGS or target.name[0] == "." or target.name.endswith(".lock.yaml"):
        raise UsageError(
            f"a document's name ends in {', '.join(ENDINGS)}", where=path[:200], help="such as NAME.yaml"
        )
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"a document has at most {MOST_CHARACTERS} characters", where=path)
    if target.exists() and not replace:
        raise UsageError("the document is there already", where=path, help="pass replace=true")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=path) from None
    write_whole(target, text.encode("utf-8", "replace"))
    shown = project.show(target)
    if target.suffix == ".md" or (target.suffix == ".lua" and not (target.parent / "world.yaml").is_file()):
        return shown, Checked([], {}, [])
    return shown, check_files([target])
