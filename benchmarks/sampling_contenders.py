"""One population of 40 attributes, for Worldwright and for others, and as people write it by hand.

Four groups of ten attributes: whole numbers and truncated laws, an attribute whose mean is another one,
categories, numbers and booleans with modifiers, beta, gamma and Poisson laws, a formula. What the others
leave out is said in benchmarks/README.md. A contender is a function (agents, path or None): it makes the
agents, writes them as zstd Parquet where a path is given, and returns an Arrow table or None.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

GROUPS = "abcd"
RANKS = ("resident", "specialist", "senior", "chief")
JUNIOR, SENIOR = (0.34, 0.30, 0.27, 0.09), (0.01, 0.28, 0.50, 0.21)
MU = math.log(5200) - 0.5 * math.log1p((1900 / 5200) ** 2)
SIGMA = math.sqrt(math.log1p((1900 / 5200) ** 2))
SEED = 1
Contender = Callable[[int, Path | None], Any]

DOCUMENT = """
  {g}_age: {{type: int, distribution: {{normal: {{mean: 47, sd: 11, min: 26, max: 72}}}}}}
  {g}_experience: {{type: int, distribution: {{normal: {{mean: {g}_age - 20, sd: 2}}}}}}
  {g}_rank:
    type: categorical
    distribution: {{categorical: {{resident: .34, specialist: .30, senior: .27, chief: .09}}}}
    modifiers:
      - when: {g}_experience > 27
        weights: {{resident: .01, specialist: .28, senior: .50, chief: .21}}
  {g}_income:
    type: float
    distribution: {{lognormal: {{mean: 5200, sd: 1900}}}}
    modifiers:
      - {{when: {g}_rank == 'chief', multiply: 1.8}}
      - {{when: {g}_age > 60, add: 300}}
  {g}_comfort:
    type: float
    distribution: {{beta: {{alpha: 2, beta: 2.5}}}}
    modifiers:
      - {{when: {g}_age > 55, multiply: .8}}
      - {{when: {g}_rank == 'senior', add: .05}}
    clip: {{min: 0, max: 1}}
  {g}_trust: {{type: float, distribution: {{normal: {{mean: {g}_comfort, sd: .2}}}}}}
  {g}_wait: {{type: float, distribution: {{gamma: {{shape: 2, scale: 3}}}}}}
  {g}_cases: {{type: int, distribution: {{poisson: {{mean: 3.5}}}}}}
  {g}_adopts:
    type: boolean
    distribution: {{boolean: .2}}
    modifiers:
      - {{when: {g}_comfort > .6, probability: .5}}
  {g}_burden: {{type: float, formula: {g}_income / 1000 + {g}_wait}}
