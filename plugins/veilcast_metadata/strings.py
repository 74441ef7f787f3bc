"""Check `strings`: no byte of the delivered file spells what must not be in it.

Every byte is searched, also those that no reader of the format would look at, and for what is known
every bit. What is looked for, and in which spellings, is in `strings_sought` and `strings_spelled`.
Coded picture and sound are as good as random, and short texts occur in them by chance. So a text is
looked for in coded data only as long as all of them together are to be expected there less often
than `MOST_FALSE` times; shorter ones are looked for in the rest of the file.
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_right
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from mediascrub import FORMATS, walk
from veilcast.errors import StructureError
from veilcast.media.guard import media_errors
from veilcast.plugin import Problem
from veilcast_metadata.strings_shifted import SHIFTS, shifted
from veilcast_metadata.strings_sought import KNOWN, Sought, sought, subtitle_packets
from veilcast_metadata.strings_spelled import Chance, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from veilcast.plugin import CheckContext

MOST_FALSE = 1e-4
"""Hits by chance that are to be expected in a file, at most: half in coded data, half beside it.
For what is known, as many as in one half between the bytes."""
CHUNK = 4 << 20
_SAMPLES, _SAMPLE = 64, 1 << 16
_STANDS_ALONE = 8
"""A text of fewer bytes has to stand alone: within a longer word it says nothing."""
_SHORTEST_RUN = 5
"""Bytes between coded data; less holds a code of the format, such as a packet's own header."""
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
"""How data in the format of RFC 1950 begins, at each of the levels of section 2.2."""
_INFLATED = 16 << 20
_CODED, _PLAIN = "in coded picture or sound", "outside picture and sound"
_PACKED, _CAPTIONS = "in compressed data", "in its subtitles"


class Needles:
    """Byte patterns that are searched for at once (Aho and Corasick, 1975), each of some kind."""

    def __init__(self, kinds: Mapping[bytes, str]) -> None:
        """Args: kinds: by pattern in lower case, what it is."""
        from ahocorasick_rs import BytesAhoCorasick, Implementation

        # What holds another pattern is found with it.
        patterns = sorted(kinds, key=lambda pattern: (len(pattern), pattern))
        every = BytesAhoCorasick(patterns, implementation=Implementation.ContiguousNFA)
        self._patterns = [
            pattern
            for number, pattern in enumerate(patterns)
            if not any(
                other != number and _alone(pattern, start, end)
                for other, start, end in every.find_matches_as_indexes(pattern, overlapping=True)
            )
        ]
        self._kinds = [kinds[pattern] for pattern in self._patterns]
        self._automaton = BytesAhoCorasick(self._patterns, implementation=Implementation.DFA)
        self.longest = max(map(len, self._patterns), default=1)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def hits(self, data: bytes) -> Iterator[tuple[int, str]]:
        """Where one of them begins in data in lower case, and what it is."""
        if not self._patterns:
            return
        for number, start, end in self._automaton.find_matches_as_indexes(data, overlapping=True):
            if _alone(data, start, end):
                yield start, self._kinds[number]


def _alone(data: bytes, start: int, end: int) -> bool:
    if end - start >= _STANDS_ALONE:
        return True
    return not (data[max(0, start - 1) : start].isalnum() or data[end : end + 1].isalnum())


def examine(context: CheckContext) -> list[Problem]:
    """Search the delivered file for what is known, was covered, or was to be removed.

    Raises:
        VeilcastError: it, the original, or the file of what is known can't be read.
    """
    path, media = context.delivered, context.delivered_media
    size = path.stat().st_size
    context.progress("searching for what was removed", 0, size)
    captions = [data for _, data in subtitle_packets(path, media.still_format)]
    kinds = _spelled(sought(context, keeps_subtitles=bool(captions)))
    if not kinds:
        return []
    runs = _plain_runs(path, media.container, context)
    beside = sum(end - start for start, end in runs) + sum(map(len, captions))
    (chance, between), even = _learned(path, size), Chance()
    anywhere = _likely_meant(kinds, lambda pattern: chance.expected(pattern, size))
    apart = anywhere | _likely_meant(kinds, lambda pattern: even.expected(pattern, beside))
    known = {pattern: kind for pattern, kind in kinds.items() if kind == KNOWN}
    at_bits = _likely_meant(known, lambda pattern: between.expected(pattern, len(SHIFTS) * size))
    found = set(_in_all(path, size, (Needles(anywhere), Needles(at_bits)), runs, context))
    needles = Needles(apart)
    for data, where in (*_beside(path, runs, needles.longest), *((d, _CAPTIONS) for d in captions)):
        found.update((kind, where) for _, kind in needles.hits(data.lower()))
    return [
        Problem(kind="residual", sentence=f"{kind} is left in the delivered file, {where}.")
        for kind, where in sorted(found)
    ]


def _spelled(texts: Iterable[Sought]) -> dict[bytes, str]:
    kinds: dict[bytes, str] = {}
    for each in texts:
        for pattern in spellings(each.text):
            kinds.setdefault(pattern, each.kind)
    return kinds


