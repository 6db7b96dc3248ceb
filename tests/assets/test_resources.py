from __future__ import annotations

from assets.resources import LoggedProgress, Workspace
from worldwright.experiment import Progressed
from worldwright.project.locate import Project


def test_progress_is_a_line_per_tenth_of_the_work_that_is_really_done() -> None:
    said: list[str] = []
    tell = LoggedProgress(said.append)
    for done in range(20, 101):
        tell(Progressed(needed=100, done=done, cached=20, failed=0))
    assert len(said) == 9
    assert said[0] == "21 of 100 runs (20 were there already)"
    assert said[-1] == "100 of 100 runs (20 were there already)"


def test_nothing_is_said_when_everything_was_there() -> None:
    said: list[str] = []
    LoggedProgress(said.append)(Progressed(needed=6, done=6, cached=6, failed=0))
    assert said == []


def test_failed_runs_are_counted() -> None:
    said: list[str] = []
    LoggedProgress(said.append)(Progressed(needed=6, done=3, cached=0, failed=2))
    assert said == ["3 of 6 runs (0 were there already, 2 failed)"]


def test_a_run_stands_on_the_documents_as_they_were_when_it_began(tiny: Project) -> None:
    workspace = Workspace(root=str(tiny.root), data=str(tiny.data), workers=1)
    begun = workspace.chain("growth")
    path = tiny.specs / "experiments" / "growth.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("seed: 9", "seed: 10"), encoding="utf-8")
    assert workspace.chain("growth").experiment.seed == 9
    assert workspace.chain("growth").experiment.digest == begun.experiment.digest
    fresh = Workspace(root=str(tiny.root), data=str(tiny.data), workers=1)
    assert fresh.chain("growth").experiment.seed == 10
