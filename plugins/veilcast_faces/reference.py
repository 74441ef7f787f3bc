"""Keeping one person uncovered by a reference photo, with a face-embedding model of the user's own.

The model maps a face to a vector; faces of one person have vectors with a high cosine similarity
(Deng et al., "ArcFace", CVPR 2019). Veilcast ships none. Whatever is in doubt stays covered: every
sighting that is compared must be like the photo, and nobody is in two places at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from veilcast.plugin import (
    Box,
    DetectorContext,
    Origin,
    SettingError,
    StageSettings,
    UserFile,
    read_frames,
)
from veilcast_faces.embedding import Embedding, check_tells_apart, crop

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import Detection, Findings, LoadedDetector, LocateContext, Picture, Track

SMALLEST = 32
"""A face narrower than this in the source can't be told from others, px."""
_EVERY_US = 1_000_000
_MOST = 24
"""A track's sightings are compared once a second, and at most so many of them."""
_ONE_FACE = 0.3
"""Boxes that overlap by this IoU show one face."""


class PersonSettings(StageSettings):
    """Whose face is left uncovered."""

    keep_person: UserFile | None = Field(
        default=None, description="a photo of one person whose face is left uncovered"
    )
    embedding_model: UserFile | None = Field(
        default=None,
        validate_default=True,
        description="an ONNX model of yours that maps 112x112 faces to vectors",
    )
    embedding_range: Literal["-1..1", "0..255"] = Field(
        default="-1..1", description="the range of the samples that the model expects"
    )
    keep_similarity: float = Field(
        default=0.5, gt=0, le=1, description="least cosine similarity of every compared sighting"
    )

    @field_validator("embedding_model")
    @classmethod
    def _needed(cls, value: object, info: ValidationInfo) -> object:
        if value is None and info.data.get("keep_person") is not None:
            raise ValueError(
                "keep_person needs a face-embedding model of yours; without one, leave tracks "
                "uncovered by 'keep' or rectangles by 'outside'"
            )
        return value


def unmark_person(context: LocateContext, findings: Findings) -> Findings:
    """Mark the tracks that show the person of the reference photo as not to be covered.

    A track is marked with the option ``{"cover": False}`` when, of every second of it, the largest
    sighting is at least 32 px wide and similar enough to the photo. Tracks that qualify but are
    apart in one and the same frame stay covered, all of them.

    Args:
        context: its settings derive from `PersonSettings` and `DetectSettings`; the source is
            read once more.
        findings: what was located; unchanged when the settings name no photo.

    Returns:
        The findings with the same tracks in the same order, and with sentences for the user.

    Raises:
        SettingError: the photo does not show one face, the model is no ONNX graph that can be run,
            or it takes what is no face for the person.
    """
    settings = context.settings
    tracks = findings.tracks
    if settings.keep_person is None or not tracks:
        return findings
    model = Embedding(_held(settings.embedding_model), raw=settings.embedding_range == "0..255")
    photo = _photo(_held(settings.keep_person))
    face = crop(photo, _only_face(context, photo))
    reference = model(face)
    if reference is None:
        raise SettingError("The embedding model has no answer for keep_person; try another photo.")
    least = settings.keep_similarity
    check_tells_apart(model, face, reference, least)
    alike = _alike(context, tracks, model, reference, least)
    apart = {
        track.id
        for one, other in combinations([t for t in tracks if t.id in alike], 2)
        if _are_apart(one, other)
        for track in (one, other)
    }
    kept = alike - apart
    marked = tuple(
        replace(track, options={**track.options, "cover": False}) if track.id in kept else track
        for track in tracks
    )
    sentences = _sentences(sorted(kept), sorted(apart))
    return replace(findings, tracks=marked, warnings=(*findings.warnings, *sentences))


def _sentences(kept: Sequence[int], apart: Sequence[int]) -> tuple[str, ...]:
    told = []
    if apart:
        names = ", ".join(map(str, apart))
        told.append(
            f"Tracks {names} are all like the person to keep but are in one picture at different "
            "places, so they stay covered; raise keep_similarity, or name the track by 'keep'."
        )
    if kept:
        names = ", ".join(map(str, kept))
        told.append(f"Recognised as the person to keep, and left uncovered: {names}; check them.")
    elif not apart:
        told.append(
            "No track was recognised as the person to keep, so all are covered; try another photo, "
            "or name the track by 'keep'."
        )
    return tuple(told)


def _held(chosen: Any) -> bytes:
    """What a file holds that the settings name by its hash."""
    try:
        data: bytes = chosen.path.read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != chosen.sha256:
        raise SettingError("keep_person or embedding_model was changed during the run; run again.")
    return data


