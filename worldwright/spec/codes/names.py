"""WW021x: names, layers and what depends on what."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity
from worldwright.spec.codes.expressions import BASE
from worldwright.spec.codes.structure import GOOD, HEAD

_ERROR = Severity.ERROR

CYCLE = Code(
    "WW0210",
    "cycle",
    _ERROR,
    "Of attributes that need each other, none can be drawn first.",
    bad=BASE + "  a: {type: float, formula: b + 1}\n  b: {type: float, formula: a + 1}\n",
    good=BASE + "  a: {type: float, formula: age + 1}\n  b: {type: float, formula: a + 1}\n",
)
REDEFINED = Code(
    "WW0211",
    "redefined",
    _ERROR,
    "A scenario adds to its base and never changes it, so that scenarios of one base can be compared.",
)
BAD_NAME = Code(
    "WW0212",
    "bad-name",
    _ERROR,
    "Names stand in expressions and in Lua: letters, digits and underscores, and no word of the language.",
    bad=HEAD + GOOD[len(HEAD) :].replace("age:", "my-age:"),
    good=HEAD + GOOD[len(HEAD) :].replace("age:", "my_age:"),
)
EXTENDS = Code(
    "WW0213",
    "wrong-base",
    _ERROR,
    "A scenario is written against one population; the names in it mean that one's attributes.",
)
OPTIONS = Code(
    "WW0214",
    "options",
    _ERROR,
    "The options and their order decide the codes of the labels.",
    bad=BASE
    + """  tone:
    type: categorical
    assumption: true
    options: [soft, loud]
    distribution: {categorical: {soft: .5, shrill: .5}}
""",
    good=BASE
    + """  tone:
    type: categorical
    assumption: true
    options: [soft, loud]
    distribution: {categorical: {loud: .5, soft: .5}}
""",
)
STREAM = Code(
    "WW0215",
    "shared-stream",
    _ERROR,
    "Attributes on one stream draw the same numbers, so that one decides the other.",
    bad=BASE
    + """  height:
    type: float
    stream: age
    assumption: true
    distribution: {normal: {mean: 170, sd: 8}}
""",
    good=BASE
    + """  height:
    type: float
    stream: size
    assumption: true
    distribution: {normal: {mean: 170, sd: 8}}
""",
)
TEMPLATE = Code(
    "WW0216",
    "template",
    _ERROR,
    "A template is text with attributes in braces.",
    bad=BASE + '  label: {type: text, template: "aged {age"}\n',
    good=BASE + '  label: {type: text, template: "aged {age}"}\n',
)

CODES: tuple[Code, ...] = (CYCLE, REDEFINED, BAD_NAME, EXTENDS, OPTIONS, STREAM, TEMPLATE)
