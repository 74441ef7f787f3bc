"""What a refusal advises works: the advised command is run, and ends in a delivered file."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import veilcast
from veilcast import errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PICTURE = "-f lavfi -i testsrc2=s=320x160:r=25:d=1"
SOUND = "-f lavfi -i sine=d=1:r=48000"


def made(path: Path, command: str) -> Path:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *command.split(), str(path)], check=True)
    return path


def cropped(folder: Path) -> Path:
    source = made(folder / "cropped.mkv", f"{PICTURE} -c:v libx264")
    edit = ["--edit", "track:v1", "--set", "pixel-crop-right=100"]
    subprocess.run(["mkvpropedit", "-q", str(source), *edit], check=True)
    return source


def ordered(folder: Path) -> Path:
    said = folder / "chapters.txt"
    said.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=first\n")
    command = f"{PICTURE} -i {said} -map_chapters 1 -c:v libx264"
    source = made(folder / "ordered.mkv", command)
    data = source.read_bytes()
    assert data.count(b"\x45\xdb\x81\x01") == 1  # EditionFlagDefault becomes EditionFlagOrdered
    source.write_bytes(data.replace(b"\x45\xdb\x81\x01", b"\x45\xdd\x81\x01"))
    return source


def delayed(folder: Path) -> Path:
    """SeekPreRoll, which has room for four bytes, and CodecDelay change places."""
    source = made(folder / "delayed.mka", f"{SOUND} -c:a libopus -fflags +bitexact")
    data = source.read_bytes()
    at = data.index(b"\x56\xbb\x84")
    data = data.replace(b"\x56\xaa", b"\x56\xbb")
    long = (600_000_000).to_bytes(4)
    source.write_bytes(data[:at] + b"\x56\xaa\x84" + long + data[at + 7 :])
    return source


FILLED = {"WIDTH:HEIGHT:X:Y": "220:160:0:0"}
"""What only the user can know of this input."""


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("make", [cropped, ordered, delayed])
def test_a_command_that_is_advised_helps(make: Callable[[Path], Path], tmp_path: Path) -> None:
    source = make(tmp_path)
    options: Any = {"profile": tmp_path / "light.yaml", "work": tmp_path / "work"}
    options["profile"].write_text("stages: [metadata]")
    with pytest.raises(errors.UnsupportedError) as refused:
        veilcast.run(source, **options)
    advised = re.findall(r"'((?:ffmpeg|mkvmerge) [^']+)'", str(refused.value))
    mended = tmp_path / "mended.mkv"
    command = advised[-1]
    for unknown, known in FILLED.items():
        command = command.replace(unknown, known)
    names = {"IN": str(source), "IN.mkv": str(source), "OUT.mkv": str(mended)}
    names["OUT.mp4"] = str(mended)
    words = [names.get(word, word) for word in shlex.split(command)]
    subprocess.run(words, check=True, capture_output=True)
    assert veilcast.run(mended, **options).verdict == "clean"


@pytest.mark.quick(every=4)
@pytest.mark.parametrize(
    "asked",
    [
        ["deliver.container=webm", "deliver.codec=h264"],
        ["deliver.container=mp4", "deliver.codec=ffv1"],
        ["deliver.container=webm", "deliver.sound=aac"],
        ["deliver.container=mov", "deliver.sound=opus"],
    ],
    ids=" ".join,
)
def test_settings_that_can_not_be_together_name_some_that_can(
    asked: list[str], tmp_path: Path
) -> None:
    """Before any work, and as what they are: settings."""
    source = made(tmp_path / "a.mp4", f"{PICTURE} {SOUND} -c:v libx264 -c:a aac")
    profile = tmp_path / "light.yaml"
    profile.write_text("stages: [metadata]")
    options: Any = {"profile": profile, "work": tmp_path / "work"}
    with pytest.raises(errors.SettingError) as refused:
        veilcast.run(source, settings=asked, **options)
    assert refused.value.exit_code in (22, 23)
    advised = re.findall(r"--set (deliver\.\w+=\w+)", str(refused.value))
    kept = [one for one in asked if not one.startswith(advised[0].split("=")[0])]
    assert veilcast.run(source, settings=[*kept, *advised], **options).verdict == "clean"


@pytest.mark.release
def test_what_is_damaged_can_be_had_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mkv", f"{PICTURE} -c:v libx264 -g 5")
    source = tmp_path / "cut.mkv"
    source.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    profile = tmp_path / "light.yaml"
    profile.write_text("stages: [metadata]")
    options: Any = {"profile": profile, "work": tmp_path / "work"}
    with pytest.raises(errors.TruncatedError, match="--accept-loss"):
        veilcast.run(source, **options)
    assert veilcast.run(source, accept_loss=True, **options).verdict == "clean"
