"""Delivered clips with faces or marks in them, and what the check of the picture says of them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from testmedia.scene import place_face, texture
from testmedia.tools import write_pictures
from visual.marks import detector, frame, mark, write

from veilcast.checks.picture_check import examine
from veilcast.extensions import CheckContext, Treated
from veilcast.host import Host
from veilcast.media.probe import probe
from veilcast.models import find
from veilcast.pipeline.plugin_calls import guarded_detectors
from veilcast.plugin import Box
from veilcast.settings import DetectSettings
from veilcast_faces import FacesSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.extensions import Problem

    Pixels = NDArray[np.uint8]

RATE = 25
SIZE = (480, 270)
PADDING = 0.25


def milliseconds(frames: int, rate: float = RATE) -> list[int]:
    return [round(1000 * n / rate) for n in range(frames)]


def us(number: int) -> int:
    """The time of a frame of a clip of faces."""
    return round(1_000_000 * number / RATE)


# Faces


def face_at(number: int, height: float = 60, x: float = 120) -> Box:
    """Where the one who walks is in a frame."""
    width = height * 96 / 114
    return Box(
        x=x + 2.5 * number - width / 2, y=130 - height / 2 + number / 3, width=width, height=height
    )


def with_faces(boxes: Iterable[Box], size: tuple[int, int] = SIZE) -> Pixels:
    picture = texture(*size).copy()
    for box in boxes:
        place_face(picture, (box.x + box.width / 2, box.y + box.height / 2), box.height)
    return picture


def covered_with(treatment: str, picture: Pixels, box: Box) -> None:
    """As the default settings cover: an ellipse around the padded box."""
    grown = box.grown(PADDING)
    left, top = max(round(grown.x), 0), max(round(grown.y), 0)
    right, bottom = round(grown.right), round(grown.bottom)
    part = picture[top:bottom, left:right]
    under = part.copy()
    height, width = part.shape[:2]
    if treatment == "mosaic":
        block = max(16, -(-round(box.width) // 4))
        for y in range(0, height, block):
            for x in range(0, width, block):
                tile = under[y : y + block, x : x + block]
                tile[:] = tile.reshape(-1, 3).mean(axis=0).round()
    elif treatment == "blur":
        under = np.asarray(cv2.GaussianBlur(under, (0, 0), 0.15 * box.width), np.uint8)
    elif treatment == "fill":
        under[:] = 0
    else:
        # A picture of somebody else's face.
        under[:] = cv2.resize(
            with_faces([Box(x=60, y=60, width=70, height=83)], (190, 200)), (width, height)
        )
    mask: Pixels = np.zeros((height, width), np.uint8)
    middle = (width // 2, height // 2)
    cv2.ellipse(mask, middle, (width // 2, height // 2), 0, 0, 360, 1, -1)
    part[:] = np.where(mask[..., None] == 1, under, part)


def clip(
    path: Path,
    frames: int,
    faces: Callable[[int], Sequence[Box]],
    *,
    treatment: str = "mosaic",
    bare: Callable[[int, int], bool] = lambda number, face: False,
    size: tuple[int, int] = SIZE,
) -> Path:
    """A clip in which every face is covered, but those of which `bare` is true."""

    def drawn(number: int) -> Pixels:
        boxes = faces(number)
        picture = with_faces(boxes, size)
        for index, box in enumerate(boxes):
            if not bare(number, index):
                covered_with(treatment, picture, box)
        return picture

    pictures = (drawn(number) for number in range(frames))
    options = {"crf": "20", "preset": "veryfast"}
    write_pictures(path, pictures, rate=Fraction(RATE), options=options)
    return path


def by_frame(boxes: Callable[[int], Sequence[Box]]) -> Callable[[int], Sequence[Box]]:
    """Boxes of a frame as boxes at a time."""
    return lambda time_us: boxes(round(time_us * RATE / 1_000_000))


def padded(boxes: Callable[[int], Sequence[Box]]) -> Callable[[int], Sequence[Box]]:
    return by_frame(lambda number: [box.grown(PADDING) for box in boxes(number)])


def faces_left(
    path: Path,
    *,
    covers: Callable[[int], Sequence[Box]] = lambda _: (),
    spared: Callable[[int], Sequence[Box]] = lambda _: (),
    settings: FacesSettings | None = None,
    missing: Collection[str] = (),
    others: Iterable[Treated] = (),
) -> list[Problem]:
    """What the check says of faces.

    Args:
        path: the delivered file.
        covers: by time.
        spared: by time.
        settings: of the stage.
        missing: models that are not there.
        others: what other stages did.
    """
    from veilcast.errors import ModelMissingError

    host = Host()

    def models(names: Sequence[str]) -> Mapping[str, Path]:
        if set(names) & set(missing):
            raise ModelMissingError("Model files are not on this machine.")
        return {name: find(host.model(name)) for name in names}

    treated = Treated(
        stage="faces", settings=settings or FacesSettings(), covers=covers, spared=spared
    )
    return examined(path, (treated, *others), guarded_detectors(host), models)


def examined(
    path: Path,
    treated: Sequence[Treated],
    detectors: Mapping[str, Any],
    models: Callable[[Sequence[str]], Mapping[str, Path]] = lambda names: {},
) -> list[Problem]:
    return examine(
        CheckContext(
            delivered=path,
            delivered_media=probe(path),
            source=None,
            source_media=None,
            source_frames=None,
            progress=lambda activity, done, total: None,
            treated=tuple(treated),
            detectors=detectors,
            models=models,
        )
    )


# Marks: what `visual.marks` detects needs no model.

MARK = 44


def marks_clip(
    path: Path,
    times_ms: Sequence[int],
    places: Callable[[int], Sequence[Box]],
    size: tuple[int, int] = (320, 240),
) -> Path:
    """A clip in which marks are where `places` says, by the number of the frame."""

    def drawn(number: int) -> Pixels:
        picture = frame(None, size=size)
        for box in places(number):
            mark(picture, box)
        return picture

    return write(path, (drawn(number) for number in range(len(times_ms))), times_ms)


def marks_left(
    path: Path, *detectors: Any, located: Sequence[str] = ("marks",), **said: Any
) -> list[Problem]:
    """What the check says of marks; by itself there are one that located and another."""
    known = {one.name: one for one in detectors or (detector(), detector(name="other"))}
    covers = {name: said.pop(name) for name in ("covers", "spared") if name in said}
    settings = DetectSettings(detectors=tuple(located), **said)
    return examined(path, [Treated(stage="badges", settings=settings, **covers)], known)
