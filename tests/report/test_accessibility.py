"""axe-core in Chromium finds no serious fault in the pages; it is fetched by npm for the test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gapmap.report.documents import write_documents

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    path = next((one for one in found if one), None)
    if path is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as running:
        window = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield window
        window.close()


def test_reports_have_no_serious_fault(toy, tables, axe, browser, tmp_path):
    for file in write_documents(tmp_path, toy, tables, {}):
        # The page forbids scripts; axe must come in past that.
        context = browser.new_context(offline=True, bypass_csp=True)
        page = context.new_page()
        complaints = []
        page.on("console", lambda told, heard=complaints: heard.append(told.text))
        page.goto(Path(file).as_uri())
        assert complaints == []
        page.add_script_tag(content=axe)
        found = page.evaluate("axe.run()")
        serious = [
            (fault["id"], [node["html"] for node in fault["nodes"]])
            for fault in found["violations"]
            if fault["impact"] in {"serious", "critical"}
        ]
        assert serious == []
        assert len(found["passes"]) > 20
        context.close()
