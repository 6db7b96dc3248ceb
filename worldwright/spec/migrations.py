"""From one version of the language to the next: what `fmt --upgrade` does to a document.

A change of meaning raises the version of a kind in `heading.VERSIONS` and adds its migration here, in the
same commit. Every kind is at its first version, so there is none yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worldwright.diagnostics import Edit
from worldwright.spec.edits import applied
from worldwright.spec.heading import Heading
from worldwright.spec.source import Source
from worldwright.spec.tree import MappingNode


@dataclass(frozen=True, slots=True)
class Migration:
    """The step to a version of a kind of document, as edits of the text, so that comments stay."""

    kind: str
    to: int
    edits: Callable[[MappingNode], Sequence[Edit]]
    """All that changes but the heading."""


MIGRATIONS: tuple[Migration, ...] = ()
"""Every step there is, oldest first."""


def step(
    source: Source, node: MappingNode, heading: Heading, migrations: Sequence[Migration]
) -> Source | None:
    """The document at its next version; None where no step leads on."""
    for migration in migrations:
        if migration.kind == heading.kind and migration.to == heading.version + 1:
            own = Edit(heading.span, f"{heading.kind}/{migration.to}")
            return Source(source.file, applied(source.text, [own, *migration.edits(node)]))
    return None
