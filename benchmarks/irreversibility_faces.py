"""The faces that `irreversibility.py` covers: who they are, and how they are brought to one size.

Two sets, because each lacks what the other has. `pictures` are the hundred faces of LFW that
scikit-image ships (25 x 25 pixels, one picture of each person): many people, but the second picture
of each has to be made from the first. `clips` are the people in the shared clips: real frames at
real times, but few of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from veilcast.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Grey = NDArray[Any]
    """Rows of 8-bit samples."""

FACE_PX = 200
"""The width of every face's box. Half of a 400 px face: its pixel sizes are halved too."""
AROUND = 0.5
"""How much is kept on each side of the box: covers are larger than boxes."""


@dataclass(frozen=True, slots=True)
class Face:
    """One view of one person: a grey picture and where the face is in it."""

    person: int
    picture: Grey
    box: Box


@dataclass(frozen=True, slots=True)
class FaceSet:
    """Tracks of the same people: what the attacker has (`gallery`), what was covered (`probes`)."""

    name: str
    people: int
    gallery: list[list[Face]]
    probes: list[list[Face]]


def _box(width: int, height: int) -> Box:
    """The face's box in a picture that is as much larger as `AROUND` says."""
    share = AROUND / (1 + 2 * AROUND)
    return Box(
        x=width * share,
        y=height * share,
        width=width * (1 - 2 * share),
        height=height * (1 - 2 * share),
    )


# -- pictures ------------------------------------------------------------------------------------


