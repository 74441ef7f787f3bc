"""A secret in every place that a file has, and none of them after a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import planting
import pytest
from pipeline.program import Program
from planting.played import ExifTool, presented, same

from veilcast.errors import StructureError, TruncatedError, UnsupportedError
from veilcast.extensions import RedactContext
from veilcast.findings import Findings
from veilcast.media.probe import probe
from veilcast_metadata import MetadataSettings, veilcast_stages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

(STAGE,) = veilcast_stages()
METADATA_ONLY = "stages:\n  - metadata\n"

REFUSED = {
    "tiff second page": "which one is the picture is not for a program to say",
    "tiff sub-directory": "it may be another picture",
}
"""Files that are not rewritten, and why. Nothing of them is ever published."""

ONE_OF_EACH = {place.family: name for name, place in planting.PLACES.items() if name not in REFUSED}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


@pytest.fixture(scope="module")
def exiftool() -> Iterator[ExifTool]:
    process = ExifTool()
    yield process
    process.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("runs"))


def scrubbed(path: Path, scratch: Path) -> Path:
    """What the stage writes, without the examination of it."""
    media = probe(path)
    assert STAGE.redact is not None
    return STAGE.redact(
        RedactContext(
            file=path,
            media=media,
            source_media=media,
            findings=Findings(stage="metadata"),
            settings=MetadataSettings(),
            scratch=scratch,
            progress=lambda activity, done, total: None,
        )
    )


def whole_run(path: Path, program: Program) -> Path:
    return program.run(path, program.profile(METADATA_ONLY)).output


def test_there_are_places_enough() -> None:
    families = {place.family for place in planting.PLACES.values()}
    assert len(planting.PLACES) >= 400
    assert families >= set(
        "mp4 mov m4a mkv webm avi ts wmv wav flac mp3 ogg opus jpg png tiff heic webp".split()
    )
    secrets = [place.secret for place in planting.PLACES.values()]
    assert len(set(secrets)) == len(secrets)


def clean(planted: planting.Planted, out: Path, exiftool: ExifTool) -> None:
    """Asserts that nothing of the secret is left and that what is shown is the same."""
    place = planted.place
    assert list(planting.traces(out.read_bytes(), place)) == []
    listing = exiftool.listing(out)
    assert planting.WORD.lower() not in listing.lower()
    assert [text for text in place.listed if text in listing] == []
    before, _ = presented(planted.path, damaged=place.family == "mp3")
    after, errors = presented(out)
    assert errors == []
    assert same(before, after)


@pytest.mark.parametrize("name", [n for n in planting.PLACES if n not in REFUSED])
def test_nothing_is_left_and_the_recording_is_the_same(
    folder: Path, tmp_path: Path, exiftool: ExifTool, program: Program, name: str
) -> None:
    planted = planting.plant(name, folder)
    long = os.environ.get("VEILCAST_LONG")
    out = whole_run(planted.path, program) if long else scrubbed(planted.path, tmp_path)
    clean(planted, out, exiftool)


@pytest.mark.parametrize("name", ONE_OF_EACH.values())
def test_a_whole_run_publishes_it_clean(
    folder: Path, exiftool: ExifTool, program: Program, name: str
) -> None:
    planted = planting.plant(name, folder)
    clean(planted, whole_run(planted.path, program), exiftool)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_with_a_reason(
    folder: Path, tmp_path: Path, program: Program, name: str
) -> None:
    planted = planting.plant(name, folder)
    with pytest.raises((UnsupportedError, TruncatedError, StructureError)) as refusal:
        whole_run(planted.path, program)
    assert planting.WORD not in str(refusal.value)
