"""`check --fix`: what it changes, what it leaves alone."""

from __future__ import annotations

import stat

from worldwright.project.locate import Project
from worldwright.project.mend import mend_files


def test_a_safe_fix_is_applied_and_a_suggested_one_is_offered(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    text = people.read_text(encoding="utf-8")
    broken = "\ufeff" + text.replace("north: .5", "north: .4  # half?")
    broken = broken.replace("{categorical: {north: .4  # half?, south", "{categorical: {north: .4, south")
    people.write_text(broken, encoding="utf-8")
    mended = mend_files([people])
    assert [d.code for d in mended.fixed] == ["WW0104"]
    assert people.read_text(encoding="utf-8") == broken[1:]
    assert [d.code for d in mended.left.diagnostics if d.is_error] == ["WW0312"]
    assert mended.offered == 1


def test_suggested_fixes_are_applied_round_after_round_with_comments_kept(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    text = people.read_text(encoding="utf-8")
    broken = text.replace("attributes:", "atributes:  # who they are").replace("age > 50", "aeg > 50  # ?")
    people.write_text(broken, encoding="utf-8")
    people.chmod(0o640)
    mended = mend_files([people], suggested=True)
    right = text.replace("attributes:", "attributes:  # who they are").replace("age > 50", "age > 50  # ?")
    assert people.read_text(encoding="utf-8") == right
    assert not any(d.is_error for d in mended.left.diagnostics)
    assert {d.code for d in mended.fixed} == {"WW0130", "WW0204"}
    assert stat.S_IMODE(people.stat().st_mode) == 0o640
    assert mend_files([people], suggested=True).fixed == []


def test_line_ends_stay_as_they_are(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    text = people.read_text(encoding="utf-8").replace("age > 50", "aeg > 50").replace("\n", "\r\n")
    people.write_bytes(text.encode())
    mend_files([people], suggested=True)
    assert people.read_bytes() == text.replace("aeg > 50", "age > 50").encode()


def test_a_document_that_is_not_named_is_left_alone(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    broken = people.read_text(encoding="utf-8").replace("age > 50", "aeg > 50")
    people.write_text(broken, encoding="utf-8")
    mended = mend_files([tiny.specs / "experiments" / "rumour.yaml"], suggested=True)
    assert mended.fixed == [] and mended.offered == 1
    assert people.read_text(encoding="utf-8") == broken
