"""Pictures of an experiment: PNG bytes from its tables, the same bytes for the same tables.

Every function takes `theme` ("light" or "dark"); those of a metric also its `kind` and `unit`, as they are
in `ReportData`. Where there is nothing to draw, the picture says so.
"""

from worldwright.report.dots import answer, effects
from worldwright.report.importance import ranking
from worldwright.report.lines import curves, segments
from worldwright.report.portrait import population

__all__ = ["answer", "curves", "effects", "population", "ranking", "segments"]
