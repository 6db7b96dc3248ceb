"""Random valid documents over the whole language, for laws: each loads without errors and can be sampled.

`populations()` gives plain documents as `tree.plain` reads them, `scenarios(base)` one over such a document.
Every type, family, modifier, condition and relation of the language occurs; what an attribute reads stands
before or after it in the document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Plain = dict[str, Any]
NAMES = ("age", "b2", "Cost", "d_x", "e", "f", "gain", "h")
OVER = ("s_one", "s_two", "s_three")
LABELS = ("north", "two words", "it's", "no", "1", "ä-ö", "18-24", "true", "x:y", "#", "null", "a, b")
_DATES = ("2020-01-05", "2020-02-29", "2021-07-01", "2024-12-31")
_UNITS = ("years", "EUR/month", "%")


@dataclass
class Known:
    """What later attributes may read of those made so far."""

    numbers: list[str] = field(default_factory=list[str])
    booleans: list[str] = field(default_factory=list[str])
    labels: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    dates: list[str] = field(default_factory=list[str])
    maybe: list[str] = field(default_factory=list[str])
    """Numbers that are null for some."""
    steady: dict[str, float] = field(default_factory=dict[str, float])
    """Numbers drawn from a plain normal law, with a bound that most agents are below."""
    correlated: list[str] = field(default_factory=list[str])
    """Drawn attributes that a correlation may name."""
    raked: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Attributes with options and a plain law, which marginals may name."""
    tables: bool = True
    """Whether values may come from tables."""


@st.composite
def populations(
    draw: st.DrawFn,
    *,
    least: int = 1,
    most: int = 6,
    name: str = "people",
    like: Plain | None = None,
    marginals: bool = True,
    tables: bool = True,
) -> Plain:
    """A valid population document; with `like`, attributes of that one's names are of the same sort."""
    document: Plain = {"worldwright": "population/1", "name": name}
    if draw(st.booleans()):
        document["description"] = draw(
            st.sampled_from(["Some people", "Two: with a colon", "it's # no comment"])
        )
    document["agents"] = draw(st.integers(1, 3000))
    document["sources"] = {"one": {"title": "A census: all", "year": 2020}, "two": {"title": "Other"}}
    known = Known(tables=tables)
    names = NAMES[: draw(st.integers(least, most))]
    made: dict[str, Plain] = {}
    if draw(st.booleans()):
        law = {"normal": {"mean": draw(st.integers(-2, 9)), "sd": 1}}
        made["steady"] = {"type": "float", "assumption": True, "distribution": law}
        _note("steady", made["steady"], known)
    sorts: Plain = {} if like is None else like["attributes"]
    made |= {each: draw(attributes(each, known, like=sorts.get(each))) for each in names}
    order = draw(st.permutations(list(made)))
    document["attributes"] = {each: made[each] for each in order}
    document |= draw(relations(known))
    if marginals and known.raked and draw(st.integers(0, 2)) == 0:
        named = {each for pair in document.get("correlations", ()) for each in pair[:2]}
        known.raked = {each: labels for each, labels in known.raked.items() if each not in named}
        document |= draw(_marginals(known)) if known.raked else {}
    return document


@st.composite
def scenarios(draw: st.DrawFn, base: Plain, *, name: str = "reform", tables: bool = True) -> Plain:
    """A valid scenario over a document that `populations` gave."""
    known = known_of(base)
    own = Known(
        **{part: getattr(known, part) for part in ("numbers", "booleans", "labels", "dates", "maybe")},
        tables=tables,
    )
    names = OVER[: draw(st.integers(1, len(OVER)))]
    made = {each: draw(attributes(each, own, sourced=False)) for each in names}
    head = {"worldwright": "scenario/1", "name": name, "extends": base["name"]}
    return {**head, "attributes": made, **draw(relations(own))}


def known_of(document: Plain) -> Known:
    """What a scenario may read of a document."""
    known = Known()
    for name, declared in document["attributes"].items():
        _note(name, declared, known)
    return known


