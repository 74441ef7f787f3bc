"""What the ExifTool layer promises: names and counts, never a hang, never a surprise."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from veilcast.errors import InternalError, ToolMissingError, UnreadableError, UsageError
from veilcast.media import exif
from veilcast.media.exif import Tag


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", *arguments], check=True)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-frames:v", "1", str(path))
    return path


def tagged(path: Path, *assignments: str) -> Path:
    command = ["exiftool", "-q", "-overwrite_original", *assignments, str(path)]
    subprocess.run(command, check=True)
    return path


def fake_exiftool(folder: Path, script: str) -> Path:
    folder.mkdir()
    program = folder / "exiftool"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return folder


def test_lists_each_kind_of_tag_with_its_count_and_no_value(photo: Path) -> None:
    tagged(photo, "-Artist=Jane Roe", "-GPSLatitude=51.5", "-XMP:Subject=Ward 7")
    tags = exif.list_tags(photo)
    assert Tag("EXIF", "IFD0", "Artist") in tags
    assert Tag("EXIF", "GPS", "GPSLatitude") in tags
    assert Tag("XMP", "XMP-dc", "Subject") in tags
    assert tags == sorted(tags)
    for secret in ("Jane", "51.5", "Ward", str(photo.parent), photo.name):
        assert secret not in repr(tags)


def test_counts_every_copy_of_a_tag(tmp_path: Path) -> None:
    movie = tmp_path / "two.mkv"
    sine = ("-f", "lavfi", "-i", "sine=d=0.2")
    title = ("-metadata:s", "title=Jane")
    ffmpeg(*sine, *sine, "-map", "0", "-map", "1", "-c:a", "flac", *title, str(movie))
    counts = {tag.name: tag.count for tag in exif.list_tags(movie) if tag.group1 == "Matroska"}
    assert counts["TagTrackUID"] == 2


def test_leaves_out_what_only_the_file_system_knows(photo: Path) -> None:
    names = {tag.name for tag in exif.list_tags(photo)}
    assert not names & {"FileName", "Directory", "FileModifyDate", "FilePermissions", "SourceFile"}


def test_values_are_there_for_those_who_judge_them(photo: Path) -> None:
    tagged(photo, "-Artist=Jane Roe")
    values = {tag.name: found for tag, found in exif.list_values(photo)}
    assert values["Artist"] == ("Jane Roe",)


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_comes_back_as_it_was_set(photo: Path, value: int) -> None:
    assert exif.orientation(photo) is None
    exif.set_orientation(photo, value)
    assert exif.orientation(photo) == value


def test_an_orientation_that_does_not_exist_is_refused(photo: Path) -> None:
    before = photo.read_bytes()
    with pytest.raises(UsageError):
        exif.set_orientation(photo, 9)
    assert photo.read_bytes() == before


def test_a_file_that_can_not_be_written_is_an_error_and_not_a_shrug(tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    with pytest.raises(InternalError):
        exif.set_orientation(text, 6)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        exif.list_tags(tmp_path / "none.jpg")


@pytest.mark.parametrize("name", ["a\nb.jpg", "a\rb.jpg", "-b.jpg", "echo|"])
def test_names_that_exiftool_would_misread_are_refused(photo: Path, name: str) -> None:
    odd = photo.rename(photo.with_name(name))
    with pytest.raises(UsageError):
        exif.list_tags(odd)


def test_a_folder_with_a_line_break_can_not_smuggle_an_option_in(photo: Path) -> None:
    folder = photo.parent / "x\n-Artist=Eve\ny"
    folder.mkdir()
    odd = Path(shutil.copy(photo, folder))
    with pytest.raises(UsageError):
        exif.list_tags(odd)
    assert odd.read_bytes() == photo.read_bytes()


@pytest.mark.parametrize("name", ["#b.jpg", " b.jpg", "ü b.jpg", "b%d.jpg", "@b.jpg"])
def test_other_odd_names_are_read_as_they_are(photo: Path, name: str) -> None:
    odd = photo.rename(photo.with_name(name))
    assert Tag("File", "File", "FileType") in exif.list_tags(odd)


def test_missing_exiftool_names_the_package(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(photo.parent))
    with pytest.raises(ToolMissingError, match="libimage-exiftool-perl"):
        exif.list_tags(photo)


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "echo '{ready}'",
        "cat > /dev/null; echo '[{}'",
        "cat >/dev/null; echo '[1]{ready}'",
    ],
    ids=["dies", "empty", "stops", "nonsense"],
)
def test_an_exiftool_that_fails_is_reported_at_once(
    photo: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    folder = fake_exiftool(photo.parent / "bin", script)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    started = time.monotonic()
    with pytest.raises(ToolMissingError):
        exif.list_tags(photo)
    assert time.monotonic() - started < 5


def test_an_exiftool_that_hangs_is_ended(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid_file = photo.parent / "pid"
    folder = fake_exiftool(photo.parent / "bin", f"echo $$ > '{pid_file}'; exec sleep 300")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(exif, "_DEADLINE_S", 0.5)
    with pytest.raises(ToolMissingError, match="in time"):
        exif.list_tags(photo)
    assert not Path("/proc", pid_file.read_text().strip()).exists()


def test_the_users_own_exiftool_settings_do_not_count(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagged(photo, "-Artist=Jane Roe")
    expected = exif.list_tags(photo)
    home = photo.parent / "home"
    home.mkdir()
    (home / ".ExifTool_config").write_text(
        "%Image::ExifTool::UserDefined::Options = (FastScan => 4);\n1;\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("EXIFTOOL_HOME", str(home))
    heeded = subprocess.run(["exiftool", "-Artist", str(photo)], capture_output=True, check=True)
    assert b"Jane" not in heeded.stdout
    assert exif.list_tags(photo) == expected
