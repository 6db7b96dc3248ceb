from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worldwright.errors import SamplingError, UsageError, WorldwrightError
from worldwright.executors import Executor, Processes, Ray, Serial, processes, ray_cluster, serial

from . import work


@pytest.fixture(scope="module", params=["processes", pytest.param("ray", marks=pytest.mark.ray)])
def pool(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "ray":
        address: str = request.getfixturevalue("ray_address")
        with ray_cluster(address) as executor:
            yield executor
        return
    with processes(2) as executor:
        yield executor


def alive(process: int) -> bool:
    """Whether any thread of a process has not ended yet; a parent can reap it only after the last one."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z" or len(list(Path(f"/proc/{process}/task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    "make", [serial, lambda: processes(1), lambda: processes(3)], ids=["serial", "1", "3"]
)
def test_results_come_in_item_order_whatever_the_workers(make: Callable[[], Executor]) -> None:
    with make() as executor:
        assert list(executor.map(work.slow_when_even, range(23))) == list(range(23))
        assert list(executor.map(work.square, iter([]))) == []


def test_work_is_done_in_other_processes_that_are_reused(pool: Executor) -> None:
    first = set(pool.map(work.process_id, range(8)))
    again = set(pool.map(work.process_id, range(8)))
    assert os.getpid() not in first
    assert len(first | again) <= 2 or isinstance(pool, Ray)  # which starts more than it has CPUs, at times


def test_items_are_taken_as_needed(pool: Executor) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    results = pool.map(work.square, items())
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert len(taken) < 20


def test_large_results_arrive(pool: Executor) -> None:
    assert [len(result) for result in pool.map(work.large, range(6))] == [3 << 20] * 6


def test_nothing_starts_before_the_first_item_and_close_ends_all() -> None:
    executor = Processes(2)
    results = executor.map(work.process_id, range(4))
    children = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children")
    before = children.read_text()
    workers = set(results)
    assert all(alive(worker) for worker in workers)
    executor.close()
    assert not any(alive(worker) for worker in workers)
    assert not set(map(str, workers)) & set(before.split())
    assert list(executor.map(work.square, [3])) == [9]
    executor.close()
    executor.close()


@pytest.mark.parametrize("make", [Serial, lambda: Processes(3)], ids=["serial", "processes"])
def test_an_exception_is_raised_as_itself_in_its_turn(make: Callable[[], Executor], tmp_path: Path) -> None:
    calls = [(str(tmp_path), number, "fail" if number == 2 else "") for number in range(200)]
    with make() as executor:
        results = executor.map(work.touch_then, calls)
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(SamplingError, match="item 2 cannot be drawn") as caught:
            next(results)
        assert (caught.value.where, caught.value.help) == ("agent 7", "draw another")
        assert len(list(tmp_path.glob("begun-*"))) < 30
        assert list(executor.map(work.square, range(5))) == [0, 1, 4, 9, 16]


def test_others_at_work_are_cancelled_when_one_fails(tmp_path: Path) -> None:
    calls = [(str(tmp_path), 0, "sleep"), (str(tmp_path), 1, "fail")]
    with Processes(2) as executor:
        begin = time.monotonic()
        results = executor.map(work.touch_then, reversed(calls))
        with pytest.raises(SamplingError):
            next(results)
        assert time.monotonic() - begin < 30
        assert not list(tmp_path.glob("ended-*"))


def test_an_exception_that_cannot_travel_is_told(pool: Executor) -> None:
    with pytest.raises(WorldwrightError, match="StubbornError: 4 and 5"):
        list(pool.map(work.raise_stubborn, [4]))


def test_an_error_in_the_items_comes_after_the_results_before_it(pool: Executor) -> None:
    def items() -> Iterator[int]:
        yield 5
        raise KeyError("gone")

    results = pool.map(work.square, items())
    assert next(results) == 25
    with pytest.raises(KeyError, match="gone"):
        next(results)


@pytest.mark.parametrize(("action", "why"), [("die", "SIGKILL"), ("leave", "exit status 3")])
def test_a_dead_worker_names_the_item_and_the_pool_recovers(
    pool: Executor, tmp_path: Path, action: str, why: str
) -> None:
    calls = [(str(tmp_path), number, action if number == 3 else "") for number in range(6)]
    results = pool.map(work.touch_then, calls)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(WorldwrightError, match=r"item 3: a (worker process|Ray worker) died") as caught:
        next(results)
    assert why in str(caught.value) or isinstance(pool, Ray)
    assert list(pool.map(work.square, range(4))) == [0, 1, 4, 9]


def test_a_worker_killed_while_idle_is_replaced(pool: Executor) -> None:
    for worker in set(pool.map(work.process_id, range(4))):
        os.kill(worker, signal.SIGKILL)
        assert wait_until(lambda worker=worker: not alive(worker))
    assert list(pool.map(work.square, range(4))) == [0, 1, 4, 9]


def test_what_cannot_be_sent_is_refused(pool: Executor) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        list(pool.map(lambda number: number, [1]))
    with pytest.raises(UsageError, match=r"item 1: .* cannot be sent"):
        list(pool.map(work.square, [1, threading.Lock()]))  # type: ignore[list-item]
    with pytest.raises(UsageError, match="at least one"):
        processes(0)


def test_one_map_at_a_time(pool: Executor) -> None:
    first = pool.map(work.square, range(3))
    assert next(first) == 0
    with pytest.raises(UsageError, match="another map"):
        next(pool.map(work.square, range(3)))
    assert list(first) == [1, 4]


def test_closing_during_a_map_is_an_error_not_a_short_answer() -> None:
    executor = Processes(1)
    results = executor.map(work.slow_when_even, range(50))
    assert next(results) == 0
    executor.close()
    with pytest.raises(UsageError, match="closed"):
        list(results)


def test_workers_outlive_the_thread_that_began_the_map() -> None:
    with Processes(1) as executor:
        seen: list[int] = []
        thread = threading.Thread(target=lambda: seen.extend(executor.map(work.process_id, [0])))
        thread.start()
        thread.join()
        time.sleep(0.2)
        assert list(executor.map(work.process_id, [0])) == seen


PARENT = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from executors import work
from worldwright.executors import processes
{body}
"""


def run_parent(folder: Path, body: str, **options: object) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[1])
    script = folder / "program"  # without .py and without a __main__ guard, as a careless user writes
    script.write_text(PARENT.format(root=root, body=body))
    return subprocess.Popen([sys.executable, str(script)], **options)  # type: ignore[call-overload]


