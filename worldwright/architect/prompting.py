"""The prompts: Markdown beside this module, with `{{places}}` that are filled in one pass.

The first line of a prompt may be `<!-- for language.md 1a2b3c4d -->`: the reference, and its version, that it
was written for. It is not sent; a test compares it with the reference as it is.
"""

from __future__ import annotations

import re
from importlib import resources

_PLACE = re.compile(r"\{\{(\w+)\}\}")
PIN = re.compile(r"\A<!-- for (?P<page>\w+\.md) (?P<version>[0-9a-f]{8}) -->\n")
"""The first line that pins a prompt to a reference."""


def raw(template: str) -> str:
    """The text of `prompts/TEMPLATE.md`, its first line included."""
    place = resources.files("worldwright.architect").joinpath("prompts", f"{template}.md")
    return place.read_text(encoding="utf-8")


def prompt(template: str, /, **places: str) -> str:
    """The prompt `prompts/TEMPLATE.md` with its places filled; what fills a place is not looked at again.

    No text can close the tag it stands in: `</` becomes `<\\/`.

    Raises:
        KeyError: for a place without text, or text without a place.
    """
    text = PIN.sub("", raw(template))
    wanted = set(_PLACE.findall(text))
    if wanted != set(places):
        raise KeyError(f"the prompt {template} has the places {sorted(wanted)}, not {sorted(places)}")
    return _PLACE.sub(lambda match: places[match[1]].replace("</", "<\\/"), text).strip() + "\n"
