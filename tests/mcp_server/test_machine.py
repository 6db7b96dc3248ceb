"""Random valid calls of the sixteen tools agree with a simple account of what a world is."""

from __future__ import annotations

import copy
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from worldwright.project.locate import Project

from .clients import Talk, within
from .ecosystem import library

SCRIPT = """n, peer, delay = 0, "", 1
function update(now, msgs)
  n = n + #msgs
  world.record_metric("arrived", #msgs)
  if peer ~= "" then self.send_msg(peer, "tick", {from = self.id}, delay) end
end
function get_state() return {n = n, peer = peer, delay = delay} end
function set_state(s) n, peer, delay = s.n, s.peer, s.delay end"""

IDS = ("a", "b", "c")
NAMES = ("one", "two", "three", "four")
STATES = st.fixed_dictionaries(
    {"n": st.integers(0, 9), "peer": st.sampled_from(("", *IDS, "nobody")), "delay": st.integers(0, 7)}
)

POPULATIONS = st.dictionaries(st.sampled_from(IDS), STATES, min_size=1)


@dataclass
class Account:
    """A world in plain Python."""

    entities: dict[str, dict[str, Any]]
    time: int = 0
    pending: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    arrived: list[list[float]] = field(default_factory=list[list[float]])

    def advance(self, steps: int, duration: int) -> int:
        delivered = 0
        for _ in range(steps):
            self.time += duration
            due = [message for message in self.pending if message[0] <= self.time]
            self.pending = [message for message in self.pending if message[0] > self.time]
            delivered += len(due)
            total = 0
            sent: list[tuple[int, str]] = []
            for id, state in self.entities.items():
                got = sum(to == id for _, to in due)
                state["n"] += got
                total += got
                if state["peer"]:
                    sent.append((self.time + state["delay"], state["peer"]))
            self.arrived.append([self.time, float(total)])
            self.pending += sent
        return delivered


