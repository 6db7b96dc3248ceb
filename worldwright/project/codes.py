"""Every code of every kind of document, and the page of one: what, why, a bad and a good example."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from worldwright.diagnostics import Code, Diagnostic
from worldwright.errors import UsageError

_SCRIPT = "function update(now, msgs) end\n"


@dataclass(frozen=True, slots=True)
class Example:
    """A document, and what a check says of it where it can be checked by itself."""

    file: str
    text: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class CodePage:
    """What there is to say about a code; the examples are None where no single document shows it."""

    code: Code
    bad: Example | None
    good: Example | None


def all_codes() -> tuple[Code, ...]:
    """The codes of specs, worlds, experiments and projects, by their numbers."""
    from worldwright.architect import dry_run, research, vetting
    from worldwright.experiment import codes as experiments
    from worldwright.project import documents, foreign, locks, specs
    from worldwright.spec import ALL_CODES
    from worldwright.spec.entropy import codes as entropy
    from worldwright.world import WORLD_CODES
    from worldwright.world.portability import codes as portability

    authored = (research, vetting, dry_run)
    modules = (experiments, documents, foreign, locks, specs, *authored, entropy, portability)
    elsewhere = [code for module in modules for code in _codes_in(module)]
    return tuple(sorted({*ALL_CODES, *WORLD_CODES, *elsewhere}, key=lambda code: code.id))


def code_page(name: str) -> CodePage:
    """The page of a code, by its number or its name in words.

    Raises:
        UsageError: when there is no such code; it names the nearest.
    """
    codes = all_codes()
    for code in codes:
        if name.upper() == code.id or name.lower() == code.slug:
            bad = _example(code, code.bad) if code.bad else None
            return CodePage(code, bad, _example(code, code.good) if code.good else None)
    near = get_close_matches(name.lower(), [*(c.slug for c in codes), *(c.id.lower() for c in codes)], n=3)
    shown = ", ".join(word.upper() if word.startswith("ww0") else word for word in near)
    raise UsageError(
        f"there is no code {name!r}",
        help=f"did you mean {shown}?" if shown else "a code stands in brackets after `error`, as in WW0312",
    )


def _codes_in(module: ModuleType) -> list[Code]:
    return [value for value in vars(module).values() if isinstance(value, Code)]


def _example(code: Code, text: str) -> Example:
    """An example with what a check says of it; examples of worlds are scripts or whole documents."""
    if code.id.startswith("WW07") and text.startswith(("worldwright: ", "name: ")):
        return _world_example(
            text, {"world.yaml": text, "a.lua": f"state = {{n = 0}}\n{_SCRIPT}"}, "world.yaml"
        )
    if code.id.startswith("WW07"):
        entities = "[{name: a, script: a.lua, count: 2}]"
        world = f"worldwright: world/1\nname: example\nentities: {entities}\n"
        portable = code.id.startswith("WW073")
        return _world_example(text, {"world.yaml": world, "a.lua": text}, "a.lua", portable)
    if code.id.startswith("WW08"):
        from worldwright.experiment import read_experiment

        return Example("example.yaml", text, tuple(read_experiment(text, "example.yaml")[2]))
    from worldwright.spec import Source, load_population

    return Example("example.yaml", text, tuple(load_population(Source("example.yaml", text))[1]))


def _world_example(text: str, files: dict[str, str], shown: str, portable: bool = False) -> Example:
    from worldwright.world import load_world

    def read_text(path: Path) -> str:
        if path.name not in files:
            raise FileNotFoundError(2, "no such file")
        return files[path.name]

    found = load_world(Path("world.yaml"), read_text, portable=portable)[1]
    return Example(shown, text, tuple(found))
