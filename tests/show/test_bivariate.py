"""Two measures on one map: nine looks that stay apart, and nobody in two classes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import PathPatch
from matplotlib.text import Text

import gapmap as gm
from gapmap.errors import InputError
from gapmap.show.bivariate import bivariate_map, two_looks
from gapmap.show.style import UNKNOWN


@pytest.fixture
def areas(toy):
    return toy.level("council")


def draw(areas, first, second, **options):
    return bivariate_map(
        areas,
        pd.Series(first, index=areas.index, dtype=float),
        pd.Series(second, index=areas.index, dtype=float),
        first_name="Need",
        second_name="Minutes",
        **options,
    )


def faces(figure):
    return {
        patch.get_gid().removeprefix("area-"): patch
        for patch in figure.findobj(PathPatch)
        if str(patch.get_gid()).startswith("area-")
    }


def test_nine_classes_have_nine_looks():
    looks = {two_looks(a, b) for a, b in product(range(3), range(3))}
    assert len({(look.fill, look.hatch) for look in looks}) == 9
    # The second measure has a pattern of its own, so that grey tells it without colour.
    assert len({two_looks(0, b).hatch for b in range(3)}) == 3


def test_an_area_that_lacks_one_measure_is_hatched_as_not_known(areas):
    figure = draw(areas, [1, 2, 3, np.nan], [1, 2, 3, 4])
    last = str(areas.index[3])
    assert faces(figure)[last].get_hatch() == UNKNOWN.hatch
    assert figure.gapmap_data.loc[last, "second_class"] == "not known"
    said = [text.get_text() for text in figure.findobj(Text)]
    assert any("Not yet known, one or both (1)" in text.replace("\n", " ") for text in said)
    assert "Not yet known: " in figure.gapmap_alt


def test_counts_of_the_square_are_all_the_areas(areas):
    figure = draw(areas, [1, 1, 5, 9], [4, 8, 4, 8])
    key = next(ax for ax in figure.axes if len(ax.texts) and ax.texts[0].get_text().isdigit())
    assert sum(int(text.get_text()) for text in key.texts) == 4


def test_the_title_speaks_of_the_corner_that_is_asked_for(areas):
    name = areas["name"].iloc[3]
    assert draw(areas, [1, 2, 3, 9], [1, 2, 3, 9]).gapmap_title.startswith(
        "Need high and minutes high"
    )
    low = draw(areas, [9, 9, 9, 1], [1, 1, 1, 9], corner=("low", "high")).gapmap_title
    assert low == f"Need low and minutes high: {name}"
    none = draw(areas, [9, 9, 1, 1], [1, 1, 9, 9]).gapmap_title
    assert none == "Need high and minutes high: in no area"


def test_what_cannot_be_drawn_is_said(areas):
    with pytest.raises(InputError, match="1 or 2 breaks"):
        draw(areas, [1, 2, 3, 4], [1, 2, 3, 4], first_breaks=[1, 2, 3])
    with pytest.raises(InputError, match='"low" and "high"'):
        draw(areas, [1, 2, 3, 4], [1, 2, 3, 4], corner=("high", "most"))
    with pytest.raises(InputError, match="belong to no area"):
        bivariate_map(
            areas, pd.Series({"X": 1.0}), pd.Series({"X": 1.0}), first_name="A", second_name="B"
        )


def test_a_study_in_one_line(toy):
    councils = toy.level("council")
    values = pd.Series(np.arange(len(councils), dtype=float), index=councils.index)
    figure = gm.bivariate_map(toy, values, -values, first_name="One", second_name="Other")
    assert len(faces(figure)) == len(councils)
