"""Every code of the spec language, by its number."""

from __future__ import annotations

from worldwright.diagnostics import Code
from worldwright.spec.checks import RULES
from worldwright.spec.codes import expressions, files, marginals, names, operations, relations, structure

ALL_CODES: tuple[Code, ...] = tuple(
    sorted(
        (
            *structure.CODES,
            *expressions.CODES,
            *names.CODES,
            *relations.CODES,
            *marginals.CODES,
            *files.CODES,
            *operations.CODES,
            *(rule.code for rule in RULES),
        ),
        key=lambda code: code.id,
    )
)
