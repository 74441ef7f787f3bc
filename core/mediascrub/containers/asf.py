"""ASF: WMV and WMA (Microsoft, "Advanced Systems Format Specification", revision 01.20.06).

Objects of a GUID, a length of 64 bits, and data.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from mediascrub.containers.asf_packets import packets
from mediascrub.containers.windows_headers import is_picture_format, is_sound_format
from mediascrub.reading import (
    TRAILING,
    free,
    joined,
    judged,
    not_this,
    opened,
    structure,
    unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source


def _guid(text: str) -> bytes:
    return UUID(text).bytes_le


_HEADER = _guid("75B22630-668E-11CF-A6D9-00AA0062CE6C")
_DATA = _guid("75B22636-668E-11CF-A6D9-00AA0062CE6C")
_INDEX = _guid("33000890-E5B1-11CF-89F4-00A0C90349CB")
_FILE = _guid("8CABDCA1-A947-11CF-8EE4-00C00C205365")
_STREAM = _guid("B7DC0791-A9B7-11CF-8EE6-00C00C205365")
_EXTENSION = _guid("5FBF03B5-A92E-11CF-8EE3-00C00C205365")
_EXTENSION_ID = _guid("ABD3D211-A9BA-11CF-8EE6-00C00C205365")
_CODECS = _guid("86D15240-311D-11D0-A3A4-00A0C90348F6")
_CODECS_ID = _guid("86D15241-311D-11D0-A3A4-00A0C90348F6")
_PADDING = _guid("1806D474-CADF-4509-A4BA-9AABCB96AAE8")
_METADATA = _guid("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA")
_VIDEO = _guid("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B")
_AUDIO = _guid("F8699E40-5B4D-11CF-A8FD-00805F5C442B")
_NO_CORRECTION = _guid("20FB5700-5B55-11CF-A8FD-00805F5C442B")
_SPREAD = _guid("BFC3CD50-618F-11CF-8BB2-00AA00B4E220")

_NAMES = {
    _guid("75B22633-668E-11CF-A6D9-00AA0062CE6C"): ("Content_Description", "title and author"),
    _guid("D2D0A440-E307-11D2-97F0-00A0C95EA850"): ("Extended_Content_Description", "tags"),
    _guid("2211B3FA-BD23-11D2-B4B7-00A0C955FC6E"): ("Content_Branding", "banner"),
    _guid("2211B3FB-BD23-11D2-B4B7-00A0C955FC6E"): ("Content_Encryption", "licence"),
    _guid("298AE614-2622-4C17-B935-DAE07EE9289C"): ("Extended_Encryption", "licence"),
    _guid("2211B3FC-BD23-11D2-B4B7-00A0C955FC6E"): ("Digital_Signature", "signature"),
    _guid("1EFB1A30-0B62-11D0-A39B-00A0C90348F6"): ("Script_Command", "script commands"),
    _guid("F487CD01-A951-11CF-8EE6-00C00C205365"): ("Marker", "markers"),
    _guid("D6E229DC-35DA-11D1-9034-00A0C90349BE"): ("Mutual_Exclusion", "alternatives"),
    _guid("75B22635-668E-11CF-A6D9-00AA0062CE6C"): ("Error_Correction", "error correction"),
    _guid("7BF875CE-468D-11D1-8D82-006097C9A2B2"): ("Bitrate_Properties", "bit rates"),
    _guid("14E6A5CB-C672-4332-8399-A96952065B5A"): ("Extended_Stream_Properties", "stream names"),
    _guid("7C4346A9-EFE0-4BFC-B229-393EDE415C85"): ("Language_List", "languages"),
    _guid("44231C94-9498-49D1-A141-1D134E457054"): ("Metadata_Library", "tags"),
    _guid("D6E229DF-35DA-11D1-9034-00A0C90349BE"): ("Index_Parameters", "index parameters"),
    _guid("26F18B5D-4584-47EC-9F5F-0E651F0452C9"): ("Compatibility", "compatibility"),
    _guid("D6E229D3-35DA-11D1-9034-00A0C90349BE"): ("Index", "index"),
    _guid("FEB103F8-12AD-4C64-840F-2A1D2F7AD48C"): ("Media_Object_Index", "index"),
    _guid("3CB73FD0-0C4A-4803-953D-EDF7B6228F0C"): ("Timecode_Index", "time codes"),
    _METADATA: ("Metadata", "tags"),
}
_NO_ID = bytes(16)
_NO_DATE = (0, 116_444_736_000_000_000)
"""Nothing, and 1970-01-01, in tenths of a microsecond since 1601."""
_CODEC_NAME = re.compile(
    r"(wmv[123]|vc1|msmpeg4(v[123])?|mpeg4|h264|hevc|mjpeg|mpeg[12]video|rawvideo|flv1|h263|ffv1"
    r"|Windows Media Audio V[78]|wma(v[12]|pro|lossless|voice)|mp3|mp2|aac|ac3|eac3|flac|opus"
    r"|vorbis|adpcm_[a-z0-9_]+|pcm_[a-z0-9]+|)"
)
_TAG_NAMES = ("AspectRatioX", "AspectRatioY")
_MOST_HEADER = 1 << 20
_OBJECT = 24


class _Object(NamedTuple):
    code: bytes
    start: int
    body: int
    end: int


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_Asf(source).parts())


class _Asf:
    """What was learnt of the file so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kept: set[int] = set()
        self.packet = 0
        self.packets = 0

    def parts(self) -> Iterator[Part]:
        head = self.source.read(0, 30)
        size = int.from_bytes(head[16:24], "little")
        if head[:16] != _HEADER or not 30 <= size <= self.source.size:
            raise not_this("an ASF file")
        yield judged(head[28:] == b"\x01\x02", "Header", "header", 0, 30)
        yield from self.objects(30, size, "Header", self.in_header)
        yield from self.objects(size, self.source.size, "file", self.at_top)

    def objects(self, start: int, end: int, place: str, each: object) -> Iterator[Part]:
        at = start
        while at < end:
            head = self.source.read(at, _OBJECT)
            size = int.from_bytes(head[16:24], "little")
            if len(head) < _OBJECT or not _OBJECT <= size <= end - at:
                kind = TRAILING if place == "file" else "data that no object accounts for"
                yield unexpected(place, kind, at, end)
                return
            item = _Object(head[:16], at, at + _OBJECT, at + size)
            yield from each(item)  # type: ignore[operator]
            at += size

    def in_header(self, item: _Object) -> Iterator[Part]:
        data = self.source.read(item.body, min(item.end - item.body, _MOST_HEADER))
        span = item.start, item.end
        if item.code == _FILE and len(data) == 80:
            yield from self.file_properties(item, data)
        elif item.code == _STREAM:
            fine, known = self.stream(data)
            kind = "stream header" if known else "a stream that is neither picture nor sound"
            yield judged(fine, "Header/Stream_Properties", kind, *span)
        elif item.code == _EXTENSION and len(data) >= 22:
            fine = data[:18] == _EXTENSION_ID + b"\x06\0"
            fine = fine and struct.unpack_from("<I", data, 18)[0] == item.end - item.body - 22
            place = "Header/Header_Extension"
            yield judged(fine, place, "header", item.start, item.body + 22)
            yield from self.objects(item.body + 22, item.end, place, self.in_extension)
        elif item.code == _CODECS:
            fine = len(data) == item.end - item.body and _are_codecs(data)
            yield judged(fine, "Header/Codec_List", "names of codecs", *span)
        else:
            yield from self.other(item, "Header")

    def other(self, item: _Object, place: str) -> Iterator[Part]:
        if item.code == _PADDING:
            yield structure(f"{place}/Padding", "object header", item.start, item.body)
            yield free(self.source, f"{place}/Padding", item.body, item.end)
            return
        name, kind = _NAMES.get(item.code, ("unknown", "unknown object"))
        yield unexpected(f"{place}/{name}", kind, item.start, item.end)

    def file_properties(self, item: _Object, data: bytes) -> Iterator[Part]:
        place, at = "Header/File_Properties", item.body
        (date,) = struct.unpack_from("<Q", data, 24)
        least, most = struct.unpack_from("<II", data, 68)
        self.packets = struct.unpack_from("<Q", data, 32)[0]
        self.packet = most if least == most else 0
        yield structure(place, "object header", item.start, at)
        yield judged(data[:16] == _NO_ID, f"{place}/File_ID", "identifier of the file", at, at + 16)
        yield structure(place, "numbers", at + 16, at + 24)
        yield judged(date in _NO_DATE, f"{place}/date", "creation date", at + 24, at + 32, "C")
        yield structure(place, "numbers", at + 32, item.end)

    def stream(self, data: bytes) -> tuple[bool, bool]:
        """Whether a stream's header holds numbers only, and whether it is picture or sound."""
        if len(data) < 54:
            return False, True
        kind, correction = data[:16], data[16:32]
        length, extra, flags, reserved = struct.unpack_from("<IIHI", data, 40)
        own, rest = data[54 : 54 + length], data[54 + length :]
        if kind not in (_VIDEO, _AUDIO):
            return False, False
        self.kept.add(flags & 0x7F)
        fine = reserved == 0 and len(own) == length and len(rest) == extra
        if correction == _SPREAD and len(rest) == 8:
            fine = fine and not rest[7]
        else:
            fine = fine and correction == _NO_CORRECTION and not rest
        if kind == _AUDIO:
            return fine and is_sound_format(own), True
        fine = (
            fine and len(own) > 11 and own[8] == 2 and own[9:11] == struct.pack("<H", length - 11)
        )
        return fine and is_picture_format(own[11:]), True

    def in_extension(self, item: _Object) -> Iterator[Part]:
        if item.code == _METADATA:
            data = self.source.read(item.body, min(item.end - item.body, _MOST_HEADER))
            fine = len(data) == item.end - item.body and _are_aspects(data)
            place = "Header/Header_Extension/Metadata"
            yield judged(fine, place, "aspect ratio" if fine else "tags", item.start, item.end)
            return
        yield from self.other(item, "Header/Header_Extension")

    def at_top(self, item: _Object) -> Iterator[Part]:
        if item.code == _DATA and item.end - item.start >= 50:
            head = self.source.read(item.body, 26)
            fine = head[:16] == _NO_ID and head[24:] == b"\x01\x01"
            yield structure("Data", "object header", item.start, item.body)
            yield judged(fine, "Data/File_ID", "identifier of the file", item.body, item.body + 16)
            yield structure("Data", "numbers", item.body + 16, item.body + 26)
            yield from packets(self.source, item.body + 26, item.end, self.packet, self.kept)
        elif item.code == _INDEX:
            yield judged(self.is_index(item), "Simple_Index", "index", item.start, item.end)
        else:
            yield from self.other(item, "file")

    def is_index(self, item: _Object) -> bool:
        """Numbers of packets, in order, and how many of them to read."""
        import numpy as np

        head = self.source.read(item.body, 32)
        if len(head) < 32 or head[:16] != _NO_ID:
            return False
        most, count = struct.unpack_from("<II", head, 24)
        if item.end - item.body != 32 + 6 * count:
            return False
        last = 0
        for at in range(item.body + 32, item.end, 6 * 4096):
            data = self.source.read(at, min(6 * 4096, item.end - at))
            rows = np.frombuffer(data, np.dtype([("number", "<u4"), ("many", "<u2")]))
            numbers = rows["number"].astype(np.int64)
            if (np.diff(numbers, prepend=last) < 0).any() or (rows["many"] > most).any():
                return False
            last = int(numbers[-1])
        return last <= self.packets


