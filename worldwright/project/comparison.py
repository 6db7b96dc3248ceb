"""Two results side by side: which inputs differ, and what that did to the answer."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worldwright.errors import UsageError
from worldwright.project.answer import current_record
from worldwright.project.inputs import Changed, Input, changes, inputs_in, reached
from worldwright.project.staleness import texts_of

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.project.locate import Project
    from worldwright.spec.diff import Change

_MOST_LINES = 40
_SPECS = ("population", "scenario")


@dataclass(frozen=True, slots=True)
class Detail:
    """How an input differs: changes by meaning in documents, lines in scripts; both may be empty."""

    changed: Changed
    changes: tuple[Change, ...] = ()
    lines: tuple[str, ...] = ()
    """Lines as `diff -u` gives them, without its heading."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What an outcome comes to in a setting, in the first result and in the second, over all agents.

    `difference` is paired by replicate where both have the same seed; `low` and `high` are its 95 % interval,
    and None where there is none. `same` says that every replicate's value is the same to the bit.
    """

    outcome: str
    setting: str
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    n: int
    same: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results: names with versions, what differs in inputs, stages and answers.

    Attributes:
        before: Such as `adoption-quick@1`.
        after: The other.
        details: The inputs that differ.
        known: Whether both recorded their inputs.
        stages: The stages that read a differing input, or one that does, each with why.
        libraries: Versions of libraries that differ: before and after.
        results: Outcomes in the settings that both have.
        only_before: Settings that only the first has.
        only_after: Settings that only the second has.
        paired: Whether differences are paired by replicate.
        reworded: Files in which only comments, descriptions or layout differ.
    """

    before: str
    after: str
    details: tuple[Detail, ...]
    known: bool
    stages: dict[str, tuple[str, ...]]
    libraries: dict[str, tuple[str, str]]
    results: tuple[Difference, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    paired: bool
    reworded: tuple[str, ...]

    @property
    def same_results(self) -> bool:
        """Whether all outcomes are the same to the bit, in the same settings."""
        return all(one.same for one in self.results) and not (self.only_before or self.only_after)

    @property
    def causes(self) -> tuple[Changed, ...]:
        """The differing inputs that a number can depend on."""
        return tuple(one.changed for one in self.details if one.changed.stages != ("experiment_report",))

    @property
    def verdict(self) -> str:
        """In a sentence, whether the results differ and which input made them."""
        what = ", ".join(one.one.short for one in self.causes)
        if self.same_results:
            return (
                f"the results are the same, although inputs differ: {what}"
                if what
                else "the results are the same"
            )
        if not self.known:
            return "the results differ; one of the two was published before inputs were recorded"
        if len(self.causes) == 1:
            return f"the results differ because of {what}"
        if self.causes:
            return f"the results differ; the cause is one or more of: {what}"
        if self.libraries:
            return "the inputs are the same; the results differ because of other library versions"
        return "the inputs are the same and the results differ: `worldwright reproduce` a run of each"


def compare(project: Project, first: str, second: str | None) -> Comparison:
    """Compare two results.

    Args:
        project: The project.
        first: An experiment, or one of its versions: `NAME@3`. Without a second, its last two versions.
        second: Another one.

    Raises:
        UsageError: when there is no such result.
        StoreError: when one is damaged.
    """
    before, after = _named(project, first, second)
    (was, old), (now, new) = (_result(project, name) for name in (before, after))
    found = changes(inputs_in(old), inputs_in(new))
    texts = [texts_of(project.store, record) for record in (old, new)]
    known = all(record.get("inputs") for record in (old, new))
    details = tuple(_detail(one, *texts) for one in found) if known else ()
    results, only_before, only_after, paired = _results(project, old, new)
    return Comparison(
        was,
        now,
        details,
        known,
        reached(found) if known else {},
        _libraries(project, old, new),
        results,
        only_before,
        only_after,
        paired,
        _reworded(found, *texts),
    )


def _named(project: Project, first: str, second: str | None) -> tuple[str, str]:
    if second is not None:
        return first, second
    name, _, number = first.partition("@")
    current_record(project, name)
    known = project.store.versions(name)
    here = known.index(int(number)) if number.isdigit() and int(number) in known else len(known) - 1
    if here < 1:
        raise UsageError(f"{name} has one version only", help=f"compare with another: {first} OTHER")
    return f"{name}@{known[here - 1]}", f"{name}@{known[here]}"


def _result(project: Project, spelled: str) -> tuple[str, dict[str, Any]]:
    name, at, number = spelled.partition("@")
    if not at:
        version, record = current_record(project, name)
        return f"{name}@{version}", record
    known = project.store.versions(name)
    if not number.isdigit() or int(number) not in known:
        listed = ", ".join(map(str, known)) or "none"
        raise UsageError(f"{name} has no version {number!r}", help=f"its versions are: {listed}")
    return spelled, project.store.version(name, int(number))


def _detail(changed: Changed, was: dict[str, str] | None, now: dict[str, str] | None) -> Detail:
    """How the texts of a changed input differ, where both are kept."""
    before, after = changed.before, changed.after
    if before is None or after is None or was is None or now is None:
        return Detail(changed)
    old, new = was.get(before.file or ""), now.get(after.file or "")
    if old is None or new is None or before.kind not in (*_SPECS, "world", "script"):
        return Detail(changed, lines=_design(before, after))
    if before.kind == "script":
        return Detail(changed, lines=_lines(old, new))
    return Detail(changed, changes=_by_meaning(before, old, new))


def _by_meaning(one: Input, old: str, new: str) -> tuple[Change, ...]:
    from worldwright.spec import plain, read
    from worldwright.spec.diff import diff
    from worldwright.spec.places import holds_expression
    from worldwright.spec.tree import MappingNode

    trees = [read(text, one.file or "")[0] for text in (old, new)]
    before, after = (plain(tree) if isinstance(tree, MappingNode) else {} for tree in trees)
    return diff(before, after, holds_expression if one.kind in _SPECS else lambda path: False)


def _lines(old: str, new: str) -> tuple[str, ...]:
    found = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0))[2:]
    more = len(found) - _MOST_LINES
    return (*found[:_MOST_LINES], *([f"… {more} more lines"] if more > 0 else []))


