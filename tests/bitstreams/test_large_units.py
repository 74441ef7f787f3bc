"""Coded pictures of hundreds of kilobytes are searched to the last byte, wherever a secret is."""

from __future__ import annotations

import random

import pytest

from mediascrub.codecs import scrubber

SECRET = b"Jane Doe, born 1961-04-05"
PICTURE = b"\x65\x88\x84"
LARGE = 200_000
BLOCK = 1 << 16
PLACES = sorted(
    {
        *(4, 5, 1_000, LARGE - 3, LARGE - 2, LARGE - 1),
        *(block * BLOCK + near for block in (1, 2, 3) for near in range(-4, 5)),
    }
)


def coded(size: int, seed: int = 1) -> bytes:
    """What an IDR slice may hold: no two zeros in a row but before an escape."""
    made = bytearray(random.Random(seed).randbytes(size))
    for at in range(size):
        made[at] = made[at] or 9
    made[:3] = PICTURE
    for at in range(7_000, size - 7_000, 7_001):
        made[at : at + 4] = b"\x00\x00\x03\x01"
    return bytes(made)


def framed(*units: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4) + unit for unit in units)


def cleaned(packet: bytes) -> bytes | None:
    lengths = bytes.fromhex("0164001fff e0 00")
    clean = scrubber("h264", lengths)
    assert clean is not None
    assert clean.packet(memoryview(packet)) in (packet, clean.packet(packet))  # type: ignore[arg-type]
    return clean.packet(packet)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("code", [b"\x00\x00\x01", b"\x00\x00\x00"])
@pytest.mark.parametrize("at", PLACES)
def test_what_stands_behind_the_end_of_a_large_unit_is_gone(at: int, code: bytes) -> None:
    """Decoders stop at a start code, so a unit ends there (H.264, 7.4.1)."""
    picture = coded(LARGE)
    assert cleaned(framed(picture[:at] + code + b"\x06" + SECRET)) == framed(picture[:at])


def test_a_large_unit_is_left_as_it_is() -> None:
    for size in (BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 2, BLOCK + 3, 2 * BLOCK + 2, LARGE):
        packet = framed(coded(size))
        assert cleaned(packet) == packet


@pytest.mark.parametrize("value", range(2, 256, 23))
def test_two_zeros_before_another_byte_end_no_unit(value: int) -> None:
    picture = coded(LARGE)
    for at in PLACES[2:-3]:
        packet = framed(picture[:at] + b"\x00\x00" + bytes([value]) + picture[at + 3 :])
        assert cleaned(packet) == packet
