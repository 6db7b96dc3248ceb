"""Texts: templates with {attribute} places, and formulas that choose between labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from worldwright.errors import SamplingError
from worldwright.population.block import Block
from worldwright.population.lowering import Labels, Scope, labels
from worldwright.population.refusal import first_row, refuse
from worldwright.population.steps.step import Test
from worldwright.population.steps.table import ROW
from worldwright.population.values import Mask
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType
from worldwright.spec.templates import BRACES, fixed, place

pc: Any = pyarrow.compute  # its functions are made at import, so no checker knows them
Piece = tuple[Attribute, int | None]
"""A place: the attribute and its decimals."""


class TextColumn:
    """A text column, written when a block is complete: nothing can read a text."""

    def __init__(self, attribute: Attribute, scope: Scope) -> None:
        self._attribute = attribute
        self._scope = scope
        column = attribute.column
        given = attribute.only_if if column is None else None  # a column has its own missing texts
        self._only = None if given is None else Test(attribute, given, scope, "its only_if")
        self._column = None if column is None else pa.array(list(column.values), pa.string())
        self._template: list[str | Piece] = []
        self._formula: Labels | None = None
        self._chunks: list[Any] = []
        if self._column is not None:
            return
        if attribute.template is not None:
            self._template = _pieces(attribute, attribute.template, scope)
        elif attribute.formula is not None:
            self._formula = labels(attribute.formula, scope, _labels_in(attribute.formula, scope))
        else:
            raise SamplingError("a text has a template or a formula", where=f"attribute {attribute.name}")

    def add(self, block: Block) -> None:
        """Write the texts of one block."""
        if self._column is not None:
            self._chunks.append(self._column.take(pa.array(block.value(ROW))))
            return
        holds = None if self._only is None else self._only.holds(block)
        found = self._chosen(block) if self._formula is not None else self._filled(block, holds)
        if holds is not None:
            found = pc.if_else(pa.array(holds), found, pa.scalar(None, pa.string()))
        self._chunks.append(found)

    def finish(self) -> Any:
        """The Arrow array."""
        return pa.concat_arrays(self._chunks) if self._chunks else pa.array([], pa.string())

    def _chosen(self, block: Block) -> Any:
        assert self._formula is not None
        codes = self._formula.run(block)
        return pa.array(self._formula.options, pa.string()).take(pa.array(codes, mask=codes < 0))

    def _filled(self, block: Block, holds: Mask | None) -> Any:
        parts: list[Any] = []
        for piece in self._template:
            if isinstance(piece, str):
                parts.append(pa.scalar(piece))
                continue
            attribute, decimals = piece
            if attribute.only_if is not None:
                null = block.null(attribute.name)
                missing = null if holds is None else null & holds
                row = first_row(missing)
                if row >= 0:
                    raise refuse(
                        self._attribute, block, row, f"its template reads {attribute.name}, which is missing"
                    )
            parts.append(_as_text(attribute, decimals, block))
        if all(isinstance(piece, str) for piece in self._template):
            return pa.array(["".join(map(str, self._template))] * block.count, pa.string())
        return pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")


def _pieces(attribute: Attribute, template: str, scope: Scope) -> list[str | Piece]:
    pieces: list[str | Piece] = []
    for number, part in enumerate(BRACES.split(template)):
        inner = place(part)
        if number % 2 == 0:
            pieces.append(part)
        elif inner and inner.name in scope and scope[inner.name].type is not AttributeType.TEXT:
            pieces.append((scope[inner.name], inner.decimals))
        else:
            raise SamplingError(
                f"its template reads {{{part}}}, which is no attribute with a value to write",
                where=f"attribute {attribute.name}",
            )
    return pieces


def _as_text(attribute: Attribute, decimals: int | None, block: Block) -> Any:
    values = block.value(attribute.name)
    null = None if attribute.only_if is None else block.null(attribute.name)
    if decimals is not None:
        known = values if null is None else np.where(null, 0.0, values)
        return pa.array([fixed(value, decimals) for value in known.tolist()], pa.string(), mask=null)
    match attribute.type:
        case AttributeType.CATEGORICAL:
            return pa.array(attribute.options, pa.string()).take(pa.array(values, mask=null))
        case AttributeType.BOOLEAN:
            return pc.if_else(pa.array(values), "true", "false")
        case AttributeType.FLOAT:
            return pc.cast(pa.array(values, mask=null), pa.string())
        case _:
            whole = values if null is None else np.where(null, 0.0, values)
            if attribute.type is AttributeType.DATE:
                return pc.cast(pa.array(whole.astype(np.int32), pa.date32(), mask=null), pa.string())
            return pc.cast(pa.array(whole.astype(np.int64), mask=null), pa.string())


def _labels_in(node: Expression, scope: Scope) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in nodes.walk(node):
        if isinstance(part, nodes.Label):
            found[part.value] = None
        elif isinstance(part, nodes.Name):
            found.update(dict.fromkeys(scope[part.name].options))
    return tuple(found)