def _likely_meant(
    kinds: Mapping[bytes, str], expected: Callable[[bytes], float]
) -> dict[bytes, str]:
    """The patterns that all together are hardly to be expected by chance, likeliest left out."""
    chosen: dict[bytes, str] = {}
    spent = 0.0
    for often, pattern in sorted((expected(pattern), pattern) for pattern in kinds):
        spent += often
        if spent > MOST_FALSE / 2:
            break
        chosen[pattern] = kinds[pattern]
    return chosen


class Runs:
    """Where a file holds neither picture nor sound: half-open ranges of bytes, in order."""

    def __init__(self) -> None:
        self._bounds = array("Q")  # hours of small packets have millions

    def add(self, start: int, end: int) -> None:
        """The next range, which may follow on the one before."""
        if self._bounds and self._bounds[-1] == start:
            self._bounds[-1] = end
            return
        self.settle()
        self._bounds.extend((start, end))

    def settle(self) -> None:
        """Forget the last range if it is too short."""
        if self._bounds and self._bounds[-1] - self._bounds[-2] < _SHORTEST_RUN:
            del self._bounds[-2:]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._bounds[::2], self._bounds[1::2], strict=True)

    def __contains__(self, at: int) -> bool:
        return bisect_right(self._bounds, at) % 2 == 1


def _plain_runs(path: Path, family: str, context: CheckContext) -> Runs:
    """None where nobody can say what is where: then all of it counts as coded.

    What is wrong with a file's structure is for another check to tell.
    """
    runs = Runs()
    if family not in FORMATS:
        return runs
    try:
        with media_errors():
            for number, part in enumerate(walk(path, family)):
                if not number % 4096:
                    context.progress("searching for what was removed", part.start, None)
                if part.role != "coded":
                    runs.add(part.start, part.end)
    except StructureError:
        return Runs()
    runs.settle()
    return runs


def _learned(path: Path, size: int) -> tuple[Chance, Chance]:
    """What chance makes of the file's bytes, and of bytes at other bits, from samples all over."""
    chance, between = Chance(), Chance()
    with path.open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(max(0, size - _SAMPLE) * number // _SAMPLES)
            sample = file.read(_SAMPLE)
            if len(sample) >= _STANDS_ALONE:
                chance.learn(sample.lower())
                for moved in shifted(sample[: _SAMPLE // len(SHIFTS)]):
                    between.learn(moved.lower())
            if size <= _SAMPLE:
                break
    return chance, between


def _in_all(
    path: Path, size: int, needles: tuple[Needles, Needles], runs: Runs, context: CheckContext
) -> Iterator[tuple[str, str]]:
    """What is found at any of the bytes, or the second of the needles at any bit, and where."""
    at_bytes, at_bits = needles
    overlap = 1 + max(each.longest for each in needles)
    with path.open("rb") as file:
        kept, start = b"", 0
        while block := file.read(CHUNK):
            data = kept + block
            for moved, wanted in chain([(data, at_bytes)], _at_bits(data, at_bits)):
                for at, kind in wanted.hits(moved.lower()):
                    yield kind, _PLAIN if start + at in runs else _CODED
            kept = data[len(data) - min(len(data), overlap) :]
            start += len(data) - len(kept)
            context.progress("searching for what was removed", min(size, start), size)


def _at_bits(data: bytes, needles: Needles) -> Iterator[tuple[bytes, Needles]]:
    return ((moved, needles) for moved in shifted(data)) if needles else iter(())


def _beside(path: Path, runs: Runs, overlap: int) -> Iterator[tuple[bytes, str]]:
    """The bytes that are neither picture nor sound, in blocks, and what is compressed in them."""
    waiting: list[bytes] = []
    held = 0
    with path.open("rb") as file:
        for start, end in runs:
            for data in _read(file, start, end, overlap):
                yield from ((inflated, _PACKED) for inflated in _inflated(data))
                waiting.append(data)
                held += len(data)
                if held >= CHUNK:
                    yield b"\n".join(waiting), _PLAIN
                    waiting, held = [], 0
    yield b"\n".join(waiting), _PLAIN


def _read(file: BinaryIO, start: int, end: int, overlap: int) -> Iterator[bytes]:
    """A range of a file in blocks, each with the end of the one before."""
    while start < end:
        file.seek(start)
        data = file.read(min(CHUNK, end - start))
        if not data:
            return  # it was cut short since it was walked; what is missing holds nothing
        yield data
        if start + len(data) >= end:
            return
        start += len(data) - min(overlap, len(data) - 1)


def _inflated(data: bytes) -> Iterator[bytes]:
    """Whatever can be decompressed in some bytes (RFC 1950): texts of PNG, headers of QuickTime."""
    view = memoryview(data)
    for magic in _ZLIB:
        at = data.find(magic)
        while at >= 0:
            with suppress(zlib.error):  # two bytes that look like a beginning mostly are none
                yield zlib.decompressobj().decompress(view[at:], _INFLATED)
            at = data.find(magic, at + 1)
