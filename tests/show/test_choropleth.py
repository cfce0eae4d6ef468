"""Maps of areas: what is drawn, what the legend says, what is refused."""

from __future__ import annotations

import sys
import warnings
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from shapely.geometry import box

import gapmap as gm
from gapmap.errors import CRSError, InputError, MissingDependency
from gapmap.show.choropleth import SCHEMES, choropleth, class_breaks, finding, number_classes
from gapmap.show.figure import alt_text, save_map
from gapmap.show.style import STATE_LOOKS, UNKNOWN

HOSTILE = ["<script>alert(1)</script>", "$\\frac{1}{", "x" * 10_000, "\u202eabc\u0000", "=cmd()"]


@pytest.fixture
def boards(toy):
    return toy.level("council")


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def faces(figure):
    return {
        patch.get_gid().removeprefix("area-"): patch
        for patch in figure.findobj(PathPatch)
        if str(patch.get_gid()).startswith("area-")
    }


def test_four_states_have_their_looks(boards):
    states = pd.Series(["provided", "partly", "none_found", "not_known"], index=boards.index)
    figure = choropleth(boards, states)
    for code, state in states.items():
        patch = faces(figure)[code]
        assert to_hex(patch.get_facecolor()).upper() == STATE_LOOKS[state].fill
        assert (patch.get_hatch() or "") == STATE_LOOKS[state].hatch
    for line in (
        "Available across the area (1)",
        "Available to some (1)",
        "Looked, found none (1)",
        "Not yet known (1)",
    ):
        assert line in texts(figure)


def test_a_missing_number_is_hatched_and_never_the_lowest_class(boards):
    values = pd.Series([1.0, np.nan, 3.0, 9.0], index=boards.index)
    figure = choropleth(boards, values, unit="per 1,000")
    unknown = faces(figure)[boards.index[1]]
    assert unknown.get_hatch() == UNKNOWN.hatch
    assert sum(patch.get_hatch() is not None for patch in faces(figure).values()) == 1
    assert "Not yet known (1)" in texts(figure)


def test_counts_in_the_legend_are_those_of_the_map(boards):
    values = pd.Series([1.5, 2.0, 3.0, 9.0], index=boards.index)
    figure = choropleth(boards, values, breaks=[2, 5])
    assert {"Under 2.0 (1)", "2.0 to under 5.0 (2)", "5.0 to 9.0 (1)"} <= set(texts(figure))
    assert figure.gapmap_data["class"].value_counts().to_dict() == {
        "Under 2.0": 1,
        "2.0 to under 5.0": 2,
        "5.0 to 9.0": 1,
    }


def test_whole_numbers_are_told_as_people_count(boards):
    values = pd.Series([1.0, 2.0, 5.0, 9.0], index=boards.index)
    figure = choropleth(boards, values, breaks=[2, 6])
    assert {"1 (1)", "2 to 5 (2)", "6 to 9 (1)"} <= set(texts(figure))


def test_what_is_printed_decides_the_class(boards):
    values = pd.Series([74.9, 10.0, 80.0, 90.0], index=boards.index)
    figure = choropleth(boards, values, breaks=[50, 75])
    assert figure.gapmap_data.loc[boards.index[0], "class"] == "75 to 90"


def test_stale_presence_is_paler_and_dated(boards):
    rows = pd.DataFrame(
        {
            "area_code": boards.index,
            "state": ["provided"] * 4,
            "stale": ["yes", "no", "no", "no"],
            "last_known": ["2012-05", "2019", "2019", "2019"],
        }
    )
    figure = choropleth(boards, rows, category="befriending")
    fills = {code: to_hex(patch.get_facecolor()) for code, patch in faces(figure).items()}
    assert fills[boards.index[0]] != fills[boards.index[1]]
    assert any("last known 2012" in text for text in texts(figure))
    assert any("Paler" in text for text in texts(figure))


def test_from_a_study_in_one_line(toy):
    figure = gm.choropleth(toy, level="board", category="infant_mental_health")
    assert figure.gapmap_data["state"].tolist() == ["provided", "none_found"]
    assert "1 February 2020" in " ".join(texts(figure))
    assert alt_text(figure).startswith("Map. Infant mental health: in 1 of 2 health boards")
    assert "Looked, found none: North Board" in alt_text(figure)


def test_title_states_the_finding():
    states = pd.Series(["provided"] * 3 + ["not_known"] * 2)
    assert finding("Play therapy", states, "council") == (
        "Play therapy: in 3 of 5 councils; 2 not yet known"
    )
    assert "in none of 2 councils that we know of" in finding(
        "X", pd.Series(["not_known"] * 2), "council"
    )
    assert finding("X", pd.Series(["provided"] * 2), "board") == "X: in all 2 health boards"


def test_names_from_data_are_only_text(boards, tmp_path):
    areas = boards.copy()
    areas["name"] = HOSTILE[:4]
    states = pd.Series(["provided", "partly", "none_found", "not_known"], index=areas.index)
    figure = choropleth(areas, states, title=HOSTILE[0], source=HOSTILE[4])
    svg = save_map(figure, tmp_path / "map", formats=("svg",))[0].read_text(encoding="utf-8")
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert max(len(text) for text in texts(figure)) < 500


def test_the_caller_keeps_the_frame(boards):
    before = boards.copy()
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=boards.index)
    choropleth(boards, values)
    pd.testing.assert_frame_equal(pd.DataFrame(boards), pd.DataFrame(before))


