"""MPEG-TS (ISO/IEC 13818-1, 2.4), in packets of 188 bytes, or of 192 with an arrival time.

A recording has millions of packets, so they are looked at in blocks, by arrays. What is not exactly
as picture and sound packets are is looked at one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediascrub.containers.mpeg_ts.pes_packets import Stream
from mediascrub.containers.mpeg_ts.program_tables import Tables
from mediascrub.reading import TRAILING, coded, joined, not_this, opened, structure, unexpected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mediascrub.parts import Part
    from mediascrub.reading import Source

PACKET = 188
_SYNC = 0x47
_PER_BLOCK = 16_384
_NULL = 0x1FFF
_MOST_TICKS = 1 << 28
"""Between two arrival times: ten seconds of 27 MHz."""

_MUXER_TICKS = PACKET * 8 * 27_000_000 % 0x3FFFFFFF
"""Between two packets where libavformat knows no rate: as if it were one bit a second."""

_FOREIGN_PIDS = {
    0x0001: ("CAT", "conditional access", ""),
    0x0002: ("TSDT", "descriptions", ""),
    0x0010: ("NIT", "network information", ""),
    0x0011: ("SDT", "names of services", ""),
    0x0012: ("EIT", "programme guide", ""),
    0x0013: ("RST", "running status", ""),
    0x0014: ("TDT", "time of day", "C"),
    0x001E: ("DIT", "discontinuities", ""),
    0x001F: ("SIT", "selection information", ""),
    0x1FFB: ("PSIP", "programme guide and time of day", ""),
}
_WHERE = ("transport packet", "unexpected packet")

# What was found of a packet; anything above FINE_MOST is an unexpected packet.
FINE_CODED, FINE_TABLE, FINE_STUFFING = 0, 1, 2
_FINE = (
    coded("packets", "picture and sound", 0, 0),
    structure("packets/tables", "tables", 0, 0),
    structure("packets/stuffing", "stuffing", 0, 0),
)


def walk(path: Path, family: str) -> Iterator[Part]:
    """See `mediascrub.walk`."""
    with opened(path) as source:
        yield from joined(_parts(source))


def _parts(source: Source) -> Iterator[Part]:
    size, at = _packets(source)
    if at:
        yield unexpected("file", "data before the first packet", 0, at)
    walker = _Walker(size)
    many = _PER_BLOCK
    while at + size <= source.size:
        data = source.read(at, size * many)
        whole = _in_sync(data, size)
        # Where packets are out of step all the time, reading far ahead is in vain.
        many = min(_PER_BLOCK, max(64, 2 * whole))
        if whole:
            yield from walker.block(data[: whole * size], at)
            at += whole * size
            continue
        again = _next_sync(source, at + 1, size)
        yield unexpected("file", "data between packets", at, again)
        at = again
    if at < source.size:
        yield unexpected("file", TRAILING, at, source.size)


def _packets(source: Source) -> tuple[int, int]:
    """How long packets are, and where the first one is."""
    for size in (PACKET, PACKET + 4):
        if _in_sync(source.read(0, size * 5), size) >= min(5, source.size // size) > 0:
            return size, 0
    for size in (PACKET, PACKET + 4):
        at = _next_sync(source, 0, size)
        if at < source.size:
            return size, at
    raise not_this("a transport stream")


def _in_sync(data: bytes, size: int) -> int:
    """How many packets there are before the first that is none."""
    import numpy as np

    count = len(data) // size
    if not count:
        return 0
    syncs = np.frombuffer(data, np.uint8, count * size).reshape(count, size)[:, size - PACKET]
    wrong = np.flatnonzero(syncs != _SYNC)
    return int(wrong[0]) if len(wrong) else count


def _next_sync(source: Source, start: int, size: int) -> int:
    """Where packets go on: three sync bytes at their distance, or fewer at the end of the file."""
    import numpy as np

    lead = size - PACKET
    while start < source.size:
        data = np.frombuffer(source.read(start, size * 4096), np.uint8)
        count = len(data) - 2 * size - lead
        if count <= 0:
            return source.size
        here = data[lead : lead + count] == _SYNC
        here &= data[lead + size : lead + size + count] == _SYNC
        here &= data[lead + 2 * size : lead + 2 * size + count] == _SYNC
        found = np.flatnonzero(here)
        if len(found):
            return start + int(found[0])
        start += count
    return source.size


class _Walker:
    """What was learnt of the stream so far."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.tables = Tables()
        self.streams: dict[int, Stream] = {}
        self.reasons: list[tuple[str, str, str]] = []
        self.clock = -1

    def reason(self, place: str, kind: str, hipaa: str = "") -> int:
        """The number of a finding, for arrays."""
        found = (place, kind, hipaa)
        if found not in self.reasons:
            self.reasons.append(found)
        return len(_FINE) + self.reasons.index(found)

    def block(self, data: bytes, start: int) -> Iterator[Part]:
        """The parts of some whole packets."""
        import numpy as np

        rows: Any = np.frombuffer(data, np.uint8).reshape(-1, self.size)
        packets = rows[:, self.size - PACKET :]
        pids = (packets[:, 1].astype(np.uint16) & 0x1F) << 8 | packets[:, 2]
        verdicts = np.zeros(len(rows), np.int16)
        present = np.flatnonzero(np.bincount(pids, minlength=_NULL + 1))
        # Tables first: in a recording that begins anywhere, they come after the first packets.
        for pid in sorted(present, key=lambda pid: (pid not in self.tables.pids, pid)):
            self._tables(int(pid), packets, pids, verdicts)
        for pid in present:
            if int(pid) in self.tables.pids and int(pid) not in (0, 0x11):
                self._tables(int(pid), packets, pids, verdicts)
        for pid in present:
            if not self._is_table(int(pid)):
                self._others(int(pid), packets, pids, verdicts)
        self._damaged(packets, pids, verdicts)
        if self.size > PACKET:
            self._arrivals(rows, verdicts)
        yield from self._runs(verdicts, start)

    def _is_table(self, pid: int) -> bool:
        return pid in self.tables.pids

    def _tables(self, pid: int, packets: Any, pids: Any, verdicts: Any) -> None:
        import numpy as np

        if not self._is_table(pid):
            return
        where = np.flatnonzero(pids == pid)
        for index, found in self.tables.judge(pid, packets[where]):
            verdicts[where[index]] = FINE_TABLE if found is None else self.reason(*found)

    def _others(self, pid: int, packets: Any, pids: Any, verdicts: Any) -> None:
        import numpy as np

        where = np.flatnonzero(pids == pid)
        if pid == _NULL:
            self._stuffing(packets, where, verdicts)
        elif pid in self.tables.kept:
            stream = self.streams.setdefault(pid, Stream())
            for mask, place, kind in stream.findings(packets[where]):
                if mask.any():
                    verdicts[where[mask]] = self.reason(place, kind)
        elif pid in self.tables.clocks:
            fine = Stream.is_clock_only(packets[where])
            verdicts[where] = FINE_STUFFING
            verdicts[where[~fine]] = self.reason("packets/PCR", "clock packets with content")
        elif pid in self.tables.dropped:
            place, kind = self.tables.dropped[pid]
            verdicts[where] = self.reason(place, kind)
        else:
            what = _FOREIGN_PIDS.get(pid, ("packets/unknown", "packets of no known stream", ""))
            verdicts[where] = self.reason(*what)

    def _stuffing(self, packets: Any, where: Any, verdicts: Any) -> None:
        import numpy as np

        body = packets[where][:, 4:]
        fine = (body == body[:, :1]).all(axis=1) & np.isin(body[:, 0], (0, 0xFF))
        fine &= packets[where, 3] & 0xF0 == 0x10
        verdicts[where] = FINE_STUFFING
        verdicts[where[~fine]] = self.reason("packets/stuffing", "stuffing with content")

    def _damaged(self, packets: Any, pids: Any, verdicts: Any) -> None:
        """Packets that are marked as damaged or scrambled can't be looked into."""
        bad = packets[:, 1] & 0x80 != 0
        bad |= packets[:, 3] & 0xC0 != 0
        if bad.any():
            verdicts[bad] = self.reason("packets", "damaged or scrambled packets")

    def _arrivals(self, rows: Any, verdicts: Any) -> None:
        """Arrival times only ever grow, by little; libavformat's by what never changes."""
        import numpy as np

        times = np.ascontiguousarray(rows[:, :4]).view(">u4")[:, 0].astype(np.int64) & 0x3FFFFFFF
        before = np.concatenate(([times[0] if self.clock < 0 else self.clock], times[:-1]))
        bad = ((times - before) & 0x3FFFFFFF) > _MOST_TICKS
        bad &= abs((times - before) % 0x3FFFFFFF - _MUXER_TICKS) > 1
        if self.clock < 0 and len(times) > 1:
            bad[0] = bad[1]
        self.clock = int(times[-1])
        if bad.any():
            verdicts[bad] = self.reason("packets/arrival time", "arrival times that are none")

    def _runs(self, verdicts: Any, start: int) -> Iterator[Part]:
        import numpy as np

        edges = np.flatnonzero(np.diff(verdicts)) + 1
        begins = np.concatenate(([0], edges))
        ends = np.concatenate((edges, [len(verdicts)]))
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            span = start + begin * self.size, start + end * self.size
            verdict = int(verdicts[begin])
            if verdict < len(_FINE):
                fine = _FINE[verdict]
                make = coded if fine.role == "coded" else structure
                yield make(fine.place, fine.kind, *span)
            else:
                place, kind, hipaa = self.reasons[verdict - len(_FINE)]
                yield unexpected(place, kind, *span, hipaa)
