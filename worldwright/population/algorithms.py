"""Numbers that say how values are computed; part of every dataset's key, so old results stay what they were.

Raised by hand whenever an output changes, and guarded by golden digests. Light to import: finding a dataset
that exists loads no kernels.
"""

from __future__ import annotations

ALGORITHM = 3
"""Of drawn values. 2: labels that depend on a condition are compared as what they are. 3: where 64 attempts
do not meet an inequality, a draw is placed in what it leaves."""

LAYOUT = 3
"""Of stored populations: how their values lie in files. 2: parts of 2²⁰ agents instead of one file.
3: least and greatest values of whole numbers alone."""

QUALITY_ALGORITHM = 5
"""Of the quality report. 2: all warnings are tests, corrected by Holm's step-down. 3: so are known tables.
4: how far constraints move their owners is told, and medians are judged by ranks.
5: at most the first million agents are judged."""
