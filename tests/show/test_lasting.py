"""Maps of what may not last: each area in one class at each date, dates that are alike together."""

from __future__ import annotations

import pandas as pd
import pytest

from gapmap.errors import InputError
from gapmap.show.lasting import PROSPECTS, fragility_map

DAYS = ("2027-03-31", "2028-03-31", "2029-03-31", "2030-03-31")


def tables(areas, states, unknown=0):
    """Calendar and fragility of one kind: by area the state at best and at worst on each day."""
    rows = [
        {
            "date": day,
            "level": "council",
            "area_code": code,
            "dimension": "category",
            "value": "befriending",
            "state_best": best,
            "state_worst": worst,
        }
        for code, of_days in zip(areas.index, states, strict=False)
        for day, (best, worst) in zip(DAYS, of_days, strict=True)
    ]
    money = pd.DataFrame(
        {
            "level": "council",
            "area_code": areas.index[: len(states)],
            "dimension": "category",
            "value": "befriending",
            "services": 2,
            "funding_unknown": unknown,
        }
    )
    return pd.DataFrame(rows), money


SURE = [("provided", "partly")] * 4
MAY = [("provided", "not_known")] * 4
LATE = [("provided", "provided")] * 2 + [("not_known", "not_known")] * 2


def test_each_area_has_one_prospect_at_each_date(toy):
    areas = toy.level("council")
    figure = fragility_map(areas, *tables(areas, [SURE, MAY, LATE]), level="council")
    drawn = figure.gapmap_data.drop(columns="name")
    assert list(drawn.columns) == list(DAYS)
    assert set(drawn.to_numpy().ravel()) <= set(PROSPECTS)
    assert drawn["2027-03-31"].tolist() == ["sure", "may_end", "sure", "nothing"]
    assert drawn["2030-03-31"].tolist() == ["sure", "may_end", "ends", "nothing"]
    assert "only 1 can be sure that it remains; in 1 the money ends" in figure.gapmap_title
    # Two runs of equal dates: two maps, not four.
    assert figure.gapmap_alt.startswith("2 small maps.")
    assert "31 March 2027 to 2028" in figure.gapmap_alt


def test_money_of_which_nothing_is_known_is_told_apart(toy):
    areas = toy.level("council")
    figure = fragility_map(areas, *tables(areas, [MAY], unknown=2), level="council")
    assert figure.gapmap_data["2027-03-31"].tolist()[0] == "funding_unknown"
    assert figure.gapmap_alt.startswith("Map. ")  # no date differs: one map


def test_a_study_alone_is_enough(toy):
    figure = fragility_map(toy, level="council")
    as_of = toy.settings.as_of
    first = as_of.year + ((as_of.month, as_of.day) > (3, 31))
    assert list(figure.gapmap_data.columns[1:]) == [f"{first + n}-03-31" for n in range(4)]
    chosen = fragility_map(toy, level="council", most=1)
    assert chosen.gapmap_data.shape[1] == 2


def test_what_is_not_there_is_said(toy):
    areas = toy.level("council")
    ahead, money = tables(areas, [SURE])
    with pytest.raises(InputError, match="It has: befriending"):
        fragility_map(areas, ahead, money, level="council", category="maternity_unit")
    with pytest.raises(InputError, match="does not have 2040-03-31"):
        fragility_map(areas, ahead, money, level="council", days=["2040-03-31"])
    with pytest.raises(InputError, match="needs the tables"):
        fragility_map(areas, ahead)
    with pytest.raises(InputError, match="no kind of service at this level"):
        fragility_map(areas, ahead, money, level="board")
