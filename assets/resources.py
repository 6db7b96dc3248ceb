"""The one resource of the graph: the project, with the processes that work for it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from assets.failures import explained
from assets.processes import this_process
from worldwright.executors import Executor, executor_of
from worldwright.experiment import Progressed
from worldwright.project.documents import load_closure
from worldwright.project.locate import Project
from worldwright.project.stages import Chain

PROCESS_TAG = ".dagster/worldwright_process"
"""Which process a run lives in: one whose process was killed must not pass for alive. Lists hide it."""


class Workspace(dg.ConfigurableResource["Workspace"]):
    """A Worldwright project as Dagster's assets see it."""

    root: str = Field(description="The project's folder, with specs/ in it")
    data: str = Field(description="Where results go")
    workers: int = Field(description="Processes to run worlds in; results do not depend on it", ge=1)
    ray: str | None = Field(
        default=None,
        description="Address of a Ray cluster to run worlds on instead; results do not depend on it",
    )

    mirror: str | None = Field(
        default=None,
        description="Object store to fetch results from that are not here, such as s3://BUCKET/FOLDER",
    )
    endpoint: str | None = Field(
        default=None, description="The object store's own URL, where it is not Amazon's"
    )

    _chains: dict[str, Chain] = PrivateAttr(default_factory=dict[str, Chain])

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Note on the run which process it lives in."""
        if context.instance is not None and context.run is not None:
            context.instance.add_run_tags(context.run.run_id, {PROCESS_TAG: this_process()})

    def project(self) -> Project:
        """The project, with the system's clock."""
        from worldwright.store import Mirror  # tables are slow to load, and definitions need none

        mirror = Mirror(self.mirror, self.endpoint) if self.mirror else None
        return Project(Path(self.root), Path(self.data), mirror=mirror)

    def chain(self, experiment: str) -> Chain:
        """An experiment ready to be staged.

        Its documents are read once in a run, so that every stage of the run stands on the same text even
        when somebody is editing meanwhile.

        Raises:
            dagster.Failure: when a document has errors, with the diagnostics as text.
        """
        if experiment not in self._chains:
            project = self.project()
            closure = load_closure(project, experiment)
            with explained(closure.files):
                self._chains[experiment] = Chain(project, closure, closure.resolved())
        return self._chains[experiment]

    def executor(self) -> Executor:
        """Where runs of worlds are done; a context manager."""
        return executor_of(self.workers, self.ray)

    @contextmanager
    def progress(self, context: dg.AssetExecutionContext) -> Generator[Callable[[Progressed], None]]:
        """Told how far an experiment is; here a line in Dagster's log per tenth of the work."""
        yield LoggedProgress(context.log.info)


class LoggedProgress:
    """Says how far an experiment is, a line per tenth of the work that is really done.

    Args:
        say: Takes a line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: tuple[int, int] | None = None

    def __call__(self, state: Progressed) -> None:
        """Say it, where there is something new to say."""
        tenth = (state.needed, 10 * state.done // max(state.needed, 1))
        if tenth == self._told or state.done == state.cached:
            return
        self._told = tenth
        failed = f", {state.failed} failed" if state.failed else ""
        self._say(f"{state.done} of {state.needed} runs ({state.cached} were there already{failed})")
