"""WW01xx: the text, its YAML, its heading and its keys."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity

HEAD = "worldwright: population/1\nname: example\n"
GOOD = (
    HEAD + "attributes:\n  age: {type: int, assumption: true, distribution: {uniform: {min: 18, max: 80}}}\n"
)
_ERROR = Severity.ERROR

EMPTY = Code(
    "WW0101",
    "empty-document",
    _ERROR,
    "A document says at least what it is.",
    bad="# nothing yet\n",
    good=GOOD,
)
TOO_LARGE = Code(
    "WW0102", "too-large", _ERROR, "Limits keep a hostile or mistaken file from using up the machine."
)
TOO_DEEP = Code(
    "WW0103",
    "too-deep",
    _ERROR,
    "Limits keep a hostile or mistaken file from using up the machine.",
    bad="[" * 70 + "]" * 70 + "\n",
    good=GOOD,
)
BAD_CHARACTER = Code(
    "WW0104",
    "bad-character",
    _ERROR,
    "Invisible characters and unusual line ends are read differently by different programs.",
    bad=HEAD.replace("example", "exam\x00ple"),
    good=GOOD,
)
BAD_ENCODING = Code(
    "WW0105", "bad-encoding", _ERROR, "Documents are UTF-8, so that they read the same everywhere."
)
TAB = Code(
    "WW0106",
    "tab-indent",
    _ERROR,
    "YAML indents with spaces; how wide a tab is depends on who looks.",
    bad=HEAD + "attributes:\n\tage: 3\n",
    good=GOOD,
)
YAML = Code(
    "WW0107",
    "yaml-syntax",
    _ERROR,
    "The text is not well-formed YAML, so nothing in it can be relied on.",
    bad=HEAD + "description: Surgeons: in Germany\n",
    good=GOOD,
)
DUPLICATE_KEY = Code(
    "WW0108",
    "duplicate-key",
    _ERROR,
    "Most YAML readers keep the last of two equal keys and drop the first without a word.",
    bad=GOOD + "name: again\n",
    good=GOOD,
)
ALIAS = Code(
    "WW0109",
    "anchor-or-alias",
    _ERROR,
    "A document says what it means where it stands; aliases can also unfold to gigabytes.",
    bad="worldwright: population/1\nname: &n example\ndescription: *n\n" + GOOD[len(HEAD) :],
    good=GOOD,
)
TAG = Code(
    "WW0110",
    "tag",
    _ERROR,
    "Tags make YAML readers build objects; a document here is plain data.",
    bad="worldwright: population/1\nname: !!str example\n" + GOOD[len(HEAD) :],
    good=GOOD,
)
MANY_DOCUMENTS = Code(
    "WW0111",
    "many-documents",
    _ERROR,
    "One file holds one document, so that its name says which.",
    bad=GOOD + "---\n" + GOOD,
    good=GOOD,
)
FLOW_WRECK = Code(
    "WW0112",
    "flow-wreck",
    _ERROR,
    "Inside { } and [ ] YAML ends a value at a comma or bracket, even in the middle of an expression.",
    bad=HEAD
    + """attributes:
  age: {type: int, assumption: true, distribution: {uniform: {min: 18, max: 80}}}
  score:
    type: float
    assumption: true
    distribution: {uniform: {min: 0, max: 10}}
    clip: {max: 10}
    modifiers:
      - {when: max(age, 3) > 50, multiply: .9}
""",
    good=HEAD
    + """attributes:
  age: {type: int, assumption: true, distribution: {uniform: {min: 18, max: 80}}}
  score:
    type: float
    assumption: true
    distribution: {uniform: {min: 0, max: 10}}
    clip: {max: 10}
    modifiers:
      - {when: "max(age, 3) > 50", multiply: .9}
""",
)
AMBIGUOUS_NUMBER = Code(
    "WW0113",
    "ambiguous-number",
    _ERROR,
    "Some YAML readers take a number with a leading zero for octal, others for decimal.",
    bad=HEAD + "agents: 012\n" + GOOD[len(HEAD) :],
    good=HEAD + "agents: 12\n" + GOOD[len(HEAD) :],
)
KEY_NOT_TEXT = Code(
    "WW0114",
    "key-not-text",
    _ERROR,
    "Keys are names.",
    bad=GOOD + "? [a, b]\n: 3\n",
    good=GOOD,
)
NO_HEADING = Code(
    "WW0120",
    "no-heading",
    _ERROR,
    "Every document opens with its kind and the version of the language it is written in.",
    bad="name: example\n",
    good=GOOD,
)
UNKNOWN_KIND = Code(
    "WW0121",
    "unknown-kind",
    _ERROR,
    "The kind decides which keys there are and what they mean.",
    bad="worldwright: populaton/1\nname: example\n",
    good=GOOD,
)
NEWER_VERSION = Code(
    "WW0122",
    "newer-version",
    _ERROR,
    "A newer version of the language may mean something else by the same words.",
    bad="worldwright: population/2\nname: example\n",
    good=GOOD,
)
WRONG_KIND = Code(
    "WW0123",
    "wrong-kind",
    _ERROR,
    "Another kind of document is wanted in this place.",
    bad="worldwright: world/1\nname: example\n",
    good=GOOD,
)
UNKNOWN_KEY = Code(
    "WW0130",
    "unknown-key",
    _ERROR,
    "A key that nothing reads is nearly always a slip, and silently changes the meaning.",
    bad=GOOD.replace("attributes", "atributes"),
    good=GOOD,
)
MISSING_KEY = Code(
    "WW0131",
    "missing-key",
    _ERROR,
    "There is no sensible value to assume.",
    bad=HEAD,
    good=GOOD,
)
WRONG_VALUE = Code(
    "WW0132",
    "wrong-value",
    _ERROR,
    "Each key holds values of one sort, and none is converted unseen.",
    bad=HEAD + 'agents: "200"\n' + GOOD[len(HEAD) :],
    good=HEAD + "agents: 200\n" + GOOD[len(HEAD) :],
)
NOT_BUILT = Code(
    "WW0133",
    "not-built-yet",
    _ERROR,
    "The word is reserved for a part of the language that this version does not have.",
    bad=GOOD.replace("{type: int", "{level: household, type: int"),
    good=GOOD,
)
ONE_OF = Code(
    "WW0134",
    "one-of",
    _ERROR,
    "Exactly one of these keys says what is meant.",
    bad=HEAD + "attributes:\n  age: {type: int, formula: 3, distribution: {poisson: {mean: 3}}}\n",
    good=GOOD,
)

CODES: tuple[Code, ...] = (
    EMPTY,
    TOO_LARGE,
    TOO_DEEP,
    BAD_CHARACTER,
    BAD_ENCODING,
    TAB,
    YAML,
    DUPLICATE_KEY,
    ALIAS,
    TAG,
    MANY_DOCUMENTS,
    FLOW_WRECK,
    AMBIGUOUS_NUMBER,
    KEY_NOT_TEXT,
    NO_HEADING,
    UNKNOWN_KIND,
    NEWER_VERSION,
    WRONG_KIND,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_VALUE,
    NOT_BUILT,
    ONE_OF,
)
