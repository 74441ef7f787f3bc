"""MP4 and its kin: what Veilcast writes is never accused, and nothing else goes unnoticed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import (
    MARKER,
    PICTURE,
    SOUND,
    caught,
    deliver,
    ffmpeg,
    parts_of,
    unexpected,
)
from planting import PLACES, plant

from veilcast.media.caption_packets import WrittenCaptions
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.types import Caption

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

X264 = ("-c:v", "libx264", "-preset", "ultrafast")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params")
DNXHR = ("-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-s", "256x128")
BT709 = "-color_primaries bt709 -color_trc bt709 -colorspace bt709".split()
TAGS = ("-metadata", "title=Jane Roe", "-metadata", "creation_time=2020-01-02T03:04:05Z")
HDR = (
    "log-level=none:info=0:hdr10=1:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)
BT2020 = "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc".split()
DELIVERED = {
    "h264-aac.mp4": (*X264, "-c:a", "aac", *TAGS),
    "hevc-opus.mp4": (*X265, "log-level=none:info=0", "-tag:v", "hvc1", "-c:a", "libopus"),
    "hdr.mp4": (*X265, HDR, "-pix_fmt", "yuv420p10le", *BT2020, "-c:a", "alac"),
    "av1-flac.mp4": ("-c:v", "libsvtav1", "-preset", "12", "-c:a", "flac", "-strict", "-2"),
    "vp9-mp3.mp4": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "mp3"),
    "mpeg4-ac3.mp4": ("-c:v", "mpeg4", "-flags:v", "+bitexact", "-c:a", "ac3"),
    "mpeg2-eac3.mp4": ("-c:v", "mpeg2video", "-c:a", "eac3"),
    "mjpeg-vorbis.mp4": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "libvorbis"),
    "surround.mp4": (*X264, "-c:a", "aac", "-ac", "6"),
    "colour.mp4": (*X264, *BT709, "-color_range", "pc", "-vf", "setsar=4/3", "-c:a", "aac"),
    "prores-pcm.mov": ("-c:v", "prores_ks", "-c:a", "pcm_s24le", *TAGS),
    "h264-aac.mov": (*X264, "-c:a", "aac"),
    "raw-pcm.mov": ("-c:v", "rawvideo", "-pix_fmt", "gray", "-c:a", "pcm_u8"),
    "v210-alac.mov": ("-c:v", "v210", "-pix_fmt", "yuv422p10le", "-c:a", "alac"),
    "qtrle-ima.mov": ("-c:v", "qtrle", "-c:a", "adpcm_ima_qt"),
    "dnxhr.mov": (*DNXHR, "-pix_fmt", "yuv422p", "-c:a", "pcm_s16be"),
    "aac.m4a": ("-map", "1", "-c:a", "aac", *TAGS),
    "h264-aac.3gp": (*X264, "-c:a", "aac"),
}
MADE = ("rotated.mp4", "rotated180.mov", "flipped.mp4", "late_video.mp4", "bframes_edit.mp4")
MADE_TOO = ("vfr.mp4", "interlaced.mp4", "two_audio.mp4", "timecode.mov", "consultation.mp4")


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", DELIVERED)
def test_what_is_delivered_holds_nothing_foreign(name: str, tmp_path: Path) -> None:
    source = ffmpeg(tmp_path / f"source-{name}", *PICTURE, *SOUND, *DELIVERED[name])
    delivered = deliver(source, tmp_path / name)
    assert unexpected(delivered, name.partition(".")[2]) == []


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("name", [*MADE, *MADE_TOO, "fragmented.mp4"])
def test_turned_late_and_cut_recordings_hold_nothing_foreign_either(
    name: str, media: Corpus, tmp_path: Path
) -> None:
    family = name.partition(".")[2]
    assert unexpected(media[name], family)
    assert unexpected(deliver(media[name], tmp_path / name), family) == []


def with_subtitles(path: Path) -> Path:
    """A file with a language for its picture and two subtitle streams, as a run writes it."""
    source = ffmpeg(path.with_name(f"source{path.suffix}"), *PICTURE, *X264)
    said = (Caption(stream=2, start_us=100_000, end_us=900_000, text="hello"),)
    captions = [
        WrittenCaptions(captions=said, language="deu", default=True),
        WrittenCaptions(captions=said, forced=True),
    ]
    media = probe(source)
    remux(source, path, media, progress=lambda *_: None, captions=captions, languages=["fra"])
    return path


@pytest.mark.parametrize("family", ["mp4", "mov", "mkv"])
def test_kept_subtitles_and_languages_are_no_alarm(family: str, tmp_path: Path) -> None:
    path = with_subtitles(tmp_path / f"a.{family}")
    parts = parts_of(path, family)
    assert [part for part in parts if part.role == "unexpected"] == []
    at = path.read_bytes().index(b"hello")
    assert any(p.role == "coded" and p.start <= at < p.end for p in parts)


def test_a_font_that_is_a_name_is_an_alarm(tmp_path: Path) -> None:
    path = with_subtitles(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes().replace(b"\x0aSans-Serif", b"\x0aMarie Roe!"))
    assert set(caught(path, "mp4", b"Marie Roe!")) == {"moov/trak/mdia/minf/stbl/stsd/tx3g/ftab"}


SPOTS = [name for name, spot in PLACES.items() if spot.suffix in (".mp4", ".mov", ".m4a", ".heic")]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("name", SPOTS)
def test_every_planted_secret_is_in_a_foreign_part(name: str, bench: Path) -> None:
    """Or in coded pictures and sound, which are another module's business."""
    planted = plant(name, bench)
    parts = parts_of(planted.path, planted.path.suffix[1:])
    for at, form in planted.found:
        where = max(at - 1, 0) if form.startswith("shifted") else at
        holder = next(part for part in parts if part.start <= where < part.end)
        assert holder.role in ("unexpected", "coded"), (form, holder)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("clean")
    source = ffmpeg(folder / "source.mp4", *PICTURE, *SOUND, *X264, "-bf", "2", "-c:a", "aac")
    return deliver(source, folder / "clean.mp4").read_bytes()


