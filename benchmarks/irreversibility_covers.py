"""The treatments and strengths that `irreversibility.py` compares, and how a face gets its cover.

Ours go through the very functions that a run uses. deface's are described from its source (1.5.0)
and are measured at the scale of a 400 px face, as ours with a `pixel_size` are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
from irreversibility_faces import FACE_PX

from veilcast.extensions import PixelTreatment
from veilcast.redaction.covers import TrackCovers
from veilcast.redaction.planes import apply_covers
from veilcast.redaction.treatments import veilcast_treatments
from veilcast.settings import CoverSettings
from veilcast.types import Box, Origin, Track

if TYPE_CHECKING:
    from collections.abc import Mapping

    from irreversibility_faces import Face
    from numpy.typing import NDArray

    from veilcast.types import Cover

SEEN_PX = 400
"""The face that absolute sizes are meant for; pictures here are `FACE_PX` wide."""
HALVED = SEEN_PX // FACE_PX
JITTER = 0.02
"""Standard deviation of a box's position and size from frame to frame, as a share of its width."""
FRAME_US = 40_000

TREATMENTS: Mapping[str, PixelTreatment] = {
    treatment.name: treatment
    for treatment in veilcast_treatments()
    if isinstance(treatment, PixelTreatment)
}


@dataclass(frozen=True, slots=True)
class Strength:
    """One row of the table.

    Attributes:
        label: as printed.
        kind: ``none``, ``mosaic``, ``blur``, ``fill`` or one of deface's.
        options: of `CoverSettings`, for ours.
        across: mosaic blocks over a face's box.
    """

    label: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    across: float = 0.0

    @property
    def ours(self) -> bool:
        return self.kind in TREATMENTS


def _mosaic(label: str, **options: Any) -> Strength:
    block = max(options["pixel_size"], -(-FACE_PX // options["blocks_across"]))
    return Strength(label, "mosaic", {"treatment": "mosaic", **options}, FACE_PX / block)


def strengths() -> list[Strength]:
    """All rows, weakest cover of each treatment first."""
    return [
        Strength("nothing", "none"),
        *(
            _mosaic(f"mosaic, pixel_size {size} alone", pixel_size=size // HALVED, blocks_across=25)
            for size in (16, 24, 32)
        ),
        *(
            _mosaic(f"mosaic, {count} blocks", pixel_size=4, blocks_across=count)
            for count in (20, 16, 12, 10, 8, 6, 4, 3, 2)
        ),
        *(
            # So many over the cover, and an ellipse around a box is wider by the root of two.
            Strength(
                f"mosaic, mosaic_level {level}",
                "mosaic",
                {"treatment": "mosaic", "mosaic_level": level},
                level / 2**0.5,
            )
            for level in (9, 7, 5)
        ),
        *(
            Strength(f"blur, sigma {sigma}", "blur", {"treatment": "blur", "blur_sigma": sigma})
            for sigma in (0.05, 0.1, 0.15, 0.3)
        ),
        Strength("fill", "fill", {"treatment": "fill"}),
        Strength("deface mosaic, 20 px", "deface mosaic", across=SEEN_PX / 20),
        Strength("deface blur", "deface blur"),
    ]


def jittered(box: Box, rng: np.random.Generator, amount: float = JITTER) -> Box:
    """A box as a tracker would give it."""
    x, y, size = rng.normal(0, amount * box.width, 3)
    return Box(
        x=box.x + x - size / 2,
        y=box.y + y - size / 2 * box.height / box.width,
        width=box.width + size,
        height=box.height + size * box.height / box.width,
    )


@dataclass(frozen=True, slots=True)
class Covered:
    """A covered picture and what anyone can see of its cover.

    Attributes:
        picture: grey.
        face: the box that was covered, as the tracker had it.
        cover: what the treatment was given: larger.
        params: the treatment's numbers.
        columns: where blocks start, and where the last ends, in pixels; of a mosaic only.
        rows: the same, down.
    """

    picture: NDArray[np.uint8]
    face: Box
    cover: Box
    params: Mapping[str, Any]
    columns: NDArray[np.intp] | None = None
    rows: NDArray[np.intp] | None = None


def cover_track(
    faces: list[Face],
    strength: Strength,
    rng: np.random.Generator,
    amount: float = JITTER,
) -> list[Covered]:
    """One track's frames, covered as one track."""
    boxes = [jittered(face.box, rng, amount) for face in faces]
    if not strength.ours:
        return [
            Covered(_peers(face.picture, box, strength.kind), box, box, {})
            for face, box in zip(faces, boxes, strict=True)
        ]
    count = len(boxes)
    track = Track(
        id=1,
        identifier="face",
        hipaa="Q",
        detector="benchmark",
        times_us=np.arange(count, dtype=np.int64) * FRAME_US,
        boxes=np.array([[box.x, box.y, box.width, box.height] for box in boxes]),
        scores=np.ones(count),
        origins=np.full(count, Origin.DETECTED, np.uint8),
    )
    covers = TrackCovers(track, CoverSettings(**strength.options))
    results = []
    for index, (face, box) in enumerate(zip(faces, boxes, strict=True)):
        cover = covers.at(index * FRAME_US)
        assert cover is not None
        picture = _rendered(face.picture, cover)
        grid = _grid(face.picture.shape, cover) if cover.treatment == "mosaic" else (None, None)
        results.append(Covered(picture, box, cover.box, cover.params, *grid))
    return results


def _rendered(picture: NDArray[Any], cover: Cover) -> NDArray[Any]:
    form = "gray" if picture.dtype == np.uint8 else "gray16le"
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=form)
    apply_covers(frame, [cover], TREATMENTS)
    return frame.to_ndarray()


def _grid(shape: tuple[int, ...], cover: Cover) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the blocks are, which everyone can see: here from a slope covered in the same way."""
    down, across = np.indices(shape, dtype=np.uint16)
    slope = _rendered((down + across) * 32, cover)
    box = cover.box.clamped(shape[1], shape[0])
    assert box is not None
    left, right = floor(box.x), ceil(box.right)
    top, bottom = floor(box.y), ceil(box.bottom)
    row, column = slope[(top + bottom) // 2, left:right], slope[top:bottom, (left + right) // 2]
    return (
        np.concatenate([[left], left + 1 + np.flatnonzero(np.diff(row.astype(int))), [right]]),
        np.concatenate([[top], top + 1 + np.flatnonzero(np.diff(column.astype(int))), [bottom]]),
    )


def _peers(picture: NDArray[np.uint8], face: Box, kind: str) -> NDArray[np.uint8]:
    """Uncovered, or as deface 1.5.0 does it: each side grown by 0.3."""
    result = picture.copy()
    if kind == "none":
        return result
    box = face.grown(0.3).clamped(picture.shape[1], picture.shape[0])
    assert box is not None
    rows = slice(round(box.y), round(box.bottom))
    columns = slice(round(box.x), round(box.right))
    area = picture[rows, columns]
    if kind == "deface mosaic":
        # It takes one sample of each block, not the average.
        block = 20 // HALVED
        sampled = area[::block, ::block].repeat(block, axis=0).repeat(block, axis=1)
        result[rows, columns] = sampled[: area.shape[0], : area.shape[1]]
        return result
    blurred = cv2.blur(area, (area.shape[1] // 2, area.shape[0] // 2))
    mask = np.zeros(area.shape, np.uint8)
    centre = (area.shape[1] // 2, area.shape[0] // 2)
    cv2.ellipse(mask, centre, centre, 0, 0, 360, 255, -1)
    cv2.copyTo(blurred, mask, result[rows, columns])
    return result
