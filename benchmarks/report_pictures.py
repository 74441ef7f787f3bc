"""Makes the pictures of a report that README and docs show, of the generated demonstration.

Run it where the project is installed with its test dependencies, Chromium and flite:

    python benchmarks/report_pictures.py

It makes the consultation clip, de-identifies it, and photographs its report in headless Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "fixtures")]

MOST = 200_000
"""Bytes of a picture."""
WIDTH = 1200
SHOTS = (
    ("report.jpg", "light", "h1", 1400),
    ("report-timeline.jpg", "dark", "#timeline", 1000),
)
"""File, colours, what is at the top, and the height in pixels."""


def report(folder: Path) -> Path:
    """The report of the demonstration."""
    from testmedia import Corpus

    import veilcast

    corpus = Corpus(ROOT / "fixtures" / "generated")
    made = veilcast.run(
        corpus["consultation.mp4"],
        folder / "consultation.deid.mp4",
        regions=corpus["consultation.regions.yaml"],
        work=folder / "work",
    )
    assert made.report is not None
    return made.report


def photograph(page: Path, target: Path) -> None:
    """Each picture, as JPEG."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, scheme, top, height in SHOTS:
            tab = browser.new_page(viewport={"width": WIDTH, "height": height}, color_scheme=scheme)
            tab.goto(page.as_uri())
            tab.evaluate("t => document.querySelector(t).scrollIntoView()", top)
            quality = 85
            while True:
                data = tab.screenshot(type="jpeg", quality=quality)
                if len(data) <= MOST:
                    break
                quality -= 5
            (target / name).write_bytes(data)
            print(f"{name}: {len(data)} bytes")
        browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--page", type=Path, help="photograph this report instead of a new one")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        photograph(args.page or report(Path(folder)), args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