@st.composite
def attributes(
    draw: st.DrawFn, name: str, known: Known, *, sourced: bool = True, like: Plain | None = None
) -> Plain:
    """One attribute, noted in `known`; with `like`, of the same type, options and unit."""
    kinds = ["int", "float", "float", "categorical", "boolean", "date", "text"]
    kind = draw(st.sampled_from(kinds)) if like is None else like["type"]
    made: Plain = {"type": kind}
    if like is not None:
        made |= {key: like[key] for key in ("ordered", "unit") if key in like}
    elif kind == "categorical" and draw(st.booleans()):
        made["ordered"] = True
    if like is None and kind in ("int", "float") and draw(st.integers(0, 2)) == 0:
        made["unit"] = draw(st.sampled_from(_UNITS))
    if draw(st.integers(0, 3)) == 0:
        made["description"] = draw(st.sampled_from(["What it is", "Their 'own': # word", "ünits"]))
    guard = draw(conditions(known)) if kind != "text" and draw(st.integers(0, 5)) == 0 else None
    if guard is not None:
        made["only_if"] = guard
    if kind == "text":
        readable = [*known.numbers, *known.booleans, *known.labels]
        places = [f"{{{each}}}" for each in readable[:2]]
        if like is not None and {*re.findall(r"{(\w+)}", like["template"])} <= {*readable}:
            return dict(like)
        return made | {"template": " and ".join(["someone", *places])}
    options = (
        None
        if like is None
        else like.get("options") or [*like.get("distribution", {}).get("categorical", ())]
    )
    if draw(st.integers(0, 4)) == 0 and not options:
        formula = draw(_formulas(kind, known))
        if formula is not None:
            made |= formula
            _note(name, made, known)
            return made
    if draw(st.integers(0, 4)) == 0:
        made["stream"] = f"{name}_stream"
    made["distribution"] = draw(
        laws(kind, known) if not options else _weights(options, known).map(_categorical)
    )
    if kind != "date" and draw(st.booleans()):
        labels = list(made["distribution"].get("categorical", ()))
        made["modifiers"] = draw(st.lists(modifiers(kind, labels, known), min_size=1, max_size=3))
    if kind in ("int", "float") and draw(st.integers(0, 3)) == 0:
        made["clip"] = draw(st.sampled_from([{"min": -50}, {"max": 400.5}, {"min": -9.5, "max": 99}]))
    made |= {"source": "one"} if sourced and draw(st.booleans()) else {"assumption": "made up: for a test"}
    _note(name, made, known)
    return made


def _note(name: str, made: Plain, known: Known) -> None:
    kind, law = made["type"], made.get("distribution", {})
    if "only_if" in made:
        if kind in ("int", "float"):
            known.maybe.append(name)
        return
    if kind in ("int", "float"):
        known.numbers.append(name)
        normal = law.get("normal", {})
        if (
            kind == "float"
            and isinstance(normal.get("mean"), (int, float))
            and not made.keys() & {"modifiers", "clip"}
        ):
            known.steady[name] = normal["mean"] + 1
    elif kind == "boolean":
        known.booleans.append(name)
    elif kind == "categorical":
        known.labels[name] = list(made.get("options") or law["categorical"])
    elif kind == "date":
        known.dates.append(name)
    figures = [law.get("boolean", 0.5), *law.get("categorical", {}).values()]
    fixed = all(isinstance(figure, float) for figure in figures)
    if kind in ("categorical", "boolean") and law and fixed and "modifiers" not in made:
        known.raked[name] = known.labels.get(name, ["false", "true"])
    ordered = kind == "categorical" and made.get("ordered") and fixed
    if law and "mixture" not in law and (kind in ("int", "float") or ordered):
        known.correlated.append(name)


# ---- laws


def laws(kind: str, known: Known) -> st.SearchStrategy[Plain]:
    """A distribution of a type."""
    match kind:
        case "categorical":
            return _labels().flatmap(lambda labels: _weights(labels, known)).map(_categorical)
        case "boolean":
            return _probabilities(known).map(lambda p: {"boolean": p})
        case "date":
            return st.sampled_from(
                [{"uniform": {"min": a, "max": b}} for a in _DATES[:2] for b in _DATES[2:]]
            )
        case "int":
            return st.one_of(_whole(known), _numeric(known, real=False))
        case _:
            return _numeric(known, real=True)


