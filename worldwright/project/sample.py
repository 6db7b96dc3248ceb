"""Sample a document's population into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import UsageError
from worldwright.hashing import file_digest
from worldwright.project.check import project_of
from worldwright.project.documents import load_spec
from worldwright.project.texts import Texts

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Sampled:
    """A sampled file and what the checks said about its spec."""

    agents: int
    attributes: int
    digest: str
    sha256: str
    diagnostics: list[Diagnostic]
    texts: dict[str, str]


def sample_file(
    spec: Path, agents: int | None, seed: int, out: Path, progress: Callable[[int, int], None]
) -> Sampled:
    """Sample `agents` agents (the spec's own number where None) of a population or scenario into `out`.

    Raises:
        UsageError: when the spec does not exist or `out` cannot be written.
        DocumentError: when the spec has errors; nothing is written then.
        SamplingError: when an agent cannot be drawn; nothing is written then.
    """
    if not spec.is_file():
        raise UsageError("no such file", where=str(spec), help="name a population or scenario document")
    if not out.parent.is_dir():
        raise UsageError(
            f"the folder {out.parent} does not exist",
            where=str(out),
            help="make it first, or write elsewhere",
        )
    project = project_of(spec)
    texts = Texts(project)
    population, found = load_spec(project, texts, spec)
    if population is None:
        raise DocumentError(found)
    from worldwright.population import batches, plan, schema_of, write_parquet

    number = population.agents if agents is None else agents

    def counted() -> Iterator[pa.Table]:
        done = 0
        for table in batches(plan(population, seed), number):
            yield table
            done += table.num_rows
            progress(done, number)

    rows = write_parquet(counted(), out, schema=schema_of(population))
    return Sampled(rows, len(population.columns), population.digest, file_digest(out), found, texts.files)
