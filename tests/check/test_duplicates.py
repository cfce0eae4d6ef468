from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from gapmap.check.duplicates import (
    DECISIONS,
    absent,
    candidates,
    duplicates,
    merged,
    read_decisions,
    resolved,
    write_candidates,
)
from gapmap.cli import _decisions_beside, app
from gapmap.errors import InputError
from gapmap.own_list import with_own_list
from gapmap.read.services import read_services
from gapmap.read.values import typed

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


def test_words_that_many_names_have_do_not_make_them_alike():
    towns = ["Glenburn", "Hillview", "Paisley", "Johnstone", "Renfrew", "Erskine", "Linwood",
             "Barrhead", "Bridge of Weir", "Kilbarchan"]  # fmt: skip
    rows = [
        {"name": f"{town} Early Learning and Childcare Centre", "organisation": "The Council",
         "category": "early_years_centre", "postcode": f"PA{n} 1AA"}
        for n, town in enumerate(towns, 1)
    ]  # fmt: skip
    again = {**rows[0], "name": "Glenburn ELC centre"}
    found = duplicates(lists(*rows, again))
    assert found[["service_a", "service_b"]].values.tolist() == [["s0", "s10"]]


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


# -- a person decides -----------------------------------------------------------------------------


def decided(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["service_a", "service_b", "decision"])


THEIRS = {**TWO, "url": "https://example.org/bumps", "source": "Their list"}


@pytest.fixture
def two_lists():
    """Her two rows, and a directory of three: one is hers, one has the same id, one is another."""
    own = lists({**ONE, "source": "My list"}, {"name": "Tea Club", "postcode": "EH1 3DG"})
    other = lists(THEIRS, {"name": "Tea Club"}, {"name": "Rhyme Time", "postcode": "ZE1 0AA"})
    other["service_id"] = ["d1", "s1", "d3"]
    return own, typed(other)


def test_candidates_are_filled_in_and_come_back_as_decisions(two_lists, tmp_path):
    import openpyxl

    own, other = two_lists
    table = candidates(own, other)
    assert table[["service_a", "service_b", "decision"]].values.tolist() == [["s0", "d1", ""]]
    assert table[["source_a", "source_b"]].values.tolist() == [["My list", "Their list"]]
    file = tmp_path / "pairs.xlsx"
    write_candidates(table, file)
    assert read_decisions(file)["decision"].tolist() == [""]  # nothing decided yet is no fault
    book = openpyxl.load_workbook(file)
    page = book.active
    assert page.data_validations.dataValidation[0].formula1 == '"same,different,unsure"'
    page.cell(2, page.max_column).value = "Same"
    book.save(file)
    again = candidates(own, other, decisions=read_decisions(file))
    assert again[["verdict", "decision"]].values.tolist() == [["decided same", "same"]]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_writing_the_pairs_again_forgets_no_decision(two_lists, tmp_path, ending):
    own, other = two_lists
    before = decided(
        ("s0", "d1", "different"),
        ("s0", "d3", "unsure"),
        ("=gone", "s1", "same"),
        ("x", "y", "same"),
    )
    file = tmp_path / f"pairs{ending}"
    for _ in range(2):
        write_candidates(candidates(own, other, decisions=before), file)
        before = read_decisions(file)
    kept = {
        (frozenset((a.strip("'"), b.strip("'"))), word)
        for a, b, word in before[["service_a", "service_b", "decision"]].itertuples(index=False)
    }
    assert kept == {
        (frozenset({"s0", "d1"}), "different"),
        (frozenset({"s0", "d3"}), "unsure"),
        (frozenset({"=gone", "s1"}), "same"),
        (frozenset({"x", "y"}), "same"),
    }
    assert before["verdict"].str.contains("not there now").sum() == 2