def _are_codecs(data: bytes) -> bool:
    if len(data) < 20 or data[:16] != _CODECS_ID:
        return False
    (count,) = struct.unpack_from("<I", data, 16)
    at = 20
    for _ in range(min(count, 128)):
        if at + 4 > len(data) or data[at] not in (1, 2) or data[at + 1]:
            return False
        length = struct.unpack_from("<H", data, at + 2)[0] * 2
        name = data[at + 4 : at + 4 + length].decode("utf-16-le", "replace").removesuffix("\0")
        at += 4 + length
        described = data[at : at + 2]
        information = data[at + 2 : at + 4]
        if described != b"\0\0" or len(information) < 2 or not _CODEC_NAME.fullmatch(name):
            return False
        size = int.from_bytes(information, "little")
        if size not in (0, 2, 4):
            return False
        at += 4 + size
    return at == len(data)


def _are_aspects(data: bytes) -> bool:
    """Metadata with the shape of pixels and nothing else."""
    if len(data) < 2:
        return False
    (count,) = struct.unpack_from("<H", data)
    at = 2
    for _ in range(count):
        if at + 12 > len(data):
            return False
        reserved, _, length, kind, size = struct.unpack_from("<HHHHI", data, at)
        name = data[at + 12 : at + 12 + length].decode("utf-16-le", "replace").removesuffix("\0")
        if reserved or kind != 3 or size != 4 or name not in _TAG_NAMES:
            return False
        at += 12 + length + size
    return at == len(data)
