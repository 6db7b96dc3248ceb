"""From a request to a use case and back: threads, progress, cancellation, and errors in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError

from worldwright.diagnostics import DocumentError
from worldwright.errors import WorldwrightError
from worldwright.project.worlds.crew import Call, Stop
from worldwright.render import render_text

T = TypeVar("T")
MOST_THREADS = 200
_LOOK = 0.5
"""Seconds between two looks at how a call goes on."""


class _Progress:
    """The last thing a use case said about how far it is."""

    def __init__(self) -> None:
        self.said: tuple[float, float | None, str] | None = None

    def show(self, done: float, total: float | None, message: str) -> None:
        """Called from any thread."""
        self.said = (done, total, message)


async def carry_out(ctx: Context[Any, Any], work: Callable[[Call], T], *, steps: bool) -> T:
    """Do the work of a call on a thread; give it up when the client does.

    Args:
        ctx: The request.
        work: The use case.
        steps: Whether it may take long and says how far it is.

    Raises:
        ToolError: what went wrong, in the words a person would be told.
    """
    stop, progress = Stop(), _Progress()
    call = Call(stop, progress.show if steps else None)
    try:
        if not steps:
            return await _on_a_thread(work, call)
        return await _telling(ctx, progress, work, call)
    except DocumentError as error:
        raise ToolError(render_text(error.diagnostics, lambda _: None)) from error
    except WorldwrightError as error:
        raise ToolError(str(error)) from error


async def _telling(ctx: Context[Any, Any], progress: _Progress, work: Callable[[Call], T], call: Call) -> T:
    problem: WorldwrightError | None = None
    answer: list[T] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_tell, ctx, progress)
        try:
            answer.append(await _on_a_thread(work, call))
        except WorldwrightError as error:  # the group would wrap it
            problem = error
        tasks.cancel_scope.cancel()
    if problem is not None:
        raise problem
    return answer[0]


async def _on_a_thread(work: Callable[[Call], T], call: Call) -> T:
    try:
        return await anyio.to_thread.run_sync(work, call, abandon_on_cancel=True, limiter=_limiter())
    except anyio.get_cancelled_exc_class():
        call.stop.set()
        raise


_LIMITER: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("worldwright_threads")


def _limiter() -> anyio.CapacityLimiter:
    """Threads of our own: the server's default number would run out while clients wait for their worlds."""
    try:
        return _LIMITER.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(MOST_THREADS)
        _LIMITER.set(limiter)
        return limiter


async def _tell(ctx: Context[Any, Any], progress: _Progress) -> None:
    told = None
    while True:
        await anyio.sleep(_LOOK)
        if progress.said is not None and progress.said != told:
            told = progress.said
            await ctx.report_progress(*told)
