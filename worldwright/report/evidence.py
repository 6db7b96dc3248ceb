"""The page's sections about what the answer rests on: population, failures, provenance, queries."""

from __future__ import annotations

import shlex
from collections import Counter
from functools import partial
from typing import Any

from worldwright.report.data import ReportData
from worldwright.report.elements import Section, figure, more
from worldwright.report.markup import Child, Markup, table, tag
from worldwright.report.numbers import count
from worldwright.report.portrait import population as portrait
from worldwright.report.reading import ends_of

MOST_ROWS = 200
"""Rows of a table of tests or failures; the catalog has them all."""
_MARKS = {"pass": "✓", "warn": "!", "fail": "✗"}


def population(data: ReportData) -> Section | None:
    """Who was simulated, and how well they meet what their document says of them."""
    tests = data.quality.to_pylist()
    if not tests and not data.population.num_rows:
        return None
    body: list[Child] = []
    if tests:
        body.append(tag("p", *verdicts_markup(tests)))
        expected = [row for row in tests if row["kind"] == "expectation"]
        others = [row for row in tests if row["kind"] != "expectation"]
        doubtful = [row for row in others if row["verdict"] != "pass"]
        passed = [row for row in others if row["verdict"] == "pass"]
        if expected:
            body += [
                tag("h3", "Expectations"),
                expectations_markup("The population's known figures, and what was sampled.", expected),
            ]
        if doubtful:
            body += [tag("h3", "Warnings"), tests_markup("Other tests that did not pass.", doubtful)]
        if passed:
            body.append(
                more(f"{count(len(passed), 'other test')} passed", tests_markup("Tests that passed.", passed))
            )
    if data.population.num_rows:
        names = ", ".join(data.population.column_names[:16])
        body.append(
            figure(
                partial(portrait, data.population, units=data.units),
                alt=f"Distributions of the agents' attributes: {names}.",
                caption="The population of replicate 0. Missing values (none) are left out of the bars.",
            )
        )
    return Section("population", "Population", tuple(body))


def failures(data: ReportData) -> Section:
    """Failed runs by what failed and where, or that there are none."""
    total = data.runs.num_rows
    failed = [row for row in data.runs.to_pylist() if row["status"] != "ok"]
    if not failed:
        said = f"All {count(total, 'run')} finished." if total > 1 else f"{count(total, 'run')} finished."
        return Section("failures", "Failures", (tag("p", said if total else "No run is recorded."),))
    alike = Counter(
        (row["error_script"] or "", row["error_line"], row["error"] or row["status"]) for row in failed
    )
    first: dict[tuple[str, int | None, str], dict[str, Any]] = {}
    for row in failed:
        first.setdefault((row["error_script"] or "", row["error_line"], row["error"] or row["status"]), row)
    rows: list[list[Child]] = []
    for key, runs in alike.most_common(MOST_ROWS):
        script, line, message = key
        place = tag("code", f"{script}:{line}" if line is not None else script) if script else "–"
        rows.append([place, message, f"{runs:,}", _first_seen(data, first[key])])
    return Section(
        "failures",
        "Failures",
        (
            tag(
                "p",
                f"{failed_of(len(failed), total)}. Their cells are incomplete and show no interval.",
                class_="alert",
            ),
            table(
                f"Failed runs by error{_of(len(rows), len(alike))}.",
                ["script and line", "error", "runs", "first seen"],
                rows,
                numeric=(2,),
            ),
        ),
    )


def provenance(data: ReportData) -> Section | None:
    """Digests, seeds and versions."""
    if not data.provenance:
        return None
    rows: list[list[Child]] = [[label, tag("code", value)] for label, value in data.provenance]
    caption = "What these numbers were made from. The same inputs give the same bytes."
    return Section("provenance", "Provenance", (table(caption, ["what", "value"], rows),))


