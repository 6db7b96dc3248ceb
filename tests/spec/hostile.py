"""Hostile documents: real ones of every kind, mutated as an attacker or a careless person would.

Everything follows from a seed. `check` reads a document as `worldwright check` does, without a disk.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.spec.entropy.files import AGE, FLAG, INCOME, ROLE, attribute, document
from worldwright.diagnostics import Diagnostic
from worldwright.experiment import read_experiment
from worldwright.spec import Population, Source, load_population
from worldwright.spec.entropy import is_population, load_entropy
from worldwright.world import load_world

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"


@dataclass(frozen=True)
class Hostile:
    """A document with its kind: population, scenario, entropy, world or experiment."""

    kind: str
    text: str


def _read(*parts: str) -> str:
    return SPECS.joinpath(*parts).read_text(encoding="utf-8")


SURGEONS = _read("populations", "german-surgeons.yaml")
_LAW = {"type": "lognormal", "mean_formula": "max(1, age - 20)", "std": 9.0, "min": 0.0}
_CHANGES = [
    {"when": "age > 40 and role in ['senior', 'junior']", "multiply": 1.6, "add": -1.0},
    {"when": "flag == True or not (income < 30)", "multiply": 0.5, "add": 0.0},
]
_TONES = {"type": "categorical", "options": ["a", "b", "c"], "weights": [0.2, 0.3, 0.5]}
_OVER = [{"when": "age > 50", "weight_overrides": {"a": 0.5, "b": 0.5, "c": 0.0}}]
ENTROPY = document(
    [
        AGE,
        ROLE,
        FLAG,
        INCOME,
        attribute(
            "x", "float", "conditional", law=_LAW, modifiers=_CHANGES, depends_on=["age", "role", "flag"]
        ),
        attribute("y", "categorical", "conditional", law=_TONES, modifiers=_OVER, depends_on=["age"]),
        attribute(
            "z", "int", "derived", formula="round(age * 1.5) if flag else 3", depends_on=["age", "flag"]
        ),
    ]
)
BASES = (
    Hostile("population", SURGEONS),
    Hostile(
        "population", (ROOT / "tests" / "spec" / "documents" / "german-surgeons.yaml").read_text("utf-8")
    ),
    Hostile("scenario", _read("scenarios", "ai-diagnostic-tool.yaml")),
    Hostile("world", _read("worlds", "adoption", "world.yaml")),
    Hostile("experiment", _read("experiments", "ai-diagnostic-adoption.yaml")),
    Hostile("entropy", ENTROPY),
)

_SCALARS = (
    "null",
    "~",
    "true",
    "False",
    "yes",
    "no",
    "on",
    "off",
    ".nan",
    ".inf",
    "-.inf",
    "0o17",
    "0x1f",
    "017",
    "1_000",
    "1:30",
    "1e3",
    "1e400",
    "-0",
    ".5",
    "5.",
    "+1",
    "1e-400",
    "2024-01-01",
    "2024-13-45",
    "[]",
    "{}",
    "''",
    '""',
    "|",
    ">",
    "?",
    "-",
    ":",
    ",",
    "@x",
    "`x",
    "%x",
    "!x",
    "!!python/object:os.system",
    "&a",
    "*a",
    "<<",
)
_EXPRESSIONS = (
    "age >",
    "(" * 300,
    "((((((((((age))))))))))",
    "not " * 400 + "age",
    "-" * 400 + "1",
    "age" + " + age" * 900,
    "age > 1" + " and age > 1" * 300,
    "age in [" + ", ".join(map(str, range(900))) + "]",
    "1 if age > 1 else " * 60 + "2",
    "min(" * 60 + "age" + ", 1)" * 60,
    "max(age, 3) > 50",
    "age ** 9 ** 9",
    "__import__('os').system('true')",
    "().__class__.__bases__[0]",
    "'x' * 10000000",
    "1/0",
    "log(0) + sqrt(-1)",
    "date('9999-12-31') - date('0001-01-01')",
    "age == 'chief'",
    "rank > 3",
    "x is known is known",
    "a" * 5000,
    "9" * 400,
    "0." + "0" * 290 + "1",
    "𝒳 > 3",
    "age\u00a0> 3",
    "age > 3 # comment",
    "'unclosed",
    "age == age == age == age",
)
_CHARACTERS = (
    "\t",
    "\r",
    "\r\n",
    "\x00",
    "\x07",
    "\x7f",
    "\x85",
    "\ufeff",
    "\u2028",
    "\u202e",
    "\u200b",
    "\u0301" * 50,
    "\ud800",
    "\udfff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\ufffe",
    "İ",
    "ﬁ",
    "'",
    '"',
    "#",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "|",
    "&x ",
    "*x",
    "!!int ",
    "<<: ",
)
_KEYS = (
    *(
        "type",
        "distribution",
        "when",
        "weights",
        "formula",
        "only_if",
        "stream",
        "options",
        "modifiers",
        "clip",
    ),
    *(
        "level",
        "marginals",
        "expect",
        "sources",
        "constraints",
        "attributes",
        "",
        "1",
        "a b",
        "__class__",
        "null",
    ),
    *(
        "meta",
        "sampling",
        "entities",
        "metrics",
        "design",
        "grid",
        "population",
        "network",
        "replicates",
        "until",
    ),
)


def hostile(seed: int, count: int) -> Iterator[Hostile]:
    """So many mutations of real documents."""
    rng = random.Random(seed)
    for _ in range(count):
        base = rng.choice(BASES)
        text = base.text
        for _ in range(rng.choice((1, 1, 2, 3, 8))):
            text = mutated(text, rng)
        yield Hostile(base.kind, text)


def _ours(text: str) -> Hostile:
    return Hostile("population", text)


def bombs() -> Iterator[Hostile]:
    """Documents that are small and would be large, deep or slow for a careless reader."""
    head = "worldwright: population/1\nname: p\nattributes:\n"
    age = "  age: {type: int, assumption: true, distribution: {uniform: {min: 18, max: 80}}}\n"
    yield _ours("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    yield _ours("[" * 100_000)
    yield _ours("{a: " * 50_000)
    yield _ours("- " * 50_000 + "x")
    yield _ours("? " * 10_000 + "x")
    yield _ours("a:\n" + "".join(f"{' ' * i}a:\n" for i in range(1, 500)))
    yield _ours(head + "  x: {type: int, formula: " + "1+" * 200_000 + "1}\n")
    yield _ours(head + "  " + "x" * 500_000 + ": 1\n")
    yield _ours("#" * 1_000_000)
    yield _ours("\n" * 1_000_000)
    yield _ours("a: '" + "''" * 400_000 + "'\n")
    yield _ours('a: "' + "\\u0041" * 160_000 + '"\n')
    yield _ours("x" * (1 << 20) + "y")
    yield _ours("".join(f"k{i}: 1\n" for i in range(60_000)))
    yield _ours("k: 1\n" * 60_000)
    yield _ours("[" + "1," * 120_000 + "1]")
    yield Hostile(
        "population",
        head + age + "".join(f"  a{i}: {{type: int, formula: age + {i}}}\n" for i in range(2_000)),
    )
    chain = "".join(f"  b{i}: {{type: int, formula: b{i - 1} + 1}}\n" for i in range(1, 2_000))
    yield _ours(head + "  b0: {type: int, formula: 1}\n" + chain)
    ring = "".join(f"  c{i}: {{type: int, formula: c{(i + 1) % 1_000} + 1}}\n" for i in range(1_000))
    yield _ours(head + ring)
    modifiers = "".join(f"      - {{when: age > {i % 90}, multiply: 1.01}}\n" for i in range(3_000))
    law = "    type: float\n    assumption: true\n    distribution: {normal: {mean: 1, sd: 1}}\n"
    yield _ours(head + age + "  d:\n" + law + "    modifiers:\n" + modifiers)
    weights = ", ".join(f"o{i}: 1" for i in range(20_000))
    yield Hostile(
        "population", head + f"  e: {{assumption: true, distribution: {{categorical: {{{weights}}}}}}}\n"
    )
    wrong = "".join(f"  f{i}: {{tipe: int, formula: agee + 'x'}}\n" for i in range(2_000))
    yield _ours(head + age + wrong)
    yield _ours(head + "".join(f"  g{i}: {{type: flaot}}\n" for i in range(3_000)))
    when = " or ".join(f"(age > {i} and age < {i + 1})" for i in range(60))
    tangled = f'      - {{when: "{when}", probability: .5}}\n' * 60
    yield Hostile(
        "population",
        head
        + age
        + f"  h:\n    assumption: true\n    distribution: {{boolean: .5}}\n    modifiers:\n{tangled}",
    )
    yield Hostile(
        "entropy", "meta: {description: x}\ngrounding: {}\nattributes: []\nsampling_order: " + "[" * 5_000
    )


def mutated(text: str, rng: random.Random) -> str:
    """A text with one thing in it changed."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    line = lines[at]
    match rng.randrange(16):
        case 0:
            lines[at] = line.split(":")[0] + ": " + rng.choice(_SCALARS)
        case 1:
            lines[at] = line.split(":")[0] + ": " + rng.choice(_EXPRESSIONS)
        case 2:
            lines[at] = line.split(":")[0] + ': "' + rng.choice(_EXPRESSIONS).replace('"', "'") + '"'
        case 3:
            del lines[at]
        case 4:
            lines.insert(at, rng.choice(lines))
        case 5:
            lines[at] = " " * rng.choice((1, 2, 3, 7)) + line
        case 6:
            lines[at] = line[rng.choice((1, 2, 3, 4)) :]
        case 7:
            cut = rng.randrange(len(line) + 1)
            lines[at] = line[:cut] + rng.choice(_CHARACTERS) + line[cut:]
        case 8:
            head, colon, rest = line.partition(":")
            lines[at] = head[: len(head) - len(head.lstrip())] + rng.choice(_KEYS) + colon + rest
        case 9:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 10:
            first = rng.randrange(len(lines))
            lines[first:first] = lines[at : at + rng.randrange(1, 12)]
        case 11:
            return text[: rng.randrange(len(text) + 1)]
        case 12:
            words = line.split()
            if words:
                lines[at] = line.replace(rng.choice(words), rng.choice((*_SCALARS, *_EXPRESSIONS)), 1)
        case 13:
            opening = rng.choice(("%YAML 1.1\n---\n", "---\n", "\ufeff", "...\n", "&x\n", "!!map\n", "\t"))
            return opening + text
        case 14:
            return text.replace("\n", rng.choice(("\r\n", "\r", "\n\n", "\n\t", "\n ", "\x85")))
        case _:
            digits = [i for i, char in enumerate(text) if char.isdigit()]
            if digits:
                place = rng.choice(digits)
                number = rng.choice(("-1", "0", "1e308", "9" * 40, "1e-320", ".", "99999999999999999999"))
                return text[:place] + number + text[place + 1 :]
    return "\n".join(lines)


def check(document: Hostile) -> tuple[Population | None, list[Diagnostic]]:
    """What is said of a document."""
    source = Source("hostile.yaml", document.text)
    match document.kind:
        case "scenario":
            return load_population(Source("german-surgeons.yaml", SURGEONS), source)
        case "world":
            folder = SPECS / "worlds" / "adoption"
            texts = {folder / "world.yaml": document.text}
            _, found = load_world(folder, lambda path: texts.get(path) or path.read_text("utf-8"), str)
            return None, found
        case "experiment":
            return None, read_experiment(document.text, source.file)[2]
        case _:
            node = source.read()[0]
            return load_entropy(source) if is_population(node) else load_population(source)
