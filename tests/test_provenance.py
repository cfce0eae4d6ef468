"""A person's list laid over the directory: whose each field is, and that nothing is wiped."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from gapmap.provenance import disagreements, field_sources, merge
from gapmap.read.values import typed
from gapmap.vocabulary import columns


def rows(*records: dict[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(records)).fillna("")
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    return typed(frame)


OURS = {
    "service_id": "a",
    "name": "Tea Club",
    "category": "peer_support",
    "tier": "universal",
    "tier_basis": "source",
    "postcode": "EH1 3DG",
    "latitude": "55.95",
    "longitude": "-3.18",
    "precision": "site",
    "sector": "nhs",
    "funder": "The Fund",
    "serves": "Fife",
    "source": "A page",
    "source_date": "2020",
}


def field(both, name: str) -> dict[str, str]:
    found = both.fields
    return found[(found["service_id"] == "a") & (found["field"] == name)].iloc[0].to_dict()


def test_hers_wins_and_both_are_told() -> None:
    both = merge(rows(OURS), rows({"service_id": "a", "name": "Coffee Club", "source": "Call"}))
    assert both.services["name"].tolist() == ["Coffee Club"]
    told = field(both, "name")
    assert (told["value"], told["whose"], told["differs"]) == ("Coffee Club", "own", "yes")
    assert (told["other_value"], told["other_source"]) == ("Tea Club", "A page")
    assert told["source"] == "Call"


def test_a_blank_says_nothing_and_a_word_takes_away() -> None:
    hers = rows({"service_id": "a", "name": "Tea Club", "sector": "", "funder": "unknown"})
    both = merge(rows(OURS), hers)
    assert both.services.loc[0, "sector"] == "nhs"
    assert field(both, "sector")["whose"] == "directory"
    assert both.services.loc[0, "funder"] == ""
    assert field(both, "funder")["other_value"] == "The Fund"
    assert field(both, "funder")["differs"] == "yes"


def test_a_corrected_postcode_outdates_the_coordinates() -> None:
    both = merge(rows(OURS), rows({"service_id": "a", "name": "Tea Club", "postcode": "KY1 1XT"}))
    assert both.services.loc[0, "postcode"] == "KY1 1XT"
    assert both.services[["latitude", "longitude"]].isna().all(axis=None)
    assert both.services.loc[0, "precision"] == ""
    assert "older form" in field(both, "latitude")["why"]


def test_the_same_postcode_moves_nothing() -> None:
    both = merge(rows(OURS), rows({"service_id": "a", "name": "Tea Club", "postcode": "eh13dg"}))
    assert both.services.loc[0, "latitude"] == 55.95
    assert field(both, "postcode")["whose"] == "both"
    assert disagreements(both.fields).empty


def test_a_tier_assumed_from_the_category_says_nothing_against_a_stated_one() -> None:
    same = merge(rows(OURS), rows({"service_id": "a", "category": "peer_support", "name": "x"}))
    assert same.services.loc[0, "tier"] == "universal"
    other = merge(rows(OURS), rows({"service_id": "a", "category": "play_therapy", "name": "x"}))
    assert other.services.loc[0, "tier"] == "targeted"


def test_places_of_one_service_are_kept_apart_and_none_is_lost() -> None:
    ours = rows(
        {**OURS, "location_id": "north"},
        {**OURS, "location_id": "south", "postcode": "KY1 1XT"},
    )
    both = merge(ours, rows({"service_id": "a", "location_id": "south", "name": "Tea South"}))
    assert both.services["name"].tolist() == ["Tea Club", "Tea South"]
    assert both.services["postcode"].tolist() == ["EH1 3DG", "KY1 1XT"]


def test_twice_merged_remembers_the_first_time() -> None:
    once = merge(rows(OURS), rows({"service_id": "a", "name": "Coffee Club"}))
    twice = merge(once.services, rows({"service_id": "a", "sector": "council"}), held=once.fields)
    assert field(twice, "name")["other_value"] == "Tea Club"
    assert field(twice, "sector")["other_value"] == "nhs"


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from(["", "x", "y"]),
            st.sampled_from(["", "nhs", "council", "unknown"]),
        ),
        max_size=6,
    )
)
def test_no_row_of_either_list_is_lost(drawn) -> None:
    ours = rows(OURS, {**OURS, "service_id": "b", "location_id": "x"})
    hers = (
        rows(
            *(
                {"service_id": s, "location_id": place, "name": "n", "sector": k}
                for s, place, k in drawn
            )
        )
        if drawn
        else typed(pd.DataFrame(columns=["service_id", "name"], dtype="str"))
    )
    both = merge(ours, hers)
    assert set(both.services["service_id"]) == {"a", "b"} | {s for s, _, _ in drawn}
    assert len(ours) <= len(both.services) <= len(ours) + len(hers)
    assert list(both.fields.columns) == columns("field_sources")
    # Every filled fact of the result is told once, with the value that is used.
    told = both.fields[both.fields["value"] != ""]
    filled = len(field_sources(both.services))
    assert len(told) == filled
