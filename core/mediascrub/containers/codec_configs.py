"""Configurations of codecs, field by field, as MP4 and Matroska hold them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mediascrub.containers.aac_config import plain_audio_config
from mediascrub.containers.fields import full_box

if TYPE_CHECKING:
    from mediascrub.containers.fields import Fields, Handler

_H264_UNITS = (7, 8, 13, 15)
_HEVC_UNITS = (32, 33, 34)
_HEVC_SEI = (39, 40)
_NUMERIC_SEI = (0, 1, 3, 6, 9, 19, 45, 47, 128, 129, 130, 132, 136, 137, 144, 147, 148, 149)
"""Payload types that are numbers about timing, light and colour (ITU-T H.265, annex D)."""
_AV1_SEQUENCE, _AV1_METADATA = 1, 5
_AV1_LIGHT = (1, 2)
_LONGEST_UNIT = 1024
_CHANNELS = re.compile(
    rb"\x84\0\0.(\x06\0\0\0ffmpeg|\x04\0\0\0Lavf)\x01\0\0\0.\0\0\0"
    rb"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x[0-9a-fA-F]{1,8}",
    re.DOTALL,
)
"""What libavformat says of loudspeakers; FLAC has no other place for it."""


def avcc(f: Fields) -> None:
    """AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1)."""
    f.one_of(1, {b"\1"}, "unknown version")
    profile = f.numbers(3)[:1]
    f.numbers(1)
    _units(f, f.uint(1, 255) & 31, _H264_UNITS)
    _units(f, f.uint(1, 255), _H264_UNITS)
    if profile and profile[0] not in (66, 77, 88) and f.left:
        f.numbers(3)
        _units(f, f.uint(1, 255), _H264_UNITS)


def _units(f: Fields, count: int, kinds: tuple[int, ...], *, hevc: bool = False) -> None:
    while count and f.left:
        count -= 1
        size = int.from_bytes(f.numbers(2))
        first = f.peek(1)
        kind = -1 if not first else first[0] >> 1 & 63 if hevc else first[0] & 31
        if kind in kinds and size <= _LONGEST_UNIT:
            f.opaque(size)
        elif hevc and kind in _HEVC_SEI and _numeric_sei(f.peek(size)):
            f.add(size, "structure")
        else:
            sei = (hevc and kind in _HEVC_SEI) or (not hevc and kind == 6)
            f.unexpected(
                "supplemental information" if sei else "unit that is no parameter set", size
            )


def _numeric_sei(unit: bytes) -> bool:
    """Whether an SEI NAL unit holds numeric messages only and ends after them (H.265, 7.3.2.4)."""
    data = unit[2:].replace(b"\0\0\3", b"\0\0")
    at = 0
    while at < len(data) and data[at:] != b"\x80":
        header = []
        for _ in range(2):
            value = 0
            while data[at : at + 1] == b"\xff":
                value, at = value + 255, at + 1
            header.append(value + int.from_bytes(data[at : at + 1]))
            at += 1
        if header[0] not in _NUMERIC_SEI or header[1] > 64:
            return False
        at += header[1]
    return data[at:] == b"\x80"


def hvcc(f: Fields) -> None:
    """HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1)."""
    f.one_of(1, {b"\1", b"\0"}, "unknown version")
    f.opaque(21)
    arrays = f.uint(1, 8)
    while arrays and f.left:
        arrays -= 1
        f.numbers(1)
        _units(f, int.from_bytes(f.numbers(2)), _HEVC_UNITS, hevc=True)


def av1c(f: Fields) -> None:
    """AV1CodecConfigurationRecord (AV1 Codec ISO Media File Format Binding, 2.3)."""
    f.one_of(1, {b"\x81"}, "unknown version")
    f.numbers(3)
    while f.left:
        head = f.peek(1)[0]
        kind, extended, sized = head >> 3 & 15, head >> 2 & 1, head >> 1 & 1
        start = 1 + extended
        size, length = leb128(f.peek(8, start)) if sized else (f.left - start, 0)
        whole = start + length + size
        good = kind == _AV1_SEQUENCE and 0 <= size <= 64
        if kind == _AV1_METADATA:
            good = leb128(f.peek(8, start + length))[0] in _AV1_LIGHT and 0 <= size <= 32
        if good:
            f.add(whole, "structure")
        else:
            f.unexpected("unit that is no sequence header", whole if size >= 0 else None)


def leb128(data: bytes) -> tuple[int, int]:
    """A number and how many bytes it takes (AV1, 4.10.5); -1 when it does not end."""
    value = 0
    for n, byte in enumerate(data[:8]):
        value |= (byte & 127) << 7 * n
        if byte < 128:
            return value, n + 1
    return -1, 0


def vpcc(f: Fields) -> None:
    """VPCodecConfigurationBox (VP Codec ISO Media File Format Binding)."""
    full_box(f, (1,))
    f.uint(1, 3)
    f.uint(1, 99)
    f.numbers(4)
    f.zero(2, "codec initialisation data")


def vp_private(f: Fields) -> None:
    """VP9's features in Matroska: identifier, length and a small number (WebM, CodecPrivate)."""
    while f.left >= 3:
        f.one_of(2, {b"\1\1", b"\2\1", b"\3\1", b"\4\1"}, "unknown feature")
        f.uint(1, 99)


