"""AVI, WAV and WebP: nothing but picture and sound goes unnoticed, and nothing else is accused."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from containers.delivering import (
    MARKER,
    NOISE,
    PICTURE,
    caught,
    deliver,
    ffmpeg,
    holders,
    parts_of,
    unexpected,
)
from PIL import Image

from mediascrub import StructureError, walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALL = ("-map", "0", "-map", "1", "-map", "2")
AVIS = {
    "mpeg4": (*PICTURE, *NOISE, "-c:v", "mpeg4", "-c:a", "mp3"),
    "h264": (*PICTURE, *NOISE, "-c:v", "libx264", "-c:a", "pcm_s16le"),
    "raw": (*PICTURE, "-c:v", "rawvideo", "-pix_fmt", "pal8"),
    "tables": (*PICTURE, *NOISE, "-c:v", "huffyuv", "-pix_fmt", "yuv422p", "-c:a", "aac"),
    "two": (*PICTURE, *NOISE, *NOISE, *ALL, "-c:v", "ffv1", "-c:a", "pcm_s24le"),
}
WAVS = {
    "s16": ("-c:a", "pcm_s16le"),
    "s24": ("-ac", "6", "-c:a", "pcm_s24le"),
    "f32": ("-c:a", "pcm_f32le"),
    "u8": ("-c:a", "pcm_u8", "-t", "0.50001"),
    "ulaw": ("-c:a", "pcm_mulaw", "-ar", "8000"),
    "adpcm": ("-c:a", "adpcm_ms"),
    "mp3": ("-c:a", "mp3"),
}


def chunk(code: bytes, data: bytes) -> bytes:
    return code + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def inserted(data: bytes, at: int, what: bytes, *lists: int) -> bytes:
    """With bytes put in, and the lists around them (given by their starts) made longer."""
    grown = bytearray(data)
    for start in (0, *lists):
        (size,) = struct.unpack_from("<I", grown, start + 4)
        struct.pack_into("<I", grown, start + 4, size + len(what))
    return bytes(grown[:at] + what + grown[at:])


def end_of(data: bytes, start: int) -> int:
    return start + 8 + int(struct.unpack_from("<I", data, start + 4)[0])


HEADERS, STREAM = 12, 88
"""Where an AVI's list of headers starts, and the first stream in it."""


def in_top(what: bytes) -> Callable[[bytes], bytes]:
    return lambda data: inserted(data, end_of(data, HEADERS), what)


def in_headers(what: bytes) -> Callable[[bytes], bytes]:
    return lambda data: inserted(data, end_of(data, HEADERS), what, HEADERS)


def in_stream(what: bytes) -> Callable[[bytes], bytes]:
    return lambda data: inserted(data, end_of(data, STREAM), what, HEADERS, STREAM)


def in_movie(what: bytes) -> Callable[[bytes], bytes]:
    def plant(data: bytes) -> bytes:
        at = data.index(b"movi")
        return inserted(data, at + 4, what, at - 8)

    return plant


def overwritten(where: bytes, offset: int, what: bytes = MARKER) -> Callable[[bytes], bytes]:
    def plant(data: bytes) -> bytes:
        at = data.index(where) + offset
        return data[:at] + what + data[at + len(what) :]

    return plant


def with_format_text(data: bytes) -> bytes:
    """A codec's configuration that is a text."""
    at = data.index(b"strf")
    size = struct.unpack_from("<I", data, at + 4)[0]
    extra = MARKER + bytes(1)
    out = bytearray(inserted(data, at + 8 + size, extra, HEADERS, STREAM))
    struct.pack_into("<I", out, at + 4, size + len(extra))
    return bytes(out)


