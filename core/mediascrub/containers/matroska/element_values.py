"""What the elements of Matroska may hold: numbers in their range, codes from a list (RFC 9559)."""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING

from mediascrub.containers import codec_configs as codecs

if TYPE_CHECKING:
    from mediascrub.containers.fields import Fields, Handler

_TIME = re.compile(rb"\d\d:\d\d:\d\d\.\d{9}\0*")
_LANGUAGE = re.compile(rb"[a-z]{3}\0*|[a-z]{2,3}(-[A-Z]{2})?")
_NAME, _STRING, _TAG_LANGUAGE, _TAG_DEFAULT = 0x45A3, 0x4487, 0x447A, 0x4484
_TAGS = {
    "TITLE": ("title", ""),
    "ARTIST": ("artist", ""),
    "COMMENT": ("comment", ""),
    "ENCODER": ("encoder", ""),
    "ENCODER_OPTIONS": ("encoder's settings", ""),
    "DATE_RECORDED": ("date", "C"),
    "DATE_RELEASED": ("date", "C"),
    "DATE_ENCODED": ("date", "C"),
    "DATE_TAGGED": ("date", "C"),
    "DATE": ("date", "C"),
    "CREATION_TIME": ("date", "C"),
    "RECORDING_LOCATION": ("location", "B"),
    "LOCATION": ("location", "B"),
    "HANDLER_NAME": ("handler name", ""),
    "VENDOR_ID": ("encoder's maker", ""),
    "TIMECODE": ("timecode", ""),
}
_SECTIONS = tuple(
    n.to_bytes(4) for n in (0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1F43B675, 0x1254C367)
)


def uint(most: int = (1 << 32) - 1, kind: str = "number out of range") -> Handler:
    """An unsigned number of up to eight bytes."""

    def read(f: Fields) -> None:
        f.uint(f.left, most, kind=kind) if f.left <= 8 else f.unexpected(kind)

    return read


def sint(most: int = 1 << 40) -> Handler:
    """A signed number."""

    def read(f: Fields) -> None:
        value = int.from_bytes(f.peek(f.left), signed=True)
        good = f.left <= 8 and abs(value) <= most
        f.add(f.left, "structure" if good else "unexpected", "" if good else "number out of range")

    return read


def real(most: float = 1e13) -> Handler:
    """A floating-point number that something was measured or counted with."""

    def read(f: Fields) -> None:
        data = f.peek(f.left)
        good = len(data) in (0, 4, 8)
        if good and data:
            (value,) = struct.unpack(">f" if len(data) == 4 else ">d", data)
            good = math.isfinite(value) and (value == 0 or 1e-9 <= abs(value) <= most)
        f.add(f.left, "structure" if good else "unexpected", "" if good else "number out of range")

    return read


def one_of(*allowed: str, kind: str) -> Handler:
    """A string from a list; it may be padded with zeros (RFC 8794, 7.4)."""

    def read(f: Fields) -> None:
        good = f.peek(f.left).rstrip(b"\0").decode("latin-1") in allowed
        f.add(f.left, "structure" if good else "unexpected", "" if good else kind)

    return read


def language(f: Fields) -> None:
    """ISO 639-2, or BCP 47 with at most a country."""
    good = _LANGUAGE.fullmatch(f.peek(f.left))
    f.add(f.left, "structure" if good else "unexpected", "" if good else "unknown language")


def section(f: Fields) -> None:
    """The identifier of a part of the segment."""
    f.one_of(f.left, _SECTIONS, "pointer to what no player needs")


def simple_tag(f: Fields) -> None:
    """A tag: only libavformat's DURATION is no information about anyone (RFC 9559, 5.1.8)."""
    values: dict[int, bytes] = {}
    others = False
    at = 0
    data = f.peek(f.left)
    while at < len(data):
        number, size, body = header(data, at)
        if size < 0 or body + size > len(data) or number in values:
            others = True
            break
        values[number] = data[body : body + size]
        at = body + size
    others |= bool(values.keys() - {_NAME, _STRING, _TAG_LANGUAGE, _TAG_DEFAULT})
    name = values.get(_NAME, b"").decode("latin-1").rstrip("\0").upper()
    plain = (
        name == "DURATION"
        and not others
        and _TIME.fullmatch(values.get(_STRING, b""))
        and values.get(_TAG_LANGUAGE, b"und") == b"und"
        and values.get(_TAG_DEFAULT, b"\1") in (b"\0", b"\1", b"")
    )
    kind, hipaa = _TAGS.get(name, ("tag", ""))
    if plain:
        f.numbers(f.left)
    else:
        f.unexpected(kind, hipaa=hipaa)


