"""Partial dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.dates import first_day, last_day, months_before


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2019-10", date(2019, 10, 1), date(2019, 10, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        (" 2019-10-05 ", date(2019, 10, 5), date(2019, 10, 5)),
    ],
)
def test_a_partial_date_means_its_days(text: str, first: date, last: date) -> None:
    assert (first_day(text), last_day(text)) == (first, last)


@pytest.mark.parametrize("text", ["", "autumn", "2019-13", "2019-02-30", "19", None, "2019/10"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert first_day(text) is None
    assert last_day(text) is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_months_before_goes_back_by_whole_months(day: date, months: int) -> None:
    earlier = months_before(day, months)
    assert (day.year - earlier.year) * 12 + day.month - earlier.month == months
    assert earlier.day <= day.day
