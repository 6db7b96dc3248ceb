"""The files that those projects wrote: read from a folder beside the repository, where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3].parent / "shared" / "fixtures" / "entropy"
POPULATIONS = (
    "examples__german-surgeons__extended.63bb83d7.yaml",
    "examples__german-surgeons__surgeons.25ddcbac.yaml",
    "examples__study-02__population.v1.e2286612.yaml",
    "examples__study-04__population.v1.f1e6e240.yaml",
    "studies__cerave-retinol-launch__population.bcc87622.yaml",
    "studies__netflix-password-sharing__base.b6a541b6.yaml",
    "studies__netflix-password-sharing__population.852763af.yaml",
    "surgeons.86a50dce.yaml",
    "surgeons_ai.9654c27d.yaml",
    "surgeons_base.18730742.yaml",
    "surgeons_base.6aca20b8.yaml",
    "surgeons_base.e0a84441.yaml",
    "test-v2-e2e__extended.63e908c1.yaml",
    "test-v2-e2e__spec.c2938c31.yaml",
    "test_surgeons.f611ca00.yaml",
)


def text_of(name: str) -> str:
    """The text of a file; where the folder is absent the test is skipped and says so."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"the files of Entropy and Extropy are not here: {FOLDER}")
    return path.read_text(encoding="utf-8")
