"""What stills may carry beside the picture: how to turn it, and what its colours mean."""

from __future__ import annotations

import re
import struct

from mediascrub.reading import holds_text

_ORIENTATION = 0x0112
_HARMLESS = {0x011A: 5, 0x011B: 5, 0x0128: 3, 0x0213: 3}
"""What the standard wants beside the orientation (JEITA CP-3451, 4.6.8), and of which type."""
_USUAL = {0x011A: (72, 1), 0x011B: (72, 1)}
_SHORT, _RATIONAL = 3, 5

_PROFILE_HEAD = 128
_MOST_TAGS = 64
_PROFILE_TAGS = frozenset(
    b"""rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad chrm lumi desc cprt dmnd dmdd vued view
    meas tech cicp A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 gamt aarg aagg aabg""".split()
)
_TEXT_TAGS = frozenset((b"desc", b"cprt", b"dmnd", b"dmdd", b"vued"))
_WORD = re.compile(rb"[A-Za-z0-9]{3,}")
_WORDS = frozenset(
    b"""desc text mluc enus srgb iec61966 rgb display p3 adobe 1998 apple colormatch prophoto
    generic gray profile gamma dot gain rec 709 2020 dci gimp built c2ci urgb black scaled inc
    copyright computer systems incorporated hewlett packard company google eastman kodak use freely
    public domain cc0 iec http www default colour space reference viewing condition color standard
    linear the and""".split()
)
_YEAR = re.compile(rb"(19|20)\d\d")


def is_plain_exif(data: bytes) -> bool:
    """Whether an EXIF block (a TIFF structure) says how to turn the picture, and nothing else."""
    if len(data) < 14 or data[:4] not in (b"MM\0*", b"II*\0"):
        return False
    order = ">" if data[:2] == b"MM" else "<"
    at, count = struct.unpack_from(f"{order}IH", data, 4)
    end: int = 10 + 12 * count + 4
    if at != 8 or count == 0 or end > len(data) or any(data[end - 4 : end]):
        return False
    outside = end
    for entry in range(10, end - 4, 12):
        size = _plain_entry(data, order, entry, outside)
        if size < 0:
            return False
        outside += size
    return len(data) == outside


def _plain_entry(data: bytes, order: str, entry: int, outside: int) -> int:
    """How many bytes a harmless entry has outside its directory, or -1."""
    tag, kind, number, value = struct.unpack_from(f"{order}HHII", data, entry)
    if number != 1:
        return -1
    if tag == _ORIENTATION or _HARMLESS.get(tag) == _SHORT:
        short, unused = struct.unpack_from(f"{order}HH", data, entry + 8)
        return 0 if kind == _SHORT and not unused and 1 <= short <= 8 else -1
    if _HARMLESS.get(tag) != _RATIONAL or kind != _RATIONAL or value != outside:
        return -1
    if value + 8 > len(data) or struct.unpack_from(f"{order}II", data, value) != _USUAL[tag]:
        return -1
    return 8


def is_plain_profile(data: bytes) -> bool:
    """Whether an ICC profile (ICC.1:2022) describes colours, and nobody.

    Its date and its identity are empty, its words are those of well-known working spaces, and all
    of its bytes belong to tags that describe colours.
    """
    if len(data) < _PROFILE_HEAD + 4 or data[36:40] != b"acsp":
        return False
    size, count = *struct.unpack_from(">I", data), *struct.unpack_from(">I", data, 128)
    table = 132 + 12 * count
    if size != len(data) or count > _MOST_TAGS or len(data) < table:
        return False
    covered = [(0, table)]
    for at in range(132, table, 12):
        name, start, length = data[at : at + 4], *struct.unpack_from(">II", data, at + 4)
        text = data[start : start + length] if name in _TEXT_TAGS else b""
        if name not in _PROFILE_TAGS or start + length > len(data):
            return False
        if text and not _is_known_text(text):
            return False
        covered.append((start, start + length))
    end, gaps = 0, [data[24:36], data[84:128]]
    for start, stop in sorted(covered):
        gaps.append(data[end:start])
        end = max(end, stop)
    return not any(map(any, [*gaps, data[end:]]))


def _is_known_text(data: bytes) -> bool:
    """Words of profiles that everybody has (ICC.1:2022, 10.15, 10.24)."""
    kind, body = data[:4], data[8:]
    if any(data[4:8]):
        return False
    if kind == b"text":
        return _are_known(body)
    if kind == b"desc":
        # Plain text, then the same in Unicode and in Macintosh's script, both empty as a rule.
        length = int.from_bytes(body[:4])
        return _are_known(body[4 : 4 + length]) and _are_known(body[4 + length :])
    if kind != b"mluc" or len(body) < 8 or body[4:8] != struct.pack(">I", 12):
        return kind not in (b"mluc", b"desc", b"text") and not holds_text(body)
    count = int.from_bytes(body[:4])
    records = body[8 : 8 + 12 * count]
    if count > _MOST_TAGS or len(records) < 12 * count:
        return False
    languages = [records[at : at + 4] for at in range(0, len(records), 12)]
    return all(map(bytes.isalpha, languages)) and _are_known(body[8 + 12 * count :])


def _are_known(text: bytes) -> bool:
    words = _WORD.findall(text.replace(b"\0", b""))
    return all(word.lower() in _WORDS or _YEAR.fullmatch(word) for word in words)
