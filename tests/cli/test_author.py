"""`worldwright author` as a person and a program see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.architect.model_server import CANARY, Reaction, serving
from tests.architect.web import conversation
from worldwright.project.locate import Project

PEOPLE = "specs/populations/people.yaml"


def author(
    project: Project, *words: str, answers: list[Reaction] | None = None
) -> subprocess.CompletedProcess[str]:
    with serving(*(conversation() if answers is None else answers)) as script:
        environment = {
            **os.environ,
            "WORLDWRIGHT_MODEL": "gpt-large",
            "WORLDWRIGHT_PROTOCOL": "responses",
            "WORLDWRIGHT_BASE_URL": script.address,
            "OPENAI_API_KEY": CANARY,
        }
        return subprocess.run(
            [sys.executable, "-m", "worldwright.cli.main", "author", *words],
            cwd=project.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )


def test_a_terminal_shows_what_was_done_and_a_strangers_text_as_text(tiny: Project) -> None:
    done = author(tiny, PEOPLE, "--theirs", "--record")
    assert done.returncode == 0, done.stderr
    assert (
        "specs/populations/people.yaml: by gpt-large-2026-10-01 in 4 calls, 1,600 tokens, 1 search;"
        in done.stdout
    )
    assert "https://www.destatis.de/aerzte" in done.stdout
    said = done.stdout + done.stderr
    assert "<script>alert(1)</script>" in said
    assert not any(mark in said for mark in ("\x1b", "\x07", "\u202e", "canary"))


def test_a_program_gets_json_and_replay_asks_nobody(tiny: Project) -> None:
    assert author(tiny, PEOPLE, "--theirs", "--record").returncode == 0
    done = author(tiny, PEOPLE, "--theirs", "--replay", "--json", answers=[])
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["replayed"] is True and data["cost"]["calls"] == 4
    assert data["citations"][0]["id"] == "destatis"
    assert "canary" not in done.stdout + done.stderr


def test_a_budget_of_money_without_prices_and_a_key_in_a_file_are_refused(tiny: Project) -> None:
    done = author(tiny, PEOPLE, "--max-cost", "1", answers=[])
    assert done.returncode == 3 and "needs prices" in done.stderr
    (tiny.root / "model.yaml").write_text(f"worldwright: model/1\napi_key: {CANARY}\n")
    done = author(tiny, PEOPLE, answers=[])
    assert done.returncode == 2 and "OPENAI_API_KEY" in done.stderr and "canary" not in done.stderr
    (tiny.root / "model.yaml").write_text("worldwright: model/1\nmodle: x\n")
    done = author(tiny, PEOPLE, answers=[])
    assert done.returncode == 1 and "did you mean" in done.stderr
