"""What Lua says of an error, kept: each runtime has words of its own.

Takes a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.world.calls import Wrong
from worldwright.world.portability.kinds import function_name
from worldwright.world.portability.rule import Subject
from worldwright.world.syntax import text_of, walk


def error_words(script: Subject) -> Iterator[Wrong]:
    """The second value of `pcall` or `xpcall`, where it has a name that is read."""
    read = {use.name for use in script.uses if use.how == "read"}
    for node in walk(script.root):
        if node.type != "assignment_statement":
            continue
        lists = {part.type: part for part in node.named_children}
        names = lists["variable_list"].children_by_field_name("name") if "variable_list" in lists else []
        values = lists["expression_list"].named_children if "expression_list" in lists else []
        if len(values) != 1 or len(names) < 2 or values[0].type != "function_call":
            continue
        if function_name(values[0]) in ("pcall", "xpcall") and text_of(names[1]) in read:
            message = f"`{text_of(names[1])}` may be what Lua says of an error, in the words of the runtime"
            yield (
                names[1],
                message,
                "look at whether it went well only, or raise a table: `error({kind = …})`",
            )
