"""Text that is safe to draw, lines that fit, files that are the same each time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from gapmap.errors import FileError, InputError
from gapmap.show.figure import alt_text, page, plain, save_map, width_of, wrap


@given(st.text(max_size=300))
def test_plain_text_is_one_short_line_without_control_marks(text):
    line = plain(text)
    assert len(line) <= 60
    assert line == line.strip()
    assert not set(line) & {"\n", "\r", "\t", "\x00", "\u202e", "\u200f"}


def test_unknown_letters_become_question_marks():
    assert plain("Ωmega \U0001f476") in ("Ωmega ?", "?mega ?")
    assert plain("Na h-Eileanan Siar, Òban") == "Na h-Eileanan Siar, Òban"


@given(st.text(alphabet="abc MWil.", max_size=200), st.floats(5, 120))
def test_wrapped_lines_fit_and_keep_every_letter(text, width):
    lines = wrap(text, width, 9)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line, 9) <= width * 1.12 or len(line) == 1 for line in lines)


def test_a_figure_from_elsewhere_has_no_alt_text():
    with pytest.raises(InputError, match="no alt text"):
        alt_text(Figure())


def test_unknown_format_is_refused(tmp_path):
    figure, _ = page("Title", "", [], body_height=20)
    with pytest.raises(InputError, match="png, svg and pdf"):
        save_map(figure, tmp_path / "map", formats=("gif",))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    figure, _ = page("Title", "", [], body_height=20)
    with pytest.raises(FileError, match="could not be written"):
        save_map(figure, tmp_path / "none" / "map")


def test_pdf_is_the_same_each_time(tmp_path):
    figure, _ = page("Title", "Sub", ["Note"], body_height=20)
    one = save_map(figure, tmp_path / "one", formats=("pdf",))[0].read_bytes()
    other = save_map(figure, tmp_path / "other", formats=("pdf",))[0].read_bytes()
    assert one == other


def test_notebook_shows_picture_with_alt_text():
    figure, _ = page("Title", "Sub", ["Note"], body_height=20)
    figure.gapmap_alt = 'A "map" of <areas>'
    html = figure._repr_html_()
    assert 'alt="A &quot;map&quot; of &lt;areas&gt;"' in html
    assert "data:image/png;base64," in html