def test_row_order_does_not_matter(boards, tmp_path):
    values = pd.Series([1.0, 2.0, 3.0, 9.0], index=boards.index)
    one = save_map(choropleth(boards, values), tmp_path / "one", formats=("png",))[0]
    other = save_map(
        choropleth(boards, values[::-1]), tmp_path / "other", formats=("png",)
    )[0]  # fmt: skip
    assert one.read_bytes() == other.read_bytes()


def test_degrees_are_refused_with_the_remedy(boards):
    with pytest.raises(CRSError, match="to_crs"):
        choropleth(boards.to_crs("EPSG:4326"), pd.Series(1.0, index=boards.index))
    naked = gpd.GeoDataFrame(boards.drop(columns="geometry"), geometry=boards.geometry.to_numpy())
    with pytest.raises(CRSError, match="set_crs"):
        choropleth(naked, pd.Series(1.0, index=boards.index))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (None, "nothing to map"),
        ("no_such_column", "no column"),
        (pd.Series({"S99": 1.0}), "belong to no area"),
        (pd.Series({"S12000901": "perhaps"}), "neither a number nor a state"),
        (pd.DataFrame({"area_code": []}), "lacks the column state"),
    ],
)
def test_what_cannot_be_mapped_is_said(boards, values, message):
    with pytest.raises(InputError, match=message):
        choropleth(boards, values)


def test_a_coverage_frame_of_many_kinds_asks_which(toy):
    coverage = gm.coverage(toy, level="council", by="category")
    with pytest.raises(InputError, match="category="):
        choropleth(toy.level("council"), coverage)
    with pytest.raises(InputError, match="It has"):
        choropleth(toy.level("council"), coverage, category="no_such")


def test_breaks_must_rise(boards):
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=boards.index)
    with pytest.raises(InputError, match="rise"):
        choropleth(boards, values, breaks=[3, 2])
    with pytest.raises(InputError, match="at most 5"):
        choropleth(boards, values, breaks=[1, 2, 3, 4, 5])


def test_breaks_are_few_round_and_split_the_values():
    values = pd.Series(np.arange(1, 101, dtype=float))
    limits = class_breaks(values)
    assert len(limits) == 3
    assert all(limit % 5 == 0 for limit in limits)
    assert class_breaks(pd.Series([2.0, 2.0])) == []
    assert class_breaks(pd.Series([np.nan])) == []


@given(
    st.lists(st.integers(0, 40) | st.floats(-1e6, 1e6, width=32), min_size=2, max_size=60),
    st.integers(2, 5),
    st.sampled_from(sorted(SCHEMES)),
)
@settings(deadline=None, max_examples=60)
def test_breaks_rise_between_different_values(numbers, classes, scheme):
    values = pd.Series(numbers, dtype=float)
    with warnings.catch_warnings():
        # The library warns where there are fewer different values than classes.
        warnings.simplefilter("ignore")
        limits = class_breaks(values, classes=classes, scheme=scheme)
    assert limits == sorted(set(limits))
    assert len(limits) < classes
    edges = [-np.inf, *limits, np.inf]
    for low, high in pairwise(edges):
        assert ((values >= low) & (values < high)).any(), "no class is empty"


def test_whole_numbers_have_whole_classes(boards):
    values = pd.Series([3, 3, 5, 6, 6, 7, 7, 7, 7, 8, 9, 10, 10, 11], dtype=float)
    found = number_classes(values)
    assert all(limit % 1 == 0 for limit in class_breaks(values))
    assert not any("under" in words or "." in words for words in found.words)
    assert found.kind.groupby(values).nunique().eq(1).all(), "equal values, one class"


def test_natural_breaks_lie_in_the_gaps_between_clusters():
    values = pd.Series([1.0, 1.2, 1.4, 9.8, 10.1, 10.4, 52.0, 53.0])
    low, high = class_breaks(values, classes=3, scheme="natural_breaks")
    assert 1.4 < low <= 9.8
    assert 10.4 < high <= 52
    assert class_breaks(values, classes=2, scheme="equal_interval") == [50.0]
    with pytest.raises(InputError, match="no scheme"):
        class_breaks(values, scheme="jenks")


def test_without_the_library_the_command_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "mapclassify", None)
    with pytest.raises(MissingDependency, match=r"gapmap\[classes\]"):
        class_breaks(pd.Series([1.0, 2.0, 3.0]), scheme="natural_breaks")


def test_one_value_everywhere_is_one_class(boards):
    figure = choropleth(boards, pd.Series(7.0, index=boards.index))
    assert "7 (4)" in texts(figure)


def test_nothing_known_anywhere_is_all_hatched(boards):
    figure = choropleth(boards, pd.Series(np.nan, index=boards.index))
    assert "Not yet known (4)" in texts(figure)
    assert all(patch.get_hatch() for patch in faces(figure).values())


def test_land_around_is_grey_and_not_in_the_legend(boards):
    around = gpd.GeoDataFrame(geometry=[box(290_000, 690_000, 330_000, 730_000)], crs="EPSG:27700")
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=boards.index)
    assert len(faces(choropleth(boards, values, context=around))) == 4


def test_classes_can_be_had_without_a_map():
    values = pd.Series({"a": 12.5, "b": 50.0, "c": 91.0, "d": float("nan")})
    found = number_classes(values, unit="% of under-fives", breaks=[25, 50])
    assert found.words == ("Under 25%", "25% to under 50%", "50% to 91%")
    assert found.kind.to_dict() == {"a": 0, "b": 2, "c": 2, "d": -1}
    assert found.say(50) == "50%"
