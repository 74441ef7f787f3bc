"""Header packets of the codecs in Ogg, and whether anything but numbers is in them."""

from __future__ import annotations

import re
import struct

_VENDORS = (b"", b"ffmpeg", b"Lavf")
_CHANNEL_MASK = re.compile(rb"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x[0-9A-Fa-f]{1,8}")
_SPEEX_HEADER = 80
_SPEEX_VERSION = re.compile(rb"1\.\d(\.\d+)?(beta\d+|rc\d+)?\0+|speex-1\.[\d.a-z]+\0+|\0+")
_KINDS = {
    b"fishead\0": ("Skeleton", "descriptions of streams"),
    b"\x80kate\0\0\0": ("Kate", "subtitles"),
    b"CMML\0\0\0\0": ("CMML", "annotations"),
    b"Annodex\0": ("Annodex", "annotations"),
}

Found = tuple[str, str]


class Headers:
    """The header packets of one stream, as they come.

    Attributes:
        done: all of them were there, or it is no picture or sound and none are waited for.
        unknown: place and kind of a stream that is no picture or sound.
        tagged: something is in them but numbers.
    """

    def __init__(self, first: bytes) -> None:
        self.unknown: Found | None = None
        self.tagged = False
        self._codec, self._left = "", 0
        for codec, check in _FIRST.items():
            more = check(first)
            if more >= 0:
                self._codec, self._left = codec, more
        if not self._codec:
            self.unknown = _KINDS.get(first[:8], ("unknown stream", "a stream of no known codec"))
        self.done = self.unknown is not None

    def take(self, packet: bytes) -> None:
        """The next header packet, or the first that is none where none is to come."""
        self._left -= 1
        if not _SECOND[self._codec](packet, self._left):
            self.tagged = True
        last = self._codec == "flac" and packet[:1] >= b"\x80"
        self.done = self._left <= 0 or last


def is_plain_comment(data: bytes) -> bool:
    """Whether Vorbis comments are the empty ones that muxers write (Vorbis I, 5.2.1).

    One may be there: for which speakers the channels are, where FLAC itself can't say.
    """
    if len(data) < 8:
        return False
    (length,) = struct.unpack_from("<I", data)
    vendor, rest = data[4 : 4 + length], data[4 + length :]
    if vendor not in _VENDORS or len(vendor) != length or len(rest) < 4:
        return False
    (count,) = struct.unpack_from("<I", rest)
    if count == 0:
        return not any(rest[4:])
    if count != 1 or len(rest) < 8:
        return False
    (length,) = struct.unpack_from("<I", rest, 4)
    return len(rest) == 8 + length and _CHANNEL_MASK.fullmatch(rest[8:]) is not None


def _vorbis(data: bytes) -> int:
    return 2 if len(data) == 30 and data[:11] == b"\x01vorbis" + bytes(4) else -1


def _opus(data: bytes) -> int:
    if len(data) < 19 or data[:8] != b"OpusHead" or data[8] >> 4:
        return -1
    size = 19 if data[18] == 0 else 21 + data[9]
    # Ambisonics (RFC 8486) come with a matrix of numbers.
    return 1 if len(data) == size or data[18] == 3 else -1


def _theora(data: bytes) -> int:
    return 2 if len(data) == 42 and data[:7] == b"\x80theora" else -1


def _flac(data: bytes) -> int:
    if len(data) != 51 or data[:5] != b"\x7fFLAC" or data[9:13] != b"fLaC":
        return -1
    # How many there are may be unsaid; the last one says that it is.
    return int(struct.unpack_from(">H", data, 7)[0]) or 1 << 16


def _speex(data: bytes) -> int:
    if len(data) != _SPEEX_HEADER or data[:8] != b"Speex   ":
        return -1
    fine = _SPEEX_VERSION.fullmatch(data[8:28]) is not None and not any(data[72:80])
    extra = struct.unpack_from("<I", data, 68)[0]
    return 1 if fine and extra == 0 else -1


def _vp8(data: bytes) -> int:
    return 1 if len(data) == 26 and data[:5] == b"OVP80" else -1


_FIRST = {
    "vorbis": _vorbis,
    "opus": _opus,
    "theora": _theora,
    "flac": _flac,
    "speex": _speex,
    "vp8": _vp8,
}


def _vorbis_rest(packet: bytes, left: int) -> bool:
    if left:
        body = packet[7:]
        return packet[:7] == b"\x03vorbis" and body[-1:] == b"\x01" and is_plain_comment(body[:-1])
    return packet[:7] == b"\x05vorbis"


def _theora_rest(packet: bytes, left: int) -> bool:
    if left:
        return packet[:7] == b"\x81theora" and is_plain_comment(packet[7:])
    return packet[:7] == b"\x82theora"


def _opus_rest(packet: bytes, left: int) -> bool:
    return packet[:8] == b"OpusTags" and is_plain_comment(packet[8:])


def _flac_rest(packet: bytes, left: int) -> bool:
    """A metadata block (RFC 9639, 8.1): comments, or padding of zeros."""
    if len(packet) < 4 or int.from_bytes(packet[1:4]) != len(packet) - 4:
        return False
    kind = packet[0] & 0x7F
    if kind == 1:
        return not any(packet[4:])
    return kind == 4 and is_plain_comment(packet[4:])


def _speex_rest(packet: bytes, left: int) -> bool:
    return is_plain_comment(packet)


def _vp8_rest(packet: bytes, left: int) -> bool:
    # Comments may be left out; then this is a picture already.
    return packet[:5] != b"OVP80" or (packet[5:7] == b"\x02 " and is_plain_comment(packet[7:]))


_SECOND = {
    "vorbis": _vorbis_rest,
    "opus": _opus_rest,
    "theora": _theora_rest,
    "flac": _flac_rest,
    "speex": _speex_rest,
    "vp8": _vp8_rest,
}