def _design(before: Input, after: Input) -> tuple[str, ...]:
    """The cells of a design that are gone and new."""
    if before.name != "design":
        return ()
    was, now = (
        [json.dumps(cell, sort_keys=True) for cell in json.loads(one.value)] for one in (before, after)
    )
    found = [f"- {cell}" for cell in was if cell not in now] + [
        f"+ {cell}" for cell in now if cell not in was
    ]
    return tuple(found[:_MOST_LINES])


def _reworded(
    found: Sequence[Changed], was: dict[str, str] | None, now: dict[str, str] | None
) -> tuple[str, ...]:
    if was is None or now is None:
        return ()
    files = {one.one.file for one in found}
    both = sorted({*was} & {*now})
    return tuple(file for file in both if was[file] != now[file] and file not in files)


def _libraries(project: Project, old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The libraries of which other versions made the runs, as far as that was recorded."""
    was, now = (_versions(project, record) for record in (old, new))
    return {name: (was[name], now[name]) for name in was if name in now and was[name] != now[name]}


def _versions(project: Project, record: dict[str, Any]) -> dict[str, str]:
    """Of the first run that is there: all of a version are made by one environment as a rule."""
    runs = project.store.get(record["datasets"]["simulation_runs"]["runs"]["key"]).table("runs")
    for key, digest in zip(runs.column("run").to_pylist(), runs.column("digest").to_pylist(), strict=True):
        dataset = project.store.find(key) if digest else None
        if dataset is not None:
            return dict(dataset.about.get("versions", {}))
    return {}


_Values = Mapping[tuple[str, str], Mapping[int, "float | None"]]
"""By outcome and setting, the value of each replicate."""


def _results(
    project: Project, old: dict[str, Any], new: dict[str, Any]
) -> tuple[tuple[Difference, ...], tuple[str, ...], tuple[str, ...], bool]:
    labels = [{_setting(cell): cell["label"] for cell in r["experiment"]["cells"]} for r in (old, new)]
    was, now = (_values(project, record) for record in (old, new))
    paired = old["experiment"]["seed"] == new["experiment"]["seed"]
    found = tuple(
        _difference(outcome, labels[0][setting], was[outcome, setting], now[outcome, setting], paired)
        for outcome, setting in was
        if (outcome, setting) in now
    )
    return (
        found,
        tuple(label for setting, label in labels[0].items() if setting not in labels[1]),
        tuple(label for setting, label in labels[1].items() if setting not in labels[0]),
        paired,
    )


def _setting(cell: dict[str, Any]) -> str:
    return json.dumps(cell["settings"], sort_keys=True)


def _values(project: Project, record: dict[str, Any]) -> _Values:
    """Every run's outcomes over all agents; none from results that are older than outcomes."""
    summary = project.store.get(record["datasets"]["metric_summary"]["summary"]["key"])
    if "values.parquet" not in summary.parts:
        return {}
    table: pa.Table = summary.table("values")
    settings = [_setting(cell) for cell in record["experiment"]["cells"]]
    found: dict[tuple[str, str], dict[int, float | None]] = {}
    columns = (
        table.column(name).to_pylist() for name in ("outcome", "segment", "cell", "replicate", "value")
    )
    for outcome, segment, cell, replicate, value in zip(*columns, strict=True):
        if segment == "":
            found.setdefault((outcome, settings[cell]), {})[replicate] = value
    return found


def _difference(
    outcome: str,
    setting: str,
    was: Mapping[int, float | None],
    now: Mapping[int, float | None],
    paired: bool,
) -> Difference:
    from worldwright.experiment.stopping import interval, mean_sd

    means = [mean_sd(list(known))[0] if (known := list(_known(one))) else None for one in (was, now)]
    before, after = means
    same = dict(was) == dict(now)
    differences = [
        y - x
        for r in sorted(was.keys() & now.keys())
        if (x := was[r]) is not None and (y := now[r]) is not None
    ]
    if before is None or after is None or (paired and not differences):
        return Difference(outcome, setting, before, after, None, None, None, 0, same)
    whole = len(list(_known(was))) == len(was) and len(list(_known(now))) == len(now)
    if paired:
        mean, sd = mean_sd(differences)
        low, high = interval(mean, sd, len(differences)) if whole else (None, None)
        return Difference(outcome, setting, before, after, mean, low, high, len(differences), same)
    low, high = _welch(list(_known(was)), list(_known(now))) if whole else (None, None)
    n = min(len(was), len(now))
    return Difference(outcome, setting, before, after, after - before, low, high, n, same)


def _known(values: Mapping[int, float | None]) -> Iterator[float]:
    return (value for value in values.values() if value is not None)


def _welch(one: Sequence[float], other: Sequence[float]) -> tuple[float | None, float | None]:
    """Welch's 95 % interval of the difference of two means (B. L. Welch, Biometrika 34, 1947)."""
    import math

    from scipy.special import stdtrit

    from worldwright.experiment.stopping import CONFIDENCE, mean_sd

    if min(len(one), len(other)) < 2:
        return None, None
    (m, s), (k, t) = mean_sd(one), mean_sd(other)
    a, b = s * s / len(one), t * t / len(other)
    if a + b == 0.0:
        return k - m, k - m
    freedom = (a + b) ** 2 / (a * a / (len(one) - 1) + b * b / (len(other) - 1))
    width = float(stdtrit(freedom, 0.5 + CONFIDENCE / 2)) * math.sqrt(a + b)
    return k - m - width, k - m + width