AVI_PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "tags": (in_top(chunk(b"LIST", b"INFO" + chunk(b"INAM", MARKER))), "RIFF/INFO"),
    "tags in headers": (
        in_headers(chunk(b"LIST", b"INFO" + chunk(b"IART", MARKER))),
        "RIFF/hdrl/INFO",
    ),
    "junk": (in_top(chunk(b"JUNK", bytes(40) + MARKER + bytes(40))), "RIFF/JUNK"),
    "date": (in_headers(chunk(b"IDIT", MARKER)), "RIFF/hdrl/IDIT"),
    "time code": (in_headers(chunk(b"ISMP", MARKER)), "RIFF/hdrl/ISMP"),
    "xmp": (in_top(chunk(b"_PMX", MARKER)), "RIFF/_PMX"),
    "private": (in_top(chunk(b"JROE", MARKER)), "RIFF/unknown"),
    "private list": (in_top(chunk(b"LIST", b"JROE" + MARKER)), "RIFF/unknown"),
    "stream name": (in_stream(chunk(b"strn", MARKER)), "RIFF/hdrl/strl/strn"),
    "driver": (in_stream(chunk(b"strd", MARKER)), "RIFF/hdrl/strl/strd"),
    "properties": (in_stream(chunk(b"vprp", MARKER + bytes(51))), "RIFF/hdrl/strl/vprp"),
    "index": (in_stream(chunk(b"indx", bytes(24) + MARKER)), "RIFF/hdrl/strl/indx"),
    "format": (with_format_text, "RIFF/hdrl/strl/strf"),
    "reserved numbers": (overwritten(b"avih", 8 + 40, b"Jane Roe 4711"), "RIFF/hdrl/avih"),
    "room for an index": (overwritten(b"JUNK", 8 + 1000), "RIFF/hdrl/strl/JUNK"),
    "room for a header": (overwritten(b"odmldmlh", 100), "RIFF/hdrl/JUNK"),
    "subtitles": (in_movie(chunk(b"01tx", MARKER)), "RIFF/movi"),
    "other stream": (in_movie(chunk(b"07wb", MARKER)), "RIFF/movi"),
    "junk between frames": (in_movie(chunk(b"JUNK", MARKER)), "RIFF/movi/JUNK"),
    "index in the movie": (in_movie(chunk(b"ix00", bytes(24) + MARKER)), "RIFF/movi/ix"),
    "old index": (overwritten(b"idx1", 8 + 160), "RIFF/idx1"),
    "behind the form": (lambda data: data + MARKER, "file"),
    "a ZIP behind": (lambda data: data + b"PK\3\4" + MARKER + b"PK\5\6" + bytes(18), "file"),
    "between form and end": (lambda data: inserted(data, len(data), MARKER[:7]), "RIFF"),
}


