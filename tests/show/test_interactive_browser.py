"""The interactive page in a real browser with no network."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from gapmap.show.interactive import interactive_map, save_interactive
from gapmap.vocabulary import columns

CHROMIUM = next(
    (p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HOSTILE = [
    "<script>document.title='owned'</script>",
    "</script><img src=x onerror=\"document.title='owned'\">",
    "x" * 10_000,
    "\u202eright to left\u2066",
    "=cmd|' /C calc'!A0",
    "../../x",
]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser():
    found = CHROMIUM
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        found = None
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have playwright and Chromium: these tests never skip there")
        pytest.skip("needs playwright and Chromium")
    with sync_playwright() as play:
        one = play.chromium.launch(executable_path=found, args=FLAGS)
        yield one
        one.close()


@pytest.fixture
def opened(browser):
    """Opens a file with no network; says what the page asked for and complained of."""
    contexts = []

    def go(path: Path, *, width: int = 1300, height: int = 900):
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_offline(True)
        contexts.append(context)
        page = context.new_page()
        page.trouble = []
        page.asked = []
        page.on("console", lambda message: page.trouble.append(message.text))
        page.on("pageerror", lambda error: page.trouble.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("#areas button")
        return page

    yield go
    for context in contexts:
        context.close()


def nearest(toy) -> pd.DataFrame:
    rows = [
        {
            "postcode": postcode,
            "category": category,
            "rank": 1,
            "minutes": minutes,
            "km": 1.0,
            "ferry_minutes": 0.0,
            "status": status,
            "service_id": service,
            "comes_to_family": False,
        }
        for category, minutes, status, service in (
            ("maternity_unit", 74.0, "reachable", "T6"),
            ("play_therapy", None, "no_known_service", ""),
        )
        for postcode in toy.people.index
    ]
    return pd.DataFrame(rows)[columns("nearest")]


@pytest.fixture(scope="module")
def page_file(toy_to_read, tmp_path_factory):
    toy = toy_to_read
    gaps = pd.DataFrame(
        [
            {
                "level": "board",
                "area_code": "S08000902",
                "area_name": "North Board",
                "rule": "none_found",
                "category": "infant_mental_health",
                "value": 1.0,
                "threshold": 1.0,
                "reason": "North Board: looked and found none.",
                "evidence": "Search of December 2019",
            }
        ]
    )
    made = interactive_map(toy, gaps=gaps, nearest=nearest(toy), also_at=["2019-06-01"])
    return save_interactive(made, tmp_path_factory.mktemp("page") / "map.html")


def test_no_error_and_no_request(opened, page_file):
    page = opened(page_file)
    assert page.trouble == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator(".folium-map svg path.leaflet-interactive").count() == 2


def test_areas_are_svg_not_canvas(opened, page_file):
    page = opened(page_file)
    assert page.locator("canvas").count() == 0


def test_layer_switch_by_keyboard(opened, page_file):
    page = opened(page_file)
    page.locator("input[name=level][value=board]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=level][value=council]").is_checked()
    assert page.locator("#areas tbody tr").count() == 4
    assert page.locator(".folium-map svg path.leaflet-interactive").count() == 4


def test_tab_reaches_everything_in_the_order_of_the_page(opened, page_file):
    page = opened(page_file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "side"
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.name"))
    wanted = ["place", "layer", "what", "level", "date"]
    assert [one for one in reached if one in wanted] == wanted


def test_the_map_is_three_stops_and_arrow_keys(opened, page_file):
    page = opened(page_file)
    page.locator("input[name=level][value=council]").check()
    assert page.locator("path[tabindex='0']").count() == 1
    assert page.locator(".mark[tabindex='0']").count() <= 1
    page.locator("path[tabindex='0']").focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label != first
    page.keyboard.press("Enter")
    assert page.inner_text("#card h3") in label
    assert page.evaluate("document.activeElement.id") == "card"
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == label


def test_kind_changes_list_legend_and_map(opened, page_file):
    page = opened(page_file)
    page.select_option("#what", label="Maternity unit")
    assert "Maternity unit" in page.inner_text("#areas caption")
    assert "Not yet known (1)" in page.inner_text("#key")
    page.select_option("#what", label="Infant mental health")
    assert "Looked, found none (1)" in page.inner_text("#key")
    fills = page.eval_on_selector_all(
        ".folium-map svg path.leaflet-interactive", "all => all.map(p => p.getAttribute('fill'))"
    )
    assert sorted(fills) == ["#12436D", "#F46A25"]


def test_card_of_an_area_has_its_gaps(opened, page_file):
    page = opened(page_file)
    page.get_by_role("button", name="North Board").first.click()
    card = page.inner_text("#card")
    assert "Looked, found none" in card
    assert "North Board: looked and found none." in card
    assert "500" in card


def test_names_stand_on_the_map_and_do_not_run_into_each_other(opened, page_file):
    page = opened(page_file)
    page.locator("input[name=level][value=council]").check()
    rooms = page.eval_on_selector_all(
        ".name span",
        "all => all.filter(e => e.style.visibility === 'visible').map(e => {"
        "const r = e.getBoundingClientRect();"
        "return [r.left, r.top, r.right, r.bottom, e.textContent]})",
    )
    assert {room[4] for room in rooms} == {"Aldertown", "Birchfield", "Cedarholm", "Dunmore"}
    for n, one in enumerate(rooms):
        for other in rooms[:n]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
            assert apart or other[3] <= one[1]


def test_time_switch(opened, page_file):
    page = opened(page_file)
    page.select_option("#what", label="Infant mental health")
    assert "Available across the area" in page.inner_text("#areas")
    # The team of the south is known from November 2019 on.
    page.locator("input[name=date]").nth(1).check()
    assert "Available across the area" not in page.inner_text("#areas")
    assert "1 June 2019" in page.inner_text("#areas caption")


def test_search_tells_minutes_and_words(opened, page_file):
    page = opened(page_file)
    page.fill("#place", "za0 1aa")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found table")
    found = page.inner_text("#found")
    assert "about 1 hour 15" in found
    assert "Birch Maternity Unit" in found
    assert "No service known" in found
    page.fill("#place", "ZZ9 9ZZ")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('#found table')")
    assert "not a postcode in use" in page.inner_text("#found")


def test_service_filters(opened, page_file):
    page = opened(page_file)
    page.uncheck("#only-kind")
    everything = page.locator("#services li").count()
    page.select_option("#sector-filter", "third_sector")
    assert 0 < page.locator("#services li").count() < everything


def test_confidential_place_is_nowhere(opened, page_file):
    page = opened(page_file)
    page.uncheck("#only-kind")
    assert "Cedar House" in page.inner_text("#services")
    assert page.locator("button[aria-label='Show on the map: Cedar House']").count() == 0
    text = page_file.read_text(encoding="utf-8")
    # 303000, 713000 is 56.2988 north, 3.5684 west.
    assert "56.29" not in text
    assert "713000" not in text


def test_hostile_names_do_no_harm(toy, opened, tmp_path):
    services = toy.services.copy()
    services["name"] = [HOSTILE[n % len(HOSTILE)] for n in range(len(services))]
    areas = toy.areas.copy()
    areas["name"] = [HOSTILE[n % len(HOSTILE)] for n in range(len(areas))]
    bad = replace(toy, services=services, areas=areas).with_settings(name=HOSTILE[0])
    path = save_interactive(interactive_map(bad, nearest=nearest(toy)), tmp_path / "map.html")
    page = opened(path)
    page.uncheck("#only-kind")
    page.locator("#areas button").first.click()
    page.locator(".leaflet-marker-icon").first.click()
    page.wait_for_selector(".leaflet-popup")
    assert page.trouble == []
    assert "<script>" in page.title()
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_fits_a_phone(opened, page_file):
    page = opened(page_file, width=360, height=740)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".folium-map").bounding_box()["height"] > 300


def test_reads_well_aloud(opened, page_file):
    page = opened(page_file)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    unnamed = page.eval_on_selector_all(
        "input, select, button",
        "all => all.filter(e => !e.labels?.length && !e.textContent.trim()"
        " && !e.getAttribute('aria-label')).map(e => e.outerHTML)",
    )
    assert unnamed == []


def test_notebook_cell_needs_no_network(toy, browser, tmp_path):
    path = tmp_path / "cell.html"
    path.write_text(f"<html><body>{interactive_map(toy)._repr_html_()}</body></html>", "utf-8")
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    asked, trouble = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#areas button").first.wait_for()
    assert trouble == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    context.close()
