"""The locked subprocess: what the system refuses it, how it ends, and what a broken one looks like."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from worldwright.errors import UsageError, WorldError
from worldwright.world import Record, RunRequest, Worker
from worldwright.world.frames import MAX_HEAD, Channel, FrameError, FrameTimeoutError, pack
from worldwright.world.probe import ATTEMPTS

from .worlds import solo

IDLE = solo("state = {}\nfunction update(now, msgs) end")
BUSY = solo("state = {}\nfunction update(now, msgs) while true do end end", limits={"steps": 10**12})
IN_C = solo(
    """state = {}
function update(now, msgs)
  local s, i = string.rep("x", 1e6), 0
  while true do i = i + 1 state.t = s .. i end
end"""
)


@pytest.fixture(scope="module")
def probed() -> Iterator[Worker]:
    with Worker(seconds=20, probe=True) as running:
        yield running


def test_every_layer_of_the_lock_holds(probed: Worker) -> None:
    probed.run(RunRequest(IDLE, 1, 1))
    assert probed.lock["holds"]
    assert probed.lock["seccomp"]
    assert probed.lock["no_new_privileges"]
    assert probed.lock["limits"]
    if Path("/sys/kernel/security/landlock").exists() or probed.lock["landlock"]:
        assert probed.lock["landlock"] >= 1


@pytest.mark.parametrize("name", sorted(set(ATTEMPTS) - {"executable-memory"}))
def test_the_system_refuses(probed: Worker, name: str) -> None:
    assert probed.attempt(name).startswith("refused"), name


def test_the_compiler_can_still_make_code(probed: Worker) -> None:
    assert probed.attempt("executable-memory") == "done"


def test_the_attempts_work_without_a_lock(tmp_path: Path) -> None:
    """Otherwise the refusals would prove nothing."""
    harmless = ["open", "list", "stat", "tcp", "udp", "unix", "pipe", "kill", "prctl"]
    harmless += ["lua-open", "lua-write", "lua-remove", "lua-execute", "lua-ffi"]
    code = f"from worldwright.world.probe import attempt\nfor n in {harmless}: print(n, attempt(n))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split("\n")[:-1] == [f"{name} done" for name in harmless]


def test_the_environment_is_empty(probed: Worker) -> None:
    probed.run(RunRequest(IDLE, 1, 1))
    # Python itself sets LC_CTYPE when it coerces the C locale
    lines = Path(f"/proc/{probed.pid}/environ").read_bytes().split(b"\0")
    assert [line for line in lines if line and not line.startswith(b"LC_CTYPE=")] == []


def test_one_process_serves_many_runs() -> None:
    with Worker() as worker:
        worker.run(RunRequest(IDLE, 1, 1))
        first = worker.pid
        worker.run(RunRequest(IDLE, 1, 2))
        assert worker.pid == first
    assert worker.pid is None


def gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("program", [BUSY, IN_C], ids=["lua", "c"])
def test_a_run_is_killed_by_the_clock_and_the_next_one_is_well(program: object) -> None:
    with Worker(seconds=1) as worker:
        worker.run(RunRequest(IDLE, 1, 1))
        first = worker.pid
        result = worker.run(RunRequest(program, 1, 1))  # type: ignore[arg-type]
        assert (result.status, result.failure, result.repeatable) == (
            "failed",
            "killed after 1 seconds",
            False,
        )
        assert first is not None
        assert gone(first)
        assert worker.run(RunRequest(IDLE, 1, 1)).status == "ok"


def test_a_world_may_set_its_own_clock() -> None:
    with Worker(seconds=60) as worker:
        hasty = dataclasses.replace(BUSY, limits=dataclasses.replace(BUSY.limits, seconds=0.5))
        assert worker.run(RunRequest(hasty, 1, 1)).failure == "killed after 0.5 seconds"
    assert hasty.digest == BUSY.digest  # a killed run is never kept, so the clock is no part of a result


def test_a_worker_killed_from_outside_is_a_failed_run() -> None:
    with Worker() as worker:
        worker.run(RunRequest(IDLE, 1, 1))
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        os.kill(worker.pid, signal.SIGKILL)
        time.sleep(0.05)
        assert worker.run(RunRequest(IDLE, 1, 1)).status == "ok"


@pytest.mark.parametrize("world", ["BUSY", "IN_C"])
@pytest.mark.parametrize("death", ["kill -9", "exit"])
def test_a_worker_dies_with_its_parent(world: str, death: str) -> None:
    """Also while it runs Lua, and while it is in a long call into C."""
    code = f"""
        import os, signal, threading, time
        from tests.world.test_worker import {world}, IDLE
        from worldwright.world import RunRequest, Worker
        worker = Worker()
        worker.run(RunRequest(IDLE, 1, 1))
        print(worker.pid, flush=True)
        def die():
            time.sleep(0.7)
            os.kill(os.getpid(), signal.SIGKILL) if {death!r} == "kill -9" else os._exit(3)
        threading.Thread(target=die).start()
        worker.run(RunRequest({world}, 1, 1))
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    parent.wait(timeout=30)
    parent.stdout.close()
    assert gone(pid)


def pipe_with(content: bytes) -> Channel:
    source, sink = os.pipe()
    os.write(sink, content)
    os.close(sink)
    return Channel(source, -1, time.monotonic)


