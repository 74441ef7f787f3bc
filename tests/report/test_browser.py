"""The page in a real browser: it draws, complains of nothing, fits, and can be used by all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from report.making import Made

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright drives the browser")
axe_playwright = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe examines the page"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="a browser is needed: install chromium")

WIDTHS = (400, 900, 1600)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        # Its own sandbox needs rights that containers do not give; the page is our own.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def tab(browser: Any, made: Made) -> Iterator[Any]:
    """A page that is not opened yet, and what it complained of and asked for."""
    tab = browser.new_page(viewport={"width": 900, "height": 900})
    tab.complaints, tab.asked = [], []
    tab.on("console", lambda message: tab.complaints.append(message.text))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("request", lambda request: tab.asked.append(request.url))
    yield tab
    tab.close()


def opened(tab: Any, made: Made, scheme: str = "light", width: int = 900) -> Any:
    html, _ = made.outcome.reports or (None, None)
    assert html is not None
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme)
    tab.goto(html.as_uri())
    return tab


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_and_says_nothing_in_the_console(
    tab: Any, made: Made, width: int, tmp_path: Path
) -> None:
    for scheme in ("light", "dark"):
        opened(tab, made, scheme, width)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        shot = tmp_path / f"{scheme}.png"
        tab.screenshot(path=shot, full_page=True)
        assert shot.stat().st_size > 20_000
        drawn = tab.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert drawn
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != "rgb(255, 255, 255)"  # the last was dark
    assert tab.complaints == []
    assert [url for url in tab.asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(tab: Any, made: Made, scheme: str) -> None:
    opened(tab, made, scheme)
    # Nothing of the page runs by its own policy; what examines it does.
    html, _ = made.outcome.reports or (None, None)
    assert html is not None
    tab.set_content(html.read_text(encoding="utf-8").replace("default-src 'none'; ", ""))
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    said = axe_playwright.Axe().run(tab).response
    told = [(one["id"], one["impact"], len(one["nodes"])) for one in said["violations"]]
    # It was looked at, contrast included.
    assert {"color-contrast", "image-alt", "landmark-one-main"} <= {o["id"] for o in said["passes"]}
    assert [one for one in told if one[1] in ("serious", "critical")] == []


@pytest.mark.release
def test_the_keyboard_reaches_everything(tab: Any, made: Made) -> None:
    opened(tab, made)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the report"
    reached = set()
    for _ in range(40):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement.tagName"))
        if tab.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    assert {"A", "SUMMARY"} <= reached
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.parentElement.open")
    assert tab.locator("details[open] table tbody tr").count() >= 4


@pytest.mark.release
def test_a_printed_page_has_all_of_it(tab: Any, made: Made, tmp_path: Path) -> None:
    opened(tab, made, "dark")
    tab.emulate_media(media="print")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    # What is folded on the screen is there on paper.
    assert tab.evaluate(
        "document.querySelector('details table').getBoundingClientRect().height > 50"
    )
    paper = tab.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert len(paper) > 20_000
