"""A picture takes the place of what is covered: one of the user's, or a drawn face.

Where a picture is transparent the fill colour shows, and never what was there: what is shown has no
alpha left. All in integers, so every machine gives the same samples.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from veilcast.errors import SettingError
from veilcast.media.orientation import Orientation
from veilcast.redaction.treatments.colour import samples_of
from veilcast.types import Box

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import Plane

_UPRIGHT, _ANYWHERE = Orientation(), Box(x=0, y=0, width=1, height=1)
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_SIDE = 1024
"""A picture is kept no larger than this."""
_EMOJI_SIDE = 256
_SUBSAMPLES = 4
_SKIN, _RIM, _DARK = (255, 204, 77), (224, 160, 40), (88, 55, 20)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is shown, without alpha.

    Attributes:
        levels: shape (height, width, 3), uint8, R'G'B', read only; each half as wide and high as
            the one before.
    """

    levels: tuple[NDArray[np.uint8], ...]


@lru_cache(maxsize=8)
def shown(path: Path, sha256: str, rgb: tuple[int, int, int]) -> Picture:
    """A picture of the user's over a colour.

    Raises:
        SettingError: it is no longer what it was, or no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise SettingError("The picture to show can't be read; check its path.") from exc
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SettingError("The picture to show has changed since the run began; run it again.")
    return _over(_decoded(data), rgb)


@lru_cache(maxsize=8)
def _face(rgb: tuple[int, int, int]) -> Picture:
    """A drawn smiling face over a colour."""
    return _over(_drawn_face(), rgb)


def picture(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """The user's `picture`, stretched over the cover and upright as displayed."""
    return _painted(samples, plane, params["picture"])


