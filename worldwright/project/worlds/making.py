"""Make, copy, replace and delete worlds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from worldwright.diagnostics import DocumentError
from worldwright.errors import UsageError, WorldError
from worldwright.project.find_spec import document_path, find_spec
from worldwright.project.locate import project_of
from worldwright.project.specs import offer
from worldwright.project.texts import Texts
from worldwright.project.worlds.crew import Call
from worldwright.project.worlds.home import Worlds
from worldwright.project.worlds.registry import Held
from worldwright.world import RunRequest, load_world, resolve_parameters
from worldwright.world.vivarium import load_vivarium

if TYPE_CHECKING:
    from worldwright.diagnostics import Diagnostic
    from worldwright.world import WorldProgram
    from worldwright.world.program import Scalar

MOST_TEXT = 8 << 20
"""Characters of a config or snapshot that is handed over whole."""


def create(worlds: Worlds, config: Mapping[str, Any], seed: int, call: Call) -> Held:
    """A world from a config of Vivarium; its `name` is the world's.

    Raises:
        UsageError: when there is one of this name.
        DocumentError: when the config has errors.
        WorldError: when the world cannot begin.
    """
    name = str(config.get("name", ""))
    worlds.registry.path(name)
    program = from_vivarium(config, f"the world {name!r}")
    with worlds.registry.hold(name, call.stop):
        _must_be_new(worlds, name)
        try:
            return worlds.begin(name, RunRequest(program, 0, seed), call)
        except WorldError as error:
            raise WorldError(f"Failed to create world: {error.what}", where=name) from None


def start(
    worlds: Worlds,
    name: str,
    document: str,
    *,
    seed: int,
    parameters: Mapping[str, Scalar],
    populations: Mapping[str, str],
    agents: int | None,
    call: Call,
) -> tuple[Held, list[Diagnostic], dict[str, str]]:
    """A world from a document of the project: its name, or a world's folder or file.

    Args:
        worlds: The worlds.
        name: What the new one is called.
        document: The world document.
        seed: Of everything random in it.
        parameters: Values of its parameters.
        populations: The specs its populations are sampled from, by the world's names for them.
        agents: How many there are in each; the specs' own numbers, unless given.
        call: Whose call it is.

    Returns:
        The world, and what was found in its documents, with their texts.

    Raises:
        UsageError: for a name, document, parameter or population that does not fit.
        DocumentError: when a document has errors.
        WorldError: when the world cannot begin.
    """
    project = worlds.project
    path = project.document("world", document)
    if "/" in document or not path.is_dir():
        path = document_path(project, document)
    if not path.exists():
        raise UsageError(
            f"no world document {document[:200]!r}", help=offer(document[:200], project.names("world"))
        )
    texts = Texts(project_of(path if path.is_file() else path / "world.yaml"))
    program, found = load_world(path, texts.text, texts.project.show)
    if program is None:
        raise DocumentError(found)
    wanted = {one.population for one in program.entities if one.population is not None}
    for missing in sorted(wanted - set(populations)):
        raise UsageError(
            f"the world needs a population {missing!r}",
            help=f"name a spec for it in `populations`; there are {', '.join(project.names('population'))}",
        )
    with worlds.registry.hold(name, call.stop):
        _must_be_new(worlds, name)
        request = RunRequest(
            program,
            0,
            seed,
            parameters=resolve_parameters(program, parameters),
            populations={key: _sampled(worlds, one, agents, seed) for key, one in populations.items()},
        )
        return worlds.begin(name, request, call), found, texts.files


def copy(worlds: Worlds, source: str, target: str, replace_it: bool, seed: int | None, call: Call) -> Held:
    """The same world under another name, which goes on by itself; with another seed from here on, if given.

    Raises:
        UsageError: when there is no source, or a target already that is not to be replaced.
    """
    held = worlds.registry.read(source)
    with worlds.registry.hold(target, call.stop):
        if not replace_it:
            _must_be_new(worlds, target)
        return worlds.registry.publish(target, held.snapshot.branch(seed=seed))


def delete(worlds: Worlds, name: str, call: Call) -> None:
    """Take a world away.

    Raises:
        UsageError: when there is none.
    """
    with worlds.registry.hold(name, call.stop):
        worlds.registry.delete(name)


def restore(worlds: Worlds, name: str, program: WorldProgram, seed: int, call: Call) -> Held:
    """Let what a snapshot of Vivarium says stand under a name, whatever stood there.

    Raises:
        WorldError: when it cannot stand.
    """
    with worlds.registry.hold(name, call.stop):
        return worlds.begin(name, RunRequest(program, 0, seed), call)


def from_vivarium(content: Mapping[str, Any], what: str) -> WorldProgram:
    """The program of a config or snapshot of Vivarium.

    Raises:
        UsageError: for what is no JSON, or too large.
        DocumentError: when it has errors.
    """
    try:
        text = json.dumps(content, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{what} is no JSON: {error}") from None
    if len(text) > MOST_TEXT:
        raise UsageError(
            f"{what} has {len(text)} characters, and at most {MOST_TEXT} are taken in a call",
            help="put it into a file and load that",
        )
    program, found = load_vivarium(text, what)
    if program is None:
        raise DocumentError(found)
    return program


def _must_be_new(worlds: Worlds, name: str) -> None:
    if name in worlds.registry:
        raise UsageError(
            f"World already exists: {name!r}",
            help="choose another name, delete it, or copy over it with replace_if_exists",
        )


def _sampled(worlds: Worlds, name: str, agents: int | None, seed: int) -> Any:
    from worldwright.project.sample import sample_table

    return sample_table(find_spec(worlds.project, name), agents, seed)
