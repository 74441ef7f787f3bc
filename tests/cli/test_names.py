"""Names of files: what they give away is told, and a neutral one can be had."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest
from cli.program import files

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

TOLD = "The file's name seems to hold what identifies somebody"


def run(
    veilcast: Program, media: Corpus, bench: Path, light: Path, name: str, *more: object
) -> str:
    source = bench / f"{name}.png"
    shutil.copy(media["gray.png"], source)
    answer = veilcast("run", source, "-qp", light, *more)
    assert (answer.code, answer.out) == (0, "")
    return answer.err


@pytest.mark.quick(every=4)
@pytest.mark.parametrize(
    "name",
    ["MariaLopez_visit2", "john-smith", "MRN 4711902 left hand", "IMG 4711902"],
)
def test_a_name_that_identifies_is_told_without_repeating_it(
    name: str, veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    said = run(veilcast, media, bench, light, name)
    assert TOLD in said
    assert "--name neutral" in said
    assert not any(part in said for part in ("Maria", "Lopez", "john", "smith", "4711902"))


@pytest.mark.quick(every=6)
@pytest.mark.parametrize(
    "name",
    ["GOPR0042_1080p", "gray", "clip", "left hand", "visit_two", "yuv422-hdr10"],
)
def test_ordinary_names_are_none(
    name: str, veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    assert run(veilcast, media, bench, light, name) == ""


@pytest.mark.release
def test_what_is_known_is_found_in_any_name(
    veilcast: Program, media: Corpus, bench: Path, light: Path, tmp_path: Path
) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("other: [camera b]\nmrn: ['0042']\n")
    for name in ("camera-b", "IMG_0042"):
        assert TOLD in run(veilcast, media, bench, light, name, "--known", known)


def test_a_neutral_name_is_made_of_the_recording_s_hash(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    assert run(veilcast, media, bench, light, "MariaLopez", "--name", "neutral") == ""
    digest = hashlib.sha256(media["gray.png"].read_bytes()).hexdigest()[:12]
    stem = f"recording-{digest}.deid"
    endings = ("manifest.json", "png", "report.html", "report.json")
    assert files(bench) == ["MariaLopez.png", *(f"{stem}.{ending}" for ending in endings)]
    again = veilcast("run", bench / "MariaLopez.png", "-qp", light, "--name", "neutral")
    assert again.code == 17  # the output is there already
