"""One locked subprocess that runs worlds, and what its owner sees of it.

Takes run requests, gives results. Starts and ends a subprocess; reads the monotonic clock for its limit.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from worldwright.errors import WorldError
from worldwright.world.frames import Channel, FrameError, FrameTimeoutError
from worldwright.world.job import build_job
from worldwright.world.machine_memory import default_memory
from worldwright.world.progress import Watch, read_progress
from worldwright.world.results import failed_result, read_result, starved_result
from worldwright.world.runtime import RunRequest, WorldResult, choose_runtime

START_SECONDS = 60.0
DEFAULT_SECONDS = 600.0

# The same package as here, also where it is not installed.
_START = """
import sys
sys.path.insert(0, sys.argv[1])
from worldwright.world.confined import main
main(sys.argv[2:])
"""


class Worker:
    """A subprocess that has locked itself and runs one world after another.

    It starts with the first run, with an empty environment. After a run that was killed, or whose process
    died, the next run gets a fresh one. It ends with the `with` block, and at the latest with this process.
    (On Linux also with the thread that started it: keep a worker on one thread.)

    Args:
        seconds: Wall-clock limit of one run, where its world sets none.
        memory: Most bytes of address space of the subprocess; half of the machine's memory, unless given.
        allow_unlocked: Run without the operating system's lock where it offers none; then on Lua 5.4 only.
        probe: Load the attempts of `world.probe`, for tests of the lock.
    """

    def __init__(
        self,
        *,
        seconds: float = DEFAULT_SECONDS,
        memory: int | None = None,
        allow_unlocked: bool = False,
        probe: bool = False,
    ) -> None:
        self._seconds = seconds
        self._memory = memory or default_memory()
        self._allow_unlocked = allow_unlocked
        self._probe = probe
        self._process: subprocess.Popen[bytes] | None = None
        self._life = -1
        self._channel: Channel | None = None
        self._cpu = 0.0
        self.lock: dict[str, Any] = {}
        """Which layers of the lock hold, once started."""
        self.runtimes: tuple[str, ...] = ()
        """The Lua runtimes it has, once started."""

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The subprocess, where one is running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the subprocess now, if none is running.

        Raises:
            WorldError: as `run`.
        """
        self._started()

    def run(self, request: RunRequest, watch: Watch | None = None) -> WorldResult:
        """Run a world to its end.

        A script's error, a limit, the wall clock or a crash give a failed result, not an exception.

        Args:
            request: What to run.
            watch: Who is to see it while it runs.

        Raises:
            UsageError: for a request that does not fit its program.
            WorldError: for a network that cannot exist, a runtime that is not there, or no lock.
        """
        channel = self._started()
        runtime = choose_runtime(request, self.runtimes, bool(self.lock["holds"]))
        job = build_job(request, runtime)
        seconds = request.program.limits.seconds or self._seconds
        self._limit_cpu(seconds)
        self._limit_memory(request.program.limits.memory)
        deadline = time.monotonic() + seconds
        start = request.begin
        try:
            head = job.head if watch is None else {**job.head, "watch": watch.asked()}
            channel.send(head, job.buffers, deadline=deadline)
            answer, buffers = channel.receive(deadline=deadline)
            while watch is not None and "progress" in answer:
                watch.show(read_progress(answer["progress"]))
                answer, buffers = channel.receive(deadline=deadline)
        except FrameTimeoutError:
            self.close()
            return failed_result(runtime, f"killed after {seconds:g} seconds", start, repeatable=False)
        except FrameError:
            return failed_result(runtime, self._epitaph(), start, repeatable=False)
        except BaseException:
            self.close()  # an answer that nobody waits for must not be taken for the next one
            raise
        return self._read(request, runtime, answer, buffers)

    def attempt(self, name: str) -> str:
        """Try one thing from `world.probe` in the locked process; gives `done` or the refusal."""
        channel = self._started()
        deadline = time.monotonic() + self._seconds
        channel.send({"probe": name}, deadline=deadline)
        try:
            return str(channel.receive(deadline=deadline)[0]["probe"])
        except FrameError:
            return self._epitaph()

    def close(self) -> None:
        """End the subprocess."""
        process, self._process, self._channel = self._process, None, None
        if self._life >= 0:
            os.close(self._life)
            self._life = -1
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def _read(self, request: RunRequest, runtime: str, answer: Any, buffers: list[bytes]) -> WorldResult:
        start = request.begin
        try:
            if "failed" in answer:
                self.close()
                if answer["failed"] == "memory":
                    return starved_result(request, runtime, answer["error"])
                return failed_result(
                    runtime, f"the kernel failed: {answer.get('detail')}", start, repeatable=False
                )
            self._cpu = float(answer["cpu"])
            result = read_result(request, runtime, answer["result"], buffers)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as problem:
            self.close()
            reason = f"the worker answered nonsense ({type(problem).__name__}: {problem})"
            return failed_result(runtime, reason, start, repeatable=False)
        if not result.repeatable:
            self.close()
        return result

    def _started(self) -> Channel:
        if self._channel is not None and self.pid is not None:
            return self._channel
        self.close()
        life, self._life = os.pipe()
        command = [sys.executable, "-I", "-c", _START, str(Path(__file__).parents[2])]
        command += [str(life), str(os.getpid()), str(self._memory), "probe" if self._probe else "plain"]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={},
                cwd="/",
                pass_fds=(life,),
                start_new_session=True,
            )
        finally:
            os.close(life)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        sink, source = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(sink, False)
        os.set_blocking(source, False)
        channel = Channel(source, sink, time.monotonic)
        try:
            hello, _ = channel.receive(deadline=time.monotonic() + START_SECONDS)
        except FrameError:
            raise WorldError("the world worker did not start", why=self._epitaph()) from None
        self.lock, self.runtimes = dict(hello["lock"]), tuple(hello["runtimes"])
        self._cpu = 0.0
        if not self.lock["holds"] and not self._allow_unlocked:
            self.close()
            raise WorldError(
                "this system offers no lock for the process that runs scripts",
                why="scripts are untrusted; on Linux x86-64 they run behind seccomp",
                help="pass allow_unlocked=True to run scripts you trust, on Lua 5.4",
            )
        self._channel = channel
        return channel

    def _limit_cpu(self, seconds: float) -> None:
        """A second limit in case this process is stopped while the worker runs."""
        if self._process is None or not hasattr(resource, "prlimit"):
            return
        limit = int(self._cpu + seconds + 10)
        with contextlib.suppress(OSError, ValueError):
            hard = resource.prlimit(self._process.pid, resource.RLIMIT_CPU)[1]
            resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (limit, hard))

    def _limit_memory(self, megabytes: int | None) -> None:
        """Beside what the process holds already, which is not the world's."""
        if self._process is None or not hasattr(resource, "prlimit"):
            return
        with contextlib.suppress(OSError, ValueError):
            pid = self._process.pid
            hard = resource.prlimit(pid, resource.RLIMIT_AS)[1]
            soft = hard
            if megabytes is not None:
                held = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
                soft = held + (megabytes << 20)
                soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
            resource.prlimit(pid, resource.RLIMIT_AS, (soft, hard))

    def _epitaph(self) -> str:
        """How the process ended; it is cleared away."""
        process = self._process
        if process is None:
            return "the worker is gone"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        code = process.returncode
        self.close()
        if code is None:
            return "the worker stopped answering"
        return (
            f"the worker was ended by signal {-code}" if code < 0 else f"the worker ended with status {code}"
        )
