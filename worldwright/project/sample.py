"""Sample a document's population into a file, or into parts in a folder."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.diagnostics import Diagnostic
from worldwright.errors import UsageError
from worldwright.hashing import file_digest
from worldwright.project.quality import Judged, demand_quality_file, write_quality
from worldwright.project.specs import demand_spec, loaded_spec

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.population import Backend


@dataclass(frozen=True)
class Sampled:
    """What was sampled, and what the checks said about its spec."""

    agents: int
    attributes: int
    digest: str
    files: dict[str, str]
    """Checksums (SHA-256) of what was written: of the file, or of the parts by their names in the folder."""
    diagnostics: list[Diagnostic]
    texts: dict[str, str]
    quality: Judged | None = None
    """What the quality report found, where one was asked for."""


def sample_file(
    spec: Path,
    agents: int | None,
    seed: int,
    out: Path,
    progress: Callable[[int, int], None],
    *,
    workers: int = 1,
    ray: str | None = None,
    quality: Path | None = None,
    parts: bool = False,
) -> Sampled:
    """Sample `agents` agents (the spec's own number where None) of a population or scenario into `out`.

    What is written does not depend on who computes the agents.

    Args:
        spec: The document.
        agents: How many.
        seed: From 0 to 2⁶³ − 1.
        out: The Parquet file, or a folder that is not there yet or empty.
        progress: Told how many agents are done, and of how many.
        workers: With more than one, as many local processes compute.
        ray: The address of a Ray cluster that computes instead.
        quality: Where to write how the agents meet their spec: a page (.html) or a table (.parquet).
        parts: Write a folder of files of 2²⁰ agents each; it appears under its name when complete.

    Raises:
        UsageError: when the spec does not exist or `out` cannot be written.
        DocumentError: when the spec has errors; nothing is written then.
        SamplingError: when an agent cannot be drawn; nothing is written then.
        WorldwrightError: when a worker dies or a cluster cannot be reached; nothing is written then.
    """
    demand_spec(spec)
    if not out.parent.is_dir():
        raise UsageError(
            f"the folder {out.parent} does not exist",
            where=str(out),
            help="make it first, or write elsewhere",
        )
    if not parts and out.suffix not in ("", ".parquet", ".pq"):
        raise UsageError(
            "agents are written as Parquet",
            where=str(out),
            help=f"name it {out.with_suffix('.parquet').name}; DuckDB and pandas turn it into other formats",
        )
    if parts and out.exists() and (not out.is_dir() or any(out.iterdir())):
        what = "the folder is not empty" if out.is_dir() else "it is a file, not a folder"
        raise UsageError(what, where=str(out), help="name a folder that is not there yet, or empty it")
    if quality is not None:
        demand_quality_file(quality)
    loaded = loaded_spec(spec)
    population = loaded.population
    from worldwright.population import plan, schema_of

    number = population.agents if agents is None else agents

    def counted(backend: Backend) -> Iterator[pa.Table]:
        done = 0
        progress(done, number)
        for table in backend.batches(plan(population, seed, number), number):
            yield table
            done += table.num_rows
            progress(done, number)

    with _backend(workers, ray) as backend:
        write = _write_folder if parts else _write_file
        rows, files = write(counted(backend), out, schema_of(population))
    judged = None if quality is None else write_quality(population, out, seed, quality)
    return Sampled(
        rows, len(population.columns), population.digest, files, loaded.diagnostics, loaded.texts, judged
    )


def sample_table(spec: Path, agents: int | None, seed: int, *, workers: int = 1) -> pa.Table:
    """The agents that `sample_file` writes, in memory.

    Raises:
        UsageError: when the spec does not exist.
        DocumentError: when the spec has errors.
        SamplingError: when an agent cannot be drawn.
        WorldwrightError: when a worker dies.
    """
    population = loaded_spec(spec).population
    from worldwright.population import plan

    number = population.agents if agents is None else agents
    with _backend(workers, None) as backend:
        return backend.sample(plan(population, seed, number), 0, number)


def _write_file(tables: Iterator[pa.Table], out: Path, schema: pa.Schema) -> tuple[int, dict[str, str]]:
    from worldwright.population import write_parquet

    return write_parquet(tables, out, schema=schema, unordered=True), {out.name: file_digest(out)}


def _write_folder(tables: Iterator[pa.Table], out: Path, schema: pa.Schema) -> tuple[int, dict[str, str]]:
    from worldwright.population import PART, write_parts

    out = out.absolute()
    staged = out.with_name(f".{out.name}.{uuid.uuid4().hex[:12]}.tmp")
    try:
        rows = write_parts(tables, staged, schema=schema, part=PART, unordered=True)
        files = {path.name: file_digest(path) for path in sorted(staged.iterdir())}
        staged.rename(out)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(f"the folder cannot be written: {reason}", where=str(out)) from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return rows, files


def _backend(workers: int, ray: str | None) -> AbstractContextManager[Backend]:
    if ray is not None:
        from worldwright.population import Ray

        return Ray(ray)
    if workers > 1:
        from worldwright.population import Processes

        return Processes(workers)
    from worldwright.population.backends import memory

    return nullcontext(memory)
