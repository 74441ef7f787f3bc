"""Findings as tables and annotations that other programs read. They identify people as well.

Formats: comma-separated values (RFC 4180); COCO object detection annotations (Lin et al.,
"Microsoft COCO", 2014; cocodataset.org/#format-data); MOTChallenge 1.1 text (Dendorfer et al.,
"MOTChallenge", IJCV 2021; motchallenge.net/instructions).
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeAlias

import numpy as np

from veilcast.errors import FindingsError, UsageError
from veilcast.types import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from veilcast.findings.document import Findings, FindingsDocument
    from veilcast.types import Track

Format: TypeAlias = Literal["csv", "coco", "mot"]
SUFFIXES: dict[Format, str] = {"csv": ".csv", "coco": ".coco.json", "mot": ".mot.txt"}
COLUMNS = (
    "stage",
    "track",
    "identifier",
    "time_us",
    "x",
    "y",
    "width",
    "height",
    "score",
    "origin",
    "detector",
)
_NOT_GIVEN = "-1"
_ORIGINS = {origin.value: origin.name.lower() for origin in Origin}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """The frames that are numbered.

    Attributes:
        times_us: int64, rising.
        size: width and height of the displayed frame, where the recording was at hand.
    """

    times_us: NDArray[np.int64]
    size: tuple[int, int] | None = None


def export(
    document: FindingsDocument,
    form: Format,
    out: TextIO,
    *,
    stage: str | None = None,
    frames: Frames | None = None,
) -> None:
    """Write every box of every track, in the order of stages, tracks and times.

    Args:
        document: what was located.
        form: which format.
        out: gets the text; opened with ``newline=""``.
        stage: only this stage's tracks.
        frames: those of the recording; without them frames are numbered by the rank of the
            times in which anything was located.

    Raises:
        FindingsError: there is no such stage, or a box is at no frame's time.
        UsageError: the format has room for one stage's tracks and there are several.
    """
    stages = [findings for findings in document.stages if stage in (None, findings.stage)]
    if not stages:
        known = ", ".join(findings.stage for findings in document.stages) or "none"
        raise FindingsError(f"The findings have no stage of that name; they have: {known}.")
    if form == "csv":
        _csv(stages, out)
        return
    numbered = frames or Frames(times_us=_times(stages))
    _check_on_frames(stages, numbered)
    if form == "coco":
        _coco(stages, numbered, out)
        return
    with_tracks = [findings for findings in stages if findings.tracks]
    if len(with_tracks) > 1:
        names = " and ".join(findings.stage for findings in with_tracks)
        raise UsageError(f"MOT has no room for stages, and {names} have tracks; choose by --stage.")
    _mot(with_tracks, numbered, out)


def _times(stages: Sequence[Findings]) -> NDArray[np.int64]:
    columns = [track.times_us for findings in stages for track in findings.tracks]
    return np.unique(np.concatenate(columns)) if columns else np.zeros(0, dtype=np.int64)


def _check_on_frames(stages: Sequence[Findings], frames: Frames) -> None:
    if not np.isin(_times(stages), frames.times_us).all():
        raise FindingsError(
            "The findings have boxes at times at which the recording has no frame; "
            "correct them, or locate again."
        )


def _rows(track: Track) -> Iterator[tuple[int, list[float], float | None, str]]:
    """Time, box, score and origin of each frame; boxes as findings files have them."""
    columns = (track.times_us, track.boxes, track.scores, track.origins)
    for time_us, box, score, origin in zip(*(c.tolist() for c in columns), strict=True):
        known = None if math.isnan(score) else round(score, 4)
        yield time_us, [round(value, 3) for value in box], known, _ORIGINS[origin]


def _csv(stages: Sequence[Findings], out: TextIO) -> None:
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for findings in stages:
        for track in findings.tracks:
            for time_us, box, score, origin in _rows(track):
                known = "" if score is None else score
                place = (findings.stage, track.id, track.identifier, time_us)
                writer.writerow((*place, *box, known, origin, track.detector))


def _classes(stages: Sequence[Findings]) -> dict[str, tuple[int, str]]:
    """Number, from 1, and HIPAA letter of each identifier, in alphabetical order."""
    letters = {t.identifier: t.hipaa for findings in stages for t in findings.tracks}
    return {name: (number, letters[name]) for number, name in enumerate(sorted(letters), 1)}


def _coco(stages: Sequence[Findings], frames: Frames, out: TextIO) -> None:
    classes = _classes(stages)
    annotations: list[dict[str, Any]] = []
    for findings in stages:
        for track in findings.tracks:
            numbers = np.searchsorted(frames.times_us, track.times_us) + 1
            for image, row in zip(numbers.tolist(), _rows(track), strict=True):
                _, box, score, origin = row
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image,
                        "category_id": classes[track.identifier][0],
                        "bbox": box,
                        "area": round(box[2] * box[3], 3),
                        "iscrowd": 0,
                        "score": score,
                        "track_id": track.id,
                        "stage": findings.stage,
                        "origin": origin,
                        "detector": track.detector,
                    }
                )
    size = {} if frames.size is None else dict(zip(("width", "height"), frames.size, strict=True))
    images = [
        {"id": number, "file_name": f"frame-{number:06}.png", "time_us": time_us, **size}
        for number, time_us in enumerate(frames.times_us.tolist(), 1)
    ]
    categories = [
        {"id": number, "name": name, "supercategory": f"HIPAA {letter}" if letter else ""}
        for name, (number, letter) in classes.items()
    ]
    whole = {
        "info": {"description": "Located by Veilcast; times are microseconds"},
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }
    json.dump(whole, out, separators=(",", ":"))
    out.write("\n")


def _mot(stages: Sequence[Findings], frames: Frames, out: TextIO) -> None:
    classes = _classes(stages)
    lines = []
    for findings in stages:
        for track in findings.tracks:
            numbers = np.searchsorted(frames.times_us, track.times_us) + 1
            kind = classes[track.identifier][0]
            for frame, row in zip(numbers.tolist(), _rows(track), strict=True):
                _, (x, y, width, height), score, _ = row
                # Its top left pixel is (1, 1).
                place = (round(x + 1, 3), round(y + 1, 3), width, height)
                sure = _NOT_GIVEN if score is None else score
                lines.append((frame, track.id, *place, sure, kind, 1))
    lines.sort(key=lambda line: line[:2])
    csv.writer(out, lineterminator="\n").writerows(lines)