@st.composite
def _numeric(draw: st.DrawFn, known: Known, *, real: bool) -> Plain:
    match draw(st.integers(0, 9)):
        case 0 if known.tables:
            return draw(_empirical(real=real))
        case 1:
            share = draw(st.sampled_from([0.25, 0.5, 0.75]))
            parts = [draw(_family(known, real=real)) for _ in range(2)]
            for law in (law for part in parts for law in part.values()):
                law.pop("clamp", None)  # a component is truncated, or the whole is clipped
            return {"mixture": [{"share": share} | parts[0], {"share": 1 - share} | parts[1]]}
        case _:
            return draw(_family(known, real=real))


@st.composite
def _empirical(draw: st.DrawFn, *, real: bool) -> Plain:
    points = sorted(draw(st.sets(st.integers(-9, 40), min_size=2, max_size=5)))
    if real and draw(st.booleans()):
        inner = len(points) - 2
        steps = sorted(draw(st.sets(st.integers(1, 9), min_size=inner, max_size=inner)))
        at = ["0", *(f".{step}" for step in steps), "1"]
        return {"empirical": {"quantiles": dict(zip(at, points, strict=True))}}
    if draw(st.booleans()):
        return {"empirical": {"values": points}}
    return {"empirical": {"values": {str(point): draw(st.integers(1, 9)) for point in points}}}


@st.composite
def _family(draw: st.DrawFn, known: Known, *, real: bool) -> Plain:
    families = [
        "normal",
        "lognormal",
        "uniform",
        "gamma",
        "exponential",
        "triangular",
        *(["beta"] if real else []),
    ]
    family = draw(st.sampled_from(families))
    mean, positive = draw(numbers(known)), draw(positives(known))
    sd = draw(st.one_of(st.sampled_from([1, 2.5, 0.5]), positives(known)))
    match family:
        case "normal":
            return {family: {"mean": mean, "sd": sd} | draw(_ends(mean))}
        case "lognormal":
            return {family: {"mean": positive, "sd": sd}}
        case "uniform":
            return {family: {"min": mean, "max": _plus(mean, draw(st.sampled_from([3, 10.5])))}}
        case "triangular":
            ends = {"min": mean, "mode": _plus(mean, 1.5), "max": _plus(mean, 4)}
            return {family: ends}
        case "beta":
            return {family: {"alpha": positive, "beta": draw(st.sampled_from([1, 2.5]))}}
        case "gamma":
            return {family: {"shape": draw(st.sampled_from([0.7, 2, 9.5])), "scale": positive}}
        case _:
            return {family: {"mean": positive} | draw(st.sampled_from([{}, {"min": 0}]))}


@st.composite
def _ends(draw: st.DrawFn, mean: Any) -> Plain:
    ends: Plain = {}
    if draw(st.integers(0, 2)) == 0:
        ends["min"] = _plus(mean, -4)
    if draw(st.integers(0, 2)) == 0:
        ends["max"] = _plus(mean, 3)
    return ends | {"clamp": True} if ends and draw(st.integers(0, 3)) == 0 else ends


@st.composite
def _whole(draw: st.DrawFn, known: Known) -> Plain:
    family = draw(st.sampled_from(["poisson", "binomial", "uniform"]))
    if family == "poisson":
        return {family: {"mean": draw(positives(known))} | draw(st.sampled_from([{}, {"max": 60}]))}
    if family == "binomial":
        return {family: {"n": draw(st.integers(1, 12)), "p": draw(_probabilities(known))}}
    return {family: {"min": draw(st.integers(-3, 3)), "max": draw(st.integers(4, 30))}}


def _categorical(weights: Plain) -> Plain:
    return {"categorical": weights}


def _labels() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(LABELS), min_size=2, max_size=4, unique=True)


