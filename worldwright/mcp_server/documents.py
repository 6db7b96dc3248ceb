"""Tools on documents: write, check, sample, explain, draw."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from worldwright.errors import UsageError
from worldwright.mcp_server.doors import Door, Visit
from worldwright.mcp_server.pages import Cursor, Paged, cut, fitting, start_of
from worldwright.mcp_server.pictures import Picture
from worldwright.project.check import Checked, check_files
from worldwright.project.explain import explain_file
from worldwright.project.find_spec import document_path, find_spec
from worldwright.project.glance import glance
from worldwright.project.locate import Project
from worldwright.project.pictures import result_picture, spec_picture, world_picture
from worldwright.project.write_document import write_document as write
from worldwright.render import count, render_text

MOST_AGENTS = 200_000
KINDS = ("population", "scenario", "world", "experiment")
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Spec = Annotated[str, Field(description="population or scenario: its name or path")]


class Findings(Paged):
    """What a check found."""

    ok: bool
    summary: str
    checked: int
    diagnostics: str


class Written(BaseModel):
    """A document as it lies there, and what a check found in it."""

    path: str
    ok: bool
    diagnostics: str


class Sample(Paged):
    """A population at a glance."""

    name: str
    agents: int
    attributes: dict[str, dict[str, Any]]
    first: list[dict[str, Any]]


class Explained(Paged):
    """How an agent came about."""

    agent: int
    population: str
    attributes: list[dict[str, Any]]


def check_documents(
    visit: Visit,
    paths: Annotated[list[str], Field(description="files or world folders; all, if empty")] = [],  # noqa: B006
    cursor: Cursor = "",
) -> Findings:
    """Check documents with all they refer to: what is wrong, where, why, and what to do."""
    project = visit.project
    found = check_files([document_path(project, path) for path in paths] or every_document(project))
    blocks = [render_text([one], found.texts.get).rpartition("\n\n")[0] for one in found.diagnostics]
    shown, rest = fitting(blocks, start_of(cursor))
    return Findings(
        ok=not any(one.is_error for one in found.diagnostics),
        summary=count(found.diagnostics),
        checked=len(found.checked),
        diagnostics="\n\n".join(shown),
        truncated=rest is not None,
        cursor=rest,
    )


def write_document(
    visit: Visit,
    path: Annotated[str, Field(description="such as specs/worlds/adoption/world.yaml")],
    text: str,
    replace: bool = False,
) -> Written:
    """Write a document (.yaml, .lua, a brief's .md) under specs/ and check it."""
    where, found = write(visit.project, path, text, replace=replace)
    return Written(path=where, ok=_fine(found), diagnostics=_rendered(found))


def sample_population(
    visit: Visit,
    spec: Spec,
    agents: Annotated[int | None, Field(ge=1, le=MOST_AGENTS)] = None,
    seed: Seed = 0,
    rows: Annotated[int, Field(ge=0, le=50)] = 2,
) -> Sample:
    """Sample agents and describe each attribute; nothing is written. The same seed gives the same agents."""
    path = find_spec(visit.project, spec)
    seen = glance(path, agents, seed, rows)
    attributes, rest = fitting(list(seen.attributes.items()), 0, 2_200)
    first, more = fitting(seen.first, 0, 900) if seen.first else ([], None)
    return Sample(
        name=seen.name,
        agents=seen.agents,
        attributes=dict(attributes),
        first=first,
        truncated=rest is not None or more is not None,
    )


def explain_agent(
    visit: Visit,
    spec: Spec,
    agent: Annotated[int, Field(ge=0)],
    seed: Seed = 0,
    attribute: Annotated[str, Field(description="every step of this one")] = "",
    cursor: Cursor = "",
) -> Explained:
    """Say how one agent of a population came about: draws, modifiers, rounding, redraws."""
    from worldwright.population.explanation import wording

    path = find_spec(visit.project, spec)
    found = explain_file(path, agent, seed, attribute or None, picture=False)
    rows: list[dict[str, Any]] = [
        {"attribute": one.name, "value": wording.value_text(one)}
        | (
            {"steps": [f"{label}: {text}" if label else text for label, text in wording.steps(one)]}
            if attribute
            else {"how": wording.summary(one)}
        )
        for one in found.attributes
    ]
    shown, rest = fitting(rows, start_of(cursor))
    name = found.population + (f" with {found.scenario}" if found.scenario else "")
    return Explained(agent=agent, population=name, attributes=shown, truncated=rest is not None, cursor=rest)


def plot(
    visit: Visit,
    what: Literal["spec", "modifiers", "experiment", "worlds"],
    names: Annotated[list[str], Field(min_length=1, max_length=12)],
    show: Annotated[
        str,
        Field(description="worlds: a metric; experiment: answer, curves, effects, sensitivity, population"),
    ] = "",
) -> Picture:
    """Draw a spec's distributions or its modifiers' reach, an experiment's results, or a metric of worlds."""
    name = names[0]
    match what:
        case "spec" | "modifiers":
            png = spec_picture(find_spec(visit.project, name), modifiers=what == "modifiers")
            return Picture.of(png, shows=f"{what} of {name}")
        case "experiment":
            which, png = result_picture(visit.project, name, show or None)
            return Picture.of(png, shows=f"{which} of {name}")
        case "worlds":
            if not show:
                known = ", ".join(visit.worlds.registry.read(name).metrics)
                raise UsageError(
                    "say in `show` which metric to draw", help=f"{name} has {known or 'none yet'}"
                )
            return Picture.of(world_picture(visit.worlds, names, show), shows=f"{show} of {', '.join(names)}")


DOCUMENT_TOOLS = (
    Door(check_documents, reads=True),
    Door(write_document, destroys=True, repeats=True),
    Door(sample_population, reads=True),
    Door(explain_agent, reads=True),
    Door(plot, reads=True),
)


def every_document(project: Project) -> list[Path]:
    """All populations, scenarios, worlds and experiments of a project.

    Raises:
        UsageError: where there is none.
    """
    found = [project.document(kind, name) for kind in KINDS for name in project.names(kind)]
    if not found:
        raise UsageError("there are no documents yet", help="write one with write_document")
    return found


def _fine(found: Checked) -> bool:
    return not any(one.is_error for one in found.diagnostics)


def _rendered(found: Checked) -> str:
    text, more = cut(render_text(found.diagnostics, found.texts.get))
    return f"{text}\n… and more: check_documents shows all" if more else text
