"""Inputs that can't be de-identified: one sentence, a code of its own, and nothing is left."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cli.program import files, refused
from testmedia import names

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

NOT_MEDIA, DAMAGED, EMPTY, NO_PICTURE, UNREADABLE, UNWRITABLE, DISK_FULL = range(10, 17)

BAD = {
    "text.mp4": NOT_MEDIA,
    "playlist.mp4": NOT_MEDIA,
    "concat.mp4": NOT_MEDIA,
    "truncated.mp4": DAMAGED,
    "truncated_tail.mp4": DAMAGED,
    "truncated.mkv": DAMAGED,
    "truncated.jpg": DAMAGED,
    "truncated.wav": DAMAGED,
    "corrupt.mp4": DAMAGED,
    "zero.mp4": EMPTY,
}
MARKS = {
    "nothing": None,
    "a rectangle": "regions: [{box: [8, 8, 40, 30]}]",
    "sound": "mute: [{from: 0.2, to: 0.4}]",
}


def test_every_bad_file_of_the_corpus_is_tried() -> None:
    assert set(BAD) == set(names("bad"))


@pytest.mark.quick(every=8)
@pytest.mark.parametrize(
    ("name", "marks"),
    [
        (name, marks)
        for name, code in BAD.items()
        for marks in MARKS
        # Without marks everything is copied, and each kind of mark decodes in a way of its own.
        if marks == "nothing" or (code == DAMAGED and not (".wav" in name and "rect" in marks))
    ],
)
def test_a_bad_input_is_refused_and_nothing_is_left(
    name: str, marks: str, veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    source = bench / f"Quixby{media[name].suffix}"
    shutil.copy(media[name], source)
    regions = []
    if spec := MARKS[marks]:
        (bench.parent / "marks.yaml").write_text(spec)
        regions = ["--regions", bench.parent / "marks.yaml"]
    answer = veilcast("run", source, "-q", "--profile", light, *regions)
    refused(answer, BAD[name], unsaid=[source])
    assert files(bench) == [source.name]
    assert veilcast.scratch == []


def test_a_damaged_input_stops_the_search_for_faces_too(
    veilcast: Program, media: Corpus, bench: Path
) -> None:
    refused(veilcast("run", media["corrupt.mp4"], "-q", "-o", bench / "out.mp4"), DAMAGED)
    assert files(bench) == []
    assert veilcast.scratch == []


def test_a_script_never_makes_it_open_another_file(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    """Were the script followed, this would be a whole video."""
    (bench / "input.mp4").write_text(f"ffconcat version 1.0\nfile {media['plain.mp4']}\n")
    command = ["ffprobe", "-v", "error", "-safe", "0", str(bench / "input.mp4")]
    assert subprocess.run(command, check=False).returncode == 0
    refused(veilcast("run", bench / "input.mp4", "-q", "--profile", light), NOT_MEDIA)


def test_marked_rectangles_need_a_picture(
    veilcast: Program, media: Corpus, bench: Path, light: Path, corner: Path
) -> None:
    answer = veilcast(
        "run", media["speech.wav"], "-o", f"{bench}/", "-q", "-p", light, "-r", corner
    )
    assert "no picture" in refused(answer, NO_PICTURE)
    assert files(bench) == []


def test_faces_on_sound_alone_are_nothing_to_do(
    veilcast: Program, media: Corpus, bench: Path, unheard: Path, tmp_path: Path
) -> None:
    """Not an error, not a model is needed, and the manifest says so."""
    none = {"VEILCAST_MODELS": "", "VEILCAST_MODEL_CACHE": str(tmp_path / "none")}
    answer = veilcast("run", media["speech.flac"], "-qp", unheard, "-o", f"{bench}/", env=none)
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert "The input has no picture." in (bench / "speech.deid.manifest.json").read_text()


@pytest.mark.parametrize(
    "name", ["Quixby.mp4", "folder/Quixby.mp4", "x" * 300 + ".mp4", "pipe.mp4"]
)
def test_what_is_no_file_is_refused(name: str, veilcast: Program, bench: Path, light: Path) -> None:
    if name == "pipe.mp4":
        os.mkfifo(bench / name)
    before = files(bench)
    refused(
        veilcast("run", bench / name, "-q", "-p", light, "-o", bench / "out.mp4"),
        UNREADABLE,
        unsaid=[bench / name],
    )
    assert files(bench) == before


def test_an_empty_folder_is_refused(veilcast: Program, bench: Path, light: Path) -> None:
    (bench / "notes.txt").write_text("nothing to see")
    assert "folder" in refused(veilcast("run", bench, "-q", "-p", light), NOT_MEDIA)
    assert files(bench) == ["notes.txt"]


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_an_unreadable_input_is_refused(
    locked: str,
    veilcast: Program,
    media: Corpus,
    bench: Path,
    light: Path,
    unprivileged: list[str],
) -> None:
    source = bench / "Zorblatt" / "Quixby.mp4"
    source.parent.mkdir()
    shutil.copy(media["plain.mp4"], source)
    barred = source if locked == "file" else source.parent
    barred.chmod(0)
    try:
        answer = veilcast(
            "run", source, "-q", "-p", light, "-o", bench / "out.mp4", before=unprivileged
        )
    finally:
        barred.chmod(0o700)
    refused(answer, UNREADABLE, unsaid=[source])
    assert files(bench) == ["Zorblatt", "Zorblatt/Quixby.mp4"]


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("given", [".", "Zorblatt"])
def test_an_unreadable_folder_is_refused_and_never_skipped(
    given: str,
    veilcast: Program,
    media: Corpus,
    bench: Path,
    light: Path,
    unprivileged: list[str],
) -> None:
    shutil.copy(media["gray.png"], bench)
    (bench / "Zorblatt").mkdir(mode=0)
    answer = veilcast("run", bench / given, "-q", "-p", light, before=unprivileged)
    (bench / "Zorblatt").chmod(0o700)
    refused(answer, UNREADABLE, unsaid=[bench / "Zorblatt"])
    assert files(bench) == ["Zorblatt", "gray.png"]


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("mode", [0, 0o500])
def test_an_output_folder_that_may_not_be_written_is_refused_before_the_work(
    mode: int,
    veilcast: Program,
    media: Corpus,
    bench: Path,
    light: Path,
    unprivileged: list[str],
) -> None:
    folder = bench / "Zorblatt"
    folder.mkdir()
    folder.chmod(mode)
    try:
        answer = veilcast(
            "run", media["plain.mp4"], "-qp", light, "-o", folder / "o.mp4", before=unprivileged
        )
    finally:
        folder.chmod(0o700)
    refused(answer, UNWRITABLE, unsaid=[folder])
    assert files(bench) == ["Zorblatt"]
    assert not veilcast.work.exists()


def test_a_work_folder_that_may_not_be_written_is_refused(
    veilcast: Program, media: Corpus, bench: Path, light: Path, unprivileged: list[str]
) -> None:
    veilcast.work.mkdir(mode=0o500)
    answer = veilcast(
        "run", media["plain.mp4"], "-qp", light, "-o", bench / "o.mp4", before=unprivileged
    )
    assert "--work" in refused(answer, UNWRITABLE, unsaid=[veilcast.work.parent])
    assert files(bench) == []


@pytest.fixture(scope="session")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    """A folder that is a disk of 1 MiB for a command, a list of what the command left, and how."""
    folder = tmp_path_factory.mktemp("disk")
    left = folder.with_name("left.txt")
    script = f"""
        mount -t tmpfs -o size=${{SIZE:-1m}} none {folder} || exit 125
        "$@"; code=$?; find {folder} -mindepth 1 >{left}; exit $code"""
    before = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*before, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("a small disk can't be mounted here")
    return folder, left, before


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("full", ["output", "work folder", "work folder in the middle"])
def test_a_full_disk(
    full: str,
    veilcast: Program,
    media: Corpus,
    bench: Path,
    light: Path,
    corner: Path,
    small_disk: tuple[Path, Path, list[str]],
) -> None:
    disk, left, before = small_disk
    env = {"SIZE": "64k" if full == "output" else "256k" if full == "work folder" else "1m"}
    output = disk / "out.mp4" if full == "output" else bench / "out.mp4"
    if full != "output":
        env["VEILCAST_WORK"] = str(disk)
    answer = veilcast(
        *("run", media["plain.mp4"], "-o", output, "-qp", light, "-r", corner),
        *("--set", "deliver.crf=0"),  # far larger than the estimate
        before=before,
        env=env,
    )
    refused(answer, DISK_FULL, unsaid=[disk, bench])
    assert files(bench) == []
    rest = [line for line in left.read_text().splitlines() if "/run-" in line or "out" in line]
    assert rest == []