def emoji(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """A smiling face over the colour `rgb`, stretched over the cover and upright as displayed."""
    return _painted(samples, plane, _face(tuple(params["rgb"])))


def _painted(samples: NDArray[Any], plane: Plane, what: Picture) -> NDArray[Any]:
    import numpy as np

    box, turned = plane.box, plane.orientation.transposed
    width, height = (box.height, box.width) if turned else (box.width, box.height)
    # The smallest that need not be enlarged: sampling a larger one would skip some of it.
    large = [i for i, s in enumerate(what.levels) if s.shape[0] >= height and s.shape[1] >= width]
    bare = replace(plane, box=_ANYWHERE, orientation=_UPRIGHT)
    coded = plane.orientation.to_stored(_coded(what, large[-1] if large else 0, bare))
    lines = _between(coded, samples.shape[0], box.y, box.height)
    mixed = _between(lines.T, samples.shape[1], box.x, box.width).T
    # 32 bits just hold samples of 16 bits in 1/65536, and the half that rounds.
    rounded: NDArray[Any] = (mixed + np.uint32(1 << 15)) >> np.uint32(16)
    return rounded.astype(samples.dtype)


@lru_cache(maxsize=32)
def _coded(what: Picture, level: int, plane: Plane) -> NDArray[np.uint32]:
    """A picture's samples as they are coded in a plane: the same for every frame."""
    import numpy as np

    return samples_of(plane, what.levels[level]).astype(np.uint32)


def _between(
    lines: NDArray[np.uint32], count: int, start: float, length: float
) -> NDArray[np.uint32]:
    """So many lines, each 256 times what lies where its middle is between two of the given ones.

    The given ones lie evenly from `start`, where the unit is the distance of those wanted.
    """
    import numpy as np

    middle = (np.arange(count) + 0.5 - start) / length * len(lines) - 0.5
    at = np.floor(np.clip(middle, 0, len(lines) - 1) * 256 + 0.5).astype(np.uint32)
    first, share = at >> np.uint32(8), (at & np.uint32(255))[:, None]
    following = np.minimum(first + np.uint32(1), np.uint32(len(lines) - 1))
    between: NDArray[np.uint32] = lines[first] * (np.uint32(256) - share) + lines[following] * share
    return between


def _decoded(data: bytes) -> NDArray[np.uint8]:
    """A PNG or JPEG as R'G'B'A, shape (height, width, 4), turned as it says."""
    import cv2
    import numpy as np

    if not data.startswith((_PNG, _JPEG)):
        raise SettingError("The picture to show is neither a PNG nor a JPEG file.")
    # Unchanged keeps alpha, which only a PNG has, and leaves out the turn, which a JPEG may have.
    how = cv2.IMREAD_UNCHANGED if data.startswith(_PNG) else cv2.IMREAD_COLOR
    try:
        read: NDArray[Any] | None = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), how))
    except cv2.error:
        read = None
    if read is None or read.ndim not in (2, 3) or read.dtype not in (np.uint8, np.uint16):
        raise SettingError("The picture to show is damaged or of an unknown kind; save it anew.")
    if read.dtype == np.uint16:
        read = (read >> 8).astype(np.uint8)
    channels = 1 if read.ndim == 2 else read.shape[2]
    code = {1: cv2.COLOR_GRAY2RGBA, 3: cv2.COLOR_BGR2RGBA, 4: cv2.COLOR_BGRA2RGBA}[channels]
    rgba: NDArray[np.uint8] = np.asarray(cv2.cvtColor(read, code))
    rows, columns = rgba.shape[:2]
    longer = max(rows, columns)
    if longer > _SIDE:
        rgba = _shrunk(rgba, -(-rows * _SIDE // longer), -(-columns * _SIDE // longer))
    return rgba


def _over(rgba: NDArray[np.uint8], rgb: tuple[int, int, int]) -> Picture:
    """The picture over a colour; where it is transparent that colour is all there is."""
    import numpy as np

    alpha = rgba[..., 3:].astype(np.uint32)
    mixed = rgba[..., :3] * alpha + np.array(rgb, np.uint32) * (255 - alpha)
    levels: list[NDArray[np.uint8]] = [((mixed + 127) // 255).astype(np.uint8)]
    while min(levels[-1].shape[:2]) > 1:
        rows, columns, _ = levels[-1].shape
        levels.append(_shrunk(levels[-1], -(-rows // 2), -(-columns // 2)))
    for level in levels:
        level.flags.writeable = False
    return Picture(tuple(levels))


def _shrunk(pixels: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """So many rows and columns, no more than there are, each the average of those it stands for."""
    import numpy as np

    sums, counts = pixels.astype(np.uint32), np.uint32(1)
    for axis, count in ((0, rows), (1, columns)):
        edges = np.arange(count + 1) * pixels.shape[axis] // count
        sums = np.add.reduceat(sums, edges[:-1], axis=axis)
        stand_for = np.diff(edges).astype(np.uint32)
        counts = counts * (stand_for[:, None, None] if axis == 0 else stand_for[:, None])
    return np.asarray((sums + counts // 2) // counts).astype(np.uint8)


def _drawn_face() -> NDArray[np.uint8]:
    """A round face on nothing, R'G'B'A."""
    import numpy as np

    side = _EMOJI_SIDE * _SUBSAMPLES
    # From the middle, at the middle of each subsample; the radius is 1000 * side.
    across = ((2 * np.arange(side, dtype=np.int64) + 1 - side) * 1000)[None, :]
    down = across.T
    from_middle = across**2 + down**2
    drawn = np.zeros((side, side, 4), np.uint8)
    drawn[from_middle <= (1000 * side) ** 2] = (*_RIM, 255)
    drawn[from_middle <= (940 * side) ** 2] = (*_SKIN, 255)
    for eye in (-330, 330):
        along, along_down = (across - eye * side) * 180, (down + 250 * side) * 110
        drawn[along**2 + along_down**2 <= (110 * 180 * side) ** 2] = (*_DARK, 255)
    around = across**2 + (down - 50 * side) ** 2
    smile = (around <= (620 * side) ** 2) & (around >= (500 * side) ** 2) & (down >= 230 * side)
    drawn[smile] = (*_DARK, 255)
    return _shrunk(drawn, _EMOJI_SIDE, _EMOJI_SIDE)
