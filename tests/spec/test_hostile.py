"""Hostile documents of every kind are answered with diagnostics that can be shown, never with a traceback."""

from __future__ import annotations

import resource

import pytest

from tests.spec.hostile import BASES, Hostile, bombs, check, hostile
from worldwright.render import render_text, to_json


def assert_answered(document: Hostile) -> None:
    population, found = check(document)
    assert (population is None) or not any(diagnostic.is_error for diagnostic in found)
    for diagnostic in found[:50]:
        assert diagnostic.span is not None
        assert "\n" not in diagnostic.message
    render_text(found[:50], lambda _: document.text)
    to_json(found)


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.kind)
def test_what_is_mutated_is_sound(base: Hostile) -> None:
    assert not [diagnostic for diagnostic in check(base)[1] if diagnostic.is_error]


def test_bombs_are_refused_or_read_within_bounds() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for bomb in bombs():
        assert_answered(bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 << 10  # KiB


@pytest.mark.parametrize("seed", range(3))
def test_mutations_lead_to_no_traceback(seed: int) -> None:
    for document in hostile(seed, 150):
        assert_answered(document)


@pytest.mark.fuzz
@pytest.mark.timeout(1200)
def test_ten_thousand_hostile_documents_lead_to_no_traceback() -> None:
    for document in hostile(20260301, 10_000):
        assert_answered(document)
