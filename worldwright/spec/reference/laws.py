"""What each family of distributions is: its parameters with their meaning, and where it is drawn."""

from __future__ import annotations

LAWS: dict[str, tuple[str, dict[str, str]]] = {
    "normal": (
        "The normal law.",
        {"mean": "mean of the untruncated law", "sd": "its standard deviation, above 0"},
    ),
    "lognormal": (
        "A variable whose logarithm is normal.",
        {"mean": "mean of the variable itself, above 0", "sd": "its standard deviation, above 0"},
    ),
    "uniform": (
        "Everything between two ends alike; whole numbers and dates each alike, ends included.",
        {
            "min": "the least value",
            "max": "the greatest",
            "clamp": "makes a whole number a rounded one, which has the ends half as often",
        },
    ),
    "beta": (
        "The beta law on 0 to 1, with mean alpha / (alpha + beta).",
        {"alpha": "above 0", "beta": "above 0"},
    ),
    "gamma": ("The gamma law, with mean shape × scale.", {"shape": "above 0", "scale": "above 0"}),
    "exponential": ("The exponential law.", {"mean": "its mean, above 0"}),
    "triangular": (
        "Rising from min to the mode, falling to max.",
        {"min": "the least value", "mode": "the likeliest", "max": "the greatest"},
    ),
    "poisson": ("Numbers of independent events.", {"mean": "their mean, 0 or more"}),
    "binomial": (
        "Numbers of successes.",
        {"n": "how many trials, a whole number", "p": "the probability of success in each"},
    ),
    "categorical": (
        "One label; `categorical:` holds the weight of each. Constant weights sum to 1; expressions are "
        "divided by their sum.",
        {},
    ),
    "boolean": ("True or false; `boolean:` holds the probability of true.", {}),
    "empirical": (
        "The values of a table: exactly one of `values`, `quantiles` and `file`.",
        {
            "values": "weights by value (counts or shares), or a list of values that are equally likely",
            "quantiles": "values by probability, the least at 0 and the greatest at 1; between two of them "
            "values lie on a straight line, and two equal ones are one value with that probability. Numbers "
            "and dates only",
            "file": "a CSV or Parquet file, relative to the document and inside the project, at most 64 MiB "
            "and 1,000,000 rows; its content enters the digest of the spec",
            "column": "the column of the file; that named as the attribute where left out",
            "weights": "a column with the weight of each row",
            "nulls": "whether empty fields are an `error`, or `drop` their rows",
        },
    ),
    "mixture": (
        "A list of components, each with a `share` and one family of this list. The draw chooses a component "
        "by the shares and is read on in its law, so that the mixture is exact with one draw; it cannot be "
        "correlated, and its components are truncated one by one (shares are those of the agents, after "
        "truncation). Of labels and booleans it is the average of the tables.",
        {"share": "a number or expression; constants sum to 1, expressions are divided by their sum"},
    ),
}
"""By name, in the order of the models."""

ENDS = {
    "min": "cuts the law from below: what is drawn has the law between the ends",
    "max": "cuts it from above",
    "clamp": "puts what lies beyond the ends on them, instead of cutting the law",
}
"""What the ends of truncated families mean."""

EXAMPLES: dict[str, tuple[str, str]] = {
    "normal": ("int", "{normal: {mean: 47, sd: 11, min: 26, max: 72}}"),
    "lognormal": ("float", "{lognormal: {mean: 5200, sd: 1900}}"),
    "uniform": ("date", "{uniform: {min: 2020-01-01, max: 2020-12-31}}"),
    "beta": ("float", "{beta: {alpha: 2, beta: 5}}"),
    "gamma": ("float", "{gamma: {shape: 2, scale: 3}}"),
    "exponential": ("float", "{exponential: {mean: 12}}"),
    "triangular": ("float", "{triangular: {min: 0, mode: 2, max: 10}}"),
    "poisson": ("int", "{poisson: {mean: 2.4}}"),
    "binomial": ("int", "{binomial: {n: 10, p: .3}}"),
    "categorical": ("categorical", "{categorical: {rural: .3, urban: .7}}"),
    "boolean": ("boolean", "{boolean: .18}"),
    "empirical": ("int", "{empirical: {values: {0: .42, 1: .31, 2: .2, 3: .07}}}"),
    "mixture": (
        "float",
        "{mixture: [{share: .8, normal: {mean: 3, sd: 1}}, {share: .2, gamma: {shape: 2, scale: 9}}]}",
    ),
}
"""A type and a distribution of it, one for each family; a test loads and samples all of them."""

FUNCTIONS = {
    "min": "the least of its arguments",
    "max": "the greatest",
    "abs": "without its sign",
    "round": "the nearest whole number, half to even",
    "floor": "the greatest whole number not above",
    "ceil": "the least whole number not below",
    "sqrt": "the square root",
    "exp": "e to the power",
    "log": "the natural logarithm",
    "clip": "`clip(x, low, high)`: x, or the end it lies beyond",
}
