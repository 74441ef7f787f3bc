"""Sample descriptions: what a track's samples are (ISO/IEC 14496-12, 8.5.2 and clause 12)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.containers import codec_configs as boxes_codecs
from mediascrub.containers.fields import Fields, full_box

if TYPE_CHECKING:
    from mediascrub.containers.fields import Handler

PICTURE = frozenset(
    "avc1 avc2 avc3 avc4 hvc1 hev1 dvh1 dvhe dva1 dvav av01 vp08 vp09 mp4v jpeg mjpa mjpb "
    "apcn apch apcs apco ap4h ap4x aprn aprh AVdn AVdh s263 h263 H263 mp1v m1v mp2v m2v1 mpeg "
    "VP80 DIVX XVID mx3p mx3n mx4p mx4n mx5p mx5n xd51 xd54 xd55 xd59 xd5a xd5b xd5c xd5d "
    "xd5e xd5f xdv1 xdv2 xdv3 xdv4 xdv5 xdv6 xdv7 xdv8 xdv9 xdva xdvb xdvc xdvd xdve xdvf "
    "xdh2 hdv1 hdv2 hdv3 hdv5 hdv6 hdv7 dvc dvcp dvpp dv5n dv5p dvhp dvh1 dvhq dvh5 dvh6 dvh3 "
    "dv1n dv1p vc-1 cvid SVQ1 SVQ3 rle png tiff raw yuv2 2vuy yuvs v210 v308 v408 v410 v216 "
    "b16g b48r b64a YV12 NO16 DXD3 DXDI Hap1 Hap5 HapY HapM cfhd icod AV1x j2ki FFV1 gif rpza "
    "smc 8BPS WRLE qdrw flic".split()
)
SOUND = frozenset(
    "mp4a Opus fLaC alac ac-3 ec-3 .mp3 .mp2 .mp1 samr sawb sowt twos in24 in32 fl32 fl64 "
    "lpcm ipcm fpcm NONE raw ulaw alaw ima4 MAC3 MAC6 QDM2 QDMC agsm dtsc dtsh dtsl dtse mlpa "
    "sevc sqcp mp3".split()
)
TEXT = frozenset(("tx3g",))
_FONTS = {
    name.encode()
    for name in (
        "Serif",
        "Sans-Serif",
        "Monospace",
        "Arial",
        "Helvetica",
        "Times",
        "Times New Roman",
        "Courier",
        "Courier New",
        "Verdana",
    )
}
_COMPRESSOR = re.compile(rb"(XDCAM( HD422| HD| EX)?|HDV) \d{3,4}[ip]\d\d")
_RESOLUTION = {b"\0\x48\0\0", bytes(4)}
_DEPTHS = {n.to_bytes(2) for n in (1, 2, 4, 8, 15, 16, 24, 30, 32, 33, 34, 36, 40, 48, 64)}


def stsd(f: Fields, media: str) -> None:
    """8.5.2: as many entries as it says; what is behind them is no entry.

    Args:
        f: the box's body.
        media: the track's handler type.
    """
    names, body = MEDIA[media]
    full_box(f, (0, 1))
    count = int.from_bytes(f.numbers(4))
    while count and f.left >= 16:
        count -= 1
        size = int.from_bytes(f.peek(4))
        name = f.peek(4, 4).decode("latin-1").rstrip()
        if not 16 <= size <= f.left:
            break
        if name not in names:
            f.unexpected("unknown sample description", size)
            continue
        inner = f.within(size, f"{f.place}/{name}", "sample description")
        inner.numbers(8)
        inner.zero(6)
        inner.uint(2, 255, 1)
        body(inner)
        inner.done()


def _picture(f: Fields) -> None:
    f.one_of(2, {b"\0\0", b"\0\2", b"\0\1"}, "unknown version")
    f.zero(2)
    f.one_of(4, {bytes(4), b"FFMP"}, "encoder's maker")
    f.uint(4, 1024)
    f.uint(4, 1024)
    f.numbers(4)
    f.one_of(4, _RESOLUTION, "resolution")
    f.one_of(4, _RESOLUTION, "resolution")
    f.zero(4)
    f.uint(2, 1, 1)
    _compressor(f)
    f.one_of(2, _DEPTHS, "depth")
    if f.one_of(2, {b"\xff\xff", b"\0\0"}, "colour table") == b"\0\0":
        _colour_table(f)
    f.boxes(_PICTURE_BOXES, terminator=True)


def _colour_table(f: Fields) -> None:
    """Colours of 16 bits whose bytes are alike (QuickTime File Format, Color Table Atoms)."""
    f.zero(4)
    f.one_of(2, {b"\0\0", b"\x80\0"}, "flags in use")
    count = f.uint(2, 255) + 1
    while count and f.left >= 8:
        count -= 1
        index, *levels = (f.peek(8)[n : n + 2] for n in range(0, 8, 2))
        plain = index[0] == 0 and all(level[0] == level[1] for level in levels)
        f.add(8, "structure" if plain else "unexpected", "" if plain else "colour table")


def _compressor(f: Fields) -> None:
    name = f.peek(32)
    size = name[0] if name else 0
    plain = not any(name) or (
        size < 32 and _COMPRESSOR.fullmatch(name[1 : 1 + size]) and not any(name[1 + size :])
    )
    f.add(32, "structure" if plain else "unexpected", "" if plain else "compressor's name")


def _sound(f: Fields) -> None:
    version = f.uint(2, 2)
    f.zero(2)
    f.zero(4, "encoder's maker")
    f.uint(2, 255)
    f.uint(2, 64)
    f.one_of(2, {b"\0\0", b"\xff\xff", b"\xff\xfe"}, "compression")
    f.zero(2)
    f.numbers(4)
    if version == 1:
        f.opaque(16)
    if version == 2:
        f.one_of(4, {b"\0\0\0\x48"}, "sample description's size")
        f.numbers(8)
        f.uint(4, 255)
        f.one_of(4, {b"\x7f\0\0\0"}, "reserved field in use")
        f.uint(4, 64)
        f.uint(4, 0xFF)
        f.numbers(8)
    f.boxes(_SOUND_BOXES, terminator=True)


def _text(f: Fields) -> None:
    """3GPP TS 26.245, 5.16."""
    f.numbers(4)
    f.one_of(1, {b"\0", b"\1", b"\2", b"\xff"}, "justification")
    f.one_of(1, {b"\0", b"\1", b"\2", b"\xff"}, "justification")
    f.numbers(4 + 8)  # background, box
    f.numbers(4)
    f.uint(2, 255)  # font
    f.uint(1, 7)
    f.uint(1, 255)
    f.numbers(4)  # colour
    f.boxes({"ftab": ("font table", _fonts), "btrt": ("bit rate", _rates)})


def _fonts(f: Fields) -> None:
    f.uint(2, 1)
    while f.left >= 3:
        f.uint(2, 255)
        f.one_of(f.uint(1, 32), _FONTS, "font name")


def _esds(f: Fields) -> None:
    """ISO/IEC 14496-1, 7.2.6."""
    full_box(f)
    stream = _descriptor(f, 3)
    if stream is None:
        return
    stream.uint(2, 0xFFFF)
    # No dependence on another stream, no address of one, no clock of another.
    stream.uint(1, 31)
    decoder = _descriptor(stream, 4)
    if decoder is not None:
        kind = decoder.uint(1, 255)
        decoder.opaque(12)
        setup = _descriptor(decoder, 5)
        if setup is not None:
            _SETUPS.get(kind, boxes_codecs.opaque)(setup)
            setup.done()
        decoder.done()
    level = _descriptor(stream, 6)
    if level is not None:
        level.uint(1, 2, 1)
        level.done()
    stream.done()


def _descriptor(f: Fields, tag: int) -> Fields | None:
    """The next descriptor if it has this tag: its size is in up to four bytes (8.3.3)."""
    head = f.peek(5)
    if head[:1] != bytes([tag]):
        return None
    size, length = 0, 1
    for byte in head[1:]:
        size, length = size << 7 | byte & 127, length + 1
        if byte < 128:
            break
    f.numbers(length)
    return f.within(size, f.place, f.kind)


def colour(f: Fields) -> None:
    """12.1.5; a profile is a file of its own with names and dates in it."""
    kind = f.one_of(4, {b"nclx", b"nclc"}, "colour profile")
    if kind not in (b"nclx", b"nclc"):
        f.unexpected("colour profile")
        return
    for _ in range(3):
        f.uint(2, 255)
    if kind == b"nclx":
        f.one_of(1, {b"\0", b"\x80"}, "reserved field in use")


def _rates(f: Fields) -> None:
    f.opaque(12)


def _aspect(f: Fields) -> None:
    f.uint(4, 1 << 20)
    f.uint(4, 1 << 20)


def _numbers(size: int) -> Handler:
    def read(f: Fields) -> None:
        f.numbers(size)

    return read


def _tuple(size: int) -> Handler:
    """So many bytes of numbers that words would be seen among them."""

    def read(f: Fields) -> None:
        f.opaque(size)

    return read


def _light(f: Fields) -> None:
    """WebM's boxes of HDR metadata have a version before their numbers."""
    full_box(f)
    f.opaque(min(f.left, 24))


