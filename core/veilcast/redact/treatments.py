"""The treatments that come with Veilcast: mosaic, blur, fill; beep, mute.

All arithmetic on pixels is in integers, so every machine gives the same samples. This module is
loaded to list plugins: what is heavy is imported inside the functions.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from itertools import islice, pairwise
from math import ceil, floor, gcd, isqrt
from typing import TYPE_CHECKING, Any

from veilcast.extensions import PixelTreatment, SoundTreatment
from veilcast.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import Plane

LUMA_WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}
"""Kr and Kb of ITU-R BT.601-7, BT.709-6 and BT.2020-2 (non-constant luminance)."""

TONE_HZ = 1000
TONE_PEAK = 0.1
"""-20 dBFS: heard plainly, and softer than speech is recorded."""
FADE_S = 0.01


def _edges(size: int, block: int) -> NDArray[np.intp]:
    """Where blocks start and the last one ends; a remainder under half a block joins the last.

    A sliver of a block would average so few samples that it shows them.
    """
    import numpy as np

    starts = np.arange(0, size, block, dtype=np.intp)
    if len(starts) > 1 and (size - starts[-1]) * 2 < block:
        starts = starts[:-1]
    return np.append(starts, size)


def _mosaic(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """Every block of `block_px` displayed pixels becomes its average, rounded half up."""
    import cv2
    import numpy as np

    rows = _edges(samples.shape[0], ceil(params["block_px"] / plane.step_y))
    columns = _edges(samples.shape[1], ceil(params["block_px"] / plane.step_x))
    # Exact either way: sums of 8-bit samples fit in 32 bits, of 16-bit ones in a double's 53.
    depth = cv2.CV_32S if samples.dtype == np.uint8 else cv2.CV_64F
    native = samples.astype(samples.dtype.newbyteorder("="), copy=False)  # OpenCV knows no other
    lines = np.concatenate(
        [
            cv2.reduce(native[top:bottom], 0, cv2.REDUCE_SUM, dtype=depth)
            for top, bottom in pairwise(rows)
        ]
    )
    sums = np.add.reduceat(lines.astype(np.int64), columns[:-1], axis=1)
    counts = np.outer(np.diff(rows), np.diff(columns))
    means = ((2 * sums + counts) // (2 * counts)).astype(samples.dtype)
    return np.repeat(np.repeat(means, np.diff(columns), axis=1), np.diff(rows), axis=0)


def _box_widths(sigma: float) -> tuple[int, int, int]:
    """Three odd widths whose box filters, one after the other, have about this sigma.

    P. Kovesi, "Fast Almost-Gaussian Filtering", DICTA 2010. At least 3, so that no setting leaves
    the samples as they were; at most 32767, so that a sum of 16-bit samples fits in 32 bits.
    """
    variance12 = max(1, round(12 * sigma * sigma))
    lower = isqrt((variance12 + 3) // 3)
    lower -= 1 - lower % 2
    lower = max(lower, 1)
    count = round((variance12 - 3 * lower * lower - 12 * lower - 9) / (-4 * lower - 4))
    widths = (lower if i < count else lower + 2 for i in range(3))
    first, second, third = (min(max(width, 3), 32767) for width in widths)
    return first, second, third


def _blur(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """Almost a Gaussian of `sigma_px` displayed pixels; the edge is continued outward.

    Three box filters: their cost does not grow with sigma, and sums of integers are exact.
    """
    import cv2
    import numpy as np

    widths = zip(
        _box_widths(params["sigma_px"] / plane.step_x),
        _box_widths(params["sigma_px"] / plane.step_y),
        strict=True,
    )
    result: NDArray[Any] = samples.astype(np.int32)
    for across, down in widths:
        for size in ((across, 1), (1, down)):
            taps = max(size)
            sums = cv2.boxFilter(
                result, cv2.CV_32S, size, normalize=False, borderType=cv2.BORDER_REPLICATE
            )
            result = (np.asarray(sums) + taps // 2) // taps
    return result.astype(samples.dtype)


def fill_value(plane: Plane, rgb: tuple[int, int, int]) -> int:
    """The sample that shows 8-bit R'G'B' in this plane (ITU-T H.273, 8.3)."""
    top = (1 << plane.depth) - 1
    step = 1 << (plane.depth - 8)
    red, green, blue = (value / 255 for value in rgb)
    if plane.role == "rgb":
        return floor((red, green, blue)[plane.component] * top + 0.5)
    weight_red, weight_blue = LUMA_WEIGHTS[plane.matrix]
    luma = weight_red * red + (1 - weight_red - weight_blue) * green + weight_blue * blue
    if plane.role == "luma":
        value = luma * top if plane.full_range else (16 + 219 * luma) * step
    else:
        difference = (
            (blue - luma) / (1 - weight_blue) / 2
            if plane.component == 1
            else (red - luma) / (1 - weight_red) / 2
        )
        value = 128 * step + difference * (top if plane.full_range else 224 * step)
    return min(max(floor(value + 0.5), 0), top)


def _fill(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
    """Every sample becomes the one colour `rgb` (three values, 0 to 255)."""
    import numpy as np

    red, green, blue = params["rgb"]
    return np.full_like(samples, fill_value(plane, (red, green, blue)))


@lru_cache(maxsize=8)
def _tone(rate_hz: int) -> NDArray[np.float64]:
    """The shortest whole number of periods that is a whole number of samples."""
    import numpy as np

    # pydub warns of a standard module that is to go, and of what it can't find to play sound with.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub.generators import Sine

    length = rate_hz // gcd(rate_hz, TONE_HZ)
    wave = islice(Sine(TONE_HZ, sample_rate=rate_hz).generate(), length)
    return np.fromiter(wave, dtype=np.float64, count=length) * TONE_PEAK


def _beep(
    samples: NDArray[np.float64], rate_hz: int, position: int, length: int
) -> NDArray[np.float64]:
    """A 1 kHz tone on every channel, faded in and out at the ends of the span."""
    import numpy as np

    index = np.arange(position, position + len(samples))
    fade = max(1.0, rate_hz * FADE_S)
    gain = np.minimum(1.0, (np.minimum(index, length - 1 - index) + 0.5) / fade)
    tone = _tone(rate_hz)
    wave = tone[index % len(tone)] * gain
    return np.repeat(wave[:, np.newaxis], samples.shape[1], axis=1)


def _mute(
    samples: NDArray[np.float64],
    rate_hz: int,
    position: int,
    length: int,
) -> NDArray[np.float64]:
    """Silence, without a fade: a fade would let some of the sound through."""
    import numpy as np

    return np.zeros_like(samples)


@hookimpl
def veilcast_treatments() -> Iterable[PixelTreatment | SoundTreatment]:
    """The treatments of this module."""
    yield PixelTreatment(name="mosaic", summary="Average coarse blocks", apply=_mosaic)
    yield PixelTreatment(
        name="blur",
        summary="Blur; published attacks recognise most blurred faces",
        apply=_blur,
        weak=True,
    )
    yield PixelTreatment(name="fill", summary="Paint over with one colour", apply=_fill)
    yield SoundTreatment(name="beep", summary="A 1 kHz tone", apply=_beep)
    yield SoundTreatment(name="mute", summary="Silence", apply=_mute)
