"""Colours as samples of a plane, and the fill with one colour."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import Plane

LUMA_WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}
"""Kr and Kb of ITU-R BT.601-7, BT.709-6 and BT.2020-2 (non-constant luminance)."""


def _level(plane: Plane, red: Any, green: Any, blue: Any) -> Any:
    """The sample, not yet rounded, for each R'G'B' of 0 to 1 (ITU-T H.273, 8.3).

    Each operation by itself is exact to the last bit on every machine; a product of matrices isn't.
    """
    top = (1 << plane.depth) - 1
    step = 1 << (plane.depth - 8)
    if plane.role == "rgb":
        return (red, green, blue)[plane.component] * top
    weight_red, weight_blue = LUMA_WEIGHTS[plane.matrix]
    luma = weight_red * red + (1 - weight_red - weight_blue) * green + weight_blue * blue
    if plane.role == "luma":
        return luma * top if plane.full_range else (16 + 219 * luma) * step
    colour, weight = (blue, weight_blue) if plane.component == 1 else (red, weight_red)
    difference = (colour - luma) / (1 - weight) / 2
    return 128 * step + difference * (top if plane.full_range else 224 * step)


def samples_of(plane: Plane, rgb: NDArray[np.uint8]) -> NDArray[Any]:
    """The samples that show 8-bit R'G'B' in this plane.

    Args:
        plane: which component, and how it is coded.
        rgb: shape (..., 3).

    Returns:
        Shape (...), unsigned 8 or 16 bit.
    """
    import numpy as np

    value = _level(plane, *np.moveaxis(rgb / 255, -1, 0))
    whole: NDArray[Any] = np.clip(np.floor(value + 0.5), 0, (1 << plane.depth) - 1)
    return whole.astype(np.uint8 if plane.depth == 8 else np.uint16)


def fill(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """Every sample becomes the one colour `rgb` (three values, 0 to 255)."""
    import numpy as np

    red, green, blue = params["rgb"]
    value = floor(_level(plane, red / 255, green / 255, blue / 255) + 0.5)
    return np.full_like(samples, min(max(value, 0), (1 << plane.depth) - 1))
