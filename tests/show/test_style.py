"""Colours stay apart: from paper, from each other, in grey and for the colour-blind."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapmap.errors import FileError, InputError
from gapmap.show.style import (
    DEFAULT,
    STATE_LOOKS,
    STATUS_LOOKS,
    WHITE,
    channels,
    contrast,
    ink_on,
    luminance,
    mix,
    read_style,
)
from gapmap.vocabulary import STATES

#: Machado, Oliveira and Fernandes (2009): full deficiency, on linear colour.
DEFICIENCIES = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    values = np.array(channels(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    ratio = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    cube = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])])


def test_every_state_has_a_look_and_no_two_the_same():
    assert list(STATE_LOOKS) == list(STATES)
    assert len(set(STATE_LOOKS.values())) == 4


def test_solid_states_stand_out_from_paper_and_white_borders():
    for code in ("provided", "partly", "none_found"):
        assert contrast(STATE_LOOKS[code].fill, WHITE) >= 3


def test_pattern_of_not_known_can_be_seen():
    look = STATE_LOOKS["not_known"]
    assert look.hatch
    assert contrast(look.fill, look.ink) >= 3


def test_in_grey_two_states_differ_by_lightness_or_pattern():
    for one, other in combinations(STATE_LOOKS.values(), 2):
        assert contrast(one.fill, other.fill) >= 3 or one.hatch != other.hatch


@pytest.mark.parametrize("kind", sorted(DEFICIENCIES))
def test_states_stay_apart_for_the_colour_blind(kind):
    matrix = np.array(DEFICIENCIES[kind])
    seen = {code: lab(matrix @ linear(look.fill)) for code, look in STATE_LOOKS.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 20, (one, other)


def test_classes_darken_step_by_step():
    steps = [luminance(colour) for colour in DEFAULT.sequence]
    assert steps == sorted(steps, reverse=True)
    for lighter, darker in zip(DEFAULT.sequence, DEFAULT.sequence[1:], strict=False):
        assert contrast(lighter, darker) > 1.7


def test_statuses_differ():
    assert len({look.fill for look in STATUS_LOOKS.values()}) == len(STATUS_LOOKS)


def test_known_contrasts():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@given(st.from_regex(r"#[0-9A-F]{6}", fullmatch=True))
def test_ink_is_always_readable(colour):
    assert contrast(ink_on(colour), colour) >= 4.1


def test_mix_keeps_its_ends():
    assert mix("#12436D", 0) == "#12436D"
    assert mix("#12436D", 1) == "#FFFFFF"


@pytest.mark.parametrize("text", ["12436D", "#12436", "#12436G", "navy"])
def test_no_colour_is_an_error(text):
    with pytest.raises(InputError, match="#RRGGBB"):
        channels(text)


# -- an organisation's own style -------------------------------------------------------------------


def write(tmp_path, text):
    path = tmp_path / "style.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_own_style_reaches_the_page(tmp_path):
    from PIL import Image

    from gapmap.show.figure import page

    Image.new("RGB", (60, 30), "#801650").save(tmp_path / "logo.png")
    style = read_style(
        write(
            tmp_path,
            'fonts = ["DejaVu Sans"]\nwidth_mm = 180\nlogo = "logo.png"\n'
            'sequence = ["#FFE0CC", "#7A2E0E"]\n',
        )
    )
    figure, _ = page("A title " * 20, "", [], body_height=20, style=style)
    assert figure.size_mm[0] == pytest.approx(180)
    assert figure.texts[0].get_fontfamily() == ["DejaVu Sans"]
    assert len(figure.axes[0].images) == 1
    assert style.sequence == ("#FFE0CC", "#7A2E0E")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 1", "no setting"),
        ('fonts = "Verdana"', "list of names"),
        ("width_mm = 20", "from 150 to 400"),
        ('sequence = ["#000000", "#FFFFFF"]', "pale to dark"),
        ('sequence = ["#FFFFFF", "#EEEEEE"]', "3:1"),
        ('sequence = ["red", "blue"]', "#RRGGBB"),
        ('logo = "../../secret.png"', "in the folder"),
        ("fonts = [", "not TOML"),
    ],
)
def test_a_style_that_cannot_be_used_is_said(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_style(write(tmp_path, text))


def test_a_missing_file_or_logo_is_named(tmp_path):
    with pytest.raises(FileError, match="could not be read"):
        read_style(tmp_path / "none.toml")
    with pytest.raises(FileError, match="no PNG"):
        read_style(write(tmp_path, 'logo = "none.png"'))


def test_all_faults_of_a_style_at_once(tmp_path):
    with pytest.raises(InputError, match=r"no setting.*from 150 to 400"):
        read_style(write(tmp_path, "colour = 1\nwidth_mm = 20"))
