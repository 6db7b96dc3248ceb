"""Dates along an axis: few, round and each with a label of its own."""

import datetime

import pytest

from worldwright.report.portrait import date_ticks

_EPOCH = datetime.date(1970, 1, 1)


def labels(first: str, last: str) -> list[str]:
    low, high = ((datetime.date.fromisoformat(day) - _EPOCH).days for day in (first, last))
    days, form = date_ticks(low - 0.5, high + 0.5)
    assert all(low - 0.5 <= day <= high + 0.5 for day in days)
    return [(_EPOCH + datetime.timedelta(days=day)).strftime(form) for day in days]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-03-04", "2024-03-10", ["2024-03-04", "2024-03-07", "2024-03-10"]),
        ("2024-01-15", "2024-05-30", ["2024-02", "2024-03", "2024-04", "2024-05"]),
        ("2023-01-01", "2023-12-31", ["2023-01", "2023-04", "2023-07", "2023-10"]),
        ("1999-01-15", "2024-05-30", ["2000", "2010", "2020"]),
        ("2024-03-04", "2024-03-04", ["2024-03-04"]),
    ],
)
def test_ticks_are_round_and_labels_differ(first: str, last: str, expected: list[str]) -> None:
    assert labels(first, last) == expected


def test_no_two_labels_are_the_same_over_any_stretch() -> None:
    for days in range(1, 40_000, 37):
        last = (datetime.date(1990, 5, 17) + datetime.timedelta(days=days)).isoformat()
        found = labels("1990-05-17", last)
        assert 1 <= len(found) <= 5 and len(set(found)) == len(found), (last, found)


def test_the_ends_of_the_calendar_have_ticks_too() -> None:
    assert labels("0001-01-01", "9999-12-31")
