"""SEI: the messages beside coded pictures (ITU-T H.264 annex D, H.265 annex D).

A message is kept when decoding or showing the picture needs it, it holds numbers only, and it is as
long as its syntax says: bytes behind it could be anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mediascrub.codecs import kinds
from mediascrub.codecs.bits import Bits, ShortError, escaped, unescaped

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping

FIXED = {137: 24, 144: 4, 147: 1, 148: 8}
"""Bytes of: mastering display, content light level, alternative transfer, ambient viewing."""

X264 = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")
"""The UUID of x264's user data."""
_X265 = bytes.fromhex("2ca2de09b51747dbbb55a4fe7fc2fc4e")
_CAMCORDER = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66")
_UNREGISTERED = {
    X264: kinds.ENCODER,
    _X265: kinds.ENCODER,
    _CAMCORDER: kinds.CAMERA,
}
_FILLER, _REGISTERED, _UNREGISTERED_TYPE, _TIME_CODE = 3, 4, 5, 136


class Message(NamedTuple):
    """payloadType and payload."""

    type: int
    payload: bytes


def filtered(
    unit: bytes, header: int, judge: Callable[[Message], bytes | None], removed: Counter[str]
) -> bytes | None:
    """An SEI unit with the messages that are kept, or None when there are none.

    Args:
        unit: the whole NAL unit.
        header: bytes of the unit's header.
        judge: says what is kept of a message.
        removed: counts what is not.
    """
    rbsp = unescaped(unit[header:])
    found, read = _messages(rbsp)
    same = True
    out = bytearray()
    for message in found:
        payload = judge(message)
        if payload != message.payload:
            removed[kind_of(message)] += 1
            same = False
        if payload is not None:
            out += _size(message.type) + _size(len(payload)) + payload
    if not read:
        removed[kinds.STRAY] += 1
        same = False
    if same and out:
        return unit
    return unit[:header] + escaped(bytes(out) + b"\x80") if out else None


def _messages(rbsp: bytes) -> tuple[list[Message], bool]:
    """The messages, and whether they are all that there is."""
    found: list[Message] = []
    at, end = 0, len(rbsp.rstrip(b"\x00"))
    if end and rbsp[end - 1] == 0x80:
        end -= 1
    while at < end:
        numbers = []
        for _ in range(2):
            number = 0
            while at < len(rbsp) and rbsp[at] == 0xFF:
                number, at = number + 255, at + 1
            if at >= len(rbsp):
                return found, False
            number, at = number + rbsp[at], at + 1
            numbers.append(number)
        kind, size = numbers
        if at + size > len(rbsp):
            return found, False
        found.append(Message(kind, rbsp[at : at + size]))
        at += size
    return found, True


def _size(number: int) -> bytes:
    return b"\xff" * (number // 255) + bytes([number % 255])


def kind_of(message: Message) -> str:
    """What a message is, in words for people."""
    payload = message.payload
    if message.type == _UNREGISTERED_TYPE:
        return _UNREGISTERED.get(payload[:16], kinds.USER_DATA)
    if message.type == _REGISTERED:
        if payload[3:7] == b"GA94" or payload[3:8] == b"DTG1\x41":
            return kinds.CAPTIONS
        return kinds.DYNAMIC_HDR if payload[1:3] == b"\x00\x3c" else kinds.USER_DATA
    if message.type == _FILLER:
        return kinds.FILLER
    return kinds.TIME_CODE if message.type in (1, _TIME_CODE) else kinds.MESSAGE


def of_size(payload: bytes, syntax: Callable[[Bits], None]) -> bytes | None:
    """The payload when it is as long as its syntax, to the byte."""
    bits = Bits(payload)
    try:
        syntax(bits)
    except ShortError:
        return None
    return payload if bits.size - bits.at < 8 else None


def numeric(message: Message, syntaxes: Mapping[int, Callable[[Bits], None]]) -> bytes | None:
    """The payload of a message that is on either list and no longer than it must be."""
    if message.type in FIXED:
        return message.payload if len(message.payload) == FIXED[message.type] else None
    syntax = syntaxes.get(message.type)
    return of_size(message.payload, syntax) if syntax else None
