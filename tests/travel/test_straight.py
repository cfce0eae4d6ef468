"""StraightLine: the crow's answers, against brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapmap.errors import CRSError, InputError
from gapmap.travel.network import Network
from gapmap.travel.straight import StraightLine

homes = pd.DataFrame({"easting": [0, 10_000], "northing": [0, 0]}, index=["h1", "h2"])
sites = pd.DataFrame({"easting": [3000, 9000], "northing": [4000, 0]}, index=["a", "b"])


def test_nearest_by_eye() -> None:
    answer = StraightLine(kmh=60, factor=1.2).nearest(homes, sites, k=3)
    assert answer["destination"].tolist()[:2] == ["a", "b"]
    assert answer["km"].tolist()[:2] == pytest.approx([6.0, 10.8])
    assert answer["minutes"].tolist()[:2] == pytest.approx([6.0, 10.8])
    assert answer["status"].tolist() == (["reachable", "reachable", "unreachable"]) * 2


def test_minutes_are_blank_without_a_speed() -> None:
    assert StraightLine().nearest(homes, sites)["minutes"].isna().all()
    assert StraightLine().matrix(homes, sites).loc["h1", "b"] == 9


def test_limit_needs_a_speed() -> None:
    with pytest.raises(InputError, match="kmh"):
        StraightLine().nearest(homes, sites, limit=10)
    near = StraightLine(kmh=60).nearest(homes, sites, limit=4.9)
    assert near["status"].tolist() == ["unreachable", "reachable"]


def test_the_answer_has_the_columns_of_a_network() -> None:
    nodes = pd.DataFrame({"x": [0.0], "y": [0.0]})
    none = pd.DataFrame({"from": [], "to": [], "minutes": [], "km": []})
    road = Network(nodes, none).nearest(homes, sites)
    crow = StraightLine().nearest(homes, sites)
    assert road.columns.tolist() == crow.columns.tolist()
    assert (crow.dtypes["status"], crow["rank"].dtype) == (
        road.dtypes["status"],
        road["rank"].dtype,
    )


def test_pairs_row_by_row() -> None:
    assert StraightLine().pairs(homes, sites)["km"].tolist() == [5, 1]
    with pytest.raises(InputError):
        StraightLine().pairs(homes, sites[:1])


@pytest.mark.parametrize("setting", ["factor", "kmh"])
@pytest.mark.parametrize("value", [0, "2", np.nan, True])
def test_settings_are_above_nothing(setting: str, value: object) -> None:
    with pytest.raises(InputError, match=setting):
        StraightLine(**{setting: value})


def test_settings_and_limits_that_are_none() -> None:
    with pytest.raises(InputError, match=r"factor .* '2' .*kmh .* not 0"):
        StraightLine(factor="2", kmh=0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="limit must be minutes"):
        StraightLine(kmh=60).matrix(homes, sites, limit="10")  # type: ignore[arg-type]
    with pytest.raises(CRSError, match="metres"):
        StraightLine(crs=4326)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_against_every_distance(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 30))
    labels = rng.choice(list("abcdefgh"), n) if seed % 2 else rng.permutation(n)
    ends = pd.DataFrame(rng.integers(0, 5, (n, 2)), columns=["easting", "northing"], index=labels)
    starts = pd.DataFrame(rng.integers(0, 5, (20, 2)), columns=["easting", "northing"])
    answer = StraightLine().nearest(starts, ends, k=k)
    for i, (x, y) in enumerate(starts.to_numpy()):
        best: dict[object, float] = {}
        for label, (x2, y2) in zip(labels, ends.to_numpy(), strict=True):
            far = float(np.sqrt((x - x2) ** 2 + (y - y2) ** 2)) * 1.0 / 1000
            best[label] = min(best.get(label, np.inf), far)
        expected = sorted((far, label) for label, far in best.items())[:k]
        rows = answer[(answer["origin"] == i) & answer["destination"].notna()]
        assert list(zip(rows["km"], rows["destination"], strict=True)) == expected
