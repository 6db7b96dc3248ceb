"""A real round trip: llama.cpp's server on 127.0.0.1 with random weights, held to our schemas by its grammar.

What the model says is noise, and another noise on another processor, so nothing here depends on its words:
it is asked until an answer is valid, and what must hold is that every answer ends as a valid document or as
an error that keeps everything, and that recordings repeat it to the byte.
"""

from __future__ import annotations

import importlib.util
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from worldwright.architect import Budget, Client, Message, ModelSettings, Question
from worldwright.architect.forms import shape_of
from worldwright.architect.planning import Sufficiency
from worldwright.architect.scripts_reference import EXAMPLE
from worldwright.errors import ArchitectError
from worldwright.project.author import Authoring, How, author_document
from worldwright.project.documents import load_closure
from worldwright.project.locate import Project

from .model_server import CANARY, clock
from .test_mistakes import POPULATION
from .tiny_model import serving_model, write_model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (importlib.util.find_spec("xllamacpp") and importlib.util.find_spec("gguf")),
        reason="no real model server: `pip install xllamacpp gguf`",
    ),
]

SEEDS = range(12)
"""Each is another model; one in a few says something that is valid at once or after repair."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    specs = tmp_path / "specs"
    for folder in ("briefs", "populations", "worlds/adoption", "experiments"):
        (specs / folder).mkdir(parents=True)
    (specs / "populations/nurses.yaml").write_text(POPULATION)
    for name, text in EXAMPLE.items():
        (specs / "worlds/adoption" / name).write_text(text)
    (specs / "briefs/reach.md").write_text("Does advertising more widely help?\n")
    (specs / "briefs/doctors.md").write_text("Doctors in Germany.\n")
    return Project(tmp_path, tmp_path / "data", clock)


@pytest.fixture(params=[0])
def model(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ModelSettings]:
    """A server of one model."""
    path = tmp_path / "model.gguf"
    write_model(path, request.param)
    with serving_model(path, request.param) as address:
        yield settings(address)


def settings(address: str) -> ModelSettings:
    return ModelSettings(model="random", base_url=address, api_key=CANARY, timeout=120, answer_tokens=1_500)


def test_a_form_is_asked_for_and_comes_back_in_its_schema(model: ModelSettings) -> None:
    with Client(model, clock=clock) as client:
        reply = client.ask(Question([Message("user", "Which year?")], shape_of(Sufficiency)))
        (attempt,) = client.ledger.attempts
    assert (reply.model, attempt.outcome, attempt.estimated) == ("random", "ok", False)
    assert 0 < attempt.usage.tokens_in < 200 and 0 < attempt.usage.tokens_out <= 1_500
    if reply.complete:
        assert set(json.loads(reply.text)) == {"questions"}


def test_an_experiment_is_authored_recorded_and_replayed_without_a_network(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project.specs / "experiments/reach.yaml"
    asked = 0
    done: Authoring | None = None
    used: ModelSettings | None = None
    for seed in SEEDS:
        weights = tmp_path / f"{seed}.gguf"
        write_model(weights, seed)
        with serving_model(weights, seed) as address:
            used = settings(address)
            try:
                done = author_document(project, path, How(used, Budget(calls=12), "record"))
                break
            except ArchitectError as error:
                asked += 1
                assert "still invalid" in error.what or "cut off" in str(error), error
    assert done is not None and used is not None, f"{asked} models, and no answer was valid"
    assert done.cost.calls >= 2 and done.cost.tokens_out > 0
    assert not any(d.is_error for d in load_closure(project, "reach").diagnostics)
    files = [path, path.with_name("reach.lock.yaml")]
    before = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    recordings = list((project.specs / "cassettes").iterdir())
    assert recordings and all(b"canary" not in file.read_bytes() for file in recordings)
    with monkeypatch.context() as blocked:
        blocked.setattr(socket, "socket", None)
        elsewhere = replace(used, base_url="http://127.0.0.1:9/v1", api_key=None)
        replayed = author_document(project, path, How(elsewhere, Budget(calls=12), "replay"))
    assert replayed.replayed and replayed.cost == done.cost
    assert [file.read_bytes() for file in files] == before


def test_noise_never_becomes_a_population_and_the_budget_ends_the_repairs(
    project: Project, model: ModelSettings
) -> None:
    path = project.specs / "populations/doctors.yaml"
    with pytest.raises(ArchitectError) as caught:
        author_document(project, path, How(model, Budget(calls=5), "record"))
    assert "invalid" in caught.value.what or "could not be written" in caught.value.what
    assert not path.exists()
    recordings = [file.read_text() for file in (project.specs / "cassettes").iterdir()]
    assert len(recordings) == 5
    assert any("cannot be used yet" in recording for recording in recordings)
    with pytest.raises(ArchitectError, match="1,000 of 1,000 are left"):
        author_document(project, path, How(model, Budget(tokens=1_000)))
