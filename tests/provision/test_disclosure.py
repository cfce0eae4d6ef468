"""Suppression: what is hidden, and that no sum over the hierarchy gives it away."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.errors import InputError
from gapmap.provision.disclosure import IN_PRINT, protected, suppressed

#: A country of two boards; the first is a single council, the second has three.
PARENTS = {"B1": "S", "B2": "S", "C1": "B1", "C2": "B2", "C3": "B2", "C4": "B2"}
LEVELS = {"S": "country", "B": "board", "C": "council"}


def table(*councils: float) -> pd.DataFrame:
    c1, c2, c3, c4 = councils
    values = {"C1": c1, "C2": c2, "C3": c3, "C4": c4}
    values |= {"B1": c1, "B2": c2 + c3 + c4, "S": c1 + c2 + c3 + c4}
    return pd.DataFrame(
        {
            "area_code": list(values),
            "level": [LEVELS[code[0]] for code in values],
            "referred": list(values.values()),
        }
    )


def hidden(counts: pd.DataFrame, **options: int) -> set[str]:
    found = suppressed(counts, PARENTS, columns=["referred"], **options)
    return set(counts.loc[found["referred"], "area_code"])


def test_large_counts_are_shown() -> None:
    assert hidden(table(50, 60, 70, 80)) == set()


def test_a_small_count_takes_the_smallest_of_its_siblings_with_it() -> None:
    assert hidden(table(50, 4, 70, 80)) == {"C2", "C3"}


def test_a_board_that_is_a_single_council_is_hidden_with_it_and_so_on_up() -> None:
    # C1 is all of B1; B1 alone hidden could be taken from the country, so B2 goes, and a council.
    assert hidden(table(4, 60, 70, 80)) >= {"C1", "B1", "B2", "C2"}


def test_zeros_are_shown_and_the_threshold_is_the_studys() -> None:
    assert hidden(table(0, 60, 70, 80)) == set()
    assert hidden(table(50, 8, 70, 80), threshold=5) == set()


def test_an_unknown_count_protects_its_siblings_and_stays_unknown() -> None:
    counts = table(50, 4, 70, 80)
    counts.loc[counts["area_code"] == "C3", "referred"] = float("nan")
    assert hidden(counts) == {"C2"}


def test_the_mark_reaches_every_derived_figure_and_is_never_zero() -> None:
    counts = table(50, 4, 70, 80).assign(rate=1.0)
    before = counts.copy()
    found = suppressed(counts, PARENTS, columns=["referred"])
    safe = protected(counts, found, derived={"referred": ["rate"]}, mark=IN_PRINT)
    gone = safe[safe["area_code"].isin(["C2", "C3"])]
    assert (gone[["referred", "rate"]] == "*").all(axis=None)
    assert (safe.loc[~safe["area_code"].isin(["C2", "C3"]), "referred"] != "*").all()
    pd.testing.assert_frame_equal(counts, before)


def test_an_area_that_stands_twice_is_refused() -> None:
    counts = pd.concat([table(1, 2, 3, 4)] * 2)
    with pytest.raises(InputError, match="stand twice"):
        suppressed(counts, PARENTS, columns=["referred"])


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_no_hidden_count_can_be_taken_from_one_sum(councils: list[int]) -> None:
    counts = table(*councils)
    values = dict(zip(counts["area_code"], counts["referred"], strict=True))
    gone = hidden(counts)
    assert {code for code, value in values.items() if 0 < value < 10} <= gone
    assert not any(values[code] == 0 for code in gone)
    for parent in ("S", "B1", "B2"):
        sums = [parent, *(child for child, above in PARENTS.items() if above == parent)]
        assert sum(code in gone for code in sums) != 1
