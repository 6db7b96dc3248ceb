"""What every use case of living worlds is given: the registry and the crew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from worldwright.errors import UsageError, WorldError
from worldwright.project.locate import Project
from worldwright.project.worlds.crew import Call, Crew
from worldwright.project.worlds.registry import Held, Registry
from worldwright.world import Record

if TYPE_CHECKING:
    from worldwright.world import RunRequest, WorldResult
    from worldwright.world.interventions import Intervention


@dataclass(frozen=True)
class Worlds:
    """The living worlds of a project and those who run them."""

    registry: Registry
    crew: Crew

    @staticmethod
    def of(project: Project, crew: Crew | None = None) -> Worlds:
        """The worlds of a project; close them in the end."""
        return Worlds(Registry(project), crew or Crew())

    @property
    def project(self) -> Project:
        """Whose they are."""
        return self.registry.project

    def close(self) -> None:
        """End the processes; the worlds stay in the store."""
        self.crew.close()

    def begin(self, name: str, request: RunRequest, call: Call) -> Held:
        """Let a world stand for the first time, before its first tick; the caller holds it.

        Raises:
            WorldError: where it cannot begin, or no snapshot can keep it.
        """
        return self.publish(name, self.crew.run(_kept(request, 0), call.stop))

    def change(self, name: str, acts: tuple[Intervention, ...], call: Call) -> Held:
        """Do something to a world between two ticks, all of it or nothing.

        Raises:
            UsageError: when it cannot be done; the world is then as it was.
        """
        registry = self.registry
        with registry.hold(name, call.stop):
            request = registry.read(name).snapshot.request(0, interventions=acts)
            result = self.crew.run(_kept(request, 0), call.stop)
            if result.status == "failed":
                raise UsageError(str(result.failure), where=name, why="the world is as it was before")
            return self.publish(name, result)

    def publish(self, name: str, result: WorldResult) -> Held:
        """Put the end of a run in its place; the caller holds the world."""
        if result.snapshot is None:
            raise WorldError(str(result.snapshot_problem or result.failure), where=name)
        program = result.snapshot.program
        # Who was there at the beginning is in the snapshot itself.
        lean = replace(result.snapshot, program=replace(program, individuals=(), pending=()))
        return self.registry.publish(name, lean, result)


def _kept(request: RunRequest, ticks: int) -> RunRequest:
    return replace(request, ticks=ticks, save_at="last", record=Record(()))
