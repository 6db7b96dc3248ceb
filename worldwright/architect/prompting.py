"""The prompts: Markdown beside this module, with `{{places}}` that are filled in one pass."""

from __future__ import annotations

import re
from importlib import resources

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def prompt(template: str, /, **places: str) -> str:
    """The prompt `prompts/TEMPLATE.md` with its places filled; what fills a place is not looked at again.

    Raises:
        KeyError: for a place without text, or text without a place.
    """
    text = (
        resources.files("worldwright.architect")
        .joinpath("prompts", f"{template}.md")
        .read_text(encoding="utf-8")
    )
    wanted = set(_PLACE.findall(text))
    if wanted != set(places):
        raise KeyError(f"the prompt {template} has the places {sorted(wanted)}, not {sorted(places)}")
    return _PLACE.sub(lambda match: places[match[1]], text).strip() + "\n"
