from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.resources import Workspace
from pipelines.definitions import build_definitions
from tests.architect.model_server import CANARY, error, serving
from tests.architect.web import conversation
from worldwright.architect import lock_path
from worldwright.architect.cleaning import is_control
from worldwright.project.locate import Project

from .jobs_run import failure

DOCUMENT = "specs/populations/people.yaml"


@pytest.fixture(autouse=True)
def without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLDWRIGHT_MODEL", "WORLDWRIGHT_BASE_URL", "WORLDWRIGHT_PROTOCOL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def author(workspace: Workspace, instance: dg.DagsterInstance, **asked: Any) -> dg.ExecuteInProcessResult:
    config = {"ops": {"author_document": {"config": {"document": DOCUMENT, **asked}}}}
    job = build_definitions(workspace).resolve_job_def("author")
    return job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)


def test_accepting_a_document_locks_it_to_its_brief(
    workspace: Workspace, instance: dg.DagsterInstance, tiny: Project
) -> None:
    lock = lock_path(tiny.root / DOCUMENT)
    assert not lock.exists()
    assert author(workspace, instance, accept=True).success
    assert "author: hand" in lock.read_text(encoding="utf-8")


def test_without_a_model_it_says_what_to_set_and_touches_nothing(
    workspace: Workspace, instance: dg.DagsterInstance, tiny: Project
) -> None:
    before = (tiny.root / DOCUMENT).read_bytes()
    result = author(workspace, instance)
    assert not result.success
    assert "WORLDWRIGHT_MODEL" in failure(result)
    assert (tiny.root / DOCUMENT).read_bytes() == before
    assert not lock_path(tiny.root / DOCUMENT).exists()


def configured(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("WORLDWRIGHT_MODEL", "gpt-large")
    monkeypatch.setenv("WORLDWRIGHT_PROTOCOL", "responses")
    monkeypatch.setenv("WORLDWRIGHT_BASE_URL", address)
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)


def kept_by(instance: dg.DagsterInstance, root: Path) -> bytes:
    """Everything that Dagster keeps of runs: its events and logs, and the files under its folder."""
    events = [repr(record) for run in instance.get_runs() for record in instance.all_logs(run.run_id)]
    return "\n".join(events).encode() + b"".join(p.read_bytes() for p in root.rglob("*") if p.is_file())


def test_the_job_shows_tokens_cost_and_citations_and_keeps_no_key(
    workspace: Workspace,
    instance: dg.DagsterInstance,
    tiny: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prices = "{input: 2, output: 10, search: .01}"
    (tiny.root / "model.yaml").write_text(f"worldwright: model/1\nprices: {prices}\nsearch_tokens: 1000\n")
    with serving(*conversation()) as script:
        configured(monkeypatch, script.address)
        result = author(workspace, instance, mode="record", hands="theirs", max_cost=5.0)
    assert result.success
    (event,) = [one for one in result.all_node_events if one.event_type_value == "STEP_OUTPUT"]
    metadata = event.step_output_data.metadata
    assert {name: metadata[name].value for name in ("calls", "tokens_in", "tokens_out", "searches")} == {
        "calls": 4,
        "tokens_in": 1280,
        "tokens_out": 320,
        "searches": 1,
    }
    assert metadata["cost"].value == pytest.approx(1280 * 2e-6 + 320 * 10e-6 + 0.01)
    table = metadata["citations"]
    assert isinstance(table, dg.TableMetadataValue)  # cells are text; Markdown would be followed
    (row,) = table.records
    assert row.data["address"] == "https://www.destatis.de/aerzte"
    assert not any(is_control(character) for cell in row.data.values() for character in str(cell))
    assert b"canary" not in kept_by(instance, tmp_path)
    assert (tiny.root / DOCUMENT).read_text(encoding="utf-8").count("source: destatis") == 1


def test_a_failure_that_names_the_key_leaves_it_nowhere(
    workspace: Workspace,
    instance: dg.DagsterInstance,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(error(401, f"Incorrect API key provided: {CANARY}")) as script:
        configured(monkeypatch, script.address)
        result = author(workspace, instance)
    assert not result.success
    assert "401" in failure(result) and "[key]" in failure(result)
    assert b"canary" not in kept_by(instance, tmp_path)
