"""Headers of a movie and its tracks, field by field (ISO/IEC 14496-12, clause 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediascrub.containers.fields import full_box

if TYPE_CHECKING:
    from mediascrub.containers.fields import Fields, Handler

_BRANDS = {
    name.encode().ljust(4)
    for name in (
        "isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 avc1 av01 mp41 mp42 mp71 qt M4A M4B M4P M4V "
        "M4VP 3gp4 3gp5 3gp6 3gp7 3gp8 3gp9 3ge6 3ge7 3gg6 3gr6 3g2a 3g2b 3g2c dby1 hvc1 hev1 heic "
        "heix heim heis hevc hevx mif1 msf1 miaf MiHB MiHE MiHA MiPr avif avis dash cmfc f4v MSNV"
    ).split()
}
_MINOR = {n.to_bytes(4) for n in (0, 1, 0x100, 0x200, 0x10000)}
_UNITY = 0x10000
_LAST = 0x40000000
_TURNS = (0, _UNITY, (1 << 32) - _UNITY)
_HANDLER_NAMES = ("", "VideoHandler", "SoundHandler", "SubtitleHandler", "DataHandler")
_TRACKS = 0xFFFF
_TEXT_HEADER = b"\0\1" + bytes(15) + b"\1" + bytes(14) + b"\x40\0\0\0"
_WIDEST = 16384
_LONGEST = 1 << 48
"""Ticks: a day and a half of the finest clock, and years of those in use."""


def ftyp(f: Fields) -> None:
    """4.3: only brands that name a specification."""
    f.one_of(4, _BRANDS, "unknown brand")
    f.one_of(4, _MINOR, "version of the brand")
    while f.left >= 4:
        f.one_of(4, _BRANDS, "unknown brand")


def _times(f: Fields, size: int) -> None:
    f.zero(size, "creation time", "C")
    f.zero(size, "modification time", "C")


def _clock(f: Fields, wide: int) -> None:
    f.uint(4, 1 << 31, 1)  # ticks in a second
    _duration(f, wide)


def _duration(f: Fields, wide: int) -> None:
    if f.peek(wide) == b"\xff" * wide:
        f.numbers(wide)  # unknown
    else:
        f.uint(wide, _LONGEST)


def _matrix(f: Fields) -> None:
    """Turns by quarters and mirroring, and where the picture then lies (6.2.2)."""
    for _ in range(2):
        for _ in range(2):
            f.one_of(4, {n.to_bytes(4) for n in _TURNS}, "matrix that is no rotation")
        f.zero(4, "matrix that is no rotation")
    for _ in range(2):
        value = int.from_bytes(f.peek(4), signed=True)
        good = value % _UNITY == 0 and abs(value) <= _WIDEST * _UNITY
        f.add(
            4, "structure" if good else "unexpected", "" if good else "matrix that is no rotation"
        )
    f.one_of(4, {_LAST.to_bytes(4)}, "matrix that is no rotation")


def mvhd(f: Fields) -> None:
    """8.2.2."""
    wide = 8 if full_box(f, (0, 1)) else 4
    _times(f, wide)
    _clock(f, wide)
    f.one_of(4, {_UNITY.to_bytes(4)}, "rate that is not 1")
    f.one_of(2, {b"\1\0"}, "volume that is not 1")
    f.zero(10)
    _matrix(f)
    f.zero(24, "preview, poster and selection times")
    f.uint(4, _TRACKS, 1)


def tkhd(f: Fields) -> None:
    """8.3.2."""
    wide = 8 if full_box(f, (0, 1), range(16)) else 4
    _times(f, wide)
    f.uint(4, _TRACKS, 1)
    f.zero(4)
    _duration(f, wide)
    f.zero(8)
    f.one_of(2, {b"\0\0", b"\xff\xff"}, "layer")
    f.uint(2, 255)
    f.one_of(2, {b"\0\0", b"\1\0"}, "volume that is not 1")
    f.zero(2)
    _matrix(f)
    for _ in range(2):
        f.uint(4, _WIDEST * _UNITY)  # width and height, 16.16


def mdhd(f: Fields) -> None:
    """8.4.2, with QuickTime's own language codes."""
    wide = 8 if full_box(f, (0, 1)) else 4
    _times(f, wide)
    _clock(f, wide)
    code = int.from_bytes(f.peek(2))
    letters = all(1 <= code >> shift & 31 <= 26 for shift in (10, 5, 0)) and code < 1 << 15
    good = letters or code < 0x400 or code == 0x7FFF
    f.add(2, "structure" if good else "unexpected", "" if good else "unknown language")
    f.zero(2)


