"""A client's share: so many calls at work, so many waiting, and the others unaffected."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.shared.exceptions import MCPError

from worldwright.mcp_server.doors import House, Visit
from worldwright.mcp_server.experiments import run_experiment
from worldwright.mcp_server.limits import Limits
from worldwright.project.locate import Project
from worldwright.project.worlds.crew import Call, StoppedError
from worldwright.project.worlds.home import Worlds

from .clients import crew


def as_client(name: str) -> None:
    token = AccessToken(token="t", client_id=name, scopes=[])
    auth_context_var.set(AuthenticatedUser(token))


def test_more_than_its_share_is_refused_and_others_are_served() -> None:
    limits = Limits(at_once=2, waiting=3)
    at_work: dict[str, int] = {}
    most: dict[str, int] = {}
    refused: list[str] = []
    served: list[str] = []

    async def ask(client: str, method: str, go: anyio.Event) -> None:
        as_client(client)

        async def work(_: Any) -> None:
            at_work[client] = at_work.get(client, 0) + 1
            most[client] = max(most.get(client, 0), at_work[client])
            await go.wait()
            at_work[client] -= 1
            served.append(client)

        try:
            await limits(cast(Any, SimpleNamespace(method=method)), work)
        except MCPError as error:
            refused.append(str(error))

    async def main() -> None:
        go = anyio.Event()
        async with anyio.create_task_group() as tasks:
            for _ in range(9):
                tasks.start_soon(ask, "greedy", "tools/call", go)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(ask, "modest", "tools/call", go)
            tasks.start_soon(ask, "greedy", "ping", go)  # costs nothing, and is not counted
            await anyio.wait_all_tasks_blocked()
            assert at_work == {"greedy": 3, "modest": 1}
            go.set()
        async with anyio.create_task_group() as tasks:  # the share is free again
            for _ in range(5):
                tasks.start_soon(ask, "greedy", "tools/call", go)

    anyio.run(main)
    assert len(refused) == 4
    assert all("calls under way" in words for words in refused)
    assert served.count("greedy") == 5 + 1 + 5
    assert most == {"greedy": 3, "modest": 1}


def test_an_experiment_that_is_cancelled_publishes_nothing_and_goes_on_later(tiny: Project) -> None:
    house, call = House(Worlds.of(tiny, crew())), Call()
    call.stop.set()
    with pytest.raises(StoppedError):
        run_experiment(Visit(house, call), "growth", workers=1)
    assert tiny.store.current("growth") is None
    assert run_experiment(Visit(house, Call()), "growth", workers=1).version == 1
