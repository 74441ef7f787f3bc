"""The two structures by which AVI, WAV, Wave64 and ASF say how a stream is coded.

Microsoft's BITMAPINFOHEADER (wingdi.h) and WAVEFORMATEX (mmreg.h). Behind their numbers comes a
codec's own configuration, which has room for anything.
"""

from __future__ import annotations

import re
import struct

from mediascrub.containers.encoder_builds import BUILD, START
from mediascrub.reading import holds_text

_PCM_GUID_TAIL = bytes.fromhex("0000 0000 1000 8000 00aa00389b71")
_EXTRA_BYTES = {
    0x0001: (0,),  # PCM
    0x0002: (32,),  # Microsoft's ADPCM, with its seven pairs of coefficients
    0x0003: (0,),  # float
    0x0006: (0,),  # A-law
    0x0007: (0,),  # mu-law
    0x0011: (0, 2),  # IMA ADPCM
    0x0031: (2,),  # GSM
    0x0050: (0, 22),  # MPEG-1 layers I and II
    0x0055: (0, 12),  # MPEG-1 layer III
    0x0160: (4,),  # Windows Media Audio 1
    0x0161: (10,),  # Windows Media Audio 2
    0x0162: (18,),  # Windows Media Audio Professional
    0x0163: (18,),
    0x2000: (0,),  # AC-3
    0x2001: (0,),  # DTS
    0xFFFE: (22,),  # extensible
}
_MS_ADPCM = bytes.fromhex("0700 00010000 000200ff 00000000 c0004000 f0000000 cc0130ff 880118ff")
_FIXED = {0xFFFE: (8, _PCM_GUID_TAIL), 0x0002: (2, _MS_ADPCM)}
"""Formats whose configuration ends in what is always the same, and where that begins."""
_FOURCC = re.compile(rb"[A-Za-z0-9 ._-]{4}|[\0-\x1f]\0\0\0|\0{4}")
_BUILD = re.compile(re.escape(START) + b"(?:" + BUILD.pattern + rb")(?=\x00|$)")
_TABLES = (b"HFYU", b"FFVH")
"""Codecs whose configuration is a table of code lengths, which may look like anything."""
_MOST_COLOURS = 256


def is_sound_format(data: bytes) -> bool:
    """Whether a WAVEFORMATEX holds numbers only."""
    if len(data) in (14, 16):
        return True
    if len(data) < 18:
        return False
    tag = int.from_bytes(data[:2], "little")
    count = int.from_bytes(data[16:18], "little")
    extra = data[18:]
    if len(extra) == count + 1 and not extra[-1]:
        extra = extra[:-1]  # writers pad it to an even size
    if len(extra) != count or count not in _EXTRA_BYTES.get(tag, (count,)):
        return False
    if tag in _FIXED:
        start, content = _FIXED[tag]
        return extra[start:] == content
    return not holds_text(extra)


def is_picture_format(data: bytes) -> bool:
    """Whether a BITMAPINFOHEADER, with palette or configuration, holds numbers and codes only."""
    if len(data) < 40:
        return False
    size, _, _, planes, bits = struct.unpack_from("<IiiHH", data)
    compression = data[16:20]
    used, _ = struct.unpack_from("<II", data, 32)
    if not 40 <= size <= max(len(data), 40) or planes > 1 or not _FOURCC.fullmatch(compression):
        return False
    rest = data[40:]
    if not rest:
        return True
    if size == 40 and bits <= 8:
        # A palette: blue, green, red, and a byte that is not used.
        colours = used or 1 << bits
        return colours <= _MOST_COLOURS and len(rest) == 4 * colours and not any(rest[3::4])
    return compression in _TABLES or is_configuration(rest)


def is_configuration(data: bytes) -> bool:
    """Whether a codec's configuration does not look like a text."""
    return not holds_text(_BUILD.sub(b"", data))
