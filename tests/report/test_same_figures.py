"""The same figure in sentences, tables, maps, workbook, paper and profile of the bundled study."""

from __future__ import annotations

import html
import json
import re

import pandas as pd
import pytest

import gapmap as gm
from gapmap.report.paper import write_paper

docx = pytest.importorskip("docx", reason="python-docx is not installed")
openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")

_FIGURE = re.compile(r'<data value="([^"]*)" data-figure="([^"]*)">([^<]*)</data>')


@pytest.fixture(scope="module")
def run(bundled_run):
    return bundled_run


@pytest.fixture(scope="module")
def files(run):
    return {
        path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"value": object})
        if path.suffix == ".csv"
        else pd.read_parquet(path)
        for path in (run.folder / "tables").iterdir()
    }


def _found(files, origin):
    rows = files[origin["table"]]
    for column, wanted in origin["where"].items():
        values = [wanted] if isinstance(wanted, str) else wanted
        rows = rows[rows[column].isin(values)]
    column = origin["column"]
    if origin["how"] == "count":
        return float(len(rows))
    if origin["how"] == "distinct":
        return float(rows[column].nunique())
    if origin["how"] == "sum":
        return float(pd.to_numeric(rows[column]).sum())
    assert len(rows) == 1, origin
    return float(rows[column].iloc[0])


def _says(text, number):
    """Whether the words can stand for the number."""
    if text in {"no", "none", "—", "all", "nearly all", "a few", "under a minute"}:
        return True
    if "fewer" in text or text[0] in "<>":
        return True
    digits = [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", text)]
    if "hour" in text:
        hours, rest = (*digits, 0)[:2]
        return abs(hours * 60 + rest - number) <= 7.5
    if text.startswith("about"):
        return abs(digits[0] - number) <= 2.5
    if text.startswith("roughly"):
        return abs(digits[0] - number) <= 0.06 * number + 5
    return abs(digits[0] - (number * 100 if text.endswith("%") else number)) <= 1


@pytest.mark.slow
def test_every_figure_of_every_report_is_in_the_files(run, files):
    pages = [run.folder / "report.html", *sorted((run.folder / "boards").glob("*.html"))]
    assert len(pages) == 15
    for page in pages:
        seen = 0
        for value, origin, text in _FIGURE.findall(page.read_text(encoding="utf-8")):
            told = json.loads(html.unescape(origin))
            number = _found(files, told)
            assert float(value) == pytest.approx(number, abs=1e-9), (page.name, told, text)
            assert _says(html.unescape(text), number), (page.name, told, text, number)
            seen += 1
        assert seen > 30, page.name


@pytest.mark.slow
def test_the_workbook_has_the_same_numbers_as_the_files(run, files):
    book = openpyxl.load_workbook(run.folder / "gapmap.xlsx", read_only=True, data_only=True)
    for name in ("coverage", "travel", "gaps", "changes", "rural", "sureness"):
        rows = list(book[name].iter_rows(values_only=True))
        head = next(n for n, row in enumerate(rows) if row[:1] == (files[name].columns[0],))
        sheet = pd.DataFrame(rows[head + 1 :], columns=rows[head])
        sheet = sheet[sheet.iloc[:, 0].notna()].reset_index(drop=True)
        assert len(sheet) == len(files[name]), name
        for column in files[name].columns:
            if pd.api.types.is_float_dtype(files[name][column].dtype):
                ours = pd.to_numeric(sheet[column], errors="coerce")
                gap = (ours - files[name][column]).abs().max()
                assert not gap > 1e-6, (name, column)
                assert ours.isna().equals(files[name][column].isna()), (name, column)


@pytest.mark.slow
def test_the_map_of_a_board_counts_what_the_tables_hold(run, files):
    services, rural = files["services"], files["rural"]
    counted = services[(services["counts_at_as_of"] == "yes") & services["easting"].notna()]
    for svg in (run.folder / "maps").glob("S080*.svg"):
        words = html.unescape(svg.read_text(encoding="utf-8")[:20_000])
        alt = re.search(r'aria-label="([^"]*)"', words)[1]
        placed = re.search(r"(\d+|no) services? with a place", alt)[1]
        held = (counted["board_code"] == svg.stem).sum()
        assert int(placed.replace("no", "0")) == held, svg.stem
        far = re.search(
            r"(\d+) remote or island places? (?:is|are) over 1 hour from a ([\w ]+), a", alt
        )
        if far:
            kind = far[2].replace(" ", "_").replace("_and_", "_")
            here = rural[(rural["board_code"] == svg.stem) & (rural["category"] == kind)]
            assert int(far[1]) == len(here), svg.stem


@pytest.mark.slow
def test_paper_and_word_say_what_the_page_says(run, tmp_path):
    study = gm.scotland()
    maps = {path.stem: path for path in (run.folder / "maps").glob("*.png")}
    for code in ("S08000022", "S08000026"):
        page = next((run.folder / "boards").glob(f"{code}*.html")).read_text(encoding="utf-8")
        said = " ".join(html.unescape(re.sub("<[^>]+>", "", page)).split())
        write_paper(tmp_path / code, study, run.tables, maps, area=code)
        own = next((run.folder / "boards").glob(f"{code}*.docx"))
        for path in (own, tmp_path / code / "paper.docx"):
            for paragraph in docx.Document(str(path)).paragraphs:
                if paragraph.style.name in {"List Bullet", "List Number"}:
                    assert " ".join(paragraph.text.split()) in said, (path.name, paragraph.text)