def dops(f: Fields) -> None:
    """OpusSpecificBox (Encapsulation of Opus in ISOBMFF, 4.3.2)."""
    f.uint(1, 0)
    _opus(f)


def opus_head(f: Fields) -> None:
    """RFC 7845, 5.1."""
    f.one_of(8, {b"OpusHead"}, "unknown header")
    f.uint(1, 15, 1)
    _opus(f)


def _opus(f: Fields) -> None:
    channels = f.uint(1, 255, 1)
    f.numbers(8)
    if f.uint(1, 255):
        f.opaque(2 + channels)


def dfla(f: Fields) -> None:
    """FLACSpecificBox (Encapsulation of FLAC in ISOBMFF, 3.3.2)."""
    full_box(f)
    flac_blocks(f)


def flac_private(f: Fields) -> None:
    """FLAC in Matroska: its marker and its metadata blocks (RFC 9559, codec mappings)."""
    f.one_of(4, {b"fLaC"}, "unknown header")
    flac_blocks(f)


def flac_blocks(f: Fields) -> None:
    """STREAMINFO and nothing else (RFC 9639, 8.2)."""
    if f.peek(4) in (b"\x80\0\0\x22", b"\0\0\0\x22"):
        f.opaque(38)
    names = {1: "padding", 2: "application data", 4: "comments", 6: "picture"}
    while f.left >= 4:
        head = f.peek(4)
        if _CHANNELS.fullmatch(f.peek(f.left)):
            f.numbers(f.left)
            return
        f.unexpected(names.get(head[0] & 127, "metadata block"), 4 + int.from_bytes(head[1:]))


def alac(f: Fields) -> None:
    """ALACSpecificConfig with its box's version in front, and a channel layout behind."""
    full_box(f)
    alac_config(f)


def alac_config(f: Fields) -> None:
    """As Apple's ALACMagicCookieDescription has it."""
    f.numbers(4)
    f.zero(1)
    f.numbers(19)
    if f.left == 24 and f.peek(8) == b"\0\0\0\x18chan":
        f.numbers(8)
        chan(f)


def chan(f: Fields) -> None:
    """A channel layout: tag, bitmap, descriptions of 20 bytes (QuickTime File Format)."""
    full_box(f)
    f.numbers(8)
    count = f.uint(4, 64)
    f.opaque(min(20 * count, f.left))


def dac3(f: Fields) -> None:
    """ETSI TS 102 366, F.4."""
    f.numbers(3)


def dec3(f: Fields) -> None:
    """ETSI TS 102 366, F.6; the optional last two bytes tell of Atmos."""
    streams = (int.from_bytes(f.numbers(2)) & 7) + 1
    while streams and f.left:
        streams -= 1
        f.numbers(3 + bool(f.peek(1, 2) and f.peek(1, 2)[0] >> 1 & 15))
    if f.left == 2:
        f.uint(1, 1)
        f.numbers(1)


def pcmc(f: Fields) -> None:
    """ISO/IEC 23003-5, 4.4."""
    full_box(f)
    f.uint(1, 1)
    f.uint(1, 64)


def audio_config(f: Fields) -> None:
    """AudioSpecificConfig: all that is left."""
    good = plain_audio_config(f.peek(f.left))
    f.add(
        f.left, "structure" if good else "unexpected", "" if good else "data in the codec's set-up"
    )


def xiph_headers(f: Fields) -> None:
    """Vorbis's or Theora's three headers in Xiph lacing, without comments (Vorbis I, 5)."""
    if f.uint(1, 2, 2, "unknown header") != 2:
        return
    sizes = []
    for _ in range(2):
        size = 0
        while f.peek(1) == b"\xff":
            size += f.numbers(1)[0]
        sizes.append(size + int.from_bytes(f.numbers(1)))
    f.opaque(sizes[0], 64)
    empty = {b"\3vorbis" + bytes(8) + b"\1", b"\x81theora" + bytes(8)}
    f.one_of(sizes[1], empty, "comments")
    f.opaque(f.left, 1 << 16)


def dolby_vision(f: Fields) -> None:
    """DOVIDecoderConfigurationRecord (Dolby Vision Streams Within the ISOBMFF, 3.2)."""
    f.uint(1, 9)
    f.numbers(4)
    f.zero(f.left)


def opaque(f: Fields) -> None:
    """A set-up that is only looked through."""
    f.opaque(f.left)


CONFIGURATIONS: dict[str, tuple[str, Handler]] = {
    "avcC": ("codec configuration", avcc),
    "hvcC": ("codec configuration", hvcc),
    "av1C": ("codec configuration", av1c),
    "vpcC": ("codec configuration", vpcc),
    "dOps": ("codec configuration", dops),
    "dfLa": ("codec configuration", dfla),
    "alac": ("codec configuration", alac),
    "chan": ("channel layout", chan),
    "dac3": ("codec configuration", dac3),
    "dec3": ("codec configuration", dec3),
    "pcmC": ("codec configuration", pcmc),
    "dvcC": ("codec configuration", dolby_vision),
    "dvvC": ("codec configuration", dolby_vision),
    "dvwC": ("codec configuration", dolby_vision),
    "glbl": ("codec configuration", opaque),
}
"""By the code of the box that holds them."""
