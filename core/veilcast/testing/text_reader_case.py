"""What a text reader is tried with: a picture, the lines in it, and where they may be found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.testing.loading import ClosedAfterwards, paths_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import LineReading, LoadedTextReader, TextReader
    from veilcast.settings import TextReaderSettings
    from veilcast.testing.loading import Models
    from veilcast.types import Box, Picture

    Corners = NDArray[np.float64]
    Place = Box | tuple[float, float, float, float] | NDArray[Any]

_LEAST_SHARED = 0.5
_LEAST_HELD, _MOST_LARGER = 0.8, 4.0
_LEEWAY_PX, _LEEWAY = 16.0, 0.5
"""How far corners may be outside of a picture: pixels, or a share of its sides if that is more."""
_MOST_ASIDE = 4096


class TextReaderCase(ClosedAfterwards):
    """A text reader and a picture to try it with. It is loaded once."""

    def __init__(
        self,
        reader: TextReader,
        picture: Picture,
        lines: Sequence[tuple[str | None, Place]],
        *,
        models: Models = None,
        settings: TextReaderSettings | Mapping[str, Any] | None = None,
    ) -> None:
        """As `check_text_reader`; close it, or use it in a ``with`` statement."""
        self.reader = reader
        self.picture = picture
        self.lines = [(text, corners_of(place)) for text, place in lines]
        self._models, self._settings = models, settings
        self._loaded: LoadedTextReader | None = None

    @property
    def title(self) -> str:
        return f"text reader '{self.reader.name}'"

    def load(self) -> LoadedTextReader:
        """Loaded anew; the caller closes it."""
        from veilcast.extensions import TextReaderContext

        own = settings_of(self.reader.settings, self._settings)
        return self.reader.load(
            TextReaderContext(
                settings=own, models=paths_of(self.reader.models(own), self._models), threads=2
            )
        )

    def find(self, picture: Picture, *, as_it_is: bool = False) -> list[Corners]:
        """Where it finds lines in a picture: in a copy of it, or in the very one."""
        return list(self._ready().find(picture if as_it_is else picture.copy()))

    def read(self, level: Picture, *, as_it_is: bool = False) -> LineReading:
        """What it reads in the picture of a line: in a copy of it, or in the very one."""
        return self._ready().read(level if as_it_is else level.copy())

    def _ready(self) -> LoadedTextReader:
        if self._loaded is None:
            self._loaded = self.load()
        return self._loaded

    def close(self) -> None:
        """Close what was loaded."""
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded.close()

    def missed(self, found: Sequence[Corners], places: Sequence[Corners]) -> str:
        """Which of the places none of the found lines is at."""
        for place in places:
            if not any(is_at(one, place) for one in found):
                x, y = place.min(axis=0)
                return f"no line was found at ({x:g}, {y:g}) among {len(found)}"
        return ""


def corners_of(place: Place) -> Corners:
    """Four corners, clockwise from the top left: of a box, of x, y, width, height, or as given."""
    import numpy as np

    from veilcast.types import Box

    if isinstance(place, Box):
        place = (place.x, place.y, place.width, place.height)
    if isinstance(place, tuple) and len(place) == 4 and not np.shape(place[0]):
        x, y, width, height = place
        place = np.asarray([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    return np.asarray(place, dtype=np.float64).reshape(4, 2)


def is_at(found: Corners, place: Corners) -> bool:
    """Whether a found line is about where a line is, or holds nearly all of it and little else."""
    import cv2
    import numpy as np

    first, second = (np.asarray(one, dtype=np.float32) for one in (found, place))
    areas = abs(area_of(found)), abs(area_of(place))
    shared = float(cv2.intersectConvexConvex(first, second)[0])
    if shared <= 0 or min(areas) <= 0:
        return False
    held = shared / areas[1] >= _LEAST_HELD and areas[0] <= _MOST_LARGER * areas[1]
    return held or shared / (areas[0] + areas[1] - shared) >= _LEAST_SHARED


def area_of(corners: Corners) -> float:
    """Square pixels; positive where the corners go clockwise."""
    x, y = corners.T
    ahead_x, ahead_y = (corners.take([1, 2, 3, 0], axis=0)).T
    return float((x * ahead_y - ahead_x * y).sum() / 2)


def level(picture: Picture, corners: Corners) -> Picture:
    """A line cut out and turned level, as a stage does; beyond the picture its edge goes on."""
    import cv2
    import numpy as np

    (top, right, bottom, left) = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    across, down = (
        min(_MOST_ASIDE, max(1, round(float(side))))
        for side in ((top + bottom) / 2, (right + left) / 2)
    )
    corner = np.asarray([(0, 0), (across, 0), (across, down), (0, down)], dtype=np.float32)
    way = cv2.getPerspectiveTransform(corners.astype(np.float32), corner)
    cut = cv2.warpPerspective(picture, way, (across, down), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.uint8)


def unsound_lines(found: Any, picture: Picture) -> str:
    """Why these can't be the corners of lines in that picture, or ""."""
    import numpy as np

    if isinstance(found, str) or not isinstance(found, list | tuple):
        return f"find gave a {type(found).__name__} and not a list"
    sides = np.asarray(picture.shape[1::-1], dtype=np.float64)
    beyond = np.maximum(_LEEWAY_PX, _LEEWAY * sides)
    for one in found:
        if not isinstance(one, np.ndarray) or one.shape != (4, 2) or one.dtype.kind not in "fiu":
            return f"find gave a {type(one).__name__} that is not an array of four points"
        if not np.isfinite(one).all():
            return "a corner is not a number"
        if (one < -beyond).any() or (one > sides + beyond).any():
            return f"a line is outside a picture of {picture.shape[1]}x{picture.shape[0]}"
    return ""


def unsound_reading(said: Any) -> str:
    """Why this can't be what a line says, or ""."""
    from veilcast.extensions import LineReading

    if not isinstance(said, LineReading):
        return f"read gave a {type(said).__name__} and not a LineReading"
    if not isinstance(said.text, str) or "\n" in said.text:
        return "what it read is not one line of text"
    for what, values in (("confidences", said.confidences), ("middles", said.middles)):
        if len(values) != len(said.text):
            return f"there are {len(values)} {what} for {len(said.text)} characters"
        if not all(isinstance(value, float) and 0 <= value <= 1 for value in values):
            return f"one of the {what} is no number from 0 to 1"
    return "" if list(said.middles) == sorted(said.middles) else "the middles do not rise"