def queries(data: ReportData) -> Section:
    """How to ask the results something else."""
    ends = ends_of(data.summary, data.main_metric)
    last = max((end.tick for end in ends.values()), default=data.ticks)
    schema = _identifier(data.name.replace("-", "_"))
    means = (
        "select label, mean, low, high from metric_summary\n"
        f"where experiment = {_literal(data.name)} and metric = {_literal(data.main_metric)}\n"
        f"and segment = '' and tick = {last} order by cell"
    )
    if data.outcome is not None:
        means = (
            "select label, mean, low, high from outcomes\n"
            f"where experiment = {_literal(data.name)} and outcome = {_literal(data.outcome.name)}\n"
            "and segment = '' order by cell"
        )
    runs = (
        f"select cell, avg(value) as mean, stddev(value) as sd, count(*) as runs\n"
        f"from {schema}.metrics\n"
        f"where metric = {_literal(data.main_metric)} and segment = '' and tick = {last}\n"
        f"group by cell order by cell;"
    )
    return Section(
        "query",
        "Queries",
        (
            tag("p", "The numbers above, from the project's folder:"),
            _code(f"worldwright query {_argument(means)}"),
            tag("p", "Every metric of every run, with plain DuckDB:"),
            _code(f"duckdb -readonly {shlex.quote(data.catalog)}\n\n{runs}"),
            tag(
                "p",
                "Without a query, ",
                tag("code", "worldwright query"),
                " lists all tables.",
                class_="note",
            ),
        ),
    )


def failed_of(failed: int, total: int) -> str:
    """Such as `3 of 120 runs failed`."""
    return f"{failed:,} of {count(total, 'run')} failed"


def verdicts_markup(tests: list[dict[str, Any]]) -> list[Child]:
    """How many tests there are, by verdict."""
    counted = Counter(row["verdict"] for row in tests)
    parts: list[Child] = [f"{count(len(tests), 'test')}: "]
    shown = [verdict for verdict in ("pass", "warn", "fail") if counted[verdict]]
    for index, verdict in enumerate(shown):
        parts += [", " if index else None, f"{counted[verdict]:,} ", badge(verdict)]
    return [*parts, "."]


def tests_markup(caption: str, rows: list[dict[str, Any]]) -> Markup:
    """Findings of a quality report as a table."""
    shown = [
        [
            ", ".join(str(part) for part in (row["attribute"], row["branch"]) if part),
            str(row["text"] or ""),
            figure_text(row["declared"]),
            figure_text(row["achieved"]),
            _allowed(row.get("tolerance"), row.get("p_value")),
            badge(row["verdict"]),
        ]
        for row in rows[:MOST_ROWS]
    ]
    columns = ["attribute", "finding", "declared", "sampled", "allowed", "verdict"]
    return table(f"{caption}{_of(len(shown), len(rows))}", columns, shown, numeric=(2, 3, 4))


def expectations_markup(caption: str, rows: list[dict[str, Any]]) -> Markup:
    """Known figures beside the sampled ones; what each says in words would say it twice."""
    shown = [
        [
            str(row["branch"] or "").rpartition(" is ")[0] or str(row["attribute"]),
            figure_text(row["declared"]),
            figure_text(row["achieved"]),
            _allowed(row.get("tolerance"), row.get("p_value")),
            badge(row["verdict"]),
        ]
        for row in rows[:MOST_ROWS]
    ]
    columns = ["figure", "declared", "sampled", "allowed", "verdict"]
    return table(f"{caption}{_of(len(shown), len(rows))}", columns, shown, numeric=(1, 2, 3))


def badge(verdict: str) -> Markup:
    """A verdict with its mark and colour."""
    known = verdict if verdict in _MARKS else None
    return tag("span", f"{_MARKS.get(verdict, '')} {verdict}".strip(), class_=known)


def figure_text(value: object) -> str:
    """A number to four figures, a large one whole; a dash where there is none."""
    if value is None:
        return "–"
    if not isinstance(value, float):
        return str(value)
    return (f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:,.4g}").replace("-", "−")


def _allowed(tolerance: float | None, p_value: float | None) -> str:
    """The tolerance of a test, or the chance of a deviation as large where it has none."""
    if tolerance is not None:
        return f"± {figure_text(tolerance)}"
    return "–" if p_value is None else _p_value(p_value)


def _p_value(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _first_seen(data: ReportData, row: dict[str, Any]) -> str:
    cell: int = row["cell"]
    parts = [data.cells[cell].label, f"replicate {row['replicate']}"]
    if row["error_tick"] is not None:
        parts.append(f"tick {row['error_tick']}")
    if row["error_entity"]:
        parts.append(f"entity {row['error_entity']}")
    return ", ".join(parts)


def _of(shown: int, all_: int) -> str:
    return f" ({shown:,} of {all_:,})" if shown < all_ else ""


def _code(text: str) -> Markup:
    return tag("pre", tag("code", text), tabindex="0")


def _argument(text: str) -> str:
    """Text as one argument for a shell, in double quotes where those need no escaping."""
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _identifier(name: str) -> str:
    escaped = name.replace('"', '""')
    plain = name.isascii() and name.isidentifier()
    return name if plain else f'"{escaped}"'
