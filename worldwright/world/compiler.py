"""What Lua itself says of a script's syntax.

Takes a source, gives the first error. The text is compiled by Lua 5.4 in an empty machine and never run.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_MESSAGE = re.compile(r"script:(\d+): (.*?)(?: near (.+))?", re.DOTALL)
_LOADER = b"""
local load, tostring = load, tostring
return function(source)
  local chunk, problem = load(source, "=script", "t", {})
  return not chunk and tostring(problem) or nil
end
"""


@dataclass(frozen=True, slots=True)
class CompileError:
    """Where and why Lua stopped reading."""

    line: int
    message: str
    token: str | None
    """What it stopped at; None at the end of the script."""


def compile_error(source: str) -> CompileError | None:
    """The first error in a script's syntax, None where there is none."""
    said: bytes | None = _loader()(source.encode("utf-8", "surrogateescape"))
    if said is None:
        return None
    text = said.decode("utf-8", "replace")
    match = _MESSAGE.fullmatch(text)
    if match is None:
        return CompileError(1, text, None)
    line, message, near = int(match.group(1)), match.group(2), match.group(3)
    token = None
    if near is not None and near != "<eof>":
        token = near[1:-1] if near[:1] == near[-1:] == "'" else near
    shown = f"{message}, near `{token}`" if token else message if near is None else f"{message}, at the end"
    return CompileError(line, shown, token)


@lru_cache(maxsize=1)
def _loader() -> Any:
    lupa = importlib.import_module("lupa.lua54")
    machine = lupa.LuaRuntime(encoding=None, register_eval=False, register_builtins=False, max_memory=1 << 28)
    return machine.execute(_LOADER)
