"""WW10xx: what is said of files of Entropy and Extropy."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity

_NOTE, _WARNING, _ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR

SEMANTICS = Code(
    "WW1001",
    "entropy-semantics",
    _NOTE,
    "The same words meant different things to different releases of that project, and no file says which.",
)
FOREIGN_KEY = Code(
    "WW1002",
    "entropy-unknown-key",
    _NOTE,
    "That project drops keys it does not know without a word; what they were meant to do is not done.",
)
NEVER_APPLIES = Code(
    "WW1003",
    "entropy-never-applies",
    _WARNING,
    "That project passes over a condition that fails or cannot hold, so the modifier has no effect there.",
)
UNTRANSLATED = Code(
    "WW1004",
    "entropy-untranslated",
    _ERROR,
    "Expressions are never given to Python; what has no counterpart in our own language cannot be sampled.",
)
COUNTED = Code(
    "WW1005",
    "entropy-counted-constraint",
    _NOTE,
    "That project counts the agents that break such a constraint and changes none of them.",
)
BROKEN_CONSTRAINT = Code(
    "WW1006",
    "entropy-broken-constraint",
    _WARNING,
    "That project counts every agent as breaking a constraint it cannot evaluate.",
)
INDIVIDUALS = Code(
    "WW1007",
    "entropy-households",
    _WARNING,
    "Households and partners are not built yet; members of one household share nothing here.",
)
IGNORED = Code(
    "WW1008",
    "entropy-ignored",
    _WARNING,
    "That project reads this part and does not use it, and neither is it used here.",
)
CONVERTED = Code(
    "WW1009",
    "entropy-converted",
    _NOTE,
    "That project converts values to the declared type after they are drawn.",
)
RESCALED = Code(
    "WW1010",
    "entropy-rescaled-weights",
    _WARNING,
    "Weights that do not sum to 1 are shares of their sum; one of them may be mistyped.",
)
ORDER = Code(
    "WW1011",
    "entropy-order",
    _WARNING,
    "That project samples in the listed order and passes over what is not in it.",
)
RENAMED = Code(
    "WW1012",
    "entropy-renamed",
    _NOTE,
    "Names stand in expressions and in Lua: letters, digits and underscores, and no word of the language.",
)
NO_EFFECT = Code(
    "WW1013",
    "entropy-no-effect",
    _NOTE,
    "A modifier that multiplies by 1 and adds 0 changes nothing.",
)
SCENARIO = Code(
    "WW1014",
    "entropy-scenario",
    _NOTE,
    "Of a scenario of that project, the attributes it adds are sampled; events and spread are for a world.",
)
UNUSABLE = Code(
    "WW1015",
    "entropy-unusable",
    _ERROR,
    "That project's own sampler cannot draw this attribute either.",
)
MEANING = Code(
    "WW1016",
    "entropy-meaning",
    _WARNING,
    "Where the exact meaning has no counterpart, the nearest is taken and said here.",
)
OTHER_FILE = Code(
    "WW1017",
    "entropy-other-file",
    _ERROR,
    "Of that project, population specs and scenarios hold attributes to sample; other files hold none.",
)
DEPENDENCIES = Code(
    "WW1018",
    "entropy-dependencies",
    _WARNING,
    "That project's validator goes by `depends_on`; here what is read decides, and the list misleads.",
)
INCOMPLETE = Code(
    "WW1019",
    "entropy-incomplete-weights",
    _WARNING,
    "An option that an override leaves out keeps its base weight, which is seldom what was meant.",
)
BEYOND = Code(
    "WW1020",
    "entropy-beyond-bounds",
    _WARNING,
    "That project puts a value that modifiers carry over a bound on the bound, so that agents pile up there.",
)
FALSE_CONDITION = Code(
    "WW1021",
    "entropy-false-spec-condition",
    _WARNING,
    "That project never evaluates a `spec_expression`, so that what its author ruled out may well be there.",
)
UNKNOWN_REFERENCE = Code(
    "WW1022",
    "entropy-unknown-reference",
    _WARNING,
    "A condition of a scenario that names what is not there never holds, and nobody is told.",
)

CODES: tuple[Code, ...] = (
    SEMANTICS,
    FOREIGN_KEY,
    NEVER_APPLIES,
    UNTRANSLATED,
    COUNTED,
    BROKEN_CONSTRAINT,
    INDIVIDUALS,
    IGNORED,
    CONVERTED,
    RESCALED,
    ORDER,
    RENAMED,
    NO_EFFECT,
    SCENARIO,
    UNUSABLE,
    MEANING,
    OTHER_FILE,
    DEPENDENCIES,
    INCOMPLETE,
    BEYOND,
    FALSE_CONDITION,
    UNKNOWN_REFERENCE,
)