def test_a_decision_on_a_service_that_is_gone_is_told_and_does_nothing(two_lists):
    own, _ = two_lists
    decisions = decided(("s0", "gone", "same"))
    (line,) = absent(decisions, own["service_id"])
    assert '"gone" is in no list now' in line
    services, told = merged(own, decisions)
    assert len(services) == len(own)
    assert told.empty


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [("A", "B", "same"), ("B", "C", "same"), ("A", "C", "different")],
            [r'"A" and "B" are the same \(row 2\)', r'"B" and "C" are the same \(row 3\)',
             r'but "A" and "C" are different \(row 4\)'],
        ),
        ([("A", "B", "same"), ("B", "A", "different")], ["row 3", "same in row 2"]),
        ([("A", "B", "perhaps"), ("A", "", "same"), ("A", "A", "same")],
         ["row 2", "row 3", "row 4", "perhaps"]),
    ],
)  # fmt: skip
def test_contradictions_are_all_told_with_their_rows(rows, says):
    with pytest.raises(InputError) as refused:
        duplicates(lists(ONE), decisions=decided(*rows))
    for part in says:
        assert re.search(part, str(refused.value)), part


@given(
    st.lists(
        st.tuples(*[st.sampled_from("ABCDE")] * 2, st.sampled_from(DECISIONS)).filter(
            lambda row: row[0] != row[1]
        ),
        max_size=12,
    )
)
def test_decisions_are_refused_just_where_they_contradict_each_other(rows):
    """Oracle: groups grown one pair at a time, by plain sets."""
    groups = {name: {name} for name in "ABCDE"}
    words = {}
    clash = False
    for a, b, word in rows:
        pair = frozenset((a, b))
        clash |= words.setdefault(pair, word) != word
        if word == "same":
            whole = groups[a] | groups[b]
            for name in whole:
                groups[name] = whole
    clash |= any(
        word == "different" and b in groups[a]
        for (a, b), word in ((tuple(pair), word) for pair, word in words.items())
    )
    frame = lists(*({"name": name} for name in "ABCDE"))
    frame["service_id"] = list("ABCDE")
    if clash:
        with pytest.raises(InputError):
            merged(frame, decided(*rows))
    else:
        services, _ = merged(frame, decided(*rows))
        assert len(services) == len({frozenset(group) for group in groups.values()})


def test_a_study_that_knows_what_is_the_same_has_it_once_with_every_source(toy):
    twin = toy.services.iloc[[2]].assign(
        service_id="T99", name="Alder Families (new name)", url="https://a.org", source="Feed"
    )
    both = pd.concat([toy.services, twin], ignore_index=True)
    study = replace(toy, services=both).with_table("duplicates", decided(("T99", "T3", "same")))
    one = resolved(study)
    assert one.services["service_id"].tolist() == toy.services["service_id"].tolist()
    row = one.services.set_index("service_id").loc["T3"]
    assert row["name"] == "Alder Families"
    assert row["url"] == "https://a.org"
    told = one.table("field_sources")
    assert told.loc[told["column"] == "name", "note"].tolist() == [
        '"Alder Families (new name)" (T99, also said, not taken)',
        '"Alder Families" (T3, taken)',
    ]
    fields = one.field_sources().set_index(["service_id", "field"])["source"]
    assert fields["T3", "name"] == "Survey"
    assert fields["T3", "url"] == "Feed"
    assert resolved(one).services.equals(one.services)


def test_the_command_writes_what_it_then_remembers(tmp_path, toy):
    own, other = tmp_path / "mine.csv", tmp_path / "theirs.csv"
    lists(ONE).to_csv(own, index=False)
    lists(TWO).assign(service_id="d1").to_csv(other, index=False)
    run = CliRunner()
    told = run.invoke(app, ["duplicates", str(own), "--with", str(other)])
    assert told.exit_code == 0
    assert "1 pair to decide" in told.stdout
    file = tmp_path / "mine-duplicates.xlsx"
    decisions = read_decisions(file).assign(decision="same")
    write_candidates(decisions.assign(score=float("nan")), file)
    told = run.invoke(app, ["duplicates", str(own), "--with", str(other)])
    assert "no pairs to decide; 1 decided before" in told.stdout
    study = toy.with_services(typed(read_services(other)), replace=True)
    laid = with_own_list(study, str(own), decisions=_decisions_beside(str(own)))
    assert laid.study.services["service_id"].tolist() == ["d1"]
    assert laid.study.services["name"].tolist() == [ONE["name"]]
    assert any("1 row of yours taken" in line for line in laid.said)
    differ = laid.study.field_sources().query("field == 'name'").iloc[0]
    assert (differ["value"], differ["other_value"]) == (ONE["name"], TWO["name"])