def _photo(data: bytes) -> Picture:
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise SettingError("keep_person is no picture that can be read; give a JPEG or PNG photo.")
    return np.ascontiguousarray(picture[:, :, ::-1], dtype=np.uint8)


def _only_face(context: LocateContext, photo: Picture) -> Box:
    faces: list[Detection] = []
    for choice in context.settings.detectors:
        detector = context.detectors[choice.name]
        own = choice.own or detector.settings()
        least = own.confidence or context.settings.confidence or detector.confidence
        loaded = detector.load(
            DetectorContext(
                settings=own,
                least_score=least,
                models={name: context.models[name] for name in detector.models},
                threads=1,
            )
        )
        try:
            seen = _faces(loaded, photo, own.input_size or detector.input_side)
        finally:
            loaded.close()
        for one in sorted(seen, key=lambda one: -one.score):
            if one.score >= least and all(one.box.iou(f.box) < _ONE_FACE for f in faces):
                faces.append(one)
    if len(faces) != 1:
        found = f"{len(faces)} faces" if faces else "no face"
        raise SettingError(
            f"In the photo of keep_person {found} can be found; give one that shows only that "
            "person's face, from the front."
        )
    return faces[0].box


def _faces(detector: LoadedDetector, photo: Picture, side: int) -> list[Detection]:
    """Boxes in the photo's pixels."""
    import cv2
    import numpy as np

    height, width = photo.shape[:2]
    scale = min(1.0, side / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    across, down = width / size[0], height / size[1]
    return [
        replace(
            one,
            box=Box(
                x=one.box.x * across,
                y=one.box.y * down,
                width=one.box.width * across,
                height=one.box.height * down,
            ),
        )
        for one in detector.detect(small)
    ]


def _alike(
    context: LocateContext,
    tracks: Sequence[Track],
    model: Embedding,
    reference: NDArray[np.float64],
    least: float,
) -> set[int]:
    """The tracks of which every compared sighting is like the photo."""
    wanted: dict[int, list[tuple[int, Box]]] = {}
    missing: dict[int, int] = {}
    for track in tracks:
        sightings = compared(track)
        if not sightings or min(box.width for _, box in sightings) < SMALLEST:
            continue
        missing[track.id] = len(sightings)
        for time_us, box in sightings:
            wanted.setdefault(time_us, []).append((track.id, box))
    video = context.media.video
    if not wanted or video is None:
        return set()
    last, done = max(wanted), 0
    for time_us, frame in read_frames(context.source, context.media):
        here = [(number, box) for number, box in wanted.get(time_us, ()) if number in missing]
        if here:
            # A frame takes time to convert, and most need not be.
            picture = video.orientation.to_displayed(frame.to_ndarray(format="rgb24"))
            for number, box in here:
                vector = model(crop(picture, box))
                if vector is None or float(reference @ vector) < least:
                    missing.pop(number, None)
                else:
                    missing[number] -= 1
        done += time_us in wanted
        context.progress("recognising", done, len(wanted))
        if time_us >= last:
            break
    return {number for number, left in missing.items() if left == 0}


def compared(track: Track) -> list[tuple[int, Box]]:
    """The sightings of a track that are compared: the largest of each second, or of longer spans.

    Spread over the whole track, and not only its largest: one that went over from a person to
    another must not be taken for either.
    """
    import numpy as np

    seen = np.flatnonzero(track.origins == Origin.DETECTED)
    if not len(seen):
        return []
    times = track.times_us[seen]
    span = int(times[-1] - times[0])
    bins = (times - times[0]) // max(_EVERY_US, span // _MOST + 1)
    areas = track.boxes[seen, 2] * track.boxes[seen, 3]
    chosen = [seen[bins == number][np.argmax(areas[bins == number])] for number in np.unique(bins)]
    found = []
    for index in chosen:
        x, y, width, height = track.boxes[index].tolist()
        found.append((int(track.times_us[index]), Box(x=x, y=y, width=width, height=height)))
    return found


def _are_apart(one: Track, other: Track) -> bool:
    """Whether two tracks are in one frame without overlapping there as one face would."""
    import numpy as np

    _, here, there = np.intersect1d(one.times_us, other.times_us, return_indices=True)
    a, b = one.boxes[here], other.boxes[there]
    across = np.minimum(a[:, 0] + a[:, 2], b[:, 0] + b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    down = np.minimum(a[:, 1] + a[:, 3], b[:, 1] + b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    area = a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - shared
    return bool((shared < _ONE_FACE * area).any())
