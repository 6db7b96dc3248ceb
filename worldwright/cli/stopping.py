"""Ctrl-C and SIGTERM: stop as soon as may be, once, and let what is begun be cleared away."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType

_AGAIN = 2.0
"""Seconds in which a further signal is taken for the same: it would interrupt the clearing away."""


class Stopped(KeyboardInterrupt):
    """The command was asked to stop by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Stopping:
    """Turns the first SIGINT or SIGTERM into `Stopped`.

    Python drops an exception that a handler raises inside a finaliser or a callback, and prints it; `check`,
    called as work goes on, raises it then, and nothing is printed.
    """

    def __init__(self) -> None:
        self._asked: int | None = None
        self._when = 0.0
        self._unraisable = sys.unraisablehook

    def listen(self) -> None:
        """From now on; not outside the main thread, nor where SIGINT is ignored, as in a background job."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._heard)
        if sys.unraisablehook != self._dropped:
            self._unraisable, sys.unraisablehook = sys.unraisablehook, self._dropped

    def check(self) -> None:
        """Raise what was asked for and got lost.

        Raises:
            Stopped: where a signal has come.
        """
        if self._asked is not None:
            raise Stopped(self._asked)

    def _heard(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked is not None and now - self._when < _AGAIN:
            return
        self._asked, self._when = number, now
        raise Stopped(number)

    def _dropped(self, what: sys.UnraisableHookArgs, /) -> None:
        if not isinstance(what.exc_value, Stopped):
            self._unraisable(what)


STOPPING = Stopping()
"""This process's; the command line listens, and its bars check."""
