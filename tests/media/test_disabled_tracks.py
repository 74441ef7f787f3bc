"""What a container says is not to be played must not be played by a copy of it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from veilcast.errors import UnsupportedError
from veilcast.media.container import remux
from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.4"]
SOUND = ["-f", "lavfi", "-i", "sine=d=0.4"]
CHAPTER = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=first\n"
TRACK_OFF = (b"\x9c\x81\x00", b"\xb9\x81\x00")
"""FlagLacing becomes FlagEnabled of the same length."""


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


def make(path: Path, *arguments: str) -> Path:
    codecs = ["-c:v", "mpeg4", "-c:a", "aac", "-fflags", "+bitexact"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, *codecs, str(path)], check=True)
    return path


def changed(path: Path, before: bytes, after: bytes, nth: int = 0) -> Path:
    """One place of several where the bytes are."""
    data = path.read_bytes()
    at = -1
    for _ in range(nth + 1):
        at = data.index(before, at + 1)
    path.write_bytes(data[:at] + after + data[at + len(before) :])
    return path


def with_chapters(folder: Path) -> Path:
    said = folder / "chapters.txt"
    said.write_text(CHAPTER)
    return make(folder / "chapters.mkv", *PICTURE, "-i", str(said), "-map_chapters", "1")


@pytest.mark.parametrize("track", [0, 1])
def test_a_track_of_matroska_that_is_switched_off_is_left_behind(
    tmp_path: Path, track: int
) -> None:
    source = make(tmp_path / "two.mkv", *PICTURE, *SOUND)
    assert len(probe(source).streams) == 2
    media = probe(changed(source, *TRACK_OFF, track))
    assert [stream.index for stream in media.side] == [track]
    assert [told.rule for told in media.conformed] == ["switched-off"]


def test_a_beginning_that_nobody_hears_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "delayed.mkv"
    sound = ["-c:a", "libopus", "-fflags", "+bitexact", str(source)]
    subprocess.run(["ffmpeg", "-v", "error", *SOUND, *sound], check=True)
    assert probe(source).audio
    # SeekPreRoll, which has room for 80 ms, and CodecDelay change places.
    delay, preroll = b"\x56\xaa", b"\x56\xbb\x84"
    data = source.read_bytes()
    assert data.count(delay) == data.count(preroll) == 1
    at = data.index(preroll)
    assert int.from_bytes(data[at + 3 : at + 7]) == 80_000_000
    data = data.replace(delay, preroll[:2])
    source.write_bytes(data[:at] + delay + b"\x84" + data[at + 3 :])
    assert probe(source).audio
    long = (1_500_000_000).to_bytes(4)
    source.write_bytes(data[:at] + delay + b"\x84" + long + data[at + 7 :])
    with pytest.raises(UnsupportedError, match="beginning"):
        probe(source)


def test_editions_in_an_order_of_their_own_are_refused(tmp_path: Path) -> None:
    source = with_chapters(tmp_path)
    assert probe(source).chapters == 1
    # EditionFlagDefault, which is 1, becomes EditionFlagOrdered.
    changed(source, b"\x45\xdb\x81\x01", b"\x45\xdd\x81\x01")
    with pytest.raises(UnsupportedError, match="--no-chapters"):
        probe(source)


def test_chapters_that_are_to_be_left_out_are_refused(tmp_path: Path) -> None:
    source = with_chapters(tmp_path)
    # ChapterTimeStart of one byte becomes ChapterFlagEnabled and an empty element.
    data = source.read_bytes()
    at = data.index(b"\x91\x81\x00", data.index(b"\x10\x43\xa7\x70"))
    before = data[at - 4 : at + 12]
    changed(source, before, before.replace(b"\x91\x81\x00\x92", b"\x45\x98\x80\x92"))
    assert probe(source)  # an empty one has its default: it is played
    source.write_bytes(data)
    uid = data.index(b"\x73\xc4", data.index(b"\x10\x43\xa7\x70"))
    width = data[uid + 2] & 0x7F
    off = b"\x45\x98" + data[uid + 2 : uid + 3] + bytes(width)
    changed(source, data[uid : uid + 3 + width], off)
    with pytest.raises(UnsupportedError, match="--no-chapters"):
        probe(source)


def switched_off(path: Path, track: int) -> Path:
    """track_enabled of a TrackHeaderBox becomes 0."""
    data = bytearray(path.read_bytes())
    at = -1
    for _ in range(track + 1):
        at = data.index(b"tkhd", at + 1)
    assert data[at + 7] & 1
    data[at + 7] &= ~1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["one.mp4", "one.mov"])
@pytest.mark.parametrize("track", [0, 1])
def test_all_sound_or_picture_switched_off_is_left_behind(
    tmp_path: Path, name: str, track: int
) -> None:
    source = make(tmp_path / name, *PICTURE, *SOUND)
    assert len(probe(source).streams) == 2
    media = probe(switched_off(source, track))
    assert media.kind == ("audio", "video")[track]
    assert [stream.index for stream in media.side] == [track]
    assert [told.rule for told in media.conformed] == ["switched-off"]


@pytest.mark.parametrize("name", ["alternates.mp4", "alternates.mov"])
def test_an_alternate_sound_stays_switched_off(tmp_path: Path, name: str) -> None:
    maps = ["-map", "0", "-map", "1", "-map", "2"]
    source = make(tmp_path / name, *PICTURE, *SOUND, *SOUND, *maps, "-disposition:a", "0")
    given = probe(source).audio
    assert [sound.default for sound in given] == [True, False]
    for path in (source, changed_over(source)):
        media = probe(path)
        out = tmp_path / f"out-{name}"
        remux(path, out, media, progress=silent)
        assert [s.default for s in probe(out).audio] == [s.default for s in media.audio]


def changed_over(path: Path) -> Path:
    """The second sound is switched on, and the first is not."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd", data.index(b"tkhd") + 1)
    later = data.index(b"tkhd", at + 1)
    data[at + 7] ^= 1
    data[later + 7] ^= 1
    path.write_bytes(data)
    return path