def elst(f: Fields) -> None:
    """8.6.6: when the track begins, and what of it is played; players need no more."""
    wide = 8 if full_box(f, (0, 1)) else 4
    count = f.uint(4, 2, kind="edits")
    if count > 2:
        f.unexpected("edits")
    while count and f.left:
        _duration(f, wide)
        before = int.from_bytes(f.peek(wide), signed=True)
        f.numbers(wide) if -1 <= before <= _LONGEST else f.unexpected("number out of range", wide)
        f.one_of(4, {bytes(4), _UNITY.to_bytes(4)}, "rate that is not 1")
        count -= 1


def hdlr(f: Fields) -> None:
    """8.4.3; a name as a C string, or as QuickTime's counted one."""
    full_box(f)
    f.one_of(4, {bytes(4), b"mhlr", b"dhlr"}, "handler's type in another place")
    f.one_of(4, {b"vide", b"soun", b"sbtl", b"text", b"url ", b"alis", b"pict"}, "unknown handler")
    f.zero(12, "handler's manufacturer")
    allowed = {n.encode() + b"\0" for n in _HANDLER_NAMES}
    allowed |= {bytes([len(n)]) + n.encode() for n in _HANDLER_NAMES}
    allowed |= {bytes([len(n)]) + n.encode() + b"\0" for n in _HANDLER_NAMES}
    f.one_of(f.left, allowed | {b""}, "handler name")


def dref(f: Fields) -> None:
    """8.7.2: media data is in this file, or it is not played."""
    full_box(f)
    count = int.from_bytes(f.numbers(4))
    while count and f.left >= 8:
        count -= 1
        size = int.from_bytes(f.peek(4))
        if size == 12 and f.peek(4, 4) in (b"url ", b"alis") and f.peek(4, 8) == b"\0\0\0\1":
            f.numbers(12)
        else:
            f.unexpected("reference to another file", size if 8 <= size <= f.left else None)


def vmhd(f: Fields) -> None:
    """12.1.2, with QuickTime's graphics mode of dithered copying."""
    full_box(f, (0,), (0, 1))
    mode = f.one_of(2, {b"\0\0", b"\0\x40", b"\1\0"}, "graphics mode")
    f.one_of(6, {bytes(6), b"\x80\0" * 3} if mode != b"\0\0" else {bytes(6)}, "colours")


def smhd(f: Fields) -> None:
    """12.2.2."""
    full_box(f)
    f.zero(4, "balance")


def nmhd(f: Fields) -> None:
    """12.6.2: nothing."""
    full_box(f)


def _gmin(f: Fields) -> None:
    full_box(f)
    f.one_of(2, {b"\0\0", b"\0\x40"}, "graphics mode")
    f.one_of(6, {bytes(6), b"\x80\0" * 3}, "colours")
    f.zero(4, "balance")


def gmhd(f: Fields) -> None:
    """QuickTime's header of text tracks (QuickTime File Format, Base Media Information)."""
    f.boxes({"gmin": ("media header", _gmin), "text": ("media header", _text_header)})


def _text_header(f: Fields) -> None:
    """A matrix; libavformat's has always been this one."""
    if f.peek(f.left) == _TEXT_HEADER:
        f.numbers(f.left)
    else:
        _matrix(f)


LEAVES: dict[str, tuple[str, Handler]] = {
    "ftyp": ("file type", ftyp),
    "mvhd": ("movie header", mvhd),
    "tkhd": ("track header", tkhd),
    "mdhd": ("media header", mdhd),
    "elst": ("edit list", elst),
    "hdlr": ("handler", hdlr),
    "dref": ("data reference", dref),
    "vmhd": ("media header", vmhd),
    "smhd": ("media header", smhd),
    "nmhd": ("media header", nmhd),
    "gmhd": ("media header", gmhd),
}
"""By four-character code: what it is, and what reads its body."""
