"""A tool as a door to a use case: a plain function, what it may do, and how it is called from a server."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, ContentBlock, TextContent, ToolAnnotations
from pydantic import BaseModel

from worldwright.mcp_server.calls import carry_out
from worldwright.mcp_server.pictures import Picture
from worldwright.project.locate import Project
from worldwright.project.worlds.crew import Call
from worldwright.project.worlds.home import Worlds


@dataclass(frozen=True)
class House:
    """What the tools of one server work on."""

    worlds: Worlds

    @property
    def project(self) -> Project:
        """The project."""
        return self.worlds.project


@dataclass(frozen=True)
class Visit:
    """One call of one tool."""

    house: House
    call: Call

    @property
    def worlds(self) -> Worlds:
        """The living worlds."""
        return self.house.worlds

    @property
    def project(self) -> Project:
        """The project."""
        return self.house.project


@dataclass(frozen=True)
class Door:
    """A tool.

    Args:
        use: What it does: a function of a visit and of the tool's arguments, whose docstring models read.
        reads: Whether it changes nothing.
        destroys: Whether it may take something away that was there.
        repeats: Whether a second call with the same arguments changes nothing more.
    """

    use: Callable[..., BaseModel]
    reads: bool = False
    destroys: bool = False
    repeats: bool = False
    asked: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.use.__name__

    def tool(self, house: House) -> Tool:
        """The tool of a server, with schemas as short as they can be."""
        tool = Tool.from_function(
            self._handler(house),
            name=self.name,
            description=" ".join((inspect.getdoc(self.use) or "").split()),
            context_kwarg="ctx",
            annotations=ToolAnnotations(
                read_only_hint=self.reads or None,
                destructive_hint=None if self.reads else self.destroys,
                idempotent_hint=True if self.repeats else None,
                open_world_hint=False,
            ),
        )
        tool.parameters = lean(tool.parameters)
        output = tool.fn_metadata.output_schema
        tool.fn_metadata.output_schema = lean(output, described=False) if output is not None else None
        return tool

    def _handler(self, house: House) -> Callable[..., Any]:
        given = inspect.signature(self.use, eval_str=True)
        parameters = [one for name, one in given.parameters.items() if name != "visit"]

        async def handle(ctx: Context[Any, Any], **arguments: Any) -> CallToolResult:
            answer = await carry_out(
                ctx, lambda call: self.use(Visit(house, call), **arguments), steps=not self.reads
            )
            return _as_result(answer)

        handle.__name__, handle.__doc__ = self.name, self.use.__doc__
        first = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Context)
        keyword = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
        handle.__annotations__ = {one.name: one.annotation for one in (first, *keyword)}
        handle.__signature__ = given.replace(  # type: ignore[attr-defined]
            parameters=[first, *keyword],
            return_annotation=Annotated[CallToolResult, given.return_annotation],
        )
        return handle


def chosen(doors: Sequence[Door], wanted: Sequence[str]) -> Iterator[Door]:
    """The doors that are wanted by name; all of them where none is named."""
    yield from (door for door in doors if not wanted or door.name in wanted)


def lean(schema: dict[str, Any], *, described: bool = True) -> dict[str, Any]:
    """A JSON schema without what only repeats: titles, names of classes, nulls that stand for nothing given.

    Args:
        schema: As pydantic makes it.
        described: Whether to keep the descriptions of fields.
    """
    return _lean({key: value for key, value in schema.items() if key != "description"}, described)


def _lean(value: Any, described: bool) -> Any:
    if isinstance(value, list):
        return [_lean(item, described) for item in value]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for name, item in value.items():
        if name == "title" or (name == "description" and not described):
            continue
        if name == "properties":
            kept[name] = {field: _lean(one, described) for field, one in item.items()}
        elif name == "$defs":
            kept[name] = {
                field: _lean({k: v for k, v in one.items() if k != "description"}, described)
                for field, one in item.items()
            }
        else:
            kept[name] = _lean(item, described)
    options = kept.get("anyOf")
    if isinstance(options, list) and len(options) == 2 and {"type": "null"} in options:
        kept |= next(one for one in options if one != {"type": "null"})
        del kept["anyOf"]
        if kept.get("default", 0) is None:
            del kept["default"]
    return kept


def _as_result(answer: BaseModel) -> CallToolResult:
    content: list[ContentBlock] = []
    if isinstance(answer, Picture):
        content.append(answer.block())
    fields = type(answer).model_fields.items()
    absent = {name for name, field in fields if field.default is None and getattr(answer, name) is None}
    content.append(TextContent(type="text", text=answer.model_dump_json(exclude=absent)))
    return CallToolResult(content=content, structured_content=answer.model_dump(mode="json", exclude=absent))
