"""What was seen of a recording, as bytes: another policy or list then reads again without looking.

Numbers are in arrays, so that what is read back is what was written, to the last bit.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from veilcast.plugin import LineReading, Track
from veilcast_text.looking import Reading, SeenLine, Sight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_COLUMNS = ("times_us", "boxes", "scores", "origins")
_LOOKS = np.zeros((1, 1), dtype=np.float32)
"""A line's own looks are only needed while pictures are looked at."""


class Seen(NamedTuple):
    """What was seen.

    Attributes:
        tracks: of every line and code.
        sights: every look.
        looks: how many pictures were looked at.
    """

    tracks: tuple[Track, ...]
    sights: Sequence[Sight]
    looks: int


def packed(seen: Seen) -> bytes:
    """As bytes."""
    lines = [line for sight in seen.sights for line in sight.lines]
    codes = [quad for sight in seen.sights for quad in (*sight.codes, *sight.patterns)]
    said = {
        "looks": seen.looks,
        "tracks": [
            [len(track.times_us), track.identifier, track.hipaa, track.detector]
            for track in seen.tracks
        ],
        "sights": [
            [sight.time_us, len(sight.lines), len(sight.codes), len(sight.patterns)]
            for sight in seen.sights
        ],
        "lines": [
            [
                *(line.reading.line.text, line.reading.line.confidences),
                *(line.reading.line.middles, line.reading.height_px, line.reading.turned),
            ]
            for line in lines
        ],
    }
    arrays = {
        name: np.concatenate([getattr(track, name) for track in seen.tracks])
        for name in _COLUMNS
        if seen.tracks
    }
    quads = [*(line.quad for line in lines), *codes]
    arrays["quads"] = np.stack(quads) if quads else np.zeros((0, 4, 2))
    arrays["said"] = np.frombuffer(json.dumps(said).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpacked(data: bytes) -> Seen:
    """Back again."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = dict(file)
    said: dict[str, Any] = json.loads(arrays["said"].tobytes())
    readings = [
        Reading(
            LineReading(text=text, confidences=tuple(sure), middles=tuple(middles)), height, turned
        )
        for text, sure, middles, height, turned in said["lines"]
    ]
    quads = list(arrays["quads"])
    own, others = iter(zip(quads, readings, strict=False)), iter(quads[len(readings) :])
    sights = [
        Sight(
            time_us,
            [SeenLine(quad, reading, _LOOKS) for quad, reading in _some(own, lines)],
            list(_some(others, codes)),
            list(_some(others, patterns)),
        )
        for time_us, lines, codes, patterns in said["sights"]
    ]
    return Seen(tuple(_tracks(said["tracks"], arrays)), sights, said["looks"])


def _tracks(listed: list[list[Any]], arrays: dict[str, Any]) -> list[Track]:
    tracks, at = [], 0
    for number, (length, identifier, hipaa, detector) in enumerate(listed, start=1):
        columns = {name: arrays[name][at : at + length] for name in _COLUMNS}
        tracks.append(
            Track(id=number, identifier=identifier, hipaa=hipaa, detector=detector, **columns)
        )
        at += length
    return tracks


def _some(things: Any, count: int) -> list[Any]:
    return [next(things) for _ in range(count)]