def test_frames_carry_data_and_buffers() -> None:
    source, sink = os.pipe()
    channel = Channel(source, sink, time.monotonic)
    channel.send({"é": [1, 2.5, None]}, [b"abc", b""])
    assert channel.receive(deadline=time.monotonic() + 1) == ({"é": [1, 2.5, None]}, [b"abc", b""])
    with pytest.raises(FrameTimeoutError):
        channel.receive(deadline=time.monotonic() + 0.05)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"WWF1", b"nonsense" * 4, b"WWF1" + (MAX_HEAD + 1).to_bytes(4, "little") + bytes(4),
        b"WWF1" + (2).to_bytes(4, "little") + (2**31).to_bytes(4, "little"),
        struct.pack("<4sIIQ", b"WWF1", 2, 1, 2**60) + b"{}",
        b"WWF1" + (2).to_bytes(4, "little") + bytes(4) + b"{x",
        b"WWF1" + (200_000).to_bytes(4, "little") + bytes(4) + b"[" * 200_000,
        b"".join(pack({}, [b"abc"]))[:-1],
    ],
)  # fmt: skip
def test_broken_frames_are_refused(content: bytes) -> None:
    with pytest.raises(FrameError):
        pipe_with(content[:60_000]).receive(deadline=time.monotonic() + 1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda head: head.pop("metrics"),
        lambda head: head["metrics"].update(n=5),
        lambda head: head["metrics"].update(tick=99),
        lambda head: head["states"][0].update(n=7),
        lambda head: head["states"][0].update(ids=[0, 0]),
        lambda head: head.update(counts=[1]),
        lambda head: head.update(errors=[{"tick": "x"}]),
        lambda head: head["metrics"].update(names=[]),
    ],
)
def test_answers_that_do_not_fit_are_refused(damage: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent believes nothing a worker says about its own sizes."""
    program = solo('state = {n = 1}\nfunction update(now, msgs) world.record_metric("m", 1) end')
    receive = Channel.receive

    def broken(self: Channel, *, deadline: float | None = None) -> object:
        head, buffers = receive(self, deadline=deadline)
        if "result" in head:
            damage(head["result"])  # type: ignore[operator]
        return head, buffers

    monkeypatch.setattr(Channel, "receive", broken)
    with Worker() as worker:
        result = worker.run(RunRequest(program, 2, 1))
        assert result.status == "failed"
        assert not result.repeatable
        assert result.failure is not None
        assert "nonsense" in result.failure


def test_without_a_lock_only_lua_5_4_runs_and_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without seccomp, as the worker would tell it."""
    receive = Channel.receive

    def unlocked(self: Channel, *, deadline: float | None = None) -> object:
        head, buffers = receive(self, deadline=deadline)
        if "lock" in head:
            head["lock"]["holds"] = False
        return head, buffers

    monkeypatch.setattr(Channel, "receive", unlocked)
    with Worker() as worker, pytest.raises(WorldError, match="no lock"):
        worker.run(RunRequest(IDLE, 1, 1))
    with Worker(allow_unlocked=True) as worker:
        assert worker.run(RunRequest(IDLE, 1, 1)).runtime == "lua54"
        with pytest.raises(WorldError, match="LuaJIT runs only behind the lock"):
            worker.run(RunRequest(dataclasses.replace(IDLE, runtime="luajit"), 1, 1))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (RunRequest(IDLE, -1, 1), "ticks must be 0 or more"),
        (RunRequest(IDLE, 1, -1), "a seed is a number"),
        (RunRequest(IDLE, 1, 2**63), "a seed is a number"),
        (RunRequest(IDLE, 1, 1, replicate=-1), "a replicate is a number"),
        (RunRequest(IDLE, 1, 1, record=Record((-1,))), "cannot be recorded at tick -1"),
        (RunRequest(IDLE, 1, 1, populations={"main": pa.table({"x": [1]})}), "no population 'main'"),
    ],
)
def test_requests_that_do_not_fit_are_refused(worker: Worker, request_: RunRequest, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        worker.run(request_)


def test_an_interrupted_run_leaves_no_answer_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    program = solo('function update(now, msgs) world.record_metric("m", self.random()) end')
    with Worker() as worker:
        wanted = worker.run(RunRequest(program, 1, 2)).metrics
        receive = Channel.receive

        def interrupted(self: Channel, *, deadline: float | None = None) -> object:
            raise KeyboardInterrupt

        monkeypatch.setattr(Channel, "receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            worker.run(RunRequest(program, 1, 1))
        monkeypatch.setattr(Channel, "receive", receive)
        assert worker.run(RunRequest(program, 1, 2)).metrics.equals(wanted)


GREEDY = (
    "state = {t = {}}\nfunction update(now, msgs)\n  for i = 1, 1e9 do\n    state.t[i] = 'x' .. i\n  end\nend"
)


def test_a_world_may_set_its_own_memory(runtime: str) -> None:
    frugal = solo(GREEDY, runtime=runtime, limits={"memory": 100, "steps": 10**10})
    with Worker(seconds=60) as worker:
        result = worker.run(RunRequest(frugal, 1, 1))
        assert result.status == "failed"
        assert not result.repeatable
        assert result.failure is not None
        assert re.fullmatch(r"a: a\.lua:[345]: out of memory \(the limit is 100 MB\)", result.failure)
        roomy = (
            "state = {}\nfunction update(now, msgs)\n  local t = {} for i = 1, 4e6 do t[i] = i + .5 end\nend"
        )
        program = solo(roomy, runtime=runtime, limits={"steps": 10**10})
        assert worker.run(RunRequest(program, 1, 1)).status == "ok"  # the limit was that world's
    unlimited = dataclasses.replace(frugal, limits=dataclasses.replace(frugal.limits, memory=None))
    assert unlimited.digest == frugal.digest  # a run that lacked memory is never kept


def test_memory_without_a_limit_depends_on_the_machine() -> None:
    from worldwright.world.machine_memory import default_memory

    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 1 << 30 <= default_memory() <= max(physical // 2, 1 << 30)
