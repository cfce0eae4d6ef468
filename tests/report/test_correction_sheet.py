"""The correction sheet: it says what it leaves out, and prints on exactly two pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import gapmap as gm
from gapmap.report.correction_sheet import (
    MOST_SERVICES,
    correction_document,
    correction_sheet,
    render_correction_html,
    write_correction_sheet,
)
from gapmap.report.held import held
from gapmap.report.start import write_start

CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()),
                None)  # fmt: skip


def crowded(toy):
    """The toy town with fifty services of long names in one board, and thirty contacts."""
    one = toy.services[toy.services["service_id"] == "T3"]
    kinds = list(gm.vocabulary.CATEGORIES)
    more = pd.concat(
        [
            one.assign(service_id=f"X{n}", name=f"{'A very long name of a service ' * 3}{n}",
                       category=kinds[n % 12], funding="unknown", age_to_months=float("nan"))
            for n in range(50)
        ]
    )  # fmt: skip
    contacts = pd.DataFrame(
        [
            {"organisation": f"{'An organisation with a long name ' * 3}{n}", "date": "2020-01",
             "area_code": "S12000901", "outcome": "no_response"}
            for n in range(30)
        ]
    )  # fmt: skip
    return toy.with_services(more).with_table("contacts", contacts)


def test_long_lists_are_cut_and_say_so(toy) -> None:
    study = crowded(toy)
    known = held(study, "South Board")
    sheet = correction_sheet(study, known)
    assert len(sheet.services) == MOST_SERVICES
    assert sheet.more_services == len(known.unknown) - MOST_SERVICES > 0
    page = render_correction_html(sheet)
    assert f"and {sheet.more_services} more: see the workbook" in page
    assert f"and {sheet.more_asked} more: see the workbook" in page
    assert re.search(r"and \d+ more: see the workbook", " ".join(row[2] for row in sheet.kinds))


def test_names_are_escaped(toy) -> None:
    services = toy.services.copy()
    services["name"] = "<script>alert(1)</script>"
    from dataclasses import replace

    study = replace(toy, services=services)
    page = render_correction_html(correction_sheet(study, held(study, "South Board")))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_word_file_says_the_same(toy) -> None:
    sheet = correction_sheet(toy, held(toy, "South Board"))
    document = correction_document(toy, sheet)
    assert [section.title for section in document.sections] == [
        "What we hold", "What we do not know",
    ]  # fmt: skip
    assert document.sections[1].new_page


def pages(pdf: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf.read_bytes()))


def print_html(files: list[Path]) -> list[Path]:
    from playwright.sync_api import sync_playwright

    made = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for file in files:
            page = browser.new_page()
            page.goto(file.as_uri())
            made.append(file.with_name(f"{file.stem}-web.pdf"))
            page.pdf(path=made[-1], prefer_css_page_size=True, print_background=True)
            page.close()
        browser.close()
    return made


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_two_pages_for_every_board_and_for_a_crowded_one_as_a_web_page(toy, tmp_path) -> None:
    study = gm.scotland()
    files = []
    for code in study.level("board").index:
        files.append(tmp_path / f"{code}.html")
        page = render_correction_html(correction_sheet(study, held(study, code)))
        files[-1].write_text(page, encoding="utf-8")
    full = crowded(toy)
    files.append(tmp_path / "crowded.html")
    page = render_correction_html(correction_sheet(full, held(full, "South Board")))
    files[-1].write_text(page, encoding="utf-8")
    found = {pdf.stem: pages(pdf) for pdf in print_html(files)}
    assert found == dict.fromkeys(found, 2)
    assert len(found) == 15


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
def test_two_pages_for_every_board_in_word(tmp_path) -> None:
    study = gm.scotland()
    for code in study.level("board").index:
        write_correction_sheet(tmp_path / code, study, held(study, code))
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         "--convert-to", "pdf", "--outdir", str(tmp_path),
         *(str(file) for file in sorted(tmp_path.glob("*.docx")))],
        check=True, capture_output=True, timeout=500,
    )  # fmt: skip
    found = {pdf.stem: pages(pdf) for pdf in tmp_path.glob("*.pdf")}
    assert found == dict.fromkeys(study.level("board").index, 2)


def test_the_sheet_of_the_workbook_breaks_once(toy, tmp_path) -> None:
    target = write_start(tmp_path / "a.xlsx", toy, held(toy, "South Board"))
    with zipfile.ZipFile(target) as book:
        names = [name for name in book.namelist() if re.search(r"sheet8\.xml$", name)]
        text = book.read(names[0]).decode("utf-8")
    assert 'rowBreaks count="1" manualBreakCount="1"' in text
    assert "fitToPage" not in text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("localc") is None, reason="no LibreOffice Calc here")
def test_two_pages_for_every_board_in_the_workbook(tmp_path) -> None:
    import openpyxl

    study = gm.scotland()
    for code in study.level("board").index:
        target = write_start(tmp_path / f"{code}.xlsx", study, held(study, code))
        book = openpyxl.load_workbook(target)
        for page in list(book):
            if page.title != "Correction sheet":
                book.remove(page)
        book.save(target)
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         "--convert-to", "pdf", "--outdir", str(tmp_path),
         *(str(file) for file in sorted(tmp_path.glob("*.xlsx")))],
        check=True, capture_output=True, timeout=500,
    )  # fmt: skip
    found = {pdf.stem: pages(pdf) for pdf in tmp_path.glob("*.pdf")}
    assert found == dict.fromkeys(study.level("board").index, 2)
