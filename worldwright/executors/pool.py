"""The executor over local processes: feed the workers, put what they answer back in order."""

from __future__ import annotations

from worldwright.errors import UsageError
from worldwright.executors.crew import Crew
from worldwright.executors.rounds import Rounds


class Processes(Rounds):
    """Does the work in fresh local processes that live until `close`, or until this process dies in any way.

    Nothing is started before the first item. A worker's standard output goes to standard error. One `map`
    at a time; when it is left early or fails, the workers still at work are ended.

    Args:
        workers: How many processes, at least one.

    Raises:
        UsageError: if `workers` is less than one.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise UsageError(f"an executor needs at least one worker process, not {workers}")
        super().__init__(Crew())
        self._count = workers

    @property
    def workers(self) -> int:
        """How many processes."""
        return self._count

    @property
    def shares_disk(self) -> bool:
        """They are processes of this machine."""
        return True

    def _at_once(self) -> int:
        return self._count