def header(data: bytes, at: int) -> tuple[int, int, int]:
    """Identifier, size (-1 unknown, -2 damaged) and start of the body (RFC 8794, 5 and 6)."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    if not 1 <= length <= 4 or at + length >= len(data):
        return -1, -2, at
    number = int.from_bytes(data[at : at + length])
    at += length
    width = 9 - data[at].bit_length()
    if width > 8 or at + width > len(data):
        return -1, -2, at
    size = int.from_bytes(data[at : at + width]) & (1 << 7 * width) - 1
    return number, -1 if size == (1 << 7 * width) - 1 else size, at + width


def _webvtt(f: Fields) -> None:
    f.one_of(f.left, {b"", b"WEBVTT", b"WEBVTT\n", b"WEBVTT\n\n"}, "header of subtitles")


def _nothing(f: Fields) -> None:
    f.done()


def _fourcc(f: Fields) -> None:
    f.one_of(4, {b"apco", b"apcs", b"apcn", b"apch", b"ap4h", b"ap4x"}, "unknown profile")


def _few(f: Fields) -> None:
    f.opaque(f.left, 128)


PICTURE: dict[str, Handler] = {
    "V_MPEG4/ISO/AVC": codecs.avcc,
    "V_MPEGH/ISO/HEVC": codecs.hvcc,
    "V_AV1": codecs.av1c,
    "V_VP9": codecs.vp_private,
    "V_VP8": _nothing,
    "V_THEORA": codecs.xiph_headers,
    "V_MPEG1": codecs.opaque,
    "V_MPEG2": codecs.opaque,
    "V_MPEG4/ISO/SP": codecs.opaque,
    "V_MPEG4/ISO/ASP": codecs.opaque,
    "V_MPEG4/ISO/AP": codecs.opaque,
    "V_MPEG4/MS/V3": codecs.opaque,
    "V_MJPEG": _nothing,
    "V_PRORES": _fourcc,
    "V_FFV1": codecs.opaque,
    "V_UNCOMPRESSED": _nothing,
    "V_SNOW": codecs.opaque,
    "V_DIRAC": _nothing,
    "V_MS/VFW/FOURCC": codecs.opaque,
    "V_QUICKTIME": codecs.opaque,
    "V_REAL/RV10": codecs.opaque,
    "V_REAL/RV20": codecs.opaque,
    "V_REAL/RV30": codecs.opaque,
    "V_REAL/RV40": codecs.opaque,
}
SOUND: dict[str, Handler] = {
    "A_AAC": codecs.audio_config,
    "A_OPUS": codecs.opus_head,
    "A_VORBIS": codecs.xiph_headers,
    "A_FLAC": codecs.flac_private,
    "A_ALAC": codecs.alac_config,
    "A_AC3": _nothing,
    "A_EAC3": _nothing,
    "A_DTS": _nothing,
    "A_MPEG/L1": _nothing,
    "A_MPEG/L2": _nothing,
    "A_MPEG/L3": _nothing,
    "A_PCM/INT/LIT": _nothing,
    "A_PCM/INT/BIG": _nothing,
    "A_PCM/FLOAT/IEEE": _nothing,
    "A_TRUEHD": _nothing,
    "A_MLP": _nothing,
    "A_WAVPACK4": _few,
    "A_TTA1": _few,
    "A_MS/ACM": _few,
    "A_QUICKTIME": _few,
}
TEXT: dict[str, Handler] = {
    "S_TEXT/UTF8": _nothing,
    "S_TEXT/ASCII": _nothing,
    "S_TEXT/WEBVTT": _webvtt,
    "D_WEBVTT/SUBTITLES": _webvtt,
    "D_WEBVTT/CAPTIONS": _webvtt,
}
CODECS = {**PICTURE, **SOUND, **TEXT}
"""By CodecID: what reads the CodecPrivate."""
