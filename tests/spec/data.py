"""Files of data for documents under test, held in memory."""

from __future__ import annotations

from worldwright.diagnostics import Diagnostic
from worldwright.render import render_text
from worldwright.spec import Population, Source, load_population
from worldwright.spec.data_files import DataFileError, Reader

CUSTOMERS = b"""id,age,segment,spending,since,active,w
c1,23,budget,12.5,2019-03-01,true,1
c2,45,premium,80,2015-07-15,true,3
c3,37,budget,,2020-01-31,false,1
c4,61,premium,120.25,2012-11-02,true,2
"""
HEAD = "worldwright: population/1\nname: people\n"


def reader(**files: bytes) -> Reader:
    """Files by name; `a_csv` is `a.csv`."""
    known = {name.replace("_", "."): content for name, content in files.items()}

    def read(document: str, path: str) -> bytes:
        assert document == "base.yaml"
        if path not in known:
            raise DataFileError(f"there is no file {path!r}")
        return known[path]

    return read


def load(text: str, **files: bytes) -> tuple[Population | None, list[Diagnostic]]:
    """A population with its files; `customers.csv` is always there."""
    return load_population(Source("base.yaml", text), files=reader(**{"customers_csv": CUSTOMERS, **files}))


def loaded(text: str, **files: bytes) -> Population:
    """The population of documents without errors."""
    population, found = load(text, **files)
    assert population is not None, render_text(found, {"base.yaml": text}.get)
    return population


def empirical(kind: str, inner: str, *more: str) -> str:
    """A document with one attribute, `x`, of an empirical distribution."""
    lines = [f"type: {kind}", "assumption: true", f"distribution: {{empirical: {{{inner}}}}}", *more]
    return HEAD + "attributes:\n  x:\n" + "".join(f"    {line}\n" for line in lines)
