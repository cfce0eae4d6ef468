"""The page of the whole of Scotland: Shetland in place, panels, names, size, bytes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from PIL import Image

import gapmap as gm
from gapmap.show.choropleth import choropleth
from gapmap.show.figure import save_map


@pytest.fixture(scope="module")
def councils():
    return gm.scotland().level("council")


@pytest.fixture(scope="module")
def figure(councils):
    values = pd.Series(np.arange(32, dtype=float), index=councils.index)
    return choropleth(
        councils, values, unit="per 1,000", source="A source.", method="By car, no traffic."
    )


def test_shetland_is_where_it_is(figure, councils):
    """On the main map every area's face has the coordinates of the ground: none is moved."""
    main = figure.axes[0]
    drawn = {
        patch.get_gid(): patch.get_path().get_extents().extents
        for patch in main.findobj(PathPatch)
        if str(patch.get_gid()).startswith("area-")
    }
    assert len(drawn) == 32
    for code, bounds in councils.bounds.iterrows():
        assert drawn[f"area-{code}"] == pytest.approx(bounds.to_numpy(), abs=600)
    left, right = main.get_xlim()
    bottom, top = main.get_ylim()
    west, south, east, north = councils.total_bounds
    assert left < west
    assert right > east
    assert bottom < south
    assert top > north
    width, height = main.get_position().size * figure.get_size_inches()
    assert (right - left) / width == pytest.approx((top - bottom) / height, rel=1e-3)


def test_every_council_is_named_once_or_enlarged_too(figure):
    said = " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text))
    names = (
        "Clackmannanshire;Inverclyde;East Renfrewshire;Glasgow;Midlothian;Na h-Eileanan Siar;"
        "Dundee;Shetland;Orkney;West Dunbartonshire;North Ayrshire;Argyll and Bute"
    )
    for name in names.split(";"):
        assert name in said
    for panel in ("Central Belt, enlarged", "Orkney, enlarged", "Shetland, enlarged", "100 km"):
        assert panel in said


def test_a_page_column_wide_with_method_and_source(figure):
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(160)
    assert figure.get_size_inches()[1] * 25.4 < 230
    said = [text.get_text() for text in figure.findobj(Text)]
    assert any(text.startswith("How: By car") for text in said)
    assert any(text.startswith("Source: A source") for text in said)


def test_nothing_is_cut_off_at_the_edges(figure):
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible() and text.axes is None:
            room = text.get_window_extent(renderer)
            assert room.x0 >= 0, text.get_text()
            assert room.x1 <= width, text.get_text()
            assert room.y0 >= 0, text.get_text()
            assert room.y1 <= height, text.get_text()


def test_saved_twice_is_the_same_and_the_svg_has_real_text(figure, councils, tmp_path):
    one = save_map(figure, tmp_path / "one")
    values = pd.Series(np.arange(32, dtype=float), index=councils.index)
    again = choropleth(
        councils, values, unit="per 1,000", source="A source.", method="By car, no traffic."
    )
    other = save_map(again, tmp_path / "other")
    for first, second in zip(one, other, strict=True):
        assert first.read_bytes() == second.read_bytes()
    svg = one[1].read_text(encoding="utf-8")
    assert 'role="img"' in svg
    assert len(re.findall(r">Highland<", svg)) >= 1
    assert "Shetland" in svg
    with Image.open(one[0]) as picture:
        assert picture.size[0] == pytest.approx(1890, abs=3)
        assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
        assert picture.text["Description"] == figure.gapmap_alt


def test_boards_have_the_same_page():
    boards = gm.scotland().level("board")
    states = pd.Series("none_found", index=boards.index)
    states["S08000031"] = "partly"
    figure = choropleth(boards, states, category="infant_mental_health", as_of="2020-02-01")
    assert figure.gapmap_title == (
        "Infant mental health: in 1 of 14 health boards, for some families only; "
        "looked in 13, found none"
    )
