"""A report never replaces what it is about, and never needs a name that it can't have."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

import veilcast
from veilcast.errors import UnreadableError, UnwritableError, UsageError
from veilcast.reporting import build_report, write_report

if TYPE_CHECKING:
    from pathlib import Path

    from report.making import Made


@pytest.fixture
def here(made: Made, tmp_path: Path) -> Path:
    """A folder with a copy of the results: ``a.deid.mp4`` and its manifest, and the original."""
    shutil.copy(made.outcome.manifest, tmp_path / "a.deid.manifest.json")
    shutil.copy(made.outcome.output, tmp_path / "a.deid.mp4")
    shutil.copy(made.source, tmp_path / "a.mp4")
    return tmp_path


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "page", ["a.deid.mp4", "a.deid.manifest.json", "a.deid.manifest.html", "a.mp4", "linked.html"]
)
@pytest.mark.parametrize("beside", [True, False])
def test_what_it_is_about_is_never_replaced(here: Path, page: str, beside: bool) -> None:
    (here / "linked.html").hardlink_to(here / "a.deid.mp4")
    before = held(here)
    delivered = None if beside else here / "." / "a.deid.mp4"
    with pytest.raises(UsageError):
        veilcast.report(here / "a.deid.manifest.json", delivered, html=here / page, force=True)
    assert held(here) == before


def test_facts_never_replace_a_delivered_file_of_that_name(here: Path) -> None:
    delivered = here / "copy.json"
    (here / "a.deid.mp4").rename(delivered)
    before = held(here)
    with pytest.raises(UsageError):
        veilcast.report(
            here / "a.deid.manifest.json", delivered, html=here / "copy.html", force=True
        )
    assert held(here) == before


def test_page_and_facts_are_two_files(here: Path, made: Made) -> None:
    (here / "x.json").write_text("mine")
    before = held(here)
    with pytest.raises(UsageError, match=r"ends in \.html"):
        veilcast.report(here / "a.deid.manifest.json", html=here / "x.json", force=True)
    report = build_report(made.outcome.manifest)
    with pytest.raises(UsageError, match=r"ends in \.html"):
        write_report(report, here / "x.json", here / "x.json")
    assert held(here) == before


@pytest.mark.parametrize("name", ["", ".", "/", "a\0b", ".."])
@pytest.mark.parametrize("role", ["manifest", "html", "delivered"])
def test_a_name_that_is_none_is_refused_in_words(here: Path, name: str, role: str) -> None:
    arguments: dict[str, Any] = {"manifest": here / "a.deid.manifest.json", role: name}
    before = held(here)
    with pytest.raises((UsageError, UnreadableError, UnwritableError)):
        veilcast.report(force=True, **arguments)
    assert held(here) == before
