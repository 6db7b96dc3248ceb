"""WW0903: its fix says the same."""

import pytest

from tests.spec.specs import AGE, HEAD, drawn, formula, load, loaded
from worldwright.diagnostics import Applicability
from worldwright.spec.edits import applied
from worldwright.spec.expressions.canonical import text

BODY = HEAD + AGE + drawn("owner", "{boolean: .4}", "boolean")


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("owner == true and age > 30", "owner and age > 30"),
        ("age > 30 or false == owner", "age > 30 or not owner"),
        ("not (owner == true)", "not owner"),
        ("(3 if owner != false else 2) > 1", "(3 if owner else 2) > 1"),
    ],
)
def test_a_comparison_with_a_truth_is_mended(written: str, mended: str) -> None:
    document = BODY + formula("x", written, "boolean")
    (found,) = [d for d in load(document)[1] if d.code == "WW0903"]
    assert found.fix is not None and found.fix.applicability is Applicability.SAFE
    after = loaded(applied(document, found.fix.edits))
    formula_after = after.attribute("x").formula
    assert formula_after is not None and text(formula_after) == mended
