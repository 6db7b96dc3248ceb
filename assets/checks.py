"""The gates and the warnings: what must hold before the next stage runs, and what a reader should know.

Each function turns what the engine found into the outcome of one check of an asset. A blocking check that
fails keeps everything downstream from running; what was published before stays as it is.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.markdown import picture, table, verbatim
from assets.partitions import experiments
from worldwright.diagnostics import Diagnostic
from worldwright.project.documents import Closure
from worldwright.project.locks import BROKEN_LOCK, MISSING_LOCK, STALE_LOCK
from worldwright.project.stages import Staged
from worldwright.render import count, render_text

Pictures = Mapping[str, Mapping[str, Path]]
"""PNG files by population and by what they show."""

SHOWN = 50
"""How many rows of a table a check shows."""

_LOCKS = {code.id for code in (STALE_LOCK, MISSING_LOCK, BROKEN_LOCK)}


def _spec(name: str, asset: str, description: str, *, blocking: bool = False) -> dg.AssetCheckSpec:
    """A check whose outcome belongs to one experiment: another's run does not hide it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)  # of partitions on checks; until Dagster 2
        return dg.AssetCheckSpec(
            name, asset=asset, description=description, blocking=blocking, partitions_def=experiments
        )


DOCUMENTS_VALID = _spec(
    "documents_valid",
    "experiment_document",
    "The experiment and every document it names can be used.",
    blocking=True,
)
LOCKS_FRESH = _spec(
    "locks_fresh",
    "experiment_document",
    "Each document still answers the brief it was written for; authoring is the job `author`.",
    blocking=True,
)
EXPECTATIONS_MET = _spec(
    "expectations_met",
    "population",
    "The population has the known figures that its documents state under `expect:`.",
    blocking=True,
)
POPULATION_AS_SPECIFIED = _spec(
    "population_as_specified",
    "population",
    "Tests of the sampled agents against their spec, corrected for their number; they only warn.",
)
RUNS_SUCCEEDED = _spec(
    "runs_succeeded",
    "simulation_runs",
    "No run failed; a cell with a failed run is incomplete and shows no interval.",
)


def documents_valid(closure: Closure) -> dg.AssetCheckResult:
    """Whether the documents themselves have no errors."""
    return _diagnosed("documents_valid", [d for d in closure.diagnostics if d.code not in _LOCKS], closure)


def locks_fresh(closure: Closure) -> dg.AssetCheckResult:
    """Whether the documents still answer their briefs."""
    return _diagnosed("locks_fresh", [d for d in closure.diagnostics if d.code in _LOCKS], closure)


def _met(expectations: int) -> str:
    if expectations < 2:
        return "one expectation, met" if expectations else "nothing is expected"
    return f"{expectations} expectations, all met"


def expectations_met(population: Staged, unmet: str | None, drawn: Pictures) -> dg.AssetCheckResult:
    """Whether the population has its known figures.

    Args:
        population: The stage, with its table of quality.
        unmet: What the engine says when it has not.
        drawn: The figures beside what is expected, as pictures.
    """
    rows = [row for row in _quality(population) if row.get("kind") == "expectation"]
    return dg.AssetCheckResult(
        check_name="expectations_met",
        passed=unmet is None,
        description=unmet or _met(len(rows)),
        metadata={
            "expectations": len(rows),
            **(_pictures(drawn, "expectations") if rows else {}),
            "figures": _quality_table(rows),
        },
    )


def population_as_specified(population: Staged, drawn: Pictures) -> dg.AssetCheckResult:
    """Whether a test of the sampled agents warns; with the agents beside what is declared, as pictures."""
    warned = [row for row in _quality(population) if row.get("verdict") == "warn"]
    return dg.AssetCheckResult(
        check_name="population_as_specified",
        passed=not warned,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(warned)} warnings" if warned else "no warnings",
        metadata={
            "warnings": len(warned),
            **_pictures(drawn, "attributes"),
            "tests": _quality_table(warned),
        },
    )


def runs_succeeded(runs: Staged) -> dg.AssetCheckResult:
    """Whether all runs ended as they should, with script and line of those that did not."""
    rows = [row for row in runs.only.table("runs").to_pylist() if row["status"] != "ok"]
    places = [f"{row['error_script']}:{row['error_line']}" if row["error_script"] else None for row in rows]
    failed = [
        [row["cell"], row["replicate"], row["error_tick"], row["error_entity"], place, row["error"]]
        for row, place in zip(rows, places, strict=True)
    ]
    columns = ["cell", "replicate", "tick", "entity", "script:line", "message"]
    first = f"; the first at {places[0]}: {rows[0]['error']}" if rows else ""
    return dg.AssetCheckResult(
        check_name="runs_succeeded",
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(failed)} of {runs.rows} runs failed{first}",
        metadata={"failed": len(failed), **({"failures": table(columns, failed[:SHOWN])} if failed else {})},
    )


def _diagnosed(name: str, found: list[Diagnostic], closure: Closure) -> dg.AssetCheckResult:
    errors = [diagnostic for diagnostic in found if diagnostic.is_error]
    described = "; ".join(_line(diagnostic) for diagnostic in errors[:3])
    metadata: dict[str, Any] = {"found": count(found)}
    if found:
        metadata["diagnostics"] = verbatim(render_text(found, closure.files.get))
    return dg.AssetCheckResult(
        check_name=name, passed=not errors, description=described or count(found), metadata=metadata
    )


def _line(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    place = f"{span.file}:{span.start.line}:{span.start.column}: " if span else ""
    help = f" ({diagnostic.help})" if diagnostic.help else ""
    return f"{place}{diagnostic.message}{help}"


def _pictures(drawn: Pictures, which: str) -> dict[str, dg.MarkdownMetadataValue]:
    return {
        which if len(drawn) == 1 else f"{which} ({name})": picture(files[which], which)
        for name, files in drawn.items()
    }


def _quality(population: Staged) -> list[dict[str, Any]]:
    return [row for dataset in population.quality.values() for row in dataset.table("quality").to_pylist()]


def _quality_table(rows: list[dict[str, Any]]) -> dg.MarkdownMetadataValue:
    columns = ["kind", "text", "declared", "achieved", "verdict"]
    return table(columns, [[row[name] for name in columns] for row in rows[:SHOWN]])
