"""What every visual detector promises, and a detector with a picture to try it with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from veilcast.testing.loading import ClosedAfterwards, paths_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.extensions import LoadedDetector, VisualDetector
    from veilcast.settings import DetectorSettings
    from veilcast.testing.loading import Models
    from veilcast.types import Box, Detection, Picture


class DetectorCase(ClosedAfterwards):
    """A detector and a picture to try it with. It is loaded once for each set of options."""

    def __init__(
        self,
        detector: VisualDetector,
        picture: Picture,
        boxes: Sequence[Box | tuple[float, float, float, float]],
        *,
        models: Models = None,
        settings: DetectorSettings | Mapping[str, Any] | None = None,
    ) -> None:
        """As `check_detector`; close it, or use it in a ``with`` statement."""
        self.detector = detector
        self.picture = picture
        self.places = [_place(box) for box in boxes]
        self._models, self._settings = models, settings
        self._loaded: dict[tuple[float, int], LoadedDetector] = {}

    @property
    def title(self) -> str:
        return f"detector '{self.detector.name}'"

    def load(self, *, least: float | None = None, threads: int = 1) -> LoadedDetector:
        """Loaded anew; the caller closes it."""
        from veilcast.extensions import DetectorContext

        return self.detector.load(
            DetectorContext(
                settings=settings_of(self.detector.settings, self._settings),
                least_score=self.detector.faint if least is None else least,
                models=paths_of(self.detector.models, self._models),
                threads=threads,
            )
        )

    def detect(
        self,
        picture: Picture,
        *,
        least: float | None = None,
        threads: int = 1,
        as_it_is: bool = False,
    ) -> list[Detection]:
        """What it sees in a picture: in a copy of it, or in the very one."""
        key = self.detector.faint if least is None else least, threads
        if key not in self._loaded:
            self._loaded[key] = self.load(least=least, threads=threads)
        return list(self._loaded[key].detect(picture if as_it_is else picture.copy()))

    def close(self) -> None:
        """Close what was loaded."""
        while self._loaded:
            self._loaded.popitem()[1].close()

    def missed(self, found: Sequence[Detection], x: float = 0, y: float = 0) -> str:
        """Which of the things were not seen, with the picture moved by `x` and `y`."""
        for left, top, width, height in self.places:
            place = (left + x, top + y, width, height)
            if not any(is_at(seen.box, place) for seen in found):
                shown = ", ".join(f"{value:g}" for value in place)
                return f"nothing was seen at ({shown}) among {len(found)} detections"
        return ""


def is_at(box: Box, place: tuple[float, float, float, float]) -> bool:
    """Whether a box is about at a place (x, y, width, height), and as large."""
    x, y, width, height = place
    return (
        abs(box.x + box.width / 2 - x - width / 2) < width / 4
        and abs(box.y + box.height / 2 - y - height / 2) < height / 4
        and 0.65 < box.width / width < 1.5
        and 0.65 < box.height / height < 2
    )


def unsound(found: Sequence[Any], picture: Picture, least: float) -> str:
    """Why these can't be detections in that picture, or ""."""
    height, width = picture.shape[:2]
    for seen in found:
        box = seen.box
        if not all(map(math.isfinite, (box.x, box.y, box.right, box.bottom, seen.score))):
            return "a box or a score is not a number"
        if not (box.width > 0 and box.height > 0) or box.clamped(width, height) is None:
            return f"a box is outside a picture of {width}x{height}"
        if not least <= seen.score <= 1:
            return f"a score is {seen.score:g} where it may be {least:g} to 1"
    return ""


def _place(box: Box | tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return box if isinstance(box, tuple) else (box.x, box.y, box.width, box.height)
