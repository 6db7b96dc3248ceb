"""How the agents of a file meet their spec: as a page for people or a table for programs."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import UsageError
from worldwright.hashing import digest
from worldwright.version import VERSION

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.project.stages import Chain, Staged
    from worldwright.spec import Population
    from worldwright.store import Dataset

_EXPECTATIONS, _ATTRIBUTES = "expectations.png", "attributes.png"
_ENDINGS = (".html", ".parquet")


@dataclass(frozen=True, slots=True)
class Judged:
    """A written quality report."""

    file: str
    agents: int
    """How many were looked at."""
    warnings: int
    failures: tuple[str, ...]
    """The expectations and constraints that are not met."""


def demand_quality_file(path: Path) -> None:
    """Refuse a report that could not be written, before anything is sampled.

    Raises:
        UsageError: for another ending, or a folder that does not exist.
    """
    if path.suffix not in _ENDINGS:
        raise UsageError(
            "the name of a quality report ends in .html or .parquet",
            where=str(path),
            help="a page for people, or a table for programs",
        )
    if not path.parent.is_dir():
        raise UsageError(f"the folder {path.parent} does not exist", where=str(path), help="make it first")


def judge(spec: Path, agents: int | None, seed: int) -> pa.Table:
    """Sample a spec and judge its agents: the rows of the quality report.

    Raises:
        UsageError: when the spec does not exist.
        DocumentError: when it has errors.
        SamplingError: when an agent cannot be drawn.
    """
    from worldwright.population import plan, quality
    from worldwright.population.backends import memory
    from worldwright.population.inspection.quality import JUDGED
    from worldwright.project.specs import loaded_spec

    population = loaded_spec(spec).population
    number = population.agents if agents is None else agents
    table = memory.sample(plan(population, seed, number), 0, min(number, JUDGED))
    return quality(population, table, agents=number)


def write_quality(population: Population, sampled: Path, seed: int, path: Path) -> Judged:
    """Judge the agents of a file or of the parts in a folder, as many as `JUDGED`, and write the report."""
    from worldwright.population import quality, write_parquet
    from worldwright.population.inspection.quality import JUDGED

    table, agents = _first(sampled, JUDGED)
    findings = quality(population, table, agents=agents)
    if path.suffix == ".parquet":
        write_parquet([findings], path)
    else:
        _write(path, _page(population, table, seed, findings))
    rows = findings.to_pylist()
    return Judged(
        str(path),
        table.num_rows,
        sum(row["verdict"] == "warn" for row in rows),
        tuple(row["text"] for row in rows if row["verdict"] == "fail"),
    )


def quality_pictures(chain: Chain, population: Staged) -> dict[str, dict[str, Path]]:
    """What a report of quality draws, as PNG files by population: its known figures, and its attributes.

    They are made once and kept in the store, on which no version of an experiment depends.

    Args:
        chain: The experiment.
        population: Its stage `population`.

    Returns:
        For each population of the world `expectations` and `attributes`.
    """
    found: dict[str, dict[str, Path]] = {}
    for name, use in chain.experiment.samples.items():
        sampled, judged = population.datasets[name], population.quality[name]

        def write(
            folder: Path,
            of: Population = use.population,
            sampled: Dataset = sampled,
            judged: Dataset = judged,
        ) -> None:
            from worldwright.population.inspection.profiles import profiles
            from worldwright.population.inspection.quality import TESTED
            from worldwright.report.quality_plots import attributes, expectations

            rows = judged.table("quality").to_pylist()
            agents = sampled.head("agents", TESTED).drop(["agent"])
            known = [row for row in rows if row["kind"] == "expectation"]
            (folder / _EXPECTATIONS).write_bytes(expectations(known))
            (folder / _ATTRIBUTES).write_bytes(attributes(profiles(of, agents), rows))

        drawn, _ = chain.project.store.get_or_build(
            digest(
                "drawn",
                {
                    "spec": use.population.digest,
                    "sample": sampled.digest,
                    "quality": judged.digest,
                    "version": VERSION,
                },
            ),
            stage="quality_pictures",
            inputs={"name": use.population.name},
            parents=[sampled.key, judged.key],
            write=write,
        )
        found[name] = {"expectations": drawn.file(_EXPECTATIONS), "attributes": drawn.file(_ATTRIBUTES)}
    return found


def _page(population: Population, table: pa.Table, seed: int, findings: pa.Table) -> str:
    from worldwright.population.inspection.profiles import profiles
    from worldwright.population.inspection.quality import CORRECTION, FAMILY_ERROR, TESTED
    from worldwright.report.quality_page import QualityData, render_quality

    name = population.name
    return render_quality(
        QualityData(
            name=f"{population.scenario} on {name}" if population.scenario else name,
            agents=table.num_rows,
            tested=min(TESTED, table.num_rows),
            seed=seed,
            digest=population.digest,
            error_rate=FAMILY_ERROR,
            correction=CORRECTION,
            findings=findings,
            profiles=profiles(population, table),
        )
    )


def _first(path: Path, most: int) -> tuple[pa.Table, int]:
    """The first agents, and how many there are in all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(path.iterdir()) if path.is_dir() else [path]
    held = [pq.read_schema(files[0]).empty_table()]
    read = agents = 0
    for one in files:
        with pq.ParquetFile(one) as file:
            agents += file.metadata.num_rows
            for group in range(file.num_row_groups):
                if read >= most:
                    break
                held.append(file.read_row_group(group))
                read += held[-1].num_rows
    return pa.concat_tables(held).slice(0, most), agents


def _write(path: Path, text: str) -> None:
    staged = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.tmp")
    try:
        staged.write_text(text, encoding="utf-8")
        staged.replace(path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(f"cannot be written: {reason}", where=str(path)) from None
    finally:
        staged.unlink(missing_ok=True)
