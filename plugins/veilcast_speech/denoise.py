"""Steady noise taken out before words are looked for: spectral subtraction (Boll, 1979).

How loud the noise is in each band is taken from the quietest moments of that band (in the spirit of
Martin, 2001): sound with a tenth of silence in it is enough. Sound without noise stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRAME, _HOP = 512, 128  # samples: 32 ms and 8 ms at 16 kHz
_QUIET = 15.0  # percentile of the power in a band that is taken for noise
_MORE = 2.0  # so many times the noise is taken out: it varies
_LEFT = 0.1  # of the amplitude: what is less sounds like water
_FEWEST = 60  # frames; less has no quiet moments to learn from


def denoised(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same sound with less steady noise: mono at 16 kHz, shape (samples,)."""
    window = np.sqrt(np.hanning(_FRAME + 1)[:_FRAME]).astype(np.float32)
    padded = np.pad(samples, (_FRAME, _FRAME + _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP] * window
    if len(frames) < _FEWEST:
        return samples
    spectrum = np.fft.rfft(frames, axis=1).astype(np.complex64)
    power = np.abs(spectrum) ** 2
    # The power of noise is spread exponentially: its mean follows from any percentile.
    noise = np.percentile(power, _QUIET, axis=0) / -np.log(1 - _QUIET / 100)
    noise = np.convolve(np.pad(noise, 2, mode="edge"), np.full(5, 0.2), "valid")
    steady = power.copy()
    steady[1:-1] = (power[:-2] + power[1:-1] + power[2:]) / 3
    kept = np.sqrt(np.maximum(1 - _MORE * noise / np.maximum(steady, 1e-12), _LEFT**2))
    parts = np.fft.irfft(spectrum * kept, axis=1) * window
    out = np.zeros(len(padded) + _FRAME, np.float64)
    for shift in range(_FRAME // _HOP):
        rows = parts[shift :: _FRAME // _HOP].reshape(-1)
        out[shift * _HOP : shift * _HOP + len(rows)] += rows
    whole: NDArray[np.float32] = (out[_FRAME : _FRAME + len(samples)] / 2).astype(np.float32)
    return whole
