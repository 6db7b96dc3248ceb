"""The register of codes and their pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import worldwright
from worldwright.errors import UsageError
from worldwright.project.codes import all_codes, code_page

PACKAGE = Path(worldwright.__file__).parent
WRITTEN = {
    code
    for path in PACKAGE.rglob("*.py")
    for code in re.findall(r'\bCode\(\s*"(WW\d{4})"', path.read_text(encoding="utf-8"))
}


def test_every_code_of_the_engine_is_registered_once() -> None:
    codes = [code.id for code in all_codes()]
    assert len(WRITTEN) > 70
    assert sorted(codes) == sorted(WRITTEN)


@pytest.mark.parametrize("code", [code.id for code in all_codes() if code.bad])
def test_the_examples_of_a_page_say_what_they_should(code: str) -> None:
    page = code_page(code)
    assert page.bad is not None and page.good is not None
    assert {d.code for d in page.bad.diagnostics} == {code}
    assert page.good.diagnostics == ()


def test_a_page_is_found_by_number_and_by_name() -> None:
    assert code_page("ww0312").code.slug == "weights-sum"
    assert code_page("weights-sum").code.id == "WW0312"


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        code_page("weight-sum")
    assert "weights-sum" in str(caught.value)
