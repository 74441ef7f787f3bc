"""A file that is examined later shows what its source shows: no other recording, no frozen one.

Frame by frame both pictures are laid beside each other in coarse cells. Covers and coding with loss
change some cells a little or a few of them much; another picture changes most of them.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from veilcast.extensions import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import CheckContext
    from veilcast.media.info import MediaInfo

    Cells = NDArray[np.float64]

_ACROSS, _DOWN = 32, 18
_OTHER = 0.05
"""So much of the whole range a cell differs that does not show the same."""
_MOST_COVERED = 0.4
_UNLIKE = 0.5
"""Of the cells."""
_MOVED = 0.15
_STILL = 1e-3
_FRAMES = 3
"""In a row: a flash may be coded poorly."""


def examine(context: CheckContext) -> list[Problem]:
    """Compare the picture with the source's; nothing in a run, which has just made it from that.

    Nothing is compared where a stage draws by itself, and in frames that are mostly covered.

    Raises:
        TruncatedError: either can't be decoded.
    """
    from veilcast.media.info import anchored

    source, media = context.source, context.source_media
    mine = context.delivered_media
    if not context.afterwards or source is None or media is None or context.retimed:
        return []
    if mine.video is None or media.video is None or any(t.anywhere for t in context.treated):
        return []
    width, height = mine.video.displayed_size
    pairs = zip_longest(
        _pictures(context.delivered, anchored(mine, media)), _pictures(source, media)
    )
    unlike = frozen = 0
    before: tuple[Cells, Cells] | None = None
    for number, (one, other) in enumerate(pairs):
        if one is None or other is None:
            return []  # how many there are is for the check of playback to compare
        time_us, now = one
        was = other[1]
        context.progress("comparing the picture", number, None)
        covered = sum(
            box.area for treated in context.treated for box in treated.covers(time_us)
        ) / (width * height)
        if covered > _MOST_COVERED:
            unlike = frozen = 0
            continue
        unlike = unlike + 1 if _share(now, was) > _UNLIKE else 0
        if before is None or _share(was, before[1]) < _MOVED:
            frozen = 0
        elif _is_same(now, before[0]):
            frozen += 1
        if before is None or not _is_same(now, before[0]):
            before, frozen = (now, was), 0
        if max(unlike, frozen) == _FRAMES:
            what = "is not what" if unlike == _FRAMES else "stands still while something moves that"
            return [
                Problem(
                    sentence=f"The picture {what} the source shows.",
                    from_us=time_us,
                    to_us=time_us + 1,
                )
            ]
    return []


def _pictures(path: Path, media: MediaInfo) -> Iterator[tuple[int, Cells]]:
    """The time of each frame, and the mean of each of its cells, 0 to 1."""
    import cv2
    import numpy as np

    from veilcast.media.frames import read_frames
    from veilcast.visual.pictures import luma

    for time_us, frame in read_frames(path, media, look="sketch"):
        component = frame.format.components[0]
        plane = np.ascontiguousarray(luma(frame)[: frame.height, : frame.width])
        cells = cv2.resize(plane, (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA)
        yield time_us, cells.astype(np.float64) / ((1 << component.bits) - 1)


def _share(one: Cells, other: Cells) -> float:
    """Of the cells, those that show something else."""
    import numpy as np

    return float((np.abs(one - other) > _OTHER).mean())


def _is_same(one: Cells, other: Cells) -> bool:
    """Whether it is the very same picture, as far as coding with loss lets one tell."""
    import numpy as np

    return float(np.abs(one - other).mean()) < _STILL