def field(data: bytes, code: bytes, offset: int, nth: int = 0) -> int:
    """Where a field is: so many bytes behind the start of a box's body."""
    at = -1
    for _ in range(nth + 1):
        at = data.index(code, at + 1)
    return at + 4 + offset


RESERVED = {
    "movie's rate": (b"mvhd", 20, 4),
    "movie's reserved fields": (b"mvhd", 26, 10),
    "movie's matrix": (b"mvhd", 36, 36),
    "movie's preview and selection": (b"mvhd", 72, 24),
    "movie's creation time": (b"mvhd", 4, 4),
    "track's modification time": (b"tkhd", 8, 4),
    "track's reserved field": (b"tkhd", 16, 4),
    "track's second reserved field": (b"tkhd", 24, 8),
    "track's matrix": (b"tkhd", 40, 36),
    "media's creation time": (b"mdhd", 4, 4),
    "media's quality": (b"mdhd", 22, 2),
    "handler's manufacturer": (b"hdlr", 12, 12),
    "handler's name": (b"hdlr", 24, 12),
    "picture header's colours": (b"vmhd", 6, 6),
    "sound header's reserved field": (b"smhd", 6, 2),
    "sample entry's reserved field": (b"avc1", 0, 6),
    "sample entry's maker": (b"avc1", 12, 4),
    "sample entry's resolution": (b"avc1", 28, 8),
    "compressor's name": (b"avc1", 42, 32),
    "sound entry's reserved field": (b"mp4a", 8, 8),
    "brand": (b"ftyp", 8, 4),
    "brand's version": (b"ftyp", 4, 4),
    "type of sample group": (b"sgpd", 4, 4),
    "edit's rate": (b"elst", 16, 4),
}
ENTRIES = {"avc1", "mp4a"}


@pytest.mark.parametrize("name", RESERVED)
def test_words_in_reserved_fields_are_found(name: str, clean: bytes, tmp_path: Path) -> None:
    code, offset, size = RESERVED[name]
    data = bytearray(clean)
    # Brands are named as sample entries are.
    start = field(clean, b"stsd", 0) if code.decode() in ENTRIES else 0
    at = start + field(clean[start:], code, offset)
    words = (MARKER * 3)[:size]
    data[at : at + size] = words
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    holders = [p for p in unexpected(path, "mp4") if p.start < at + size and p.end > at]
    covered = sum(min(p.end, at + size) - max(p.start, at) for p in holders)
    assert covered >= size - size // 3


def grown(data: bytes, extra: bytes, *path: bytes) -> bytes:
    """The file with bytes at the end of a box, which comes behind the media."""
    at, sizes = data.index(b"moov") - 4, []
    for code in path:
        at = data.index(code, at) - 4
        sizes.append(at)
    end = at + int.from_bytes(data[at : at + 4])
    out = bytearray(data[:end] + extra + data[end:])
    for at in sizes:
        out[at : at + 4] = struct.pack(">I", int.from_bytes(out[at : at + 4]) + len(extra))
    return bytes(out)


STBL = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


