"""What holds for every map and chart: words for all, an own style, letters, grey, colour vision."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image

import gapmap as gm
from gapmap.bundled import data_folder
from gapmap.provision.bounds import bounds
from gapmap.provision.fragility import calendar_of_all
from gapmap.show.charts import (
    dot_plot,
    fragility_calendar,
    pathways,
    state_matrix,
    travel_curves,
)
from gapmap.show.figure import alt_text, save_map
from gapmap.show.multiples import small_multiples
from gapmap.show.points import points_map, travel_map
from gapmap.show.style import channels, luminance, read_style
from gapmap.show.tiles import tile_grid
from gapmap.travel.network import Network

from .test_rural_map import listed
from .test_style import DEFICIENCIES, lab, linear

MAKERS = {}


def maker(function):
    MAKERS[function.__name__] = function
    return function


def near(toy):
    count = len(toy.people)
    minutes = np.resize([5.0, 20.0, 45.0, 90.0, 200.0, np.nan], count)
    unknown = np.isnan(minutes)
    return pd.DataFrame(
        {
            "postcode": toy.people.index,
            "category": "maternity_unit",
            "rank": 1,
            "minutes": minutes,
            "status": np.where(unknown, "no_known_service", "reachable"),
            "service_id": np.where(unknown, None, "T01"),
        }
    )


@maker
def states(toy, style):
    return gm.choropleth(toy, level="council", category="infant_mental_health", style=style)


@maker
def numbers(toy, style):
    councils = toy.level("council")
    values = pd.Series([1.0, 5.0, 9.0, np.nan], index=councils.index)
    return gm.choropleth(councils, values, unit="per 1,000", style=style)


@maker
def two_measures(toy, style):
    councils = toy.level("council")
    values = pd.Series([1.0, 5.0, 9.0, np.nan], index=councils.index)
    return gm.bivariate_map(
        toy, values, values, first_name="Need", second_name="Minutes", style=style
    )


@maker
def multiples(toy, style):
    coverage = gm.coverage(toy, level="council", by="tier")
    maps = {tier: coverage[coverage["value"] == tier] for tier in ("universal", "specialist")}
    return small_multiples(toy.level("council"), maps, title="Two tiers", style=style)


@maker
def lasting(toy, style):
    return gm.fragility_map(toy, level="council", style=style)


@maker
def points(toy, style):
    return points_map(toy.level("council"), toy.services, title="Services", style=style)


@maker
def travel(toy, style):
    return travel_map(
        toy.level("council"), toy.people, near(toy), category="maternity_unit", style=style
    )


@maker
def rural(toy, style):
    return gm.rural_map(toy, listed(), style=style)


@maker
def catchments(toy, style):
    services = toy.services.assign(service_id="T01").head(1)
    return gm.catchment_map(
        toy, toy.people, near(toy), services, category="maternity_unit", style=style
    )


@maker
def minutes(toy, style):
    services = toy.services.assign(service_id="T01").head(1)
    return gm.catchment_map(
        toy, toy.people, near(toy), services, category="maternity_unit", shade="minutes",
        style=style,
    )  # fmt: skip


@maker
def reach(toy, style):
    left, bottom, right, top = toy.level("council").total_bounds
    nodes = pd.DataFrame({"x": [left, right], "y": [bottom, top]})
    road = pd.DataFrame({"from": [0], "to": [1], "minutes": [50.0], "km": [40.0]})
    clinic = pd.DataFrame({"easting": [left], "northing": [bottom]})
    return gm.reach_map(toy, Network(nodes, road), clinic, name="Clinic", style=style)


@maker
def tiles(toy, style):
    positions = pd.read_csv(data_folder() / "people" / "councils.csv")
    return tile_grid(pd.Series({"S12000049": "provided"}), positions, title="Tiles", style=style)


@maker
def curves(toy, style):
    people = toy.people.assign(side=np.resize(["West", "East"], len(toy.people)))
    return travel_curves(people, near(toy), category="maternity_unit", by="side", style=style)


@maker
def dots(toy, style):
    table = bounds(toy, level="council")
    table = table[table["value"] == table["value"].iloc[0]]
    return dot_plot(table, value="people_least", low="people_least", high="people_most",
                    title="Bounds", unit="Under-fives", style=style)  # fmt: skip


@maker
def matrix(toy, style):
    return state_matrix(gm.coverage(toy, level="council", by="category"), level="council",
                        style=style)  # fmt: skip


@maker
def calendar(toy, style):
    return fragility_calendar(calendar_of_all(toy, months=12), style=style)


@maker
def routes(toy, style):
    referrals = pd.DataFrame(
        {
            "from_role": ["self", "gp"],
            "service_id": "",
            "category": "infant_mental_health",
            "accepted": ["yes", "no"],
        }
    )
    return pathways(referrals, toy.services, style=style)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    Image.new("RGB", (60, 30), "#801650").save(folder / "logo.png")
    (folder / "style.toml").write_text(
        'fonts = ["DejaVu Sans"]\nwidth_mm = 172\nlogo = "logo.png"\n'
        'sequence = ["#FFE0CC", "#E58A4E", "#7A2E0E"]\n'
    )
    return read_style(folder / "style.toml")


@pytest.fixture(scope="module", params=sorted(MAKERS))
def figure(request, toy_to_read, house):
    return MAKERS[request.param](toy_to_read, house)


def test_it_has_words_numbers_and_the_houses_look(figure):
    assert len(alt_text(figure)) > 30
    assert alt_text(figure).endswith(".")
    assert figure.gapmap_title
    assert figure.gapmap_data is not None
    assert figure.size_mm[0] == pytest.approx(172)
    assert any(len(axes.images) and axes.get_position().y1 > 0.88 for axes in figure.axes), "logo"
    fonts = {text.get_fontname() for text in figure.findobj(Text) if text.get_text().strip()}
    assert fonts == {"DejaVu Sans"}


def test_no_words_leave_the_page(figure):
    figure.draw_without_rendering()  # names of axes have no place before
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            room = text.get_window_extent(renderer)
            assert room.x0 >= -1, text.get_text()
            assert room.x1 <= width + 1, text.get_text()
            assert room.y0 >= -1, text.get_text()
            assert room.y1 <= height + 1, text.get_text()


def test_letters_stay_letters_and_the_three_formats_are_written(figure, tmp_path):
    files = save_map(figure, tmp_path / "one", formats=("png", "svg", "pdf"), dpi=50)
    assert [file.suffix for file in files] == [".png", ".svg", ".pdf"]
    svg = files[1].read_text(encoding="utf-8")
    assert 'role="img"' in svg
    word = re.sub(r"\W+", " ", figure.gapmap_title).split()[0]
    assert re.search(rf"<text[^>]*>[^<]*{re.escape(word)}", svg)
    assert files[2].read_bytes()[:5] == b"%PDF-"


def test_no_two_classes_of_a_legend_look_alike_in_grey_or_to_the_colour_blind(figure):
    for one, other in combinations(figure.gapmap_legend, 2):
        if "text" in (one.mark, other.mark) or (one.mark, one.size) != (other.mark, other.size):
            continue
        if one.look == other.look or one.look.hatch != other.look.hatch:
            assert one.look != other.look or one.text == other.text, (one.text, other.text)
            continue
        light = abs(_lightness(one.look.fill) - _lightness(other.look.fill))
        assert light > 8, ("in grey", one.text, other.text)
        for kind, matrix in DEFICIENCIES.items():
            seen = [lab(np.array(matrix) @ linear(entry.look.fill)) for entry in (one, other)]
            assert np.linalg.norm(seen[0] - seen[1]) > 10, (kind, one.text, other.text)


def _lightness(colour: str) -> float:
    light = luminance(colour)
    assert all(0 <= channel <= 1 for channel in channels(colour))
    return 116 * light ** (1 / 3) - 16 if light > 0.008856 else 903.3 * light
