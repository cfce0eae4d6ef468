from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from gapmap.errors import FileError
from gapmap.report.documents import write_documents
from gapmap.report.html import inlined
from gapmap.report.tables import write_tables


class Page(HTMLParser):
    """What a page holds: tags in order, their attributes, and the text of numbers and headings."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.figures, self.headings, self._open = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag == "data":
            self.figures.append([attrs, ""])
            self._open = self.figures[-1]
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append([int(tag[1]), ""])
            self._open = self.headings[-1]

    def handle_endtag(self, tag):
        if tag == "data" or re.fullmatch("h[1-6]", tag):
            self._open = None

    def handle_data(self, data):
        if self._open is not None:
            self._open[1] += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


_PAGES = []


@pytest.fixture
def pages(toy, tables, tmp_path):
    if not _PAGES:
        files = write_documents(tmp_path, toy, tables, {})
        _PAGES.extend(p.read_text(encoding="utf-8") for p in files)
    return list(_PAGES)


def test_one_report_a_board_named_by_code_and_slug(toy, tables, tmp_path):
    files = write_documents(tmp_path, toy, tables, {})
    assert [str(f.relative_to(tmp_path)) for f in files] == [
        "report.html",
        str(Path("boards", "S08000901-south-board.html")),
        str(Path("boards", "S08000902-north-board.html")),
    ]
    some = write_documents(tmp_path, toy, tables, {}, level="council", areas=["S12000902"])
    assert some[1] == tmp_path / "councils" / "S12000902-birchfield.html"


def test_every_number_in_the_text_is_in_the_tables(toy, tables, pages, tmp_path):
    """Read back from the files as written, each figure is the one that its origin gives."""
    write_tables(tables, tmp_path / "tables")
    files = {
        f.stem: pd.read_csv(f, keep_default_na=False, na_values=[""], dtype={"value": object})
        if f.suffix == ".csv"
        else pd.read_parquet(f)
        for f in (tmp_path / "tables").iterdir()
    }
    seen = 0
    for page in pages:
        for attrs, text in Page(page).figures:
            origin = json.loads(attrs["data-figure"])
            rows = files[origin["table"]]
            for column, wanted in origin["where"].items():
                values = [wanted] if isinstance(wanted, str) else wanted
                rows = rows[rows[column].isin(values)]
            if origin["how"] == "count":
                found = len(rows)
            elif origin["how"] == "distinct":
                found = rows[origin["column"]].nunique()
            elif origin["how"] == "sum":
                found = pd.to_numeric(rows[origin["column"]]).sum()
            else:
                assert len(rows) == 1, origin
                found = float(rows[origin["column"]].iloc[0])
            assert float(attrs["value"]) == pytest.approx(found, abs=1e-9), (origin, text)
            assert _says(text, found), (text, found)
            seen += 1
    assert seen > 100


def _says(text, number):
    """Whether the words can stand for the number."""
    digits = re.findall(r"\d[\d,]*", text)
    if text in {"no", "none", "—", "all", "nearly all"} or "fewer" in text or text[0] in "<>":
        return True
    if "hour" in text:
        hours, rest = (*map(int, digits), 0)[:2]
        return abs(hours * 60 + rest - number) <= 7.5
    if text.startswith("about"):
        return abs(int(digits[0]) - number) <= 2.5
    value = int(digits[0].replace(",", ""))
    return abs(value - (number * 100 if text.endswith("%") else number)) <= 0.5


def test_pages_ask_for_nothing_from_outside(pages):
    for page in pages:
        parsed = Page(page)
        assert not re.search(r"""(src|srcset|action)=["']?(https?:)?//""", page)
        assert not parsed.all("script")
        assert all(attrs["href"].startswith("data:") for attrs in parsed.all("link"))
        assert "@import" not in page
        assert "url(" not in page


def test_headings_step_down_one_at_a_time_and_the_language_is_set(pages):
    for page in pages:
        levels = [level for level, _ in Page(page).headings]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert '<html lang="en-GB">' in page


