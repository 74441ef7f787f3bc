"""What takes the place of sound: a tone, noise or silence, all of one loudness."""

from __future__ import annotations

import warnings
from functools import lru_cache
from itertools import islice
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import SoundPart

TONE_HZ = 1000
FADE_S = 0.01
_CHUNK = 1 << 14
"""Samples of noise that are drawn at a time."""


@lru_cache(maxsize=8)
def _tone(rate_hz: int) -> NDArray[np.float64]:
    """The shortest whole number of periods that is a whole number of samples, peak 1."""
    import numpy as np

    # pydub warns of a standard module that is to go, and of what it can't find to play sound with.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub.generators import Sine

    length = rate_hz // gcd(rate_hz, TONE_HZ)
    wave = islice(Sine(TONE_HZ, sample_rate=rate_hz).generate(), length)
    return np.fromiter(wave, dtype=np.float64, count=length)


@lru_cache(maxsize=4)
def _chunk(start: int, number: int) -> NDArray[np.float64]:
    """The noise of one chunk of the span that begins at `start`: even over -1 to 1."""
    import numpy as np

    # The raw stream of a counter-based generator is the same in every version of the library.
    raw = np.random.Philox(key=number << 64 | start % (1 << 64)).random_raw(_CHUNK)
    return (raw >> np.uint64(11)) / 2.0**52 - 1


def _faded(wave: NDArray[np.float64], part: SoundPart, peak: float) -> NDArray[np.float64]:
    """With soft ends inside the span, at the level asked for; of one channel."""
    import numpy as np

    index = np.arange(part.position, part.position + len(wave))
    fade = max(1.0, part.rate_hz * FADE_S)
    gain = np.minimum(1.0, (np.minimum(index, part.length - 1 - index) + 0.5) / fade)
    return wave * (gain * (peak * 10 ** (part.level_dbfs / 20)))


def beep(samples: NDArray[np.float64], part: SoundPart) -> NDArray[np.float64]:
    """A 1 kHz tone on every channel, faded in and out at the ends of the span."""
    import numpy as np

    index = np.arange(part.position, part.position + len(samples))
    tone = _tone(part.rate_hz)
    wave = _faded(tone[index % len(tone)], part, 2**0.5)
    return np.repeat(wave[:, np.newaxis], samples.shape[1], axis=1)


def noise(samples: NDArray[np.float64], part: SoundPart) -> NDArray[np.float64]:
    """White noise on every channel, faded like the tone. Only the span's place decides it."""
    import numpy as np

    end = part.position + len(samples)
    first, last = part.position // _CHUNK, -(-end // _CHUNK)
    drawn = np.concatenate([_chunk(part.start, number) for number in range(first, last)])
    wave = drawn[part.position - first * _CHUNK : end - first * _CHUNK]
    wave = _faded(wave, part, 3**0.5)
    return np.repeat(wave[:, np.newaxis], samples.shape[1], axis=1)


def mute(samples: NDArray[np.float64], part: SoundPart) -> NDArray[np.float64]:
    """Silence, without a fade: a fade would let some of the sound through."""
    import numpy as np

    return np.zeros_like(samples)
