from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from assets.resources import Workspace
from pipelines.definitions import build_definitions
from worldwright.architect import lock_path
from worldwright.project.locate import Project

from .jobs_run import failure

DOCUMENT = "specs/populations/people.yaml"


@pytest.fixture(autouse=True)
def without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLDWRIGHT_MODEL", "WORLDWRIGHT_BASE_URL", "OPENAI_API_KEY"):
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
