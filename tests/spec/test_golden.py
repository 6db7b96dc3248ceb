"""Typical mistakes and what is said of them, as people read it.

Each `golden/NAME.yaml` has its rendered diagnostics in `golden/NAME.txt`. After an intended change of
words run `python -m tests.spec.test_golden` and read the difference before it is committed.
"""

from pathlib import Path

import pytest

from worldwright.render import render_text
from worldwright.spec import Source, load_population

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS = sorted(path.stem for path in GOLDEN.glob("*.yaml"))


def rendered(name: str) -> str:
    text = (GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")
    _, diagnostics = load_population(Source(f"{name}.yaml", text))
    return render_text(diagnostics, lambda _: text) + "\n"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_words_for_typical_mistakes(name: str) -> None:
    assert rendered(name) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_there_is_a_dozen_of_them() -> None:
    assert len(DOCUMENTS) >= 12


if __name__ == "__main__":
    for document in DOCUMENTS:
        (GOLDEN / f"{document}.txt").write_text(rendered(document), encoding="utf-8")
