"""Whether pixels show anything: what a mosaic, a fill or a strong blur has left has no detail.

A detector may take a mosaic for a face, for it is as light and dark as one. What tells them apart
is detail at the scale of the thing itself. The part is brought to 48 pixels, and its second
differences are compared with its contrast. In a face most pixels curve. In a mosaic of up to about
eight blocks across, most are in the middle of a block, where nothing changes; after a blur with a
sigma of a tenth of its width or more, nothing changes quickly; a fill has nothing at all. A mosaic
of more blocks, and a weaker blur, leave a face that can be recognised, so they count as detail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 0.065
"""The detail below which there is nothing to recognise, where nothing is known of covers."""

LEAST_UNDER_COVER = 0.08
"""The same where something is known to have been covered: encoding roughens the covers."""

_SIDE = 48
_RIM = 0.12
_SHARE = 0.6
_LEAST_PX = 5


def detail(luma: NDArray[np.generic], depth: int = 8) -> float:
    """How much there is at the scale of the whole part; a face has 0.1 to 0.3, a mosaic under 0.05.

    Small parts are compared as if they were larger: every pixel of a small face curves.

    Args:
        luma: the samples of the part, shape (height, width).
        depth: bits per sample.
    """
    import cv2

    part = np.asarray(luma, dtype=np.float32) / np.float32(1 << (depth - 8))
    longer = max(part.shape)
    if longer > _SIDE:
        shrink = _SIDE / longer
        size = tuple(max(_LEAST_PX, round(side * shrink)) for side in part.shape[::-1])
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
    height, width = part.shape
    down, across = round(_RIM * height), round(_RIM * width)
    middle = part[down : height - down, across : width - across]
    if min(middle.shape) < 3:
        return 1.0  # too small to say that there is nothing
    bends = (
        np.quantile(np.abs(middle[:, 2:] - 2 * middle[:, 1:-1] + middle[:, :-2]), _SHARE),
        np.quantile(np.abs(middle[2:] - 2 * middle[1:-1] + middle[:-2]), _SHARE),
    )
    # One grey level of contrast is what encoding leaves of a fill.
    share = float(sum(bends)) / 2 / (float(middle.std()) + 1)
    return float(share * (min(longer, _SIDE) / _SIDE) ** 1.5)