"""


def population() -> Any:
    """The population as Worldwright resolves it."""
    from worldwright.spec import Source, load_population

    body = "".join(DOCUMENT.format(g=group) for group in GROUPS)
    text = f"worldwright: population/1\nname: benchmark\nagents: 1000\nattributes:{body}"
    made, found = load_population(Source("benchmark.yaml", text))
    if made is None:
        raise SystemExit("\n".join(str(diagnostic) for diagnostic in found))
    return made


def ours_in_memory(agents: int, path: Path | None) -> pa.Table | None:
    from worldwright.population import plan, sample, write_parquet

    table = sample(plan(population(), SEED), 0, agents)
    if path is not None:
        write_parquet([table], path, unordered=True)
    return table


def ours_streaming(agents: int, path: Path | None) -> pa.Table | None:
    from worldwright.population import batches, plan, write_parquet

    stream = batches(plan(population(), SEED), agents)
    if path is None:
        return pa.concat_tables(stream)
    write_parquet(stream, path, unordered=True)
    return None


def ours_in_processes(agents: int, path: Path | None, workers: int = 2) -> pa.Table | None:
    from worldwright.population import Processes, plan, write_parquet

    with Processes(workers) as backend:
        stream = backend.batches(plan(population(), SEED), agents)
        if path is None:
            return pa.concat_tables(stream)
        write_parquet(stream, path, unordered=True)
        return None


def python_loop(agents: int, path: Path | None) -> pa.Table:
    """One agent after the other, as agent-based models are usually set up."""
    draw = random.Random(SEED)
    people: list[dict[str, Any]] = []
    for _ in range(agents):
        person: dict[str, Any] = {}
        for g in GROUPS:
            age = draw.gauss(47, 11)
            while not 25.5 <= age <= 72.5:
                age = draw.gauss(47, 11)
            age = round(age)
            experience = round(draw.gauss(age - 20, 2))
            rank = draw.choices(RANKS, SENIOR if experience > 27 else JUNIOR)[0]
            income = draw.lognormvariate(MU, SIGMA) * (1.8 if rank == "chief" else 1) + (
                300 if age > 60 else 0
            )
            comfort = draw.betavariate(2, 2.5) * (0.8 if age > 55 else 1) + (0.05 if rank == "senior" else 0)
            comfort = min(max(comfort, 0.0), 1.0)
            wait = draw.gammavariate(2, 3)
            cases, left = 0, draw.random()
            while left > math.exp(-3.5):  # Knuth's product
                left *= draw.random()
                cases += 1
            person |= {
                f"{g}_age": age,
                f"{g}_experience": experience,
                f"{g}_rank": rank,
                f"{g}_income": income,
                f"{g}_comfort": comfort,
                f"{g}_trust": draw.gauss(comfort, 0.2),
                f"{g}_wait": wait,
                f"{g}_cases": cases,
                f"{g}_adopts": draw.random() < (0.5 if comfort > 0.6 else 0.2),
                f"{g}_burden": income / 1000 + wait,
            }
        people.append(person)
    return _written(pa.Table.from_pylist(people), path)


def python_loop_that_reads(agents: int, path: Path | None) -> pa.Table:
    """One agent after the other, from the spec, as a tool that samples specs is usually written."""
    from sampling_interpreter import agents_of

    return _written(pa.Table.from_pylist(agents_of(population(), agents, SEED)), path)


def pandas_and_scipy(agents: int, path: Path | None) -> pa.Table:
    """Whole columns, with SciPy's laws and NumPy's generator."""
    import numpy as np
    import pandas as pd
    from scipy import stats

    draw = np.random.default_rng(SEED)
    frame: dict[str, Any] = {}
    for g in GROUPS:
        ages = stats.truncnorm.rvs((25.5 - 47) / 11, (72.5 - 47) / 11, 47, 11, agents, random_state=draw)
        age = np.rint(ages).astype(np.int64)
        experience = np.rint(stats.norm.rvs(age - 20, 2, random_state=draw)).astype(np.int64)
        junior = draw.choice(len(RANKS), agents, p=JUNIOR)
        rank = np.where(experience > 27, draw.choice(len(RANKS), agents, p=SENIOR), junior)
        income = stats.lognorm.rvs(SIGMA, scale=math.exp(MU), size=agents, random_state=draw)
        income = np.where(rank == 3, income * 1.8, income) + np.where(age > 60, 300.0, 0.0)
        comfort = stats.beta.rvs(2, 2.5, size=agents, random_state=draw)
        comfort = np.where(age > 55, comfort * 0.8, comfort) + np.where(rank == 2, 0.05, 0.0)
        comfort = np.clip(comfort, 0, 1)
        wait = stats.gamma.rvs(2, scale=3, size=agents, random_state=draw)
        frame |= {
            f"{g}_age": age,
            f"{g}_experience": experience,
            f"{g}_rank": pd.Categorical.from_codes(rank, categories=list(RANKS)),
            f"{g}_income": income,
            f"{g}_comfort": comfort,
            f"{g}_trust": stats.norm.rvs(comfort, 0.2, random_state=draw),
            f"{g}_wait": wait,
            f"{g}_cases": stats.poisson.rvs(3.5, size=agents, random_state=draw),
            f"{g}_adopts": draw.random(agents) < np.where(comfort > 0.6, 0.5, 0.2),
            f"{g}_burden": income / 1000 + wait,
        }
    return _written(pa.Table.from_pandas(pd.DataFrame(frame), preserve_index=False), path)


def duckdb_sql(agents: int, path: Path | None) -> pa.Table | None:
    """One query on one thread; laws that SQL lacks are read from tables of 1,000 quantiles."""
    import duckdb
    import numpy as np
    from scipy import stats

    middles = (np.arange(1000) + 0.5) / 1000
    low, high = stats.norm.cdf([(25.5 - 47) / 11, (72.5 - 47) / 11])
    tables = {
        "age": np.rint(stats.norm.ppf(low + middles * (high - low), 47, 11)).astype(int),
        "beta": stats.beta.ppf(middles, 2, 2.5),
        "gamma": stats.gamma.ppf(middles, 2, scale=3),
        "poisson": stats.poisson.ppf(middles, 3.5).astype(int),
    }
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
    connection.execute(f"select setseed({SEED / 10})")
    for name, values in tables.items():
        connection.execute(f"set variable {name} = {values.tolist()}")
    query = _sql(agents)
    if path is None:
        return connection.sql(query).to_arrow_table()
    connection.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd, compression_level 1)")
    return None


def _sql(agents: int) -> str:
    """A query in five layers, since an alias of `random()` used twice in one layer would be drawn twice."""

    def table(name: str) -> str:
        return f"getvariable('{name}')[1 + floor(random() * 1000)::int]"

    def gauss(mean: str, sd: str) -> str:  # Box and Muller
        return f"({mean} + {sd} * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))"

    def option(u: str, shares: tuple[float, ...]) -> str:
        ends = shares[0], shares[0] + shares[1], sum(shares[:3])
        cases = " ".join(f"when {u} < {end} then '{rank}'" for end, rank in zip(ends, RANKS, strict=False))
        return f"(case {cases} else 'chief' end)"

    layers = (
        f"""{table("age")} as $_age, random() as $_u, {table("beta")} as $_beta,
            {table("gamma")} as $_wait, {table("poisson")} as $_cases""",
        f"round({gauss('$_age - 20', '2')})::bigint as $_experience",
        f"""case when $_experience > 27 then {option("$_u", SENIOR)} else {option("$_u", JUNIOR)} end
              as $_rank""",
        f"""exp({gauss(str(MU), str(SIGMA))}) * if($_rank = 'chief', 1.8, 1) + if($_age > 60, 300, 0)
              as $_income,
            least(greatest($_beta * if($_age > 55, .8, 1) + if($_rank = 'senior', .05, 0), 0), 1)
              as $_comfort""",
    )
    source = f"range({agents})"
    for layer in layers:
        kept = "" if layer is layers[0] else "*, "
        source = f"(select {kept}{', '.join(layer.replace('$', g) for g in GROUPS)} from {source})"
    last = f"""$_age, $_experience, $_rank, $_income, $_comfort, {gauss("$_comfort", ".2")} as $_trust,
        $_wait, $_cases, random() < if($_comfort > .6, .5, .2) as $_adopts,
        $_income / 1000 + $_wait as $_burden"""
    return f"select {', '.join(last.replace('$', g) for g in GROUPS)} from {source}"


def _written(table: pa.Table, path: Path | None) -> pa.Table:
    from worldwright.population import write_parquet

    if (
        path is not None
    ):  # by the same writer: dictionaries for categories and integers alone, zstd at level 1
        write_parquet([table], path, unordered=True)
    return table


CONTENDERS: dict[str, Contender] = {
    "Worldwright, in memory": ours_in_memory,
    "Worldwright, streaming": ours_streaming,
    "Worldwright, 2 processes": ours_in_processes,
    "Python loop": python_loop,
    "Python loop that reads the spec": python_loop_that_reads,
    "pandas and SciPy": pandas_and_scipy,
    "DuckDB SQL, 1 thread": duckdb_sql,
}


def columns() -> Iterator[str]:
    """The names of the 40 attributes."""
    return iter(population().columns)
