"""What the engine refuses, as Dagster shows it: the sentence and the way out, without a traceback."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import dagster as dg

from assets.markdown import verbatim
from worldwright.diagnostics import DocumentError
from worldwright.errors import WorldwrightError
from worldwright.render import render_text


@contextmanager
def explained(files: Mapping[str, str] | None = None) -> Generator[None]:
    """Turn an error the user can act on into a `dagster.Failure` that says what to do, without retries.

    Args:
        files: Texts of documents by name, to quote the lines that diagnostics point at.

    Raises:
        dagster.Failure: for any `WorldwrightError`. Everything else is a defect and keeps its traceback.
    """
    try:
        yield
    except DocumentError as error:
        text = render_text(error.diagnostics, (files or {}).get)
        raise dg.Failure(str(error), metadata={"diagnostics": verbatim(text)}, allow_retries=False) from None
    except WorldwrightError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
