"""PP-OCR: lines of text found by differentiable binarisation and read by CTC.

Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020. Graves et
al., "Connectionist Temporal Classification", ICML 2006. The models are those of PaddleOCR.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.plugin import LineReading, Network, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import Device, Picture

    Floats = NDArray[np.float64]

_MULTIPLE = 32
_MEAN = np.asarray((0.485, 0.456, 0.406), dtype=np.float32)
_SPREAD = np.asarray((0.229, 0.224, 0.225), dtype=np.float32)
_LIKELY, _LEAST_SCORE = 0.25, 0.5
_GROWN = 1.5
_LEAST_PX = 3.0
_HEIGHT, _LEAST_WIDTH, _MOST_WIDTH = 48, 24, 3200
_BLANK = 0


class PpOcr:
    """Loaded detection and recognition models of PP-OCR."""

    def __init__(
        self,
        finding: Path,
        reading: Path,
        alphabet: Path | None,
        *,
        threads: int = 1,
        device: Device = "auto",
    ) -> None:
        """Load them.

        Args:
            finding: the .onnx file of the detection model.
            reading: that of the recognition model.
            alphabet: the characters that it knows, one on each line; None: noted in the file.
            threads: how many the CPU may use.
            device: as in `Network`.

        Raises:
            SettingError: the files are no such models.
        """
        self._finding = Network(finding, threads=threads, device=device, many_sizes=True)
        self._reading = Network(reading, threads=threads, device=device, many_sizes=True)
        if alphabet is None:
            known = self._reading.fact("character")
        else:
            known = alphabet.read_text(encoding="utf-8")
        # Some of them are separators to Python.
        self._characters = ("", *known.removesuffix("\n").replace("\r", "").split("\n"), " ")

    def find(self, picture: Picture) -> list[Floats]:
        """Corners of each line, in pixels of the picture, surest first."""
        if not picture.size:
            return []
        outputs = self._finding(_as_input(picture))
        ((chances,),) = next(iter(outputs.values()))
        height, width = picture.shape[:2]
        return [place.corners for place in _places(chances[:height, :width])]

    def read(self, picture: Picture) -> LineReading:
        """What one level line says."""
        import cv2

        height, width = picture.shape[:2]
        if not height or not width:
            return LineReading(text="")
        wide = min(_MOST_WIDTH, max(_LEAST_WIDTH, round(width * _HEIGHT / height)))
        small = cv2.resize(picture[:, :, ::-1], (wide, _HEIGHT), interpolation=_method(height))
        inputs = np.ascontiguousarray(small.transpose(2, 0, 1)[None], dtype=np.float32)
        (chances,) = next(iter(self._reading(inputs / 127.5 - 1).values()))
        return self._decoded(chances)

    def _decoded(self, chances: NDArray[np.float32]) -> LineReading:
        """The surest character of each step, without repetitions and blanks."""
        best = chances.argmax(axis=1)
        if chances.shape[1] != len(self._characters):
            raise SettingError("The recognition model of the text reader has other characters.")
        text: list[str] = []
        sure: list[float] = []
        middles: list[float] = []
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(best)], strict=True):
            number = int(best[start])
            if number == _BLANK:
                continue
            character = self._characters[number]
            text += character
            sure += [min(1.0, float(chances[start:end, number].max()))] * len(character)
            middles += [(float(start) + float(end)) / 2 / len(best)] * len(character)
        return LineReading(text="".join(text), confidences=tuple(sure), middles=tuple(middles))

    def close(self) -> None:
        """Nothing is held beside memory."""


class _Place(NamedTuple):
    score: float
    corners: Floats


def _method(height: int) -> int:
    import cv2

    return cv2.INTER_AREA if height > _HEIGHT else cv2.INTER_CUBIC


def _as_input(picture: Picture) -> NDArray[np.float32]:
    """Blue first, normalised, the right and lower edge filled up to the network's multiple."""
    height, width = picture.shape[:2]
    down, across = (-(-side // _MULTIPLE) * _MULTIPLE for side in (height, width))
    inputs = np.zeros((1, 3, down, across), dtype=np.float32)
    for channel in range(3):
        samples = picture[:, :, 2 - channel].astype(np.float32) / np.float32(255)
        inputs[0, channel, :height, :width] = (samples - _MEAN[channel]) / _SPREAD[channel]
    return inputs


def _places(chances: NDArray[np.float32]) -> list[_Place]:
    """Rectangles around what is likely to be text, grown by what the network was taught to shrink.

    Args:
        chances: of each pixel to be in the core of a line, shape (height, width).
    """
    import cv2

    likely = (chances > _LIKELY).astype(np.uint8)
    outlines, _ = cv2.findContours(likely, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in (np.asarray(one, dtype=np.int32) for one in outlines):
        middle, (across, down), angle = cv2.minAreaRect(outline)
        if min(across, down) < _LEAST_PX:
            continue
        score = _score(chances, outline)
        if score < _LEAST_SCORE:
            continue
        margin = _GROWN * across * down / (across + down)
        box = cv2.boxPoints((middle, (across + margin, down + margin), angle))
        found.append(_Place(score, _as_read(np.asarray(box, dtype=np.float64))))
    found.sort(key=lambda place: (-place.score, *place.corners[0].tolist()))
    return found


def _score(chances: NDArray[np.float32], outline: NDArray[np.int32]) -> float:
    import cv2

    left, top, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(inside, [outline - (left, top)], 1)
    return float(cv2.mean(chances[top : top + height, left : left + width], inside)[0])


def _as_read(corners: Floats) -> Floats:
    """Clockwise from the top left of a line that is longer than high and reads to the right."""
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    first = 0 if sides[0] >= sides[1] else 1
    turned = np.roll(corners, -first, axis=0)
    across = turned[1] - turned[0]
    if across[0] < 0 or (across[0] == 0 and across[1] < 0):
        turned = np.roll(turned, -2, axis=0)
    return turned