def test_every_table_header_has_its_scope_and_ids_are_unique(pages):
    for page in pages:
        parsed = Page(page)
        assert parsed.all("th")
        assert all(attrs.get("scope") in {"col", "row"} for attrs in parsed.all("th"))
        ids = [attrs["id"] for _, attrs in parsed.tags if "id" in attrs]
        assert len(ids) == len(set(ids))


def test_the_first_box_tells_sources_freshness_and_limits(pages, tables):
    about = tables["about"].set_index("measure")["value"]
    for page in pages:
        box = page[page.index("callout-title") : page.index("</aside>")]
        for words in ("not a full directory", "border", f">{about['counting']}<", "sources"):
            assert words in box


def test_states_are_told_as_the_tables_tell_them(pages):
    south, north = pages[1], pages[2]
    assert "Somebody looked and found none: infant mental health." in re.sub("<[^>]+>", "", north)
    assert "Available across the area: infant mental health" in re.sub("<[^>]+>", "", south)


def test_what_has_no_time_has_no_number(pages):
    words = re.sub("<[^>]+>", "", pages[1])
    assert "Befriending. No service known: 100%." in words
    assert not re.search(r'<th scope="row">Befriending</th>\s*<td class="number barred', pages[1])


def test_hostile_names_do_no_harm(hostile, tmp_path):
    study, tables = hostile
    files = write_documents(tmp_path, study, tables, {})
    assert sorted(p.name for p in (tmp_path / "boards").iterdir()) == [
        "S08000901-img-src-x-onerror-alert-2.html",
        "S08000902-north-board.html",
    ]
    for file in files:
        page = file.read_text(encoding="utf-8")
        parsed = Page(page)
        assert not parsed.all("script")
        assert not parsed.all("img")
        assert not any(k.startswith("on") for _, attrs in parsed.tags for k in attrs)
        assert "‮" not in page
        assert "\x00" not in page
        assert "N" * 500 not in page
    assert "&lt;script&gt;alert(1)" in files[1].read_text(encoding="utf-8")


def test_internal_notes_and_funders_are_in_no_page(hostile, tmp_path):
    study, tables = hostile
    study = replace(study, settings=replace(study.settings, public=True))
    for file in write_documents(tmp_path, study, tables, {}):
        page = file.read_text(encoding="utf-8")
        assert "An internal note" not in page
        assert "A funder by name" not in page


def test_a_missing_section_is_named_in_the_method(pages):
    assert "Left out, because the study holds nothing on them yet" in pages[1]
    assert "What has changed" in pages[1]
    assert 'id="changes"' not in pages[1]


def test_same_tables_give_the_same_pages(toy, tables, pages, tmp_path):
    again = write_documents(tmp_path / "again", toy, tables, {})
    assert [p.read_text(encoding="utf-8") for p in again] == pages


def test_maps_are_inlined_with_their_own_words(toy, tables, tmp_path):
    drawing = tmp_path / "infant-mental-health-by-board.svg"
    drawing.write_text(
        '<svg role="img" aria-label="South: available &amp; open" '
        'xmlns="http://www.w3.org/2000/svg"><dc:title>One board of two</dc:title></svg>',
        encoding="utf-8",
    )
    png = drawing.with_suffix(".png")
    png.write_bytes(b"\x89PNG")
    maps = {drawing.stem: [png, drawing]}
    page = write_documents(tmp_path, toy, tables, maps)[0].read_text(encoding="utf-8")
    (image, *others) = Page(page).all("img")
    assert not others
    assert image["src"].startswith("data:image/svg+xml;base64,")
    assert image["alt"] == "South: available & open"
    assert "<figcaption>One board of two</figcaption>" in page


def test_a_map_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match=r"none\.png could not be read"):
        inlined(tmp_path / "none.png")


def test_a_page_that_cannot_be_written_is_named(toy, tables, tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(FileError, match=r"report\.html could not be written"):
        write_documents(tmp_path, toy, tables, {})
