"""A committee's paper has two pages and a council's profile one, for every board and council."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

import gapmap as gm
from gapmap.report.paper import write_paper

pytest.importorskip("docx", reason="python-docx is not installed")
pytest.importorskip("pptx", reason="python-pptx is not installed")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_papers_have_two_pages_and_profiles_one(bundled_run, tmp_path):
    study = gm.scotland()
    maps = {path.stem: path for path in sorted((bundled_run.folder / "maps").glob("*.png"))}
    flat = tmp_path / "flat"
    flat.mkdir()
    wanted = {}
    for code in study.level("board").index:
        folder = tmp_path / "papers" / code
        write_paper(folder, study, bundled_run.tables, maps, area=code)
        wanted[f"{code}-paper"] = 2
        shutil.copy(folder / "paper.docx", flat / f"{code}-paper.docx")
        for profile in (folder / "profiles").glob("*.docx"):
            wanted[profile.stem] = 1
            shutil.copy(profile, flat)
    assert len(wanted) == 14 + 32
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "pdf", "--outdir", flat, *flat.glob("*.docx")],
        check=True,
        capture_output=True,
    )
    pages = {
        path.stem: len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
        for path in flat.glob("*.pdf")
    }
    assert pages == wanted
