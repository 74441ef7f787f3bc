"""Several inputs, folders, and several at a time."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cli.program import files, refused

from veilcast.manifest import equal_apart_from_volatile, load

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

SOME_FAILED, USAGE = 3, 2


@pytest.fixture
def folder(media: Corpus, bench: Path) -> Path:
    """Recordings of two patients, one of which can't be read, and things that are none."""
    source = bench / "Zorblatt"
    (source / "Quixby").mkdir(parents=True)
    shutil.copy(media["no_audio.mp4"], source / "a.mp4")
    shutil.copy(media["text.mp4"], source / "b.mp4")
    shutil.copy(media["gray.png"], source / "Quixby" / "a.PNG")
    shutil.copy(media["speech.flac"], source / "Quixby" / "c.flac")
    shutil.copy(media["no_audio.mp4"], source / ".hidden.mp4")
    shutil.copy(media["no_audio.mp4"], source / "earlier.deid.mp4")
    (source / "notes.txt").write_text("no recording")
    return source


@pytest.mark.release
def test_one_that_fails_does_not_stop_the_others(
    veilcast: Program, folder: Path, bench: Path, light: Path
) -> None:
    (bench / "out").mkdir()
    answer = veilcast("run", folder, "-q", "-p", light, "-o", bench / "out", "--no-report")
    assert (answer.code, answer.out) == (SOME_FAILED, "")
    first, last = answer.err.splitlines()
    assert first.startswith("veilcast: input 4 of 4: The input is not a media file")
    assert last == "veilcast: 1 of 4 inputs failed."
    assert "Quixby" not in answer.err
    assert files(bench / "out") == [
        "Quixby",
        "Quixby/a.deid.PNG",
        "Quixby/a.deid.manifest.json",
        "Quixby/c.deid.flac",
        "Quixby/c.deid.manifest.json",
        "a.deid.manifest.json",
        "a.deid.mp4",
    ]
    assert veilcast.scratch == []


@pytest.mark.release
def test_several_at_a_time_give_the_same(
    veilcast: Program, folder: Path, media: Corpus, bench: Path, unheard: Path
) -> None:
    """Also for two inputs with the same content, which share what was located."""
    (folder / "b.mp4").unlink()
    shutil.copy(folder / "a.mp4", folder / "twin.mp4")
    for jobs in (1, 2):
        answer = veilcast(
            *("run", folder, "--json", "-p", unheard, "--jobs", jobs, "-o", f"{bench}/{jobs}/"),
            "--no-report",
            env={"VEILCAST_WORK": str(bench / f"work{jobs}")},
        )
        assert (answer.code, answer.err) == (0, "")
        finished = [e["input"] for e in answer.events if e["event"] == "finished"]
        assert sorted(finished) == [1, 2, 3, 4]
    one, two = bench / "1", bench / "2"
    assert files(one) == files(two)
    assert len(files(one)) == 9
    for name in files(one):
        if name.endswith(".json"):
            assert equal_apart_from_volatile(
                load((one / name).read_bytes()), load((two / name).read_bytes())
            )
        elif (one / name).is_file():
            assert (one / name).read_bytes() == (two / name).read_bytes(), name


@pytest.mark.release
def test_results_are_put_beside_the_inputs(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    for name in ("gray.png", "no_audio.mp4"):
        shutil.copy(media[name], bench)
    inputs = [bench / "gray.png", bench / "no_audio.mp4"]
    answer = veilcast("run", *inputs, "-p", light)
    assert answer.code == 0
    published = [
        bench / "gray.deid.png",
        bench / "gray.deid.manifest.json",
        bench / "gray.deid.report.html",
        bench / "no_audio.deid.mp4",
        bench / "no_audio.deid.manifest.json",
        bench / "no_audio.deid.report.html",
    ]
    assert answer.out.splitlines() == [str(path) for path in published]
    assert all(path.is_file() for path in published)
    lines = [line for line in answer.err.splitlines() if not line.startswith(" ")]
    assert all(line.startswith(("input 1 of 2: ", "input 2 of 2: ")) for line in lines)
    # Again: what is there is told for each, and results are not taken for inputs.
    answer = veilcast("run", bench, "-q", "-p", light)
    assert answer.code == SOME_FAILED
    assert len(answer.err.splitlines()) == 3
    assert len(files(bench)) == 10, "and the reports' facts"


def test_results_that_would_collide_are_refused(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    for name in ("one", "other"):
        (bench / name).mkdir()
        shutil.copy(media["gray.png"], bench / name / "Quixby.png")
    both = (bench / "one" / "Quixby.png", bench / "other" / "Quixby.png")
    answer = veilcast("run", *both, "-q", "-p", light, "-o", bench / "out")
    refused(answer, USAGE, unsaid=["Quixby"])
    assert files(bench / "out") == []


def test_the_ending_follows_the_content(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    shutil.copy(media["speech.flac"], bench / "voice.mp4")
    assert veilcast("run", bench / "voice.mp4", "-qp", light, "--no-report").code == 0
    assert files(bench) == ["voice.deid.flac", "voice.deid.manifest.json", "voice.mp4"]


def test_clean_deletes_work_folders_and_nothing_else(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    assert veilcast("run", media["gray.png"], "-qp", light, "-o", f"{bench}/").code == 0
    (veilcast.work / "precious").mkdir()
    answer = veilcast("clean")
    assert (answer.code, answer.out) == (0, "1 work folders deleted.\n")
    assert files(veilcast.work) == ["precious"]


@pytest.mark.release
def test_a_live_photo_is_two_inputs_of_one_name(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    folder = bench / "phone"
    folder.mkdir()
    shutil.copy(media["portrait.jpg"], folder / "IMG_0001.JPG")
    shutil.copy(media["no_audio.mp4"], folder / "IMG_0001.MP4")
    shutil.copy(media["gray.png"], folder / "IMG_0002.png")
    answer = veilcast("run", folder, "-p", light, "-o", bench / "out", "--no-report")
    assert answer.code == 0, answer.err
    delivered = [name for name in files(bench / "out") if not name.endswith(".json")]
    assert delivered == ["IMG_0001_JPG.deid.JPG", "IMG_0001_MP4.deid.MP4", "IMG_0002.deid.png"]
    assert answer.err.count("told apart by their endings") == 1
    for name in delivered:
        assert (bench / "out" / f"{name.rpartition('.')[0]}.manifest.json").exists()


def test_files_beside_a_recording_are_named_as_left(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    """A drone's track of places, a camera's preview: nobody is to release them by accident."""
    shutil.copy(media["gray.png"], bench / "DJI_0001.png")
    for name in ("DJI_0001.SRT", "dji_0001.thm", "DJI_0002.SRT", "notes.txt"):
        (bench / name).write_text("1\n00:00:00,000 --> 00:00:01,000\n[latitude: 48.1]\n")
    answer = veilcast("run", bench / "DJI_0001.png", "-p", light)
    assert answer.code == 0
    assert "2 files beside the recordings" in answer.err
    assert (bench / "DJI_0001.SRT").exists()