def _maker(f: Fields) -> None:
    """Decoder set-ups of 3GPP (TS 26.244, 6): the maker's code is the muxer's own or none."""
    f.one_of(4, {b"FFMP", bytes(4)}, "encoder's maker")
    f.numbers(min(f.left, 5))


def _wave(f: Fields) -> None:
    """QuickTime's box around a sound's set-up."""
    f.boxes(
        {
            "frma": ("format", _format),
            "enda": ("byte order", _order),
            "mp4a": ("format", lambda g: g.zero(4)),
            "esds": ("codec configuration", _esds),
            **boxes_codecs.CONFIGURATIONS,
            "\0\0\0\0": ("end of the list", Fields.done),
        }
    )


def _format(f: Fields) -> None:
    f.one_of(4, {name.ljust(4).encode() for name in SOUND}, "unknown format")


def _order(f: Fields) -> None:
    f.uint(2, 1)


def _avid(f: Fields) -> None:
    """Avid's description of DNxHD: codes of its own, all of them fixed or numbers."""
    f.opaque(f.left, 256)


_PICTURE_BOXES: dict[str, tuple[str, Handler]] = {
    **boxes_codecs.CONFIGURATIONS,
    "esds": ("codec configuration", _esds),
    "colr": ("colour", colour),
    "pasp": ("aspect", _aspect),
    "clap": ("clean aperture", _tuple(32)),
    "fiel": ("fields", _numbers(2)),
    "gama": ("gamma", _numbers(4)),
    "btrt": ("bit rate", _rates),
    "mdcv": ("mastering display", _tuple(24)),
    "clli": ("light level", _numbers(4)),
    "amve": ("ambient light", _numbers(8)),
    "SmDm": ("mastering display", _light),
    "CoLL": ("light level", _light),
    "d263": ("codec configuration", _maker),
    "ACLR": ("colour range", _avid),
    "ADHR": ("resolution", _avid),
    "APRG": ("fields", _avid),
    "ARES": ("resolution", _avid),
}
_SOUND_BOXES: dict[str, tuple[str, Handler]] = {
    **boxes_codecs.CONFIGURATIONS,
    "esds": ("codec configuration", _esds),
    "btrt": ("bit rate", _rates),
    "damr": ("codec configuration", _maker),
    "wave": ("codec configuration", _wave),
}
_SETUPS: dict[int, Handler] = {
    0x21: boxes_codecs.avcc,
    0x40: boxes_codecs.audio_config,
    0x66: boxes_codecs.audio_config,
    0x67: boxes_codecs.audio_config,
    0x68: boxes_codecs.audio_config,
    0xDD: boxes_codecs.xiph_headers,
}
"""By object type (ISO/IEC 14496-1, table 5, and the registration authority's list)."""
MEDIA: dict[str, tuple[frozenset[str], Handler]] = {
    "vide": (PICTURE, _picture),
    "soun": (SOUND, _sound),
    "sbtl": (TEXT, _text),
    "text": (TEXT, _text),
}
"""By handler type: formats that are played, and what reads their description."""