@pytest.fixture(scope="module")
def avi(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("avi")
    source = ffmpeg(folder / "source.avi", *AVIS["h264"])
    return deliver(source, folder / "delivered.avi").read_bytes()


@pytest.mark.parametrize("name", AVIS)
def test_a_delivered_avi_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.avi", *AVIS[name])
    assert unexpected(deliver(source, tmp_path / "out.avi"), "avi") == []


@pytest.mark.parametrize("name", AVI_PLANTS)
def test_what_is_planted_in_an_avi_is_found(tmp_path: Path, avi: bytes, name: str) -> None:
    plant, place = AVI_PLANTS[name]
    path = tmp_path / "planted.avi"
    path.write_bytes(plant(avi))
    marker = {"between form and end": MARKER[:7], "reserved numbers": b"Jane Roe 4711"}
    assert set(caught(path, "avi", marker.get(name, MARKER))) == {place}


def test_a_padding_byte_can_hold_nothing(tmp_path: Path, avi: bytes) -> None:
    path = tmp_path / "planted.avi"
    path.write_bytes(in_movie(b"00dc\x01\0\0\0\xaaJ")(avi))
    assert "RIFF/movi/padding" in [part.place for part in unexpected(path, "avi")]


def test_an_index_that_points_nowhere_is_foreign(tmp_path: Path, avi: bytes) -> None:
    path = tmp_path / "planted.avi"
    path.write_bytes(overwritten(b"idx1", 8 + 32 + 8, b"\x11\x22\0\0")(avi))
    assert [part.place for part in unexpected(path, "avi")] == ["RIFF/idx1"]


def test_the_name_of_a_private_chunk_is_not_told(tmp_path: Path, avi: bytes) -> None:
    path = tmp_path / "planted.avi"
    path.write_bytes(in_top(chunk(b"JROE", b"x" * 10))(avi))
    assert not [part for part in parts_of(path, "avi") if "JROE" in part.place + part.kind]


def test_a_second_form_goes_on_with_the_movie(tmp_path: Path, avi: bytes) -> None:
    more = chunk(b"RIFF", b"AVIX" + chunk(b"LIST", b"movi" + chunk(b"00dc", bytes(100))))
    path = tmp_path / "open.avi"
    path.write_bytes(avi + more)
    assert unexpected(path, "avi") == []
    path.write_bytes(avi + chunk(b"RIFF", b"AVIX" + chunk(b"LIST", b"INFO" + MARKER)))
    assert caught(path, "avi") == ["RIFF/INFO"]


@pytest.mark.release
def test_a_hundred_thousand_empty_chunks_are_one_part(tmp_path: Path, avi: bytes) -> None:
    path = tmp_path / "many.avi"
    path.write_bytes(in_movie(chunk(b"JUNK", b"") * 100_000)(avi))
    assert len(parts_of(path, "avi")) < 100


@pytest.mark.parametrize("name", WAVS)
def test_a_delivered_wav_is_clean(tmp_path: Path, name: str) -> None:
    source = ffmpeg(tmp_path / "source.wav", *NOISE, *WAVS[name])
    assert unexpected(deliver(source, tmp_path / "out.wav"), "wav") == []


def at_end(what: bytes) -> Callable[[bytes], bytes]:
    return lambda data: inserted(data, len(data), what)


WAV_PLANTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    **{
        code.decode().strip(): (at_end(chunk(code, MARKER)), f"RIFF/{code.decode().strip()}")
        for code in (
            b"bext",
            b"iXML",
            b"cue ",
            b"smpl",
            b"_PMX",
            b"PEAK",
            b"axml",
            b"cart",
            b"id3 ",
        )
    },
    "tags": (at_end(chunk(b"LIST", b"INFO" + chunk(b"IART", MARKER))), "RIFF/INFO"),
    "labels": (at_end(chunk(b"LIST", b"adtl" + chunk(b"labl", MARKER))), "RIFF/adtl"),
    "junk": (at_end(chunk(b"JUNK", MARKER)), "RIFF/JUNK"),
    "filler": (at_end(chunk(b"FLLR", MARKER)), "RIFF/padding"),
    "private": (at_end(chunk(b"jane", MARKER)), "RIFF/unknown"),
    "long count": (at_end(chunk(b"fact", MARKER)), "RIFF/fact"),
    "second sound": (at_end(chunk(b"data", MARKER)), "RIFF/unknown"),
    "behind the form": (lambda data: data + MARKER, "file"),
}


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("wav")
    source = ffmpeg(folder / "source.wav", *NOISE, *WAVS["s16"])
    return deliver(source, folder / "delivered.wav").read_bytes()


@pytest.mark.parametrize("name", WAV_PLANTS)
def test_what_is_planted_in_a_wav_is_found(tmp_path: Path, wav: bytes, name: str) -> None:
    plant, place = WAV_PLANTS[name]
    path = tmp_path / "planted.wav"
    path.write_bytes(plant(wav))
    assert caught(path, "wav") == [place]


