"""Which services count at a date: MODEL's rules one by one."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.provision.counting import counts

THEN = date(2020, 2, 1)


def one(**cells: str) -> pd.Series:
    return counts(pd.DataFrame([cells]), THEN).iloc[0]


@pytest.mark.parametrize(
    ("cells", "counted"),
    [
        ({"status": "open", "opened": "2004"}, True),
        ({"status": "open", "opened": "2020-02"}, True),  # its first day is the day itself
        ({"status": "open", "opened": "2020-02-02"}, False),
        ({"status": "open", "opened": "2021", "source_date": "2019"}, False),  # opened wins
        ({"status": "open", "open_by": "2019", "source_date": "2022"}, True),
        ({"status": "open", "source_date": "2019-03", "read_on": "2026-11"}, True),
        ({"status": "open", "read_on": "2026-11"}, False),
        ({"status": "open"}, False),
        ({"status": "planned", "opened": "2010"}, False),
        ({"status": "likely_closed", "opened": "2010"}, False),
        ({"status": "closed", "opened": "2010"}, False),
        ({"status": "closed", "opened": "2010", "closed": "2018"}, False),
        ({"status": "closed", "opened": "2010", "closed": "2020-02-01"}, False),
        ({"status": "closed", "opened": "2010", "closed": "2020-03"}, True),
        ({"status": "open", "opened": "2010", "closed": "2025-03"}, True),
        ({"status": "unknown", "source_date": "2012"}, True),
        ({"status": "", "source_date": "2012"}, True),
    ],
)
def test_a_service_counts_if_it_had_opened_and_not_closed(
    cells: dict[str, str], counted: bool
) -> None:
    row = one(**cells)
    assert row["counts"] == counted
    assert row["reason"].endswith(".")


def test_unknown_status_is_unconfirmed_and_open_is_not() -> None:
    assert one(status="unknown", source_date="2012")["unconfirmed"]
    assert "not confirmed" in one(status="unknown", source_date="2012")["reason"]
    assert not one(status="open", source_date="2012")["unconfirmed"]


@pytest.mark.parametrize(
    ("cells", "known", "stale"),
    [
        ({"source_date": "2012", "read_on": "2026-11"}, "2012", True),
        ({"source_date": "2013-02-01"}, "2013-02-01", False),
        ({"source_date": "2013-01-31"}, "2013-01-31", True),
        ({"opened": "2004", "read_on": "2019-11"}, "2019-11", False),
        ({"opened": "2004", "open_by": "2015", "source_date": "2012"}, "2015", False),
        ({"opened": "1998", "closed": "2012", "source_date": "2019"}, "1998", True),
        ({}, "", False),
    ],
)
def test_evidence_has_an_age_of_its_own(cells: dict[str, str], known: str, stale: bool) -> None:
    row = one(status="open", **cells)
    assert (row["last_known"], row["stale"]) == (known, stale)


@given(
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
)
def test_a_service_counts_from_its_first_day_to_the_day_before_it_closed(
    opened: date, closed: date, day: date
) -> None:
    rows = pd.DataFrame(
        [{"status": "closed", "opened": opened.isoformat(), "closed": closed.isoformat()}]
    )
    assert counts(rows, day)["counts"].iat[0] == (opened <= day < closed)
