"""Empirical distributions and tables: what is read, and what is refused with its place and reason."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.spec.data import CUSTOMERS, HEAD, empirical, load, loaded
from worldwright.spec.data_files import MOST_BYTES, DataFileError, DataFiles

TABLE = HEAD + "table: {file: customers.csv%s}\nattributes:\n"
TAKEN = "  age: {type: int, column: age}\n  spending: {type: float, column: spending}\n"


def parquet(**columns: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("document", "code", "line", "words"),
    [
        (empirical("int", "values: {0: .5, 1.5: .5}"), "WW0223", 7, "'1.5' is not a whole number"),
        (empirical("float", "values: {a: .5, 1: .5}"), "WW0223", 7, "'a' is not a number"),
        (empirical("float", "values: {1: -1, 2: 2}"), "WW0223", 7, "must be a number from 0 on"),
        (empirical("float", "values: {1: x, 2: 2}"), "WW0223", 7, "must be a number from 0 on, not 'x'"),
        (empirical("float", "values: {1: 0, 2: 0}"), "WW0223", 7, "all zero"),
        (empirical("float", "values: {1: .5, 1.0: .5}"), "WW0223", 7, "stands in the table twice"),
        (empirical("float", "values: []"), "WW0132", 7, "there are no values"),
        (empirical("date", "values: [2020-01-05, 2020-02-30]"), "WW0223", 7, "not a date"),
        (empirical("boolean", "values: {yes: 1, false: 2}"), "WW0223", 7, "not true or false"),
        (empirical("float", "quantiles: {0: 1, .5: 3, 1: 2}"), "WW0223", 7, "at 1 is below that at 0.5"),
        (empirical("float", "quantiles: {.1: 1, .5: 3, 1: 4}"), "WW0223", 7, "no quantile at 0"),
        (empirical("float", "quantiles: {0: 1, .5: 3}"), "WW0223", 7, "no quantile at 1"),
        (empirical("float", "quantiles: {0: 1, 50: 3, 1: 4}"), "WW0223", 7, "not a probability from 0 to 1"),
        (empirical("float", "quantiles: {0: 1, 1: 1}"), "WW0223", 7, "all quantiles are the same"),
        (empirical("float", "quantiles: {1: 1}"), "WW0132", 7, "at least two"),
        (empirical("categorical", "quantiles: {0: a, 1: b}"), "WW0223", 7, "have no quantiles"),
        (empirical("categorical", "values: {a: 1, b: 1}, min: 3"), "WW0223", 7, "have no min"),
        (empirical("text", "values: {a: 1}"), "WW0301", 7, "gives no text values"),
        (empirical("float", "values: {1: 1}, quantiles: {0: 1, 1: 2}"), "WW0134", 7, "both values and"),
        (empirical("float", "min: 3"), "WW0134", 7, "no table"),
        (empirical("float", "values: {1: 1}, column: a"), "WW0134", 7, "about a file"),
        (empirical("float", "file: none.csv, column: a"), "WW0220", 7, "no file 'none.csv'"),
        (empirical("float", "file: customers.xlsx"), "WW0220", 7, "neither CSV nor Parquet"),
        (empirical("float", "file: customers.csv, column: spendings"), "WW0221", 7, "no column 'spendings'"),
        (empirical("float", "file: customers.csv"), "WW0221", 7, "no column 'x'"),
        (
            empirical("float", "file: customers.csv, column: spending"),
            "WW0222",
            7,
            "1 of 4 rows, first in row 3",
        ),
        (empirical("float", "file: customers.csv, column: segment"), "WW0222", 7, "row 1: 'budget' is not a"),
        (
            empirical("int", "file: customers.csv, column: spending, nulls: drop"),
            "WW0222",
            7,
            "row 1: 12.5 is not a whole number",
        ),
        (empirical("date", "file: customers.csv, column: age"), "WW0222", 7, "row 1: '23' is not a date"),
        (empirical("boolean", "file: customers.csv, column: age"), "WW0222", 7, "'23' is neither true nor"),
        (
            empirical("int", "file: customers.csv, column: age, weights: spending"),
            "WW0222",
            7,
            "row 3: a weight is missing",
        ),
        (
            empirical("categorical", "file: customers.csv, column: segment", "options: [budget, basic]"),
            "WW0222",
            7,
            "'premium', which is not one of the options",
        ),
        (empirical("int", "values: {1: 1, 2: 1}, min: 5"), "WW0303", 7, "never above 2"),
        (HEAD + "attributes:\n  x: {type: int, column: age}\n", "WW0224", 4, "the population has no table"),
        (TABLE % "" + TAKEN, "WW0222", 6, "'spending' of 'customers.csv' is empty in 1 of 4 rows"),
        (TABLE % ", rows: in_order, weights: w" + TAKEN, "WW0134", 3, "rows in order have no weights"),
        (
            HEAD + "agents: 5\ntable: {file: customers.csv, rows: in_order}\nattributes:\n"
            "  age: {type: int, column: age}\n",
            "WW0225",
            3,
            "5 agents are wanted, and the table has 4 rows",
        ),
        (TABLE % "" + "  age: {type: int, column: age, clip: {min: 3}}\n", "WW0134", 5, "taken as it is"),
        (
            TABLE % "" + "  age: {type: int, column: age, formula: '3'}\n",
            "WW0134",
            5,
            "a formula and a column",
        ),
        (
            TABLE % ", nulls: keep" + TAKEN + "  twice: {type: float, formula: 2 * spending}\n",
            "WW0209",
            7,
            "`spending` is empty in some rows",
        ),
        (
            TABLE % "" + "  age: {type: int, column: age}\n"
            "  y: {type: float, assumption: true, distribution: {uniform: {min: 0, max: 1}}}\n"
            "correlations:\n  - [age, y, .3]\n",
            "WW0504",
            8,
            "taken from a table",
        ),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(document: str, code: str, line: int, words: str) -> None:
    population, found = load(document)
    assert population is None
    mine = [d for d in found if d.code == code]
    assert mine, found
    assert mine[0].span is not None and mine[0].span.start.line == line
    assert words in mine[0].message
    assert len([d for d in found if d.is_error]) == 1, found


def test_a_label_that_looks_like_a_number_or_nothing_stays_a_label() -> None:
    text = empirical("categorical", "file: countries.csv, column: code")
    csv = b"code\nNA\nNA\nNO\n012\nnull\n"
    assert loaded(text, countries_csv=csv).attribute("x").options == ("012", "NA", "NO", "null")


def test_the_options_of_a_file_are_in_alphabetical_order_or_in_that_of_the_document() -> None:
    text = empirical("categorical", "file: customers.csv, column: segment")
    assert loaded(text).attribute("x").options == ("budget", "premium")
    with_order = empirical(
        "categorical", "file: customers.csv, column: segment", "options: [premium, basic, budget]"
    )
    assert loaded(with_order).attribute("x").options == ("premium", "basic", "budget")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("ordered: true", ["WW0226"]),
        ("ordered: true, options: [budget, premium]", []),
        ("ordered: false", []),
    ],
)
def test_an_order_that_only_the_alphabet_knows_is_told(more: str, told: list[str]) -> None:
    lines = [f"    {line}" for line in more.replace(", options", "\noptions").split("\n")]
    drawn = empirical(
        "categorical", "file: customers.csv, column: segment", *(line.strip() for line in lines)
    )
    assert [d.code for d in load(drawn)[1]] == told
    taken = TABLE % "" + f"  segment: {{type: categorical, column: segment, {more}}}\n"
    assert [d.code for d in load(taken)[1]] == told


def test_the_content_of_a_file_decides_the_digest_and_its_name_does_not() -> None:
    text = empirical("int", "file: customers.csv, column: age")
    base = loaded(text).digest
    assert loaded(text.replace("customers", "people"), people_csv=CUSTOMERS).digest == base
    assert loaded(text, customers_csv=CUSTOMERS.replace(b"c4,61", b"c4,62")).digest != base
    # a column that nothing reads says nothing of the population
    assert loaded(text, customers_csv=CUSTOMERS.replace(b"budget", b"basic")).digest == base
    taken = TABLE % "" + "  age: {type: int, column: age}\n"
    rows = loaded(taken).digest
    assert loaded(taken, customers_csv=CUSTOMERS.replace(b"c4,61", b"c4,62")).digest != rows
    swapped = b"\n".join([*CUSTOMERS.split(b"\n")[:1], *CUSTOMERS.split(b"\n")[4:0:-1], b""])
    assert loaded(text, customers_csv=swapped).digest == base
    assert loaded(taken, customers_csv=swapped).digest != rows


def test_parquet_says_what_csv_says() -> None:
    columns = parquet(age=[23, 45, 37, 61], w=[1.0, 3.0, 1.0, 2.0])
    text = empirical("int", "file: customers.csv, column: age, weights: w")
    assert loaded(text.replace(".csv", ".parquet"), customers_parquet=columns).digest == loaded(text).digest
    dated = empirical("date", "file: d.csv")
    days = parquet(x=pa.array([18321, 18322], pa.date32()))
    assert (
        loaded(dated.replace(".csv", ".parquet"), d_parquet=days).digest
        == loaded(dated, d_csv=b"x\n2020-02-29\n2020-03-01\n").digest
    )


@pytest.mark.parametrize(
    ("kind", "column", "words"),
    [
        ("float", pa.array(["a", "b"]), "holds string and no numbers"),
        ("int", pa.array([1.5, 2.0]), "1.5 is not a whole number"),
        ("float", pa.array([1.0, float("nan")]), "nan is not a finite number"),
        ("date", pa.array([1, 2]), "holds int64 and no dates"),
        ("boolean", pa.array([1, 0]), "holds int64 and no booleans"),
        ("categorical", pa.array([1.5, 2.5]), "holds double and no labels"),
    ],
)
def test_a_parquet_column_of_another_type_is_refused(kind: str, column: pa.Array, words: str) -> None:
    population, found = load(empirical(kind, "file: t.parquet"), t_parquet=parquet(x=column))
    assert population is None
    assert [words in d.message for d in found if d.code == "WW0222"] == [True], found


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"x\n", "has no rows"),
        ("t.csv", b"x,x\n1,2\n", "two columns called 'x'"),
        ("t.csv", b"x,y\n1\n2,3\n", "is not CSV in UTF-8"),
        ("t.csv", b"x\n\xff\xfe\n", "is not CSV in UTF-8"),
        ("t.csv", b"\x00\x01\x02PK" * 40, "t.csv"),
        ("t.csv", b'x\n"open\n', "t.csv"),
        ("t.parquet", b"PAR1 is not enough", "is not Parquet"),
        ("t.parquet", b"", "is not Parquet"),
        ("t.csv", b"x\n" + b"1\n" * 1_000_001, "1,000,001 rows, and at most 1,000,000"),
        ("t.csv", b" " * (MOST_BYTES + 1), "at most 64 MiB are read"),
    ],
)
def test_a_hostile_file_is_refused_in_words(path: str, content: bytes, words: str) -> None:
    with pytest.raises(DataFileError) as refused:
        DataFiles(lambda document, path: content).open("base.yaml", path).numbers("x")
    assert words in refused.value.message


def test_a_bomb_of_parquet_is_refused_before_it_unfolds() -> None:
    text = "a" * 1_000_000
    bomb = parquet(x=pa.DictionaryArray.from_arrays(pa.array([0] * 900_000, pa.int32()), pa.array([text])))
    nested = parquet(x=pa.array([[1] * 1000] * 1000))
    assert len(bomb) < 1 << 20  # and would be 900 GB
    for content, words in (
        (bomb, "1,000,000 characters is too long"),
        (nested, "which no attribute can have"),
    ):
        with pytest.raises(DataFileError, match=words):
            DataFiles(lambda document, path, c=content: c).open("base.yaml", "t.parquet").texts("x")


def test_a_mark_at_the_start_quotes_and_line_ends_are_read_as_they_are_meant() -> None:
    csv = b'\xef\xbb\xbfx,note\r\n1,"a, b"\r\n2,"say ""hi"""\r\n'
    file = DataFiles(lambda document, path: csv).open("base.yaml", "t.csv")
    assert file.numbers("x") == [1.0, 2.0]
    assert file.texts("note") == ["a, b", 'say "hi"']


def test_a_table_that_agents_are_taken_from_gives_their_number_in_order() -> None:
    assert loaded(TABLE % ", rows: in_order" + "  age: {type: int, column: age}\n").agents == 4
    assert loaded(TABLE % "" + "  age: {type: int, column: age}\n").agents == 1000


def test_a_population_with_a_table_travels() -> None:
    import pickle

    population = loaded(TABLE % ", nulls: keep" + TAKEN)
    again = pickle.loads(pickle.dumps(population))
    assert again == population and hash(again.attribute("age")) == hash(population.attribute("age"))


def test_the_page_on_agents_from_a_file_is_true() -> None:
    import re
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "sampling.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    csv = b"age,segment,monthly_spending,weight\n30,premium,80,1\n40,basic,,2\n"
    population, found = load(text, customers_csv=csv)
    assert population is not None and found == []
    assert population.attribute("segment").options == ("basic", "premium")