@st.composite
def _shares(draw: st.DrawFn, labels: list[str]) -> dict[str, float]:
    cuts = sorted(
        draw(st.lists(st.integers(1, 99), min_size=len(labels) - 1, max_size=len(labels) - 1, unique=True))
    )
    shares = [(b - a) / 100 for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    return dict(zip(labels, shares, strict=True))


@st.composite
def _weights(draw: st.DrawFn, labels: list[str], known: Known) -> Plain:
    shares = draw(_shares(labels))
    if draw(st.integers(0, 5)) == 0:
        condition = draw(conditions(known))
        return {label: f"{share} if {condition} else {share + 1}" for label, share in shares.items()}
    return shares


def _probabilities(known: Known) -> st.SearchStrategy[Any]:
    plain = st.sampled_from([0.2, 0.5, 0.35, 0.8])
    return st.one_of(plain, conditions(known).map(lambda when: f"0.3 if {when} else 0.6"))


# ---- modifiers


@st.composite
def modifiers(draw: st.DrawFn, kind: str, options: list[str], known: Known) -> Plain:
    """A modifier of a type; some never apply, some always, some change nothing."""
    made: Plain = {"when": draw(st.one_of(conditions(known), st.sampled_from([True, "1 > 2", "2 > 1"])))}
    if kind == "categorical":
        key = draw(st.sampled_from(["weights", "scale"]))
        some = options if key == "weights" else options[: draw(st.integers(1, len(options)))]
        made[key] = (
            draw(_weights(some, known)) if len(some) > 1 else {some[0]: draw(st.sampled_from([1, 2, 0.5]))}
        )
        if key == "scale" and len(some) > 1:
            made[key] = {label: draw(st.sampled_from([1, 2, 0.25])) for label in some}
    elif kind == "boolean":
        if draw(st.booleans()):
            made["probability"] = draw(_probabilities(known))
        if "probability" not in made or draw(st.booleans()):
            made["scale"] = draw(st.sampled_from([1, 2, 0.5]))
    else:
        keys = draw(st.sampled_from([("multiply",), ("add",), ("multiply", "add")]))
        figures = {"multiply": [1, 1.5, 0.25, "2 * 0.5"], "add": [0, -2.5, 3, "1 - 1"]}
        made |= {key: draw(st.one_of(st.sampled_from(figures[key]), numbers(known))) for key in keys}
    return made


# ---- expressions


@st.composite
def numbers(draw: st.DrawFn, known: Known, depth: int = 1) -> Any:
    """A number or an expression that gives one, of modest size where what it reads is."""
    plain = draw(st.sampled_from([0, 1, 2.5, 10, -3, 0.125, 40]))
    if not draw(st.booleans()):
        return plain
    if not known.numbers:
        return draw(
            st.sampled_from([plain, "2 + 3 * 0.5", "max(1, 2.5)", "-(4 - 1)", "7 // 2", "clip(9, 0, 5)"])
        )
    one, other = draw(st.sampled_from(known.numbers)), draw(st.sampled_from(known.numbers))
    shapes = [
        one,
        f"{one} * 0.5",
        f"{one} + 1 * 2",
        f"({one} - {other}) / 4",
        f"min({one}, {other}, 20)",
        f"round({one})",
        f"sqrt(abs({one}))",
        f"clip({one}, -5, 2 + 3)",
        f"{one} % 7",
        f"floor({one}) + ceil({other})",
        f"{one} if true else {other}",
        f"({one} + 0) * 1",
    ]
    if known.maybe:
        maybe = draw(st.sampled_from(known.maybe))
        shapes.append(f"{maybe} if {maybe} is known else {one}")
    if depth:
        condition = draw(conditions(known, depth - 1))
        shapes += [f"{one} if {condition} else {plain}", f"{one} if {condition} else {one}"]
    return draw(st.sampled_from(shapes))


@st.composite
def positives(draw: st.DrawFn, known: Known) -> Any:
    """A number above 0, or an expression that is."""
    if not known.numbers or draw(st.booleans()):
        return draw(st.sampled_from([0.5, 1, 3.25, 20, "1 + 1.5"]))
    one = draw(st.sampled_from(known.numbers))
    return draw(st.sampled_from([f"1 + abs({one}) % 9", f"clip({one}, 1, 8)", f"max(0.5, min({one}, 12))"]))


@st.composite
def conditions(draw: st.DrawFn, known: Known, depth: int = 1) -> Any:
    """A condition that is decided for every agent."""
    shapes: list[str] = ["1 < 2", "not 2 < 1"]
    if known.numbers:
        one = draw(st.sampled_from(known.numbers))
        at = draw(st.sampled_from(["0", "2.5", "-1 + 3", "1e6"]))
        shapes += [
            f"{one} > {at}",
            f"{one} <= {at}",
            f"not ({one} < {at})",
            f"0 < {one} < 5",
            f"{one} in [1, 2]",
        ]
    if known.booleans:
        one = draw(st.sampled_from(known.booleans))
        shapes += [one, f"not {one}", f"not (not {one})", f"{one} == true"]
    if known.labels:
        one = draw(st.sampled_from(sorted(known.labels)))
        first, last = (_label(known.labels[one][i]) for i in (0, -1))
        shapes += [
            f"{one} == {first}",
            f"{one} in [{first}, {last}]",
            f"{one} != {last}",
            f"{one} == {first} or {one} == {last}",
        ]
    if known.dates:
        shapes.append(f"{draw(st.sampled_from(known.dates))} < date('2021-03-01')")
    if known.maybe:
        one = draw(st.sampled_from(known.maybe))
        shapes += [f"{one} is known and {one} > 1", f"{one} is not known"]
    if len(shapes) > 2 and draw(st.integers(0, 4)):
        shapes = shapes[2:]
    one = draw(st.sampled_from(shapes))
    if depth and draw(st.integers(0, 3)) == 0:
        joint = draw(st.sampled_from(["and", "or"]))
        return f"({one}) {joint} ({draw(conditions(known, depth - 1))})"
    return one


def _label(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plus(value: Any, by: float) -> Any:
    return value + by if isinstance(value, (int, float)) else f"({value}) + {by}"


@st.composite
def _formulas(draw: st.DrawFn, kind: str, known: Known) -> Plain | None:
    match kind:
        case "categorical":
            options = ["low", "it's high"]
            return {"options": options, "formula": f"'low' if {draw(conditions(known))} else 'it''s high'"}
        case "boolean":
            return {"formula": draw(conditions(known))}
        case "date":
            return {"formula": draw(st.sampled_from(known.dates))} if known.dates else None
        case _:
            return {"formula": draw(numbers(known))}


# ---- relations


@st.composite
def relations(draw: st.DrawFn, known: Known) -> Plain:
    """Correlations, constraints and expectations, each where there is something to relate."""
    found: Plain = {}
    if len(known.correlated) > 1 and draw(st.booleans()):
        first, second = draw(st.permutations(known.correlated))[:2]
        found["correlations"] = [[first, second, draw(st.sampled_from([0.2, -0.25, 0.1]))]]
    if known.steady and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(known.steady)))
        bound = known.steady[name] + 1
        plain = f"{name} <= {bound}"
        forms: list[Any] = [
            plain,
            {"require": plain, "redraw": [name]},
            {"require": plain, "on_fail": "drop"},
        ]
        found["constraints"] = [draw(st.sampled_from(forms))]
    items: list[Plain] = []
    if known.numbers and draw(st.booleans()):
        items.append(
            {draw(st.sampled_from(["mean", "sd", "median"])): known.numbers[0], "is": 3.5, "within": 1000000}
        )
    if draw(st.booleans()):
        items.append({"share": draw(conditions(known)), "is": 0.5, "within": 1, "assumption": True})
    if items and known.booleans:
        items[-1]["where"] = known.booleans[0]
    return found | {"expect": items} if items else found


@st.composite
def _marginals(draw: st.DrawFn, known: Known) -> Plain:
    """Known tables of one attribute, or of two that a survey ties together."""
    names = draw(st.permutations(sorted(known.raked)))[:2]
    targets: list[Plain] = []
    for name in names:
        labels = known.raked[name]
        if draw(st.booleans()):
            targets.append({"of": name, "totals": {label: 10 * (i + 1) for i, label in enumerate(labels)}})
        else:
            targets.append({"of": name, "shares": draw(_shares(labels))})
    if all("totals" in target for target in targets):
        targets = targets[:1]
    found: Plain = {"targets": targets}
    if len(names) == 2 and draw(st.booleans()):
        inner = {label: i + 1 for i, label in enumerate(known.raked[names[1]])}
        found["seed"] = {"of": list(names), "table": {label: dict(inner) for label in known.raked[names[0]]}}
    return {"marginals": found}
