"""Over HTTP only those come in who have a token and ask this machine by its name; none asks for too much."""

from __future__ import annotations

import stat
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp.shared.exceptions import MCPError

from worldwright.errors import UsageError
from worldwright.mcp_server.http import listening, own_token, read_tokens
from worldwright.project.locate import Project

from .clients import reaching, serving
from .ecosystem import library

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}
BAD = "a-token-that-nobody-was-given"
MINE, THEIRS = "first-token-0123456789", "second-token-0123456789"
SLOW = """n = 0
function update() n = n + 1
  local x = 0
  for i = 1, 90000 do x = x + i % 7 end
end
function get_state() return {n = n} end
function set_state(s) n = s.n end"""


def test_who_is_let_in(empty: Project) -> None:
    async def main() -> None:
        async with serving(empty) as address, httpx2.AsyncClient(timeout=60) as http:
            port = address.split(":")[2].split("/")[0]
            token = (empty.data / "mcp-token").read_text().strip()
            right = {**ACCEPT, "Authorization": f"Bearer {token}"}

            async def asked(**headers: str) -> int:
                return (await http.post(address, json=HELLO, headers=headers)).status_code

            assert await asked(**ACCEPT) == 401
            assert await asked(**{**right, "Authorization": f"Bearer {BAD}"}) == 401
            assert await asked(**{**right, "Authorization": f"Basic {token}"}) == 401
            assert await asked(**right) == 200
            assert await asked(**right, Host="evil.example") == 421
            assert await asked(**right, Host=f"evil.example:{port}") == 421
            assert await asked(**right, Host="127.0.0.1:1") == 421
            assert await asked(**right, Origin="https://evil.example") == 403
            assert await asked(**right, Origin=f"http://localhost:{port}") == 200
            huge = await http.post(address, content=b"[" + b"1," * (5 << 20) + b"1]", headers=right)
            assert huge.status_code == 413
            assert (await http.get(address.replace("/mcp", "/"), headers=right)).status_code == 404

    anyio.run(main)


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = own_token(tmp_path / "data")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    assert own_token(tmp_path / "data").read_text() == before
    assert list(read_tokens(file)) == [before.strip()]


def test_tokens_of_several_clients(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# who\nalice {MINE}\n\n{THEIRS}\n")
    assert read_tokens(file) == {MINE: "alice", THEIRS: "line 4"}
    for text, words in (("short 123", "shorter"), (f"{MINE}\nb {MINE}", "twice"), ("# none", "no token")):
        file.write_text(text)
        with pytest.raises(UsageError, match=words):
            read_tokens(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_tokens(tmp_path / "missing")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org"])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(UsageError, match="not an address of this machine alone"):
        listening(host, 0)


def test_a_port_that_is_taken() -> None:
    with listening("localhost", 0) as on, pytest.raises(UsageError, match="cannot be used"):
        listening("127.0.0.1", on.getsockname()[1])


@pytest.mark.slow
def test_one_client_asks_for_too_much_and_the_other_has_its_turn(empty: Project, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"greedy {MINE}\nmodest {THEIRS}\n")

    async def main() -> None:
        async with (
            serving(empty, "--token-file", str(tokens), "--workers", "4") as address,
            reaching(address, MINE) as greedy,
            reaching(address, THEIRS) as modest,
        ):
            entities = [{"id": "one", "script_id": "slow"}]
            for i in range(4):
                await greedy(
                    "create_world", name=f"w{i}", script_library=library(slow=SLOW), entities=entities
                )
            refused: list[str] = []

            async def ask(i: int) -> None:
                arguments = {"world_name": f"w{i % 4}", "num_steps": 1_000_000}
                try:
                    await greedy.client.call_tool("advance_simulation", arguments)
                except MCPError as error:
                    refused.append(str(error))

            async with anyio.create_task_group() as tasks:
                for i in range(60):
                    tasks.start_soon(ask, i)
                with anyio.fail_after(60):
                    await modest("list_worlds")
                    await modest(
                        "create_world", name="m", script_library=library(slow=SLOW), entities=entities
                    )
                    moved = await modest("advance_simulation", world_name="m", num_steps=1)
                    assert moved["simulation_time"] == 1
                    while len(refused) < 60 - 3 - 32:
                        await anyio.sleep(0.1)
                tasks.cancel_scope.cancel()
            assert all("calls under way" in words for words in refused)
            # what was given up is over, and its worlds are as they were
            with anyio.fail_after(60):
                for i in range(4):
                    state = await modest("get_world_state", world_name=f"w{i}")
                    assert state["simulation_time"] == 0
                    await modest("advance_simulation", world_name=f"w{i}", num_steps=1)

    anyio.run(main)
