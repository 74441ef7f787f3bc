"""Covered spans of sound: as they are known, or else by how they sound."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from veilcast_speech.activity import stretches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from veilcast.plugin import AudioInfo, MediaInfo, Treated

    Span: TypeAlias = tuple[float, float]
    """Start and end in seconds from the presentation start."""

TONE_HZ = 1000
"""What a beep is (see `veilcast.redaction.treatments.sound`)."""
_FRAME_S = 0.02
_TONAL = 0.9
_SILENT = 2.0**-15
_FLAT, _BAND_HZ = 0.8, (200, 3400)
_ABOVE_DB = 6.0
_ROOM_DB = -85.0
_SECONDS = 10
_NEIGHBOURHOOD_S = 5
_LEAST_S = {"tone": 0.08, "silence": 0.3, "noise": 0.2}
"""Covers are longer, since there is padding about them; pauses without any noise are seldom so."""


def known_covers(
    treated: Iterable[Treated], number: int, source: MediaInfo | None, audio: AudioInfo
) -> Iterator[tuple[Span, tuple[int, ...] | None]]:
    """The spans that are covered in a delivered stream, or left on purpose; channels (None: all).

    Args:
        treated: what every stage did.
        number: which sound stream it is, from 0.
        source: what the source holds, by whose streams spans are named.
        audio: the delivered stream.
    """
    index = audio.index
    if source is not None and number < len(source.audio):
        index = source.audio[number].index
    for one in treated:
        for sound in (*one.sounds, *one.spared_sounds):
            if sound.streams is None or index in sound.streams:
                chosen = sound.options.get("channels")
                channels = None if chosen is None else tuple(chosen)
                yield (sound.start_us / 1e6, sound.end_us / 1e6), channels


def silenced(
    blocks: Iterable[NDArray[np.float32]], rate_hz: int, covers: Sequence[Span]
) -> Iterator[NDArray[np.float32]]:
    """The same sound, silent where it is covered.

    Args:
        blocks: mono, each following on the one before, from the presentation start.
        rate_hz: of the sound.
        covers: where it is covered.
    """
    spans = [(int(start * rate_hz), int(np.ceil(end * rate_hz))) for start, end in covers]
    at = 0
    for block in blocks:
        inside = [(a - at, b - at) for a, b in spans if a < at + len(block) and b > at]
        if inside:
            quiet = block.copy()
            for first, end in inside:
                quiet[max(0, first) : end] = 0
            yield quiet
        else:
            yield block
        at += len(block)


def covers_heard(blocks: Iterable[NDArray[np.float32]], rate_hz: int) -> list[Span]:
    """Where there is a beep, digital silence or steady white noise, as covers have them.

    Noise counts only where it is louder than what is around at its softest: the hiss of a recording
    is not.

    Args:
        blocks: as for `silenced`.
        rate_hz: of the sound.
    """
    count = round(_FRAME_S * rate_hz)
    whole: list[NDArray[np.float64]] = []
    left = np.zeros(0, np.float32)
    for block in blocks:
        left = np.concatenate((left, block))
        if len(left) >= _SECONDS * rate_hz:
            used = len(left) // count * count
            whole.append(_looks(left[:used].reshape(-1, count), rate_hz))
            left = left[used:]
    used = len(left) // count * count
    if used:
        whole.append(_looks(left[:used].reshape(-1, count), rate_hz))
    if not whole:
        return []
    tonal, peak, level, *spectrum = np.concatenate(whole, axis=0).T
    found = {
        "tone": (tonal > _TONAL) & (peak > 10 * _SILENT),
        "silence": peak <= _SILENT,
        "noise": _noisy(np.stack(spectrum), level),
    }
    hop_s = 0.01  # what `stretches` counts in
    return sorted(
        (first * _FRAME_S, end * _FRAME_S)
        for kind, frames in found.items()
        for first, end in stretches(
            frames, bridge_s=hop_s, least_s=_LEAST_S[kind] * hop_s / _FRAME_S
        )
    )


_BANDS = 16


def _looks(frames: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """Of each frame: how tonal at 1 kHz, its peak, its level in dB, and its power in bands."""
    samples = frames.astype(np.float64)
    window = np.hanning(samples.shape[1])
    power = np.abs(np.fft.rfft(samples * window, axis=1)) ** 2
    hz = np.fft.rfftfreq(samples.shape[1], 1 / rate_hz)
    near = np.abs(hz - TONE_HZ) <= 100
    whole = power.sum(axis=1) + 1e-12
    edges = np.linspace(*_BAND_HZ, _BANDS + 1)
    bands = np.stack(
        [power[:, (hz >= low) & (hz < high)].mean(axis=1) for low, high in pairwise(edges)],
        axis=1,
    )
    level = 10 * np.log10(np.square(samples).mean(axis=1) + 1e-10)
    shown = (power[:, near].sum(axis=1) / whole, np.abs(samples).max(axis=1), level)
    return np.concatenate((np.stack(shown, axis=1), bands), axis=1)


def _noisy(bands: NDArray[np.float64], level: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Frames around which the spectrum is flat (Gray and Markel, 1974) and the level steady."""
    reach = round(_LEAST_S["noise"] / _FRAME_S)
    if bands.shape[1] < reach:
        return np.zeros(bands.shape[1], np.bool_)
    runs = np.lib.stride_tricks.sliding_window_view(bands, reach, axis=1).mean(axis=2)
    flatness = np.exp(np.log(runs + 1e-12).mean(axis=0)) / (runs.mean(axis=0) + 1e-12)
    levels = np.lib.stride_tricks.sliding_window_view(level, reach)
    near, starts = round(_NEIGHBOURHOOD_S / _FRAME_S), range(0, len(level), reach)
    # Digital silence is nobody's room.
    audible = np.where(level > _ROOM_DB, level, np.nan)
    softest = np.array([_softest(audible[max(0, n - near) : n + near]) for n in starts])
    above = levels.mean(axis=1) - np.repeat(softest, reach)[: len(levels)]
    runs_found = (flatness > _FLAT) & (levels.std(axis=1) < 1.0) & (above > _ABOVE_DB)
    frames = np.zeros(len(level), np.bool_)
    for first in np.flatnonzero(runs_found):
        frames[first : first + reach] = True
    return frames


def _softest(levels: NDArray[np.float64]) -> float:
    """The level that few frames are below; very loud where none is audible."""
    heard = levels[~np.isnan(levels)]
    return float(np.percentile(heard, 5)) if len(heard) else 0.0
