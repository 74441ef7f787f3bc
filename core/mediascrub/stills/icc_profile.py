"""ICC colour profiles (ICC.1:2022) anew from their numbers: the same colours, and nothing else.

A profile of three primaries and three curves, or of one curve for grey, is those numbers and the
words of whoever made it. From the numbers a fresh profile is written, without words, dates,
identities and private tags, which shows the same colours. That holds for sRGB, Adobe RGB, Display
P3 and what cameras and screens say of themselves; profiles of tables (printers, scanners) are not
rebuilt.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = 128
_MOST_TAGS = 100
_LONGEST_CURVE = 4096
_PARAMETERS = (1, 3, 4, 5, 7)
"""How many numbers each kind of parametric curve has (10.18)."""
_D50 = bytes.fromhex("0000f6d6 00010000 0000d32d".replace(" ", ""))
_RGB = (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC")
_GREY = (b"kTRC",)
_NAMES = {b"RGB ": "RGB", b"GRAY": "Gray"}
_KNOWN = {
    "sRGB": (0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141),
    "Display P3": (0.5151, 0.2412, -0.0011, 0.2920, 0.6922, 0.0419, 0.1571, 0.0666, 0.7841),
    "Adobe RGB (1998)": (0.6097, 0.3111, 0.0195, 0.2053, 0.6257, 0.0609, 0.1492, 0.0632, 0.7446),
}
"""Red, green and blue of common working spaces, adapted to D50: people look for their names."""
_NEAR = 0.002
_VERSIONS = (2, 4)


def rebuilt(profile: bytes) -> bytes | None:
    """A profile that shows the same colours and holds nothing else of the given one.

    Returns:
        None where it is of another kind (tables, other colours, names of colours) or malformed.
    """
    tags = _tags(profile)
    space, version = profile[16:20], profile[8] if len(profile) > _HEAD else 0
    if tags is None or space not in _NAMES or version not in _VERSIONS:
        return None
    if profile[20:24] != b"XYZ " or any(name[:3] in (b"A2B", b"D2B") for name in tags):
        return None  # where there are tables, they count and not the curves (8.10)
    wanted = _RGB if space == b"RGB " else _GREY
    kept: dict[bytes, bytes] = {}
    for name in (*wanted, b"wtpt"):
        element = tags.get(name, b"")
        whole = _curve(element) if name.endswith(b"TRC") else _colour(element)
        if whole is None:
            return None
        kept[name] = whole
    if b"chad" in tags:
        adaptation = tags[b"chad"]
        if adaptation[:8] != b"sf32\0\0\0\0" or len(adaptation) < 44:
            return None
        kept[b"chad"] = adaptation[:44]
    return _written(profile, version, _name(space, kept), kept)


def _tags(profile: bytes) -> Mapping[bytes, bytes] | None:
    """The tagged elements by their signature, or None."""
    if len(profile) < _HEAD + 4 or profile[36:40] != b"acsp":
        return None
    count = int.from_bytes(profile[_HEAD : _HEAD + 4])
    table = profile[_HEAD + 4 : _HEAD + 4 + 12 * count]
    if count > _MOST_TAGS or len(table) < 12 * count:
        return None
    return {
        name: profile[start : start + size]
        for name, start, size in struct.iter_unpack(">4sII", table)
    }


def _colour(element: bytes) -> bytes | None:
    """One XYZ number (10.31)."""
    if element[:8] != b"XYZ \0\0\0\0" or len(element) < 20:
        return None
    return element[:20]


def _curve(element: bytes) -> bytes | None:
    """A curve as a table or a gamma (10.6), or as a formula (10.18)."""
    if element[:8] == b"curv\0\0\0\0" and len(element) >= 12:
        return _table(element)
    if element[:8] == b"para\0\0\0\0" and len(element) >= 12:
        return _formula(element)
    return None


def _table(element: bytes) -> bytes | None:
    count = int.from_bytes(element[8:12])
    values = element[12 : 12 + 2 * count]
    if count > _LONGEST_CURVE or len(values) < 2 * count:
        return None
    steps = struct.unpack(f">{count}H", values)
    if count > 1 and any(after < before for before, after in pairwise(steps)):
        return None  # light that falls where more is meant is no curve of a screen or camera
    return element[: 12 + 2 * count]


def _formula(element: bytes) -> bytes | None:
    kind = int.from_bytes(element[8:10])
    if kind >= len(_PARAMETERS) or len(element) < 12 + 4 * _PARAMETERS[kind]:
        return None
    return element[:10] + bytes(2) + element[12 : 12 + 4 * _PARAMETERS[kind]]


def _name(space: bytes, kept: Mapping[bytes, bytes]) -> str:
    """What people call these colours."""
    if space == b"RGB " and len(kept[b"rTRC"]) > 12:  # not linear
        numbers = [
            value / 65536 for name in _RGB[:3] for value in struct.unpack(">3i", kept[name][8:])
        ]
        for name, expected in _KNOWN.items():
            if all(abs(a - b) <= _NEAR for a, b in zip(numbers, expected, strict=True)):
                return name
    return _NAMES[space]


def _written(profile: bytes, version: int, name: str, kept: Mapping[bytes, bytes]) -> bytes:
    words = {b"desc": _description(name, version), b"cprt": _copyright(version)}
    elements = {**words, **kept}
    head_size = _HEAD + 4 + 12 * len(elements)
    table, body = [], bytearray()
    places: dict[bytes, int] = {}
    for tag, element in elements.items():
        if element not in places:  # three equal curves are one (7.3.1)
            places[element] = head_size + len(body)
            body += element + bytes(-len(element) % 4)
        table.append(struct.pack(">4sII", tag, places[element], len(element)))
    size = head_size + len(body)
    intent = struct.pack(">I", min(int.from_bytes(profile[64:68]), 3))
    head = struct.pack(">I4x", size) + bytes((version, 0x10 if version == 2 else 0x20, 0, 0))
    head += b"mntr" + profile[16:24] + bytes(12) + b"acsp" + bytes(24) + intent + _D50
    head += bytes(_HEAD - len(head))
    return head + struct.pack(">I", len(elements)) + b"".join(table) + bytes(body)


def _description(name: str, version: int) -> bytes:
    if version == 2:
        # In plain text; in Unicode and in Macintosh's script it is empty (ICC.1:2001-04, 6.5.17).
        text = name.encode() + b"\0"
        return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(8 + 3 + 67)
    return _localised(name)


def _copyright(version: int) -> bytes:
    return b"text\0\0\0\0CC0\0" if version == 2 else _localised("CC0")


def _localised(text: str) -> bytes:
    """One text in English (10.15)."""
    coded = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(coded), 28) + coded