def test_a_program_without_a_main_guard_runs_once(tmp_path: Path) -> None:
    body = "print('once'); print(list(processes(2).map(work.square, range(4))))"
    program = run_parent(tmp_path, body, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = program.communicate(timeout=60)
    assert (output.decode(), errors.decode()) == ("once\n[0, 1, 4, 9]\n", "")


def test_a_function_of_the_program_is_refused(tmp_path: Path) -> None:
    body = "def own(n): return n\nlist(processes(2).map(own, range(4)))"
    program = run_parent(tmp_path, body, stderr=subprocess.PIPE)
    _, errors = program.communicate(timeout=60)
    assert b"own is defined in the program that is run" in errors


def test_standard_output_stays_the_parents(tmp_path: Path) -> None:
    body = "print(list(processes(1).map(work.speak, [1])))"
    program = run_parent(tmp_path, body, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = program.communicate(timeout=60)
    assert (output, errors) == (b"[1]\n", b"said by a worker\n")


def start_busy_parent(
    folder: Path, function: str = "hold_interpreter_lock", **options: object
) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A parent whose two workers are busy for two minutes."""
    # A test run in the background ignores Ctrl-C, and its children would inherit that.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    body = f"{heed}\nlist(processes(2).map(work.{function}, [{str(folder)!r}] * 2))"
    parent = run_parent(folder, body, **options)
    assert wait_until(lambda: len(list(folder.glob("busy-*"))) == 2)
    workers = [int(path.name.split("-")[1]) for path in folder.glob("busy-*")]
    assert all(alive(worker) for worker in workers)
    return parent, workers


@pytest.mark.parametrize("function", ["hold_interpreter_lock", "refuse_the_kernels_kill"])
def test_no_worker_survives_a_killed_parent(tmp_path: Path, function: str) -> None:
    parent, workers = start_busy_parent(tmp_path, function)
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not any(alive(worker) for worker in workers), seconds=10)


def test_ctrl_c_ends_parent_and_workers(tmp_path: Path) -> None:
    parent, workers = start_busy_parent(tmp_path, stderr=subprocess.PIPE, process_group=0)
    os.killpg(parent.pid, signal.SIGINT)  # what a terminal does
    _, errors = parent.communicate(timeout=20)
    assert parent.returncode == -signal.SIGINT
    assert errors.count(b"KeyboardInterrupt") == 1
    assert not any(alive(worker) for worker in workers)