def _elastic(
    shape: tuple[int, int], amount: float, rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """A smooth random displacement, px: a stand-in for expression and turned heads."""
    size = (shape[1], shape[0])
    across, down = (
        cv2.resize(
            rng.normal(0, amount, (5, 4)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC
        )
        for _ in range(2)
    )
    return across, down


def _view(face: NDArray[np.float32], rng: np.random.Generator, spread: float) -> Grey:
    """Something like another picture of the same person: turned, bent, lit from elsewhere."""
    height, width = face.shape
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), rng.normal(0, 2.5 * spread), 1 + rng.normal(0, 0.02 * spread)
    )
    turn[:, 2] = turn[:, 2] + rng.normal(0, 0.01 * spread * FACE_PX, 2)
    view = cv2.warpAffine(face, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = _elastic(view.shape, 0.015 * spread * FACE_PX, rng)
    view = cv2.remap(
        view, columns + across, rows + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    angle, depth = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.3 * spread)
    middle = (columns / width - 0.5, rows / height - 0.5)
    # From one side of the face to the other, which is about a third of the picture.
    slope = np.cos(angle) * middle[0] + np.sin(angle) * middle[1]
    view = 255 * (np.clip(view, 0, 255) / 255) ** np.exp(rng.normal(0, 0.15 * spread))
    view = view * np.exp(2 * depth * slope) * rng.uniform(0.85, 1.15) + rng.normal(0, 6)
    return np.asarray(np.clip(view, 0, 255).astype(np.uint8))


def _moving(view: Grey, person: int, frames: int, rng: np.random.Generator) -> list[Face]:
    """The view in motion: the head wanders over whole and parts of pixels, with sensor noise."""
    height, width = view.shape
    path = np.cumsum(rng.normal(0, 0.01 * FACE_PX, (frames, 2)), axis=0)
    path -= path[0]
    track = []
    for x, y in np.clip(path, -0.1 * FACE_PX, 0.1 * FACE_PX):
        shift = np.array([[1, 0, x], [0, 1, y]])
        moved = cv2.warpAffine(view, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
        noisy = moved + rng.normal(0, 3, moved.shape)
        box = _box(width, height)
        track.append(
            Face(
                person,
                np.clip(noisy, 0, 255).astype(np.uint8),
                Box(x=box.x + x, y=box.y + y, width=box.width, height=box.height),
            )
        )
    return track


def pictures(name: str, people: int, frames: int, spread: float, seed: int) -> FaceSet:
    """`people` of the hundred, each as a gallery track and a probe track of so many frames."""
    from skimage.data import lfw_subset

    rng = np.random.default_rng(seed)
    crops = lfw_subset()  # type: ignore[no-untyped-call]
    gallery, probes = [], []
    for person, small in enumerate(crops[:people]):
        # The crops are as tall as the face and a little wider.
        tall = round(FACE_PX * 1.25)
        large = cv2.resize(
            np.clip(small, 0, 1).astype(np.float32) * 255,
            (tall, tall),
            interpolation=cv2.INTER_CUBIC,
        )
        down, across = round(AROUND * tall), round(AROUND * FACE_PX) - (tall - FACE_PX) // 2
        wide = cv2.copyMakeBorder(large, down, down, across, across, cv2.BORDER_REPLICATE)
        gallery.append(_moving(_view(wide, rng, spread), person, frames, rng))
        probes.append(_moving(_view(wide, rng, spread), person, frames, rng))
    return FaceSet(name, people, gallery, probes)


# -- clips ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sighting:
    """Where a person is to be found: a clip, and which of its faces from left to right."""

    clip: str
    place: int = 0
    of: int = 1


PEOPLE = (
    # Four signers before the same wall in the same light, two of them in several clips.
    (_Sighting("asl_brother.mkv"), _Sighting("asl_help.mkv")),
    (_Sighting("asl_eat.mkv"), _Sighting("asl_sister.mkv")),
    (_Sighting("asl_hungry.mkv"),),
    (_Sighting("asl_milk.mkv"),),
    (_Sighting("egoblur_near_far.mp4"),),
    (_Sighting("egoblur_table_fisheye.mp4", 0, 2),),
    (_Sighting("egoblur_table_fisheye.mp4", 1, 2),),
    (_Sighting("foreman_cif_300f.mp4"),),
    (_Sighting("intel_head-pose-face-detection-female-and-male.mp4", 0, 2),),
    (_Sighting("intel_head-pose-face-detection-female-and-male.mp4", 1, 2),),
    (_Sighting("two_people_vc_9f.mp4", 0, 2),),
    (_Sighting("two_people_vc_9f.mp4", 1, 2),),
    (_Sighting("zhling_720p_19f.mp4"),),
)
"""Told apart by eye. Where there are two clips the first is the gallery and the second the probe;
where there is one, its first part and its last part."""


def _frames(path: Path, limit: int) -> Iterator[NDArray[Any]]:
    import av

    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == limit:
                return
            yield frame.to_ndarray(format="bgr24")


def _cut(grey: Grey, box: Box) -> Face:
    """The face with what is around it, scaled to `FACE_PX`; the frame's edge is continued."""
    scale = FACE_PX / box.width
    height = round(box.height * scale)
    out = (round(FACE_PX * (1 + 2 * AROUND)), round(height * (1 + 2 * AROUND)))
    target = _box(*out)
    move = np.array([[scale, 0, target.x - box.x * scale], [0, scale, target.y - box.y * scale]])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    cut = cv2.warpAffine(grey, move, out, flags=method, borderMode=cv2.BORDER_REPLICATE)
    return Face(-1, cut.astype(np.uint8), target)


def _track(folder: Path, seen: _Sighting, detector: cv2.FaceDetectorYN) -> list[Face]:
    """The person's faces over the clip, in the frames where as many are seen as there should be."""
    track = []
    for picture in _frames(folder / seen.clip, 300):
        height, width = picture.shape[:2]
        scale = min(1.0, 640 / max(height, width))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        detector.setInputSize((small.shape[1], small.shape[0]))
        found = detector.detect(small)[1]
        if found is None or len(found) != seen.of:
            continue
        x, y, box_width, box_height = sorted(found[:, :4].tolist())[seen.place]
        box = Box(x=x / scale, y=y / scale, width=box_width / scale, height=box_height / scale)
        track.append(_cut(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), box))
    return track


def _thinned(track: list[Face], frames: int, person: int) -> list[Face]:
    chosen = np.linspace(0, len(track) - 1, min(frames, len(track))).round().astype(int)
    return [Face(person, track[at].picture, track[at].box) for at in dict.fromkeys(chosen.tolist())]


def clips(shared: Path, frames: int) -> FaceSet:
    """The people of `PEOPLE`, each with a gallery track and a later probe track."""
    model = next((shared / "models" / "faces").glob("*yunet*.onnx"))
    detector = cv2.FaceDetectorYN.create(str(model), "", (320, 320), 0.6)
    gallery, probes = [], []
    for person, sightings in enumerate(PEOPLE):
        tracks = [_track(shared / "data" / "faces", seen, detector) for seen in sightings]
        third = len(tracks[0]) * 2 // 5
        first, last = tracks if len(tracks) == 2 else (tracks[0][:third], tracks[0][-third:])
        gallery.append(_thinned(first, frames, person))
        probes.append(_thinned(last, frames, person))
    return FaceSet("clips", len(PEOPLE), gallery, probes)
