"""What is particular to a Ray cluster; what all executors share is in `test_executors`."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.ray_nodes import two_nodes
from worldwright.errors import UsageError, WorldwrightError
from worldwright.executors import cluster, ray_cluster

from . import work
from .test_executors import alive, wait_until

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


@needs_ray
@pytest.mark.parametrize("address", ["", "here", "head:port", "ray://", "head:0"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is no address of a Ray cluster") as caught:
        ray_cluster(address)
    assert "HOST:PORT" in str(caught.value)


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install"):
        ray_cluster("127.0.0.1:6379")


@needs_ray
def test_where_nothing_listens_it_says_so_at_once() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can
        address = f"127.0.0.1:{held.getsockname()[1]}"
        with ray_cluster(address) as executor, pytest.raises(WorldwrightError, match="cannot be reached"):
            list(executor.map(work.square, [1]))


@pytest.mark.ray
@needs_ray
def test_what_listens_and_is_no_cluster_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_CONNECTED", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with ray_cluster(address) as executor, pytest.raises(WorldwrightError, match="does not answer"):
            list(executor.map(work.square, [1]))


@pytest.mark.ray
def test_a_worker_killed_once_is_made_good(ray_address: str, tmp_path: Path) -> None:
    with ray_cluster(ray_address) as executor:
        calls = [(str(tmp_path), number) for number in range(8)]
        assert list(executor.map(work.die_the_first_time, calls)) == list(range(8))
        assert len(list(tmp_path.glob("died-*"))) == 1


@pytest.mark.ray
def test_a_new_process_takes_over_from_one_that_drove_the_cluster(ray_address: str) -> None:
    with ray_cluster(ray_address) as executor:
        found: list[int] = []
        for result in executor.map(work.slow_when_even, range(60)):
            found.append(result)
            if result in (10, 30):
                driver = executor._cluster._process  # type: ignore[attr-defined]
                driver.kill()
        assert found == list(range(60))


@pytest.mark.ray
def test_a_process_that_dies_again_and_again_ends_the_map(ray_address: str) -> None:
    with ray_cluster(ray_address) as executor, pytest.raises(WorldwrightError, match="cluster is lost"):
        for _ in executor.map(work.slow_when_even, range(400)):
            executor._cluster._process.kill()  # type: ignore[attr-defined]


@pytest.mark.ray
def test_a_killed_caller_leaves_nothing_at_work(ray_address: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]  # the folder it is started in is where the nodes look for modules
    (tmp_path / "program").write_text(
        f"import sys; sys.path.append({str(root)!r})\n"
        "from tests.executors import work\n"
        "from worldwright.executors import ray_cluster\n"
        f"list(ray_cluster({ray_address!r}).map(work.hold_interpreter_lock, [{str(tmp_path)!r}] * 2))"
    )
    with subprocess.Popen([sys.executable, str(tmp_path / "program")], cwd=root) as caller:
        try:
            # both at once: each of the two nodes has one CPU
            assert wait_until(lambda: len(list(tmp_path.glob("busy-*"))) == 2, seconds=120)
        finally:
            caller.kill()
    workers = [int(path.name.split("-")[1]) for path in tmp_path.glob("busy-*")]
    assert wait_until(lambda: not any(alive(worker) for worker in workers), seconds=60)


@pytest.mark.ray
def test_nothing_is_said_and_no_signal_taken(ray_address: str, capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ray_cluster(ray_address) as executor:
        assert list(executor.map(work.speak, [1, 2])) == [1, 2]
    assert capfd.readouterr() == ("", "")
    assert signal.getsignal(signal.SIGTERM) is before
    assert "ray" not in sys.modules


@pytest.mark.ray
def test_a_lost_node_is_made_good_and_a_lost_cluster_ends_the_map() -> None:
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    with two_nodes() as nodes, ray_cluster(nodes.address) as executor:
        assert executor.workers == 2
        results = executor.map(work.wait_a_little, range(6))
        assert next(results) == 0
        nodes.lose_one()
        assert list(results) == [1, 2, 3, 4, 5]

        results = executor.map(work.wait_long, range(8))
        assert next(results) == 0
        nodes.end()
        with pytest.raises(WorldwrightError, match=r"is lost|died at work"):
            list(results)
