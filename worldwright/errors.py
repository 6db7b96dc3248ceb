"""Exceptions of the engine.

Errors carry data (what, where, why, what to do); front doors and `render` turn it into sentences.
Takes plain values, touches nothing.
"""

from __future__ import annotations


class WorldwrightError(Exception):
    """A failure the user can act on.

    Args:
        what: One sentence that stands alone.
        where: A file, entity, run or key it happened at.
        why: Why this is refused, where that is not obvious.
        help: What to do next.
    """

    def __init__(
        self, what: str, *, where: str | None = None, why: str | None = None, help: str | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.help = help

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return "\n".join([head, *(f"  {label}: {text}" for label, text in self._details())])

    def _details(self) -> list[tuple[str, str]]:
        return [(label, text) for label, text in (("why", self.why), ("help", self.help)) if text]

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.why, self.help)


def _rebuild(
    kind: type[WorldwrightError], what: str, where: str | None, why: str | None, help: str | None
) -> WorldwrightError:
    return kind(what, where=where, why=why, help=help)


class UsageError(WorldwrightError):
    """The call itself is wrong: an unknown name, a missing file, an impossible argument."""


class SamplingError(WorldwrightError):
    """A specification that cannot be sampled; `where` names the attribute and the agent."""


class WorldError(WorldwrightError):
    """A world that cannot be built or has stopped; `where` names the entity, script and line."""


class StoreError(WorldwrightError):
    """A dataset that is missing, damaged or in conflict; `where` names its key or path."""


class ExperimentError(WorldwrightError):
    """An experiment that cannot be run as asked; `where` names it."""


class ArchitectError(WorldwrightError):
    """A document that could not be authored; `where` names it."""