class SixteenTools(RuleBasedStateMachine):
    """Worlds by name, and snapshots of them in files and in hand."""

    worlds = Bundle("worlds")
    files = Bundle("files")
    snapshots = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, Account] = {}
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="worldwright-")))
        (folder / "specs").mkdir()
        self.portal = self.stack.enter_context(start_blocking_portal())
        manager = within(Project(folder, folder / "data"))
        self.talk: Talk = self.stack.enter_context(self.portal.wrap_async_context_manager(manager))
        self.saved = 0

    def teardown(self) -> None:
        self.stack.close()

    def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        async def call() -> dict[str, Any]:
            return await self.talk(tool, **arguments)

        return self.portal.call(call)

    def refused(self, tool: str, **arguments: Any) -> str:
        async def call() -> str:
            return await self.talk.refused(tool, **arguments)

        return self.portal.call(call)

    @rule(
        target=worlds,
        name=st.sampled_from(NAMES),
        states=st.dictionaries(st.sampled_from(IDS), STATES, min_size=1),
    )
    def create(self, name: str, states: dict[str, dict[str, Any]]) -> str:
        world = {
            "name": name,
            "script_library": library(s=SCRIPT),
            "entities": [{"id": id, "script_id": "s", "initial_state": s} for id, s in states.items()],
        }
        if name in self.accounts:
            assert "already exists" in self.refused("create_world", **world)
        else:
            self.ask("create_world", **world)
            self.accounts[name] = Account(copy.deepcopy(states))
        return name

    @rule(name=consumes(worlds))
    def delete(self, name: str) -> None:
        if name in self.accounts:
            self.ask("delete_world", name=name)
            del self.accounts[name]
        else:
            assert "not found" in self.refused("delete_world", name=name)

    @rule(name=worlds, steps=st.integers(0, 6), duration=st.integers(1, 4), shown=st.booleans())
    def advance(self, name: str, steps: int, duration: int, shown: bool) -> None:
        arguments = {"world_name": name, "num_steps": steps, "step_duration": duration}
        if name not in self.accounts:
            assert "not found" in self.refused("advance_simulation", **arguments)
            return
        done = self.ask("advance_simulation", **arguments, include_delivered_messages=shown)
        assert done["number_of_messages"] == self.accounts[name].advance(steps, duration)
        assert len(done["delivered_messages"]) == (done["number_of_messages"] if shown else 0)

    @rule(target=worlds, source=worlds, name=st.sampled_from(NAMES), replace=st.booleans())
    def copy(self, source: str, name: str, replace: bool) -> str:
        arguments = {"source_world_name": source, "target_world_name": name, "replace_if_exists": replace}
        if source not in self.accounts or (name in self.accounts and not replace):
            self.refused("copy_world", **arguments)
        else:
            self.ask("copy_world", **arguments)
            self.accounts[name] = copy.deepcopy(self.accounts[source])
        return name

    @rule(name=worlds, id=st.sampled_from(IDS), state=STATES)
    def set_state(self, name: str, id: str, state: dict[str, Any]) -> None:
        arguments = {"world_name": name, "entity_id": id, "state": state}
        if name in self.accounts and id in self.accounts[name].entities:
            self.ask("set_entity_state", **arguments)
            self.accounts[name].entities[id] = dict(state)
        else:
            self.refused("set_entity_state", **arguments)

    @rule(name=worlds, id=st.sampled_from(IDS))
    def get_state(self, name: str, id: str) -> None:
        arguments = {"world_name": name, "entity_id": id}
        if name in self.accounts and id in self.accounts[name].entities:
            assert self.ask("get_entity_state", **arguments) == {"state": self.accounts[name].entities[id]}
        else:
            assert "not found" in self.refused("get_entity_state", **arguments)

    @rule(name=worlds)
    def get_metrics(self, name: str) -> None:
        if name not in self.accounts:
            return
        series = self.accounts[name].arrived
        assert self.ask("list_metrics", world_name=name) == {"metrics": ["arrived"] if series else []}
        if not series:
            assert "not found" in self.refused("get_metric", world_name=name, metric_name="arrived")
            return
        one = self.ask("get_metric", world_name=name, metric_name="arrived")
        values = [value for _, value in series]
        assert one == {
            "name": "arrived",
            "total": sum(values),
            "average": sum(values) / len(values),
            "min": min(values),
            "max": max(values),
            "count": len(values),
            "values_over_time": series,
        }
        both = self.ask("get_metrics", world_name=name, metrics=["arrived", "arrived"])
        assert both == {"metrics": [one, one]}

    @rule(target=files, name=worlds, ending=st.sampled_from(("yaml", "json", "arrow")))
    def save(self, name: str, ending: str) -> tuple[str, Account | None]:
        self.saved += 1
        path = f"{self.saved}.{ending}"
        arguments = {"world_name": name, "file_path": path}
        if name not in self.accounts:
            self.refused("save_world_snapshot_to_file", **arguments)
            return path, None
        done = self.ask("save_world_snapshot_to_file", **arguments)
        return done["file_path"], copy.deepcopy(self.accounts[name])

    @rule(target=worlds, name=st.sampled_from(NAMES), file=files)
    def load(self, name: str, file: tuple[str, Account | None]) -> str:
        path, account = file
        if account is None:
            self.refused("load_world_snapshot_from_file", world_name=name, file_path=path)
        else:
            self.ask("load_world_snapshot_from_file", world_name=name, file_path=path)
            self.accounts[name] = copy.deepcopy(account)
        return name

    @rule(target=snapshots, name=worlds)
    def snapshot(self, name: str) -> tuple[dict[str, Any], Account] | None:
        if name not in self.accounts:
            self.refused("create_world_snapshot", world_name=name)
            return None
        found = self.ask("create_world_snapshot", world_name=name)["snapshot"]
        account = self.accounts[name]
        assert found["simulation_time"] == account.time
        written = {one["id"]: one["initial_state"] for one in found["configuration"]["entities"]}
        assert written == account.entities
        return found, copy.deepcopy(account)

    @rule(target=worlds, name=st.sampled_from(NAMES), kept=snapshots)
    def restore(self, name: str, kept: tuple[dict[str, Any], Account] | None) -> str:
        if kept is not None:
            self.ask("restore_world_snapshot", world_name=name, snapshot=kept[0])
            self.accounts[name] = copy.deepcopy(kept[1])
        return name

    @invariant()
    def all_worlds_are_as_accounted(self) -> None:
        assert self.ask("list_worlds") == {"worlds": sorted(self.accounts)}
        for name, account in self.accounts.items():
            assert self.ask("get_world_state", world_name=name) == {
                "simulation_time": account.time,
                "entities_count": len(account.entities),
                "pending_messages_count": len(account.pending),
            }
            listed = self.ask("list_entities", world_name=name, include_states=True)["entities"]
            assert {one["id"]: one["state"] for one in listed} == account.entities


@pytest.mark.parametrize("examples", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_random_calls_agree_with_a_simple_account(examples: int) -> None:
    run_state_machine_as_test(
        SixteenTools,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
        ),
    )
