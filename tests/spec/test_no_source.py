"""Figures without a source: told one by one, or once where a document names none at all."""

from tests.spec.specs import HEAD, load

BARE = "  {name}: {{type: float, distribution: {{uniform: {{min: 0, max: 1}}}}}}\n"


def _told(text: str) -> list[tuple[int, str]]:
    _, found = load(text)
    return [(item.span.start.line, item.message) for item in found if item.span and item.code == "WW0602"]


def test_a_document_without_any_source_is_told_once() -> None:
    expect = "expect:\n  - {mean: a, is: .5, within: .1}\n"
    told = _told(HEAD + "".join(BARE.format(name=name) for name in "abc") + expect)
    assert len(told) == 1
    assert "4" in told[0][1]


def test_where_some_figures_have_a_source_the_others_are_named() -> None:
    known = "  d: {type: float, assumption: true, distribution: {uniform: {min: 0, max: 1}}}\n"
    told = _told(HEAD + "".join(BARE.format(name=name) for name in "abc") + known)
    assert [message.split("`")[1] for _, message in told] == ["a", "b", "c"]


def test_a_single_figure_is_named() -> None:
    assert "`a`" in _told(HEAD + BARE.format(name="a"))[0][1]
