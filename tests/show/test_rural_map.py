"""The map of the rural list: size, colour and shape tell one story, and the list beside it too."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from matplotlib.text import Text

import gapmap as gm
from gapmap.errors import InputError
from gapmap.show.figure import save_map
from gapmap.show.rural import rural_map

#: place: (near, minutes, by_ferry, status)
PLACES = {
    "AB1 1": ("Cliffend", 70.0, "no", "beyond"),
    "AB1 2": ("", 100.0, "no", "beyond"),
    "AB1 3": ("Port Far", 300.0, "yes", "beyond"),
    "AB1 4": ("", math.nan, "no", "unreachable"),
}


def listed(**extra):
    return pd.DataFrame(
        {
            "place": list(PLACES),
            "near": [row[0] for row in PLACES.values()],
            "area_name": "Ashford",
            "easting": [302_000.0 + 4000 * n for n in range(4)],
            "northing": [703_000.0 + 3000 * n for n in range(4)],
            "category": "maternity_unit",
            "minutes": [row[1] for row in PLACES.values()],
            "threshold": 60.0,
            "by_ferry": [row[2] for row in PLACES.values()],
            "status": [row[3] for row in PLACES.values()],
            **extra,
        }
    )


def said(figure):
    return [text.get_text() for text in figure.findobj(Text)]


def dots(figure):
    """Mark and size of every dot on the map itself, by its place."""
    return {
        (float(x), float(y)): (line.get_marker(), line.get_markersize(), line.get_color())
        for line in figure.axes[0].lines
        if line.get_linestyle() == "None"
        for x, y in line.get_xydata()
    }


def test_the_farther_the_larger_and_the_shape_tells_the_ferry(toy):
    drawn = dots(rural_map(toy.level("council"), listed()))
    near, far, ferry, none = (drawn[(302_000.0 + 4000 * n, 703_000.0 + 3000 * n)] for n in range(4))
    assert (near[0], far[0], ferry[0], none[0]) == ("o", "o", "^", "X")
    assert near[1] < far[1] < ferry[1]
    assert len({near[2], far[2], ferry[2]}) == 3


def test_the_list_ranks_no_way_first_and_then_by_minutes(toy):
    figure = rural_map(toy.level("council"), listed().sample(frac=1, random_state=3))
    assert figure.gapmap_data["place"].tolist() == ["AB1 4", "AB1 3", "AB1 2", "AB1 1"]
    words = said(figure)
    order = [words.index(one) for one in ("no way there", "5 hours", "1 hour 40", "1 hour 10")]
    assert order == sorted(order)
    assert "AB1 3, Ashford" in words
    assert figure.gapmap_title == (
        "4 remote and island places are more than 1 hour from a maternity unit that we know, "
        "1 of them by ferry"
    )
    assert "Port Far, Ashford: 5 hours with a ferry" in figure.gapmap_alt


def test_every_place_is_in_one_class_of_time_or_has_no_way(toy):
    words = " ".join(said(rural_map(toy.level("council"), listed(), most=2)))
    for one in ("Over 4 hours (1)", "1 hour 30 to 2 hours (1)", "1 hour to 1 hour 30 (1)",
                "2 hours to 4 hours (0)", "No way by car or ferry (1)", "and 2 more"):  # fmt: skip
        assert one in words


def test_services_of_the_kind_are_drawn_but_no_confidential_one(toy):
    services = toy.services.assign(category="maternity_unit", counts_at_as_of="yes")
    hidden = services["location_confidential"].eq("yes")
    figure = rural_map(toy.level("council"), listed(), services=services)
    crosses = [at for at, look in dots(figure).items() if look[0] == "P"]
    shown = services[~hidden].dropna(subset=["easting", "northing"])
    assert 0 < len(crosses) <= len(shown)
    assert hidden.any()
    for row in services[hidden].itertuples():
        assert (row.easting, row.northing) not in crosses


def test_places_off_the_areas_are_no_part_of_the_map(toy):
    far = listed()
    far.loc[0, "easting"] += 500_000
    figure = rural_map(toy.level("council"), far)
    assert "AB1 1" not in set(figure.gapmap_data["place"])
    assert figure.gapmap_title.startswith("3 remote")


def test_a_study_in_one_line_with_its_sources_and_date(toy):
    words = said(rural_map(toy, listed(), category="maternity_unit"))
    assert any(str(toy.settings.as_of.year) in text for text in words)


def test_an_empty_list_is_a_finding_and_an_unclear_one_is_asked_about(toy):
    areas = toy.level("council")
    assert rural_map(areas, listed().head(0), category="befriending").gapmap_title.startswith(
        "No remote or island place that we can measure"
    )
    two = pd.concat([listed(), listed(category="befriending")])
    with pytest.raises(InputError, match="befriending"):
        rural_map(areas, two)
    with pytest.raises(InputError, match="lacks the column easting"):
        rural_map(areas, listed().drop(columns="easting"))


def test_the_callers_list_stays_and_the_same_list_gives_the_same_bytes(toy, tmp_path):
    rows = listed()
    before = rows.copy()
    one = save_map(rural_map(toy, rows), tmp_path / "one", dpi=60)
    other = save_map(gm.rural_map(toy, rows), tmp_path / "other", dpi=60)
    assert rows.equals(before)
    for first, second in zip(one, other, strict=True):
        assert first.read_bytes() == second.read_bytes()