def as_rf64(wav: bytes, table: bytes = b"") -> bytes:
    """The same with sizes of 64 bits (EBU Tech 3306)."""
    at = wav.index(b"data")
    size = struct.unpack_from("<I", wav, at + 4)[0]
    body = wav[12:at] + b"data" + b"\xff" * 4 + wav[at + 8 :]
    total = 4 + 36 + len(table) + len(body)
    sizes = struct.pack("<QQQI", total, size, size // 2, len(table) // 12) + table
    return b"RF64" + b"\xff" * 4 + b"WAVE" + chunk(b"ds64", sizes) + body


def test_sizes_of_64_bits_are_understood(tmp_path: Path, wav: bytes) -> None:
    path = tmp_path / "long.wav"
    path.write_bytes(as_rf64(wav))
    assert unexpected(path, "wav") == []
    assert sum(p.end - p.start for p in parts_of(path, "wav") if p.role == "coded") > 100_000
    path.write_bytes(as_rf64(wav) + MARKER)
    assert caught(path, "wav") == ["file"]
    path.write_bytes(as_rf64(wav, b"JaneJRoe4711MRN4711" + bytes(5)))
    assert "RIFF/ds64" in caught(path, "wav", b"JaneJRoe4711MRN4711")


def test_bytes_that_are_no_whole_sample_are_foreign(tmp_path: Path, wav: bytes) -> None:
    at = wav.index(b"data")
    out = bytearray(inserted(wav, len(wav), b"J\0"))
    struct.pack_into("<I", out, at + 4, struct.unpack_from("<I", out, at + 4)[0] + 1)
    path = tmp_path / "odd.wav"
    path.write_bytes(out)
    assert [part.kind for part in unexpected(path, "wav")] == ["bytes that are no sample"]


def webp(**options: object) -> bytes:
    out = io.BytesIO()
    picture = Image.effect_noise((64, 48), 60).convert("RGBA")
    picture.save(out, "webp", **options)
    return out.getvalue()


@pytest.mark.parametrize("lossless", [False, True])
def test_a_plain_webp_is_clean(tmp_path: Path, lossless: bool) -> None:
    path = tmp_path / "plain.webp"
    path.write_bytes(webp(lossless=lossless))
    assert unexpected(path, "webp") == []


def test_a_moving_webp_is_clean(tmp_path: Path) -> None:
    frames = [Image.effect_noise((64, 48), sigma).convert("RGB") for sigma in (20, 40, 60)]
    path = tmp_path / "moving.webp"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert unexpected(path, "webp") == []


def with_flags(flags: int, *chunks: bytes) -> bytes:
    """A still in the extended form, with chunks behind its picture."""
    picture = webp(lossless=True)[12:]
    head = chunk(b"VP8X", bytes([flags, 0, 0, 0, 63, 0, 0, 47, 0, 0]))
    body = b"WEBP" + head + picture + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


WEBP_PLANTS = {
    "exif": (with_flags(8, chunk(b"EXIF", b"II*\0" + MARKER)), "RIFF/EXIF"),
    "xmp": (with_flags(4, chunk(b"XMP ", MARKER)), "RIFF/XMP"),
    "profile": (with_flags(32, chunk(b"ICCP", MARKER)), "RIFF/ICCP"),
    "private": (with_flags(0, chunk(b"JROE", MARKER)), "RIFF/unknown"),
    "second picture": (with_flags(0, chunk(b"VP8L", b"\x2f" + MARKER)), "RIFF/picture"),
    "alpha of no picture": (with_flags(0, chunk(b"ALPH", b"\0" + MARKER)), "RIFF/ALPH"),
    "behind": (webp() + MARKER, "file"),
}


@pytest.mark.parametrize("name", WEBP_PLANTS)
def test_what_is_planted_in_a_webp_is_found(tmp_path: Path, name: str) -> None:
    data, place = WEBP_PLANTS[name]
    path = tmp_path / "planted.webp"
    path.write_bytes(data)
    assert caught(path, "webp") == [place]


@pytest.mark.parametrize("family", ["avi", "wav", "webp"])
def test_something_else_is_refused_with_a_sentence(tmp_path: Path, family: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(b"<html>" + MARKER)
    with pytest.raises(StructureError, match="does not begin"):
        list(walk(path, family))


DIRTY = {
    "mat2_dirty.avi": ("avi", b"Lavf", {"RIFF/INFO"}),
    "mat2_dirty.wav": ("wav", b"VLC", {"RIFF/INFO", "RIFF/id3"}),
    "mat2_dirty.webp": ("webp", b"II*\0", {"RIFF/EXIF"}),
}


@pytest.mark.parametrize("name", DIRTY)
def test_real_tags_are_found(shared: Path, name: str) -> None:
    family, _, places = DIRTY[name]
    found = unexpected(shared / "data" / "metadata" / name, family)
    assert places <= {part.place for part in found}


def test_what_is_told_of_tags_is_never_their_content(tmp_path: Path, avi: bytes) -> None:
    path = tmp_path / "planted.avi"
    path.write_bytes(AVI_PLANTS["tags"][0](avi))
    (part,) = holders(path, "avi")
    assert "Jane" not in repr(part)
