"""Every code of experiment documents."""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity

_EXAMPLE = "worldwright: experiment/1\nname: example\nworld: adoption\nticks: 52\nseed: 1\n"

UNKNOWN_FACTOR = Code(
    "WW0801",
    "factor-unknown",
    Severity.ERROR,
    "A factor that changes nothing would give equal cells that look like a finding.",
)
DESIGN_SHAPE = Code(
    "WW0802",
    "design-shape",
    Severity.ERROR,
    "A design is one way of naming cells; two at once, or none, leave it open which cells are meant.",
    bad=_EXAMPLE + "design: {grid: {world.price: [0, 0, 500]}}\nreplicates: 20\n",
    good=_EXAMPLE + "design: {grid: {world.price: [0, 250, 500]}}\nreplicates: 20\n",
)
REPLICATE_RANGE = Code(
    "WW0803",
    "replicates-range",
    Severity.ERROR,
    "An interval needs at least two replicates, and stopping needs a room between `min` and `max`.",
    bad=_EXAMPLE + "design: {grid: {world.price: [0, 500]}}\nreplicates: {min: 20, max: 10}\n",
    good=_EXAMPLE + "design: {grid: {world.price: [0, 500]}}\nreplicates: {min: 10, max: 10}\n",
)
UNKNOWN_METRIC = Code(
    "WW0806",
    "metric-unknown",
    Severity.ERROR,
    "An experiment about a metric that no run records would end without an answer.",
)
SCHEDULE_SHAPE = Code(
    "WW0805",
    "schedule-shape",
    Severity.ERROR,
    "A schedule that cannot be read would never start, without anybody being told.",
    bad=_EXAMPLE + "design: {grid: {world.price: [0, 500]}}\nreplicates: 20\nschedule: every Monday\n",
    good=_EXAMPLE + 'design: {grid: {world.price: [0, 500]}}\nreplicates: 20\nschedule: "0 5 * * 1"\n',
)
OUTCOME_SHAPE = Code(
    "WW0807",
    "outcome-shape",
    Severity.ERROR,
    "An outcome is the number the answer is about; read in two ways, or where nothing is, it would mislead.",
    bad=_EXAMPLE + "outcomes: {settled: {metric: adopters, at: {mean: [40, 60]}}}\n",
    good=_EXAMPLE + "outcomes: {settled: {metric: adopters, at: {mean: [40, 52]}}}\n",
)
RECORD_RANGE = Code(
    "WW0809",
    "record-range",
    Severity.ERROR,
    "What is to be recorded in ticks that never come would be missing without anybody being told.",
    bad=_EXAMPLE + "record: {events: {ticks: [40, 60]}}\n",
    good=_EXAMPLE + "record: {events: {ticks: [40, 52]}}\n",
)
FACTOR_VALUE = Code(
    "WW0808",
    "factor-value",
    Severity.ERROR,
    "A run with a value that its parameter cannot have would end with an error after all others were done.",
)
