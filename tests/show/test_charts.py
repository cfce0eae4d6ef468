"""Charts: the numbers that they carry are those of a plain count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import gapmap as gm
from gapmap.errors import InputError
from gapmap.show.charts import dot_plot, fragility_calendar, pathways, state_matrix, travel_curves
from gapmap.show.figure import save_map


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.fixture
def times(toy):
    """Postcode n needs n minutes; the last ten have no way there."""
    codes = toy.people.index
    return pd.DataFrame(
        {
            "postcode": codes,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": [float(n) if n < 90 else np.nan for n in range(len(codes))],
            "status": ["reachable"] * 90 + ["unreachable"] * 10,
        }
    )


def test_curves_are_a_plain_count(toy, times):
    figure = travel_curves(toy.people, times, category="maternity_unit", by="board_code")
    minutes = dict(zip(times["postcode"], times["minutes"], strict=True))
    for board, group in toy.people.groupby("board_code"):
        for t in (0, 15, 47, 120):
            near = sum(
                weight
                for code, weight in group["under_5"].items()
                if not np.isnan(minutes[code]) and minutes[code] <= t
            )
            assert figure.gapmap_data.loc[t, board] == pytest.approx(near / group["under_5"].sum())


def test_curves_never_count_those_with_no_way_there(toy, times):
    data = travel_curves(
        toy.people.assign(all="x"), times, category="maternity_unit", by="all"
    ).gapmap_data
    assert data["x"].iloc[-1] == pytest.approx(0.9)
    assert (data["x"].diff().dropna() >= 0).all()


def test_curves_of_nothing_are_refused(toy, times):
    with pytest.raises(InputError, match="has nothing on"):
        travel_curves(toy.people, times, category="befriending", by="board_code")
    with pytest.raises(InputError, match="lack the column nobody"):
        travel_curves(toy.people, times, category="maternity_unit", by="nobody")


def test_dots_in_order_with_bounds_and_unknown_last():
    table = pd.DataFrame(
        {
            "area_name": ["A", "B", "C"],
            "share": [0.2, np.nan, 0.7],
            "least": [0.1, np.nan, 0.7],
            "most": [0.4, np.nan, 0.7],
        }
    )
    figure = dot_plot(
        table, value="share", low="least", high="most", percent=True, title="T", unit="Share"
    )
    assert figure.gapmap_data["area_name"].tolist() == ["C", "A", "B"]
    assert {"10 to 40%", "70%", "not known"} <= set(texts(figure))
    assert "A 20 (between 10 and 40)" in figure.gapmap_alt
    with pytest.raises(InputError, match="lacks the column nothing"):
        dot_plot(table, value="nothing", title="T")


def test_matrix_counts_each_state_once(toy):
    coverage = gm.coverage(toy, level="council", by="category")
    figure = state_matrix(coverage, level="council")
    assert figure.gapmap_data.size == len(coverage)
    for state, words in gm.vocabulary.STATES.items():
        assert f"{words} ({(coverage['state'] == state).sum()})" in texts(figure)
    with pytest.raises(InputError, match="no kinds of service"):
        state_matrix(coverage, level="board")


def test_fragility_sums_the_kinds_of_a_day():
    months = pd.DataFrame(
        {
            "date": ["2020-02-01", "2020-02-01", "2021-02-28", "2021-02-28"],
            "category": ["a", "b", "a", "b"],
            "services_best": [3, 2, 3, 1],
            "services_worst": [3, 2, 0, 1],
        }
    )
    figure = fragility_calendar(months)
    assert figure.gapmap_data["services_best"].tolist() == [5, 4]
    assert figure.gapmap_data["services_worst"].tolist() == [5, 1]
    assert "Of 5 services between 1 and 4 are left" in figure.gapmap_title
    assert fragility_calendar(months, category="a").gapmap_data["services_worst"].tolist() == [3, 0]
    with pytest.raises(InputError, match="nothing on"):
        fragility_calendar(months, category="c")


def test_pathways_by_service_and_by_category(toy):
    referrals = pd.DataFrame(
        {
            "service_id": ["T1", "T1", "", ""],
            "category": ["", "", "befriending", "befriending"],
            "from_role": ["midwife", "self", "self", ""],
            "accepted": ["yes", "no", "unknown", "yes"],
        }
    )
    figure = pathways(referrals, toy.services)
    assert len(figure.gapmap_data) == 3
    assert "to 0 of 2 kinds" in figure.gapmap_title
    assert "Infant mental health from Midwife: yes" in figure.gapmap_alt
    with pytest.raises(InputError, match="No referral route"):
        pathways(referrals, toy.services, categories=["play_therapy"])


def test_charts_save_alike_each_time(toy, times, tmp_path):
    for stem in ("one", "other"):
        figure = travel_curves(toy.people, times, category="maternity_unit", by="board_code")
        save_map(figure, tmp_path / stem, dpi=100)
    for ending in ("png", "svg"):
        one, other = (tmp_path / f"{stem}.{ending}" for stem in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()
