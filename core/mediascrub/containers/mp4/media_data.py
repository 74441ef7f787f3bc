"""Media data: which of its bytes a track plays, which it does not (ISO/IEC 14496-12, 8.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediascrub.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediascrub.containers.mp4.tracks import Track

_PLAYED = ("", "")
UNREFERENCED = "unreferenced media data"


class Accounts:
    """What each byte of media data is for.

    The media data itself is not read. Neighbouring chunks are joined before anything is said about
    them, so memory goes by chunks (some twenty bytes each) and time by their sorting.

    Args:
        chunks: starts and ends of chunks, and the track each array belongs to.
        bodies: first byte and end of every box of media data, ascending.
    """

    def __init__(self, chunks: list[tuple[Any, Any, Track]], bodies: list[tuple[int, int]]) -> None:
        import numpy as np

        self._uses = [_PLAYED, *sorted({(t.kind, t.hipaa) for _, _, t in chunks if t.kind})]
        zero = np.zeros(0, np.int64)
        starts = np.concatenate([zero, *(c[0] for c in chunks)])
        ends = np.concatenate([zero, *(c[1] for c in chunks)])
        counts = [len(c[0]) for c in chunks]
        uses = [self._uses.index((t.kind, t.hipaa)) for _, _, t in chunks]
        use = np.repeat(np.array(uses, np.uint8), counts)
        owner = np.repeat(np.arange(len(chunks), dtype=np.int32), counts)
        order = np.argsort(starts, kind="stable")
        order = order[(ends > starts)[order]]
        starts, ends, use, owner = starts[order], ends[order], use[order], owner[order]
        reach = np.maximum.accumulate(ends)
        twice = np.flatnonzero(starts[1:] < reach[:-1]) + 1
        self._blame(chunks, owner[twice], "media data that is used twice")
        self._blame(chunks, owner[_outside(starts, ends, bodies)], "chunks outside of media data")
        first = np.ones(len(starts), bool)
        first[1:] = (use[1:] != use[:-1]) | (starts[1:] > reach[:-1])
        begin = np.flatnonzero(first)
        self._starts = starts[begin]
        self._ends = reach[np.append(begin, len(starts))[1:] - 1]
        self._use = use[begin]

    def _blame(self, chunks: list[tuple[Any, Any, Track]], owners: Any, problem: str) -> None:
        for owner in set(owners.tolist()):
            chunks[owner][2].problem = problem

    def parts(self, start: int, end: int) -> Iterator[Part]:
        """The parts of media data between two positions."""
        import numpy as np

        at = start
        index = int(np.searchsorted(self._ends, start, "right"))
        while index < len(self._starts) and int(self._starts[index]) < end:
            begin, stop = max(at, int(self._starts[index])), min(end, int(self._ends[index]))
            if begin > at:
                yield _unreferenced(at, begin)
            if stop > begin:
                yield self._part(begin, stop, self._uses[int(self._use[index])])
            at, index = max(at, stop), index + 1
        if at < end:
            yield _unreferenced(at, end)

    def _part(self, start: int, end: int, use: tuple[str, str]) -> Part:
        kind, hipaa = use
        return Part(
            place="mdat",
            kind=kind or "picture, sound or text",
            start=start,
            end=end,
            role="unexpected" if kind else "coded",
            hipaa=hipaa,
        )


def _unreferenced(start: int, end: int) -> Part:
    return Part(place="mdat", kind=UNREFERENCED, start=start, end=end, role="unexpected")


def _outside(starts: Any, ends: Any, bodies: list[tuple[int, int]]) -> Any:
    import numpy as np

    if not bodies:
        return np.ones(len(starts), bool)
    firsts, lasts = (np.array(column, np.int64) for column in zip(*bodies, strict=True))
    index = np.searchsorted(firsts, starts, "right") - 1
    return (index < 0) | (ends > lasts[np.maximum(index, 0)])