def test_flags_that_nobody_set_are_no_matter(tmp_path: Path) -> None:
    source = make(tmp_path / "none.mp4", *PICTURE, *SOUND)
    assert probe(switched_off(switched_off(source, 0), 1)).video is not None


@pytest.mark.parametrize("codec", ["ffvhuff", "utvideo"])
def test_a_codec_that_the_muxer_has_no_code_for_is_no_fault(tmp_path: Path, codec: str) -> None:
    """FFmpeg's own program takes it by its code for Windows, and the library does not."""
    source = tmp_path / "odd.mkv"
    command = ["ffmpeg", "-v", "error", *PICTURE, "-c:v", codec, "-pix_fmt", "yuv422p", str(source)]
    subprocess.run(command, check=True)
    with pytest.raises(UnsupportedError, match="ffv1"):
        remux(source, tmp_path / "out.mkv", probe(source), progress=silent)


def test_a_cut_whose_times_can_t_be_copied_is_no_fault_of_the_settings(tmp_path: Path) -> None:
    whole, source = tmp_path / "whole.ts", tmp_path / "cut.mkv"
    quiet = "log-level=none:open-gop=1:keyint=15:min-keyint=15:bframes=4:scenecut=0"
    x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", quiet]
    picture = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=2"]
    for command in (
        [*picture, *x265, str(whole)],
        ["-ss", "0.9", "-i", str(whole), "-c", "copy", str(source)],
    ):
        subprocess.run(["ffmpeg", "-v", "error", "-y", *command], check=True)
    with pytest.raises(UnsupportedError, match="time stamps can't be copied"):
        remux(source, tmp_path / "out.mkv", probe(source), progress=silent)
