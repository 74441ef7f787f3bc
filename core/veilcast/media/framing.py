"""Whether a packet of sound is one frame of its codec, by the length that its header says.

Parsers look for the next header and hand out whatever lies before it together with the frame;
decoders then skip it in silence. In a damaged recording that is sound that nobody would hear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ADTS = "adts"
"""AAC with a header for each frame, as bare files and transport streams have it."""

_KBITS = {
    # MPEG-1 layer II, layer III, and the lower rates of MPEG-2 for both (ISO 11172-3, 13818-3).
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = (44_100, 48_000, 32_000)
_MPEG_1 = 3
_WAV_REACH = 1 << 16
"""So many bytes of a WAV may stand before its sound, where its sizes are looked at."""


def is_one_frame(codec: str, packet: bytes) -> bool:
    """False when a packet of this codec has more or fewer bytes than its header says.

    Args:
        codec: ffmpeg's name, or `ADTS`. Where its packets do not say how long they are: True.
        packet: its bytes.
    """
    if codec == ADTS:
        # ISO 13818-7: 12 bits of ones, and the length in 13 bits from the 31st on.
        begins = len(packet) > 6 and packet[0] == 0xFF and packet[1] >> 4 == 0xF
        return begins and len(packet) == (packet[3] & 3) << 11 | packet[4] << 3 | packet[5] >> 5
    if codec in ("mp2", "mp3"):
        return len(packet) == (_mpeg_length(packet) or len(packet))
    return True


def framed_bytes(path: Path) -> int:
    """The length of a file of bare frames without the ID3 tags that may be around them."""
    with path.open("rb") as file:
        head = file.read(10)
        size = file.seek(0, 2)
        file.seek(max(0, size - 128))
        last = file.read(3)
    if last == b"TAG":
        size -= 128
    if head[:3] == b"ID3" and len(head) == 10:
        # Seven bits in each of the last four bytes, and perhaps a footer (ID3v2.4).
        size -= 10 + sum(byte << 7 * (9 - at) for at, byte in enumerate(head) if at > 5)
        size -= 10 if head[5] & 0x10 else 0
    return size


def mpeg_kbits(layer: int, *, version_1: bool) -> tuple[int, ...]:
    """The bit rates that MPEG audio allows, in kbit/s.

    Args:
        layer: 2 or 3.
        version_1: MPEG-1, which has the sample rates from 32 kHz on; False for the lower ones.
    """
    return _KBITS[(_MPEG_1, 4 - layer) if version_1 else (2, 2)]


def _mpeg_length(packet: bytes) -> int | None:
    """The bytes of an MPEG audio frame of layer II or III; None where its header does not say."""
    if len(packet) < 4 or packet[0] != 0xFF or packet[1] >> 5 != 7:
        return -1
    version, layer = packet[1] >> 3 & 3, packet[1] >> 1 & 3
    chosen, rate = packet[2] >> 4, packet[2] >> 2 & 3
    if version == 1 or layer in (0, 3) or chosen == 15 or rate == 3:
        return -1 if layer != 3 else None
    if chosen == 0:
        return None  # a free rate: its frames are as long as they are
    kbits = mpeg_kbits(4 - layer, version_1=version == _MPEG_1)[chosen - 1]
    # MPEG-2 halves the rates, and MPEG-2.5 halves them again.
    rate_hz = _RATES_HZ[rate] >> {3: 0, 2: 1, 0: 2}[version]
    slots = 72 if layer == 1 and version != _MPEG_1 else 144
    return slots * kbits * 1000 // rate_hz + (packet[2] >> 1 & 1)


def is_open_ended(path: Path) -> bool:
    """Whether a WAV never says how much sound it has, as when it was written into a pipe.

    Its sizes are all ones, or nothing, and its sound goes on to the end of the file.
    """
    with path.open("rb") as file:
        head = file.read(_WAV_REACH)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return False
    at = 12
    while at + 8 <= len(head):
        size = int.from_bytes(head[at + 4 : at + 8], "little")
        if head[at : at + 4] == b"data":
            return size in (0, 0xFFFFFFFF)
        at += 8 + size + (size & 1)
    return False
