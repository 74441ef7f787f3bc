"""What takes the place of sound: a tone or silence."""

from __future__ import annotations

import warnings
from functools import lru_cache
from itertools import islice
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TONE_HZ = 1000
TONE_PEAK = 0.1
"""-20 dBFS: heard plainly, and softer than speech is recorded."""
FADE_S = 0.01


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


def beep(
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


def mute(
    samples: NDArray[np.float64],
    rate_hz: int,
    position: int,
    length: int,
) -> NDArray[np.float64]:
    """Silence, without a fade: a fade would let some of the sound through."""
    import numpy as np

    return np.zeros_like(samples)