@pytest.mark.parametrize("code", [b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco", b"stsd"])
def test_bytes_behind_a_tables_last_entry_are_found(
    code: bytes, clean: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(grown(clean, MARKER, *STBL, code))
    assert set(caught(path, "mp4")) == {f"moov/trak/mdia/minf/stbl/{code.decode()}"}


@pytest.mark.parametrize(
    "path", [(b"moov", b"mvhd"), (b"moov", b"trak", b"tkhd"), (b"moov", b"trak", b"mdia", b"hdlr")]
)
def test_padding_behind_the_last_field_is_found(
    path: tuple[bytes, ...], clean: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(grown(clean, MARKER, *path))
    assert caught(file, "mp4")


def test_rows_for_no_sample_are_no_room(clean: bytes, tmp_path: Path) -> None:
    data = bytearray(grown(clean, b"\0\0\0\0ROE!", *STBL, b"stts"))
    at = field(bytes(data), b"stts", 4)
    data[at : at + 4] = struct.pack(">I", int.from_bytes(data[at : at + 4]) + 1)
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert caught(path, "mp4", b"ROE!") == ["moov/trak/mdia/minf/stbl/stts"]


def test_media_data_that_no_sample_refers_to_is_found(clean: bytes, tmp_path: Path) -> None:
    at = clean.index(b"mdat") - 4
    size = int.from_bytes(clean[at : at + 4])
    data = bytearray(clean[: at + size] + MARKER + clean[at + size :])
    data[at : at + 4] = struct.pack(">I", size + len(MARKER))
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    (part,) = unexpected(path, "mp4")
    assert (part.place, part.kind) == ("mdat", "unreferenced media data")
    assert path.read_bytes()[part.start : part.end] == MARKER


def test_samples_that_overlap_are_an_alarm(clean: bytes, tmp_path: Path) -> None:
    data = bytearray(clean)
    at = field(clean, b"stco", 8)
    data[at + 4 : at + 8] = data[at : at + 4]
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    kinds = {part.kind for part in unexpected(path, "mp4")}
    assert {"media data that is used twice", "unreferenced media data"} <= kinds


def test_samples_outside_of_media_data_are_an_alarm(clean: bytes, tmp_path: Path) -> None:
    data = bytearray(clean)
    at = field(clean, b"stco", 8)
    data[at : at + 4] = struct.pack(">I", clean.index(b"ftyp"))
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert "chunks outside of media data" in {part.kind for part in unexpected(path, "mp4")}


def test_media_in_another_file_is_named(clean: bytes, tmp_path: Path) -> None:
    data = clean.replace(b"url \0\0\0\1", b"url \0\0\0\0")
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    kinds = [part.kind for part in unexpected(path, "mp4")]
    assert kinds.count("reference to another file") == 2


def test_free_space_of_zeros_is_room_and_not_foreign(clean: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(clean + struct.pack(">I4s", 3_000_008, b"free") + bytes(3_000_000))
    last = parts_of(path, "mp4")[-1]
    assert (last.role, last.end - last.start) == ("room", 3_000_008)
    data = bytearray(path.read_bytes())
    data[-1] = 1
    path.write_bytes(data)
    assert [part.place for part in unexpected(path, "mp4")] == ["free"]


def test_no_name_that_a_file_chose_is_repeated(clean: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(clean + struct.pack(">I4s", 12, b"JRoe") + b"1234")
    (part,) = unexpected(path, "mp4")
    assert (part.place, part.kind) == ("unknown", "unknown box")


def test_a_gopros_telemetry_is_named_and_is_gone_when_delivered(
    shared: Path, tmp_path: Path
) -> None:
    source = shared / "data" / "metadata" / "gopro_max_gps.mp4"
    found = {(part.place, part.kind, part.hipaa) for part in unexpected(source, "mp4")}
    assert {
        ("mdat", "GPS telemetry", "B"),
        ("mdat", "timecode", ""),
        ("moov/trak", "GPS telemetry", "B"),
        ("moov/udta/\xa9xyz", "location", "B"),
        ("moov/udta/CAME", "camera's serial number", "M"),
        ("moov/mvhd", "creation time", "C"),
    } <= found
    assert unexpected(deliver(source, tmp_path / "a.mp4"), "mp4") == []


@pytest.mark.parametrize("name", ["cover_art.mp4", "mov_text.mp4", "mat2_dirty.mp4"])
def test_real_dirty_files_are_clean_when_delivered(name: str, shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "metadata" / name
    assert unexpected(source, "mp4")
    assert unexpected(deliver(source, tmp_path / name), "mp4") == []


def test_a_real_heics_picture_is_coded(shared: Path) -> None:
    parts = parts_of(shared / "data" / "metadata" / "mat2_dirty.heic", "heic")
    assert sum(p.end - p.start for p in parts if p.role == "coded") > 1_000_000
    assert {p.kind for p in parts if p.role == "unexpected"} == {"colour profile"}
