"""The files of a closure, as they were read: what places in diagnostics refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from worldwright.diagnostics import DocumentError
from worldwright.errors import UsageError
from worldwright.project.locate import Project
from worldwright.spec import Source, decode


@dataclass
class Texts:
    """Reads each file once, under the name a person in the project would give it."""

    project: Project
    sources: dict[str, Source] = field(default_factory=dict[str, Source])

    @property
    def files(self) -> dict[str, str]:
        """The texts by name."""
        return {name: source.text for name, source in self.sources.items()}

    def read(self, path: Path) -> Source:
        """A file's text with its name.

        Raises:
            UsageError: when the file cannot be read.
            DocumentError: when it is not UTF-8.
        """
        shown = self.project.show(path)
        if shown not in self.sources:
            try:
                content = path.read_bytes()
            except OSError as error:
                raise UsageError(f"cannot be read: {error.strerror}", where=shown) from None
            text, found = decode(content, shown)
            if text is None:
                raise DocumentError(found)
            self.sources[shown] = Source(shown, text)
        return self.sources[shown]

    def text(self, path: Path) -> str:
        """The text alone, for readers that take a function of paths."""
        return self.read(path).text
