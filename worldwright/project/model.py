"""Which model authors: `model.yaml` in the project and, over it, the environment, which alone has the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from worldwright.architect import Budget, ModelSettings, Prices
from worldwright.architect.settings import Effort, Wire
from worldwright.diagnostics import DocumentError
from worldwright.errors import UsageError
from worldwright.project.locate import Project
from worldwright.project.texts import Texts
from worldwright.spec import bind
from worldwright.spec.tree import MappingNode, ScalarNode

FILE = "model.yaml"
VERSION = "model/1"
VARIABLES = ("WORLDWRIGHT_MODEL", "WORLDWRIGHT_BASE_URL", "WORLDWRIGHT_PROTOCOL", "OPENAI_API_KEY")
"""What of the environment a front door passes in."""

Number = Annotated[float | int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _Prices(_Part):
    input: Number
    output: Number
    search: Number = 0
    currency: str = "USD"
    as_of: str = ""


class _Budget(_Part):
    calls: Count | None = None
    tokens: Count | None = None
    money: Number | None = None


class _ModelFile(_Part):
    worldwright: Literal["model/1"]
    model: str | None = None
    protocol: Wire | None = None
    base_url: str | None = None
    search: bool = True
    effort: Effort | None = None
    timeout: Annotated[float | int, Field(gt=0)] | None = None
    answer_tokens: Count | None = None
    search_tokens: Count | None = None
    searches: Count | None = None
    concurrent: Count | None = None
    prices: _Prices | None = None
    budget: _Budget = _Budget()


def model_settings(project: Project, environment: Mapping[str, str]) -> tuple[ModelSettings | None, Budget]:
    """The model that project and environment name (None where neither does), and what it may use.

    Raises:
        DocumentError: for a `model.yaml` that does not fit.
        UsageError: for one of another version, or one that holds a key.
        ArchitectError: for settings that cannot work.
    """
    read = _read(project)
    given = {name: environment[name] for name in VARIABLES if environment.get(name)}
    name = given.get("WORLDWRIGHT_MODEL") or read.model
    budget = _over(Budget(), read.budget.model_dump(exclude_none=True))
    if name is None:
        return None, budget
    protocol = given.get("WORLDWRIGHT_PROTOCOL", read.protocol)
    if protocol is not None and protocol not in get_args(Wire):
        help = f"it is one of {', '.join(get_args(Wire))}"
        raise UsageError(f"WORLDWRIGHT_PROTOCOL cannot be {protocol!r}", help=help)
    more = read.model_dump(
        exclude_none=True,
        include={"timeout", "answer_tokens", "search_tokens", "searches", "concurrent"},
    )
    settings = ModelSettings(
        model=name,
        protocol=protocol,  # pyright: ignore[reportArgumentType]
        base_url=given.get("WORLDWRIGHT_BASE_URL") or read.base_url,
        api_key=given.get("OPENAI_API_KEY"),
        search=read.search,
        effort=read.effort,
        prices=Prices(**read.prices.model_dump()) if read.prices is not None else None,
        **more,
    )
    return settings, budget


def limited(budget: Budget, calls: int | None, tokens: int | None, money: float | None) -> Budget:
    """A budget with what was asked for in place of its own limits."""
    asked = {"calls": calls, "tokens": tokens, "money": money}
    return _over(budget, {name: value for name, value in asked.items() if value is not None})


def _over(budget: Budget, given: Mapping[str, float]) -> Budget:
    return replace(budget, **given)  # pyright: ignore[reportArgumentType]


def _read(project: Project) -> _ModelFile:
    path = project.root / FILE
    if not path.is_file():
        return _ModelFile(worldwright=VERSION)
    source = Texts(project).read(path)
    node, found = source.read()
    if node is None or any(d.is_error for d in found):
        raise DocumentError(found)
    if isinstance(node, MappingNode):
        for key in ("api_key", "key", "token"):
            if node.get(key) is not None:
                why = "documents are shared, shown and kept in git"
                raise UsageError(
                    "a key does not belong into a file", where=FILE, why=why, help="set OPENAI_API_KEY"
                )
        stated = node.get("worldwright")
        if isinstance(stated, ScalarNode) and stated.text != VERSION:
            help = f"this version reads `worldwright: {VERSION}`"
            raise UsageError(f"it says it is {stated.text}", where=FILE, help=help)
    model, found = bind(_ModelFile, node)
    if model is None:
        raise DocumentError(found)
    return model
