"""The files of a closure, as they were read: what places in diagnostics refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from worldwright.diagnostics import DocumentError
from worldwright.errors import UsageError
from worldwright.hashing import bytes_digest
from worldwright.project.locate import Project
from worldwright.spec import Source, decode
from worldwright.spec.data_files import MOST_BYTES, DataFileError, too_large
from worldwright.spec.suggestions import listed, nearest


@dataclass
class Texts:
    """Reads each file once, under the name a person in the project would give it."""

    project: Project
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    data: dict[str, str] = field(default_factory=dict[str, str])
    """The digest of each CSV or Parquet file that a document named."""

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

    def content(self, document: str, path: str) -> bytes:
        """The content of a file of data that a document names, relative to itself and inside the project.

        Raises:
            DataFileError: when it is not there, not a plain file, too large, or outside the project.
        """
        folder = (self.project.root / document).parent
        root = self.project.root.resolve()
        if Path(path).is_absolute() or "\0" in path or "\\" in path:
            raise DataFileError(
                f"{path!r} is not a path relative to the document", "write it as seen from the document"
            )
        try:
            found = (folder / path).resolve()
            if not found.is_relative_to(root):
                help = "put the file into the project, so that the project can be moved as a whole"
                raise DataFileError(f"{path!r} lies outside the project", help)
            if not found.is_file():
                near = sorted(p.name for p in found.parent.glob("*") if p.suffix in (".csv", ".parquet"))
                close = nearest(found.name, near)
                raise DataFileError(
                    f"there is no file {path!r} beside the document",
                    f"did you mean {close!r}?" if close else listed(near) if near else None,
                )
            size = found.stat().st_size
            if size > MOST_BYTES:
                raise too_large(path, size)
            content = found.read_bytes()
        except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
            reason = error.strerror if isinstance(error, OSError) else "its links lead in a circle"
            raise DataFileError(f"{path!r} cannot be read: {reason}") from None
        self.data[self.project.show(found)] = bytes_digest(content)
        return content
