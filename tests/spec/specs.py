"""Documents that several tests of the spec language start from."""

from pathlib import Path

from worldwright.diagnostics import Diagnostic
from worldwright.render import render_text
from worldwright.spec import Population, Source, load_population

SURGEONS = (Path(__file__).parent / "documents" / "german-surgeons.yaml").read_text(encoding="utf-8")

HEAD = "worldwright: population/1\nname: people\nattributes:\n"
AGE = "  age: {type: int, assumption: true, distribution: {uniform: {min: 18, max: 80}}}\n"
RANK = "  rank: {type: categorical, assumption: true, distribution: {categorical: {chief: .4, senior: .6}}}\n"
RENT = """  rent:
    type: float
    assumption: true
    only_if: rank == 'chief'
    distribution: {lognormal: {mean: 5200, sd: 1900}}
"""
SCENARIO = "worldwright: scenario/1\nname: reform\nextends: people\nattributes:\n"


def load(text: str, scenario: str | None = None) -> tuple[Population | None, list[Diagnostic]]:
    over = None if scenario is None else Source("scenario.yaml", scenario)
    return load_population(Source("base.yaml", text), over)


def loaded(text: str, scenario: str | None = None) -> Population:
    """The population of documents without errors."""
    population, diagnostics = load(text, scenario)
    texts = {"base.yaml": text, "scenario.yaml": scenario or ""}
    assert population is not None, render_text(diagnostics, texts.get)
    return population


def errors(text: str, scenario: str | None = None) -> list[Diagnostic]:
    """The errors of documents that have some."""
    population, diagnostics = load(text, scenario)
    assert population is None
    return [diagnostic for diagnostic in diagnostics if diagnostic.is_error]


def drawn(
    name: str, distribution: str = "{normal: {mean: 3, sd: 1}}", kind: str = "float", **more: str
) -> str:
    """An attribute in block style, with an assumption so that it raises no lint."""
    lines = [f"type: {kind}", "assumption: true", f"distribution: {distribution}"]
    lines += [f"{key}: {value}" for key, value in more.items()]
    return f"  {name}:\n" + "".join(f"    {line}\n" for line in lines)


def formula(name: str, text: str, kind: str = "float", **more: str) -> str:
    """A derived attribute."""
    lines = [f"type: {kind}", f"formula: {text}", *(f"{key}: {value}" for key, value in more.items())]
    return f"  {name}:\n" + "".join(f"    {line}\n" for line in lines)
