"""What is known is found in text that was read in a picture, and only there by its look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from veilcast.recognition import Reader
from veilcast.settings import IdentifierSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KNOWN = """
names: [Margaret Holloway, Bernard Stone]
mrn: "4471902"
cities: Springfield
usernames: mholl55
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("known")


def reader_of(folder: Path, modality: str) -> Reader:
    path = folder / "known.yaml"
    path.write_text(KNOWN, "utf-8")
    return Reader(IdentifierSettings.model_validate({"known": path}), {}, {}, "en", modality)


@pytest.fixture(scope="module")
def screen(folder: Path) -> Iterator[Reader]:
    with reader_of(folder, "screen") as loaded:
        yield loaded


@pytest.mark.parametrize(
    "text",
    """H0LL0WAY|HOLLOWAYMARGARET|Margaret-Hollovvay|HOLL OWAY|Hollovay|Bemard|STONE|447l9O2
    |447 l9O2|MRN447l9O2|4471962|SPR1NGFIELD|mho1l5S|PTHOLLOWAY""".replace("\n    ", "").split("|"),
)
def test_what_looks_like_something_known_is_found(screen: Reader, text: str) -> None:
    words = text.split()
    covered = {at for span in screen.find(words) for at in range(span.first, span.last)}
    assert covered == set(range(len(words)))


@pytest.mark.parametrize("text", ["hallway", "the stone wall", "447 beds", "SpO2 98 %", "1 2 3"])
def test_other_words_are_left(screen: Reader, text: str) -> None:
    assert screen.find(text.split()) == ()


def test_other_text_is_not_compared_by_its_look(folder: Path) -> None:
    with reader_of(folder, "subtitle") as subtitles:
        assert subtitles.find(["HOLLOWAYMARGARET", "447l9O2", "STONE"]) == ()
