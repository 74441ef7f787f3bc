"""Where the samples of movie fragments lie (ISO/IEC 14496-12, 8.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediascrub.containers.mp4.box_reader import Box, BoxReader

_BASE, _DESCRIPTION, _DURATION, _SIZE, _FLAGS = 1, 2, 8, 16, 32
_OFFSET, _FIRST_FLAGS = 1, 4
_PER_SAMPLE = (0x100, 0x200, 0x400, 0x800)


def chunks_of(reader: BoxReader, moov: Box | None, moof: Box) -> list[tuple[int, Any, Any]]:
    """Track number, starts and ends of the runs of samples in one fragment."""
    import numpy as np

    found: dict[int, list[tuple[int, int]]] = {}
    following = moof.start
    for traf in reader.boxes(moof.body, moof.end):
        tfhd = reader.descend(traf.body, traf.end, "tfhd") if traf.code == "traf" else None
        if tfhd is None:
            continue
        head = reader.read(tfhd.body, 40)
        flags, number, at = int.from_bytes(head[1:4]), int.from_bytes(head[4:8]), 8
        base = moof.start if flags & 0x20000 else following
        if flags & _BASE:
            base, at = int.from_bytes(head[at : at + 8]), at + 8
        at += 4 * bool(flags & _DESCRIPTION) + 4 * bool(flags & _DURATION)
        default = int.from_bytes(head[at : at + 4]) if flags & _SIZE else None
        if default is None:
            default = _default(reader, moov, number)
        following = base
        for trun in reader.boxes(traf.body, traf.end):
            if trun.code == "trun":
                start, following = _run(reader, trun, base, following, default)
                found.setdefault(number, []).append((start, following))
    return [
        (number, np.array([r[0] for r in runs], np.int64), np.array([r[1] for r in runs], np.int64))
        for number, runs in found.items()
        if all(0 <= start <= end <= reader.size for start, end in runs)
    ]


def _default(reader: BoxReader, moov: Box | None, number: int) -> int:
    """The movie's own default (8.8.3)."""
    mvex = reader.descend(moov.body, moov.end, "mvex") if moov else None
    for trex in reader.boxes(mvex.body, mvex.end) if mvex else ():
        body = reader.read(trex.body, 24)
        if trex.code == "trex" and int.from_bytes(body[4:8]) == number:
            return int.from_bytes(body[16:20])
    return 0


def _run(reader: BoxReader, trun: Box, base: int, at: int, default: int) -> tuple[int, int]:
    """Start and end of a run (8.8.8)."""
    import numpy as np

    head = reader.read(trun.body, 12)
    flags, count = int.from_bytes(head[1:4]), int.from_bytes(head[4:8])
    if flags & _OFFSET:
        at = base + int.from_bytes(head[8:12], signed=True)
    rows = trun.body + 8 + 4 * bool(flags & _OFFSET) + 4 * bool(flags & _FIRST_FLAGS)
    columns = [flag for flag in _PER_SAMPLE if flags & flag]
    if 0x200 not in columns:
        return at, at + count * default
    width = 4 * len(columns)
    there = min(count, max(0, trun.end - rows) // width, (1 << 24) // width)
    table = np.frombuffer(reader.read(rows, there * width), ">u4")
    sizes = table[columns.index(0x200) :: len(columns)]
    return at, at + int(sizes.sum(dtype=np.int64))
