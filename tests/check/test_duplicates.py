from __future__ import annotations

import pandas as pd
import pytest

from gapmap.check.duplicates import duplicates, merged, read_decisions
from gapmap.errors import InputError

BASE = {"name": "", "organisation": "", "postcode": "", "phone": "", "url": "", "category": ""}


def lists(*rows: dict[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame([{**BASE, **row} for row in rows])
    frame.insert(0, "service_id", [f"s{n}" for n in range(len(frame))])
    return frame


ONE = {
    "name": "Bumps and Babies (Kirkcaldy)",
    "organisation": "The Cottage Family Centre",
    "postcode": "KY2 6LH",
    "phone": "01592 269489",
    "category": "family_support",
}
TWO = {
    "name": "Bumps & Babies",
    "organisation": "Cottage Family Centre",
    "postcode": "KY26LH",
    "phone": "+44 1592 269489",
    "category": "family_support",
}


def test_the_same_service_of_two_lists_is_found_and_says_why():
    found = duplicates(lists(ONE, TWO, {"name": "Rhyme Time", "postcode": "EH1 3DG"}))
    assert found[["row_a", "row_b"]].values.tolist() == [[2, 3]]
    first = found.iloc[0]
    assert first["verdict"] == "likely the same"
    for reason in ("names alike", "same organisation", "same postcode", "same telephone"):
        assert reason in first["why"]


def test_neighbours_in_one_building_are_not_the_same():
    play = {**ONE, "name": "Play therapy room", "category": "play_therapy", "phone": "01592 111111"}
    assert duplicates(lists(ONE, {**play, "organisation": "Another Charity"})).empty


def test_the_same_name_far_apart_is_not_the_same():
    found = duplicates(
        lists(
            {"name": "Bookbug", "postcode": "ZE1 0AA", "organisation": "Shetland Library"},
            {"name": "Bookbug", "postcode": "DG1 1AA", "organisation": "Dumfries Library"},
        )
    )
    assert found.empty


def test_places_of_one_service_are_no_pair():
    rows = lists(ONE, TWO)
    rows["service_id"] = "s0"
    rows["location_id"] = ["a", "b"]
    assert duplicates(rows).empty


def test_decisions_are_remembered(tmp_path):
    rows = lists(ONE, TWO)
    different = pd.DataFrame({"service_a": ["s1"], "service_b": ["s0"], "decision": ["different"]})
    assert duplicates(rows, decisions=different).empty
    file = tmp_path / "decisions.csv"
    file.write_text("service_a,service_b,decision,note\ns0,s1,same,asked\n")
    assert duplicates(rows, decisions=read_decisions(file))["verdict"].tolist() == ["decided same"]
    file.write_text("service_a,service_b,decision\ns0,s1,perhaps\n")
    with pytest.raises(InputError, match="perhaps"):
        read_decisions(file)


def test_merging_keeps_every_source_of_every_field():
    rows = lists({**ONE, "url": ""}, {**TWO, "url": "https://example.org/bumps"}, {"name": "Tea"})
    rows["source"] = ["Ours", "ALISS", ""]
    same = pd.DataFrame({"service_a": ["s1"], "service_b": ["s0"], "decision": ["same"]})
    services, sources = merged(rows, same)
    assert services["service_id"].tolist() == ["s0", "s2"]
    assert services["name"].iloc[0] == ONE["name"]
    assert services["url"].iloc[0] == "https://example.org/bumps"
    names = sources[sources["column"] == "name"]
    assert names[["value", "kept", "source"]].values.tolist() == [
        [ONE["name"], "yes", "Ours"],
        [TWO["name"], "no", "ALISS"],
    ]
    assert sources.set_index("column").loc["url", "from_service"] == "s1"


def test_a_chain_of_decisions_is_one_service():
    rows = lists({"name": "A"}, {"name": "B"}, {"name": "C"})
    same = pd.DataFrame(
        {"service_a": ["s1", "s2"], "service_b": ["s0", "s1"], "decision": ["same", "same"]}
    )
    services, _ = merged(rows, same)
    assert services["service_id"].tolist() == ["s0"]


def test_the_order_of_rows_does_not_matter():
    forward = duplicates(lists(ONE, TWO))
    backward = duplicates(lists(TWO, ONE))
    assert forward["score"].tolist() == backward["score"].tolist()
