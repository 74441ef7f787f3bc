"""The delivered sound as a picture: its lowest and highest sample in each of some columns."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from veilcast.media.guard import media_errors, open_input
from veilcast.media.sound import read_sound, samples_of
from veilcast.reporting.report_model import Waveform
from veilcast.timing import us_ceil

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from av import AudioFrame
    from numpy.typing import NDArray

    from veilcast.extensions import Progress
    from veilcast.media.info import AudioInfo, MediaInfo

COLUMNS = 1200
STREAMS = 4
"""More sound streams than that are not drawn."""
_GUESSED = ("aac", "mp3")
_TELL_EVERY = 256
_MUCH = 16
"""So many blocks to a column: then it makes no difference which of its samples is the highest."""


def length_us(path: Path, media: MediaInfo) -> int:
    """How long a recording lasts, in microseconds; 0 for a still.

    Bare frames have no header that says it, and what ffmpeg guesses from their bit rate may be far
    off. Their packets are counted then, which needs no decoding.

    Raises:
        TruncatedError: it can't be read.
    """
    if media.kind == "still":
        return 0
    if media.duration_us and media.container not in _GUESSED:
        return media.duration_us
    seconds, stream = Fraction(0), media.video or media.audio[0]
    with media_errors(), open_input(path) as container:
        for packet in container.demux(container.streams[stream.index]):
            seconds += (packet.duration or 0) * (packet.time_base or 0)
    return us_ceil(seconds)


def waveforms(path: Path, media: MediaInfo, duration_us: int, progress: Progress) -> list[Waveform]:
    """Every sound stream of a delivered file, read once, block by block.

    Args:
        path: the file, under a neutral name.
        media: what it holds.
        duration_us: how long all columns together last.
        progress: told now and then.

    Raises:
        TruncatedError: the sound can't be decoded.
    """
    if not duration_us:
        return []
    return [_waveform(path, media, one, duration_us, progress) for one in media.audio[:STREAMS]]


def _waveform(
    path: Path, media: MediaInfo, audio: AudioInfo, duration_us: int, progress: Progress
) -> Waveform:
    import numpy as np

    lows, highs = np.zeros(COLUMNS), np.zeros(COLUMNS)
    per_column = duration_us * audio.rate_hz / 1_000_000 / COLUMNS
    for number, (at, frame) in enumerate(read_sound(path, media, audio, whole=False)):
        if number % _TELL_EVERY == 0:
            progress("drawing the sound", int((at - media.origin) * 1_000_000), duration_us)
        first = float((at - media.origin) * audio.rate_hz)
        if per_column > _MUCH * frame.samples:
            low, high = _extremes(frame, None)
            for sample in (first, first + frame.samples - 1):
                column = min(max(int(sample / per_column), 0), COLUMNS - 1)
                lows[column] = min(lows[column], low)
                highs[column] = max(highs[column], high)
            continue
        samples = np.stack(_extremes(frame, 0))
        columns = ((first + np.arange(samples.shape[1])) / per_column).astype(np.int64)
        columns = columns.clip(0, COLUMNS - 1)
        starts = np.concatenate(([0], np.flatnonzero(np.diff(columns)) + 1))
        at_columns = columns[starts]
        lows[at_columns] = np.minimum(lows[at_columns], np.minimum.reduceat(samples[0], starts))
        highs[at_columns] = np.maximum(highs[at_columns], np.maximum.reduceat(samples[1], starts))
    return Waveform(stream=audio.index, lows=_percent(lows), highs=_percent(highs))


def _extremes(frame: AudioFrame, axis: int | None) -> tuple[Any, Any]:
    """The lowest and highest of all channels, -1 to 1: of the block, or (axis 0) at each sample."""
    import numpy as np

    samples = samples_of(frame).T
    low, high = samples.min(axis=axis), samples.max(axis=axis)
    kind, middle, scale = samples.dtype, 0.0, 1.0
    if kind == np.uint8:
        middle, scale = 128.0, 128.0
    elif np.issubdtype(kind, np.integer):
        scale = 2.0 ** (8 * kind.itemsize - 1)
    return (low - middle) / scale, (high - middle) / scale


def _percent(values: NDArray[np.float64]) -> list[int]:
    """Whole percent of full scale."""
    import numpy as np

    clean = np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=-1.0)
    return [int(one) for one in np.rint(clean.clip(-1, 1) * 100)]
