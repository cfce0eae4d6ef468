"""Suppression: what is hidden, and that no sum over the hierarchy gives it away."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapmap.errors import InputError
from gapmap.provision.disclosure import IN_PRINT, people_counts, protected, suppressed

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


#: A country cut in two ways, by boards and by partnerships: sums of both give more away than
#: any one of them.
TWO_WAYS = {"C1": ("B1", "H1"), "C2": ("B1", "H2"), "C3": ("B2", "H1"), "C4": ("B2", "H2")}
LEVELS |= {"H": "hscp"}

#: Every table of four councils with up to 17 people each, and what it adds up to.
EVERY = dict(zip(TWO_WAYS, np.indices((18,) * 4).reshape(4, -1), strict=True))
for _whole in ("B1", "B2", "H1", "H2"):
    EVERY[_whole] = sum(EVERY[c] for c, above in TWO_WAYS.items() if _whole in above)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_no_hidden_count_follows_from_all_sums_together(councils: list[int]) -> None:
    values = {f"C{n}": value for n, value in enumerate(councils, 1)}
    for whole in ("B1", "B2", "H1", "H2"):
        values[whole] = sum(values[c] for c, above in TWO_WAYS.items() if whole in above)
    counts = pd.DataFrame(
        {
            "area_code": list(values),
            "level": [LEVELS[code[0]] for code in values],
            "referred": list(values.values()),
        }
    )
    found = suppressed(counts, TWO_WAYS, columns=["referred"], threshold=5)
    gone = set(counts.loc[found["referred"], "area_code"])
    # By brute force: every table of councils that agrees with all that is shown.
    fits = np.ones(len(EVERY["C1"]), dtype=bool)
    for cell, value in values.items():
        fits &= EVERY[cell] > 0 if cell in gone else EVERY[cell] == value
    assert fits.any()
    for cell in gone:
        assert len(set(EVERY[cell][fits])) > 1, (cell, values, gone)


def counted(toy, rows: list[tuple[str, str, str]]):
    table = pd.DataFrame(rows, columns=["area_code", "category", "people"]).assign(
        measure="referrals", period="2025/26", source="Board return"
    )
    return replace(toy, tables=MappingProxyType({**toy.tables, "people_counts": table}))


def shown(table: pd.DataFrame, column: str = "people") -> dict[tuple[str, str], str]:
    return table.set_index(["area_code", "category"])[column].to_dict()


A, B, C, D = (f"S1200090{n}" for n in range(1, 5))
SOUTH, NORTH, SCOTLAND = "S08000901", "S08000902", "S92000003"


def test_wholes_are_added_up_and_small_counts_hidden_with_all_that_tells_them(toy) -> None:
    study = counted(toy, [(A, "", "4"), (B, "", "30"), (C, "", "40"), (D, "", "50")])
    table = people_counts(study)
    told = shown(table)
    # A and B are partnerships of their own: what is hidden is hidden there too.
    assert told[A, ""] == told[B, ""] == told["S37000901", ""] == told["S37000902", ""] == "c"
    assert told[SOUTH, ""] == "34"
    assert (told[C, ""], told[NORTH, ""], told[SCOTLAND, ""]) == ("40", "90", "124")
    assert shown(table, "per_1000")[NORTH, ""] == "180.000"
    assert shown(table, "per_1000")[A, ""] == "c"
    assert shown(table, "how")[NORTH, ""] == "added_up"
    assert "0" not in set(told.values())


def test_kinds_of_service_that_add_up_to_all_do_not_give_each_other_away(toy) -> None:
    rows = [(NORTH, "", "60"), (NORTH, "befriending", "3"), (NORTH, "family_support", "57")]
    told = shown(people_counts(counted(toy, rows)))
    assert told[NORTH, "befriending"] == told[NORTH, "family_support"] == "c"
    assert told[NORTH, ""] == "60"


def test_the_studys_threshold_holds_and_zero_and_unknown_are_told_as_such(toy) -> None:
    study = counted(toy, [(A, "", "0"), (B, "", ""), (C, "", "6"), (D, "", "70")])
    told = shown(people_counts(study.with_settings(suppress_below=5)))
    assert (told[A, ""], told[B, ""], told[C, ""]) == ("0", "", "6")
    assert told[SOUTH, ""] == ""


def test_two_rows_of_the_same_thing_are_both_left_out(toy) -> None:
    table = people_counts(counted(toy, [(A, "", "40"), (A, "", "41"), (B, "", "30")]))
    assert set(table["area_code"]) == {B, "S37000902"}
