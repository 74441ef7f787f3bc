"""What was to be covered in the sound is not what is heard in the source.

Other checks leave covered spans out: what is under a beep can't be compared and can't be
understood. So that nothing bare hides there, each span is laid beside the source: where both go
alike, it was not covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veilcast.extensions import Problem
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import CheckContext
    from veilcast.media.info import AudioInfo, MediaInfo
    from veilcast.types import Sound

_RATE_HZ = 4_000
"""Enough for what makes speech understood, and quickly compared."""
_WINDOW_S, _LAG_S, _EDGE_S = 0.2, 0.015, 0.03
"""Codecs smear sound by less than `_EDGE_S` over the edge of a cover."""
_ALIKE = 0.8
_FAINT = 1e-3  # of full scale: -60 dBFS
_TRACE = 0.02  # of the source's level: -34 dB
_TONAL = 0.9
_HOLE_S = 0.01
_LONGEST_S = 20.0
"""Of a span, so much is compared at most: long ones are sounds that are covered all the same."""


@dataclass(frozen=True, slots=True)
class _Span:
    """A covered span of one stream: its sound's class, and the channels that are covered."""

    start_s: float
    end_s: float
    identifier: str
    channels: tuple[int, ...] | None


def examine(context: CheckContext) -> list[Problem]:
    """Lay covered spans beside the source; nothing where it is not at hand or was cut.

    Raises:
        VeilcastError: either file can't be decoded.
    """
    from veilcast.media.info import anchored

    source, media = context.source, context.source_media
    if source is None or media is None or context.retimed:
        return []
    delivered = anchored(context.delivered_media, media)
    problems: list[Problem] = []
    for number, (mine, theirs) in enumerate(zip(delivered.audio, media.audio, strict=False), 1):
        spans = list(_spans(context, theirs))
        if not spans:
            continue
        context.progress("comparing covered sound", number, len(media.audio))
        heard = _cut_out(context.delivered, delivered, mine, spans)
        said = _cut_out(source, media, theirs, spans)
        for span, now, before in zip(spans, heard, said, strict=True):
            if (at_s := _bare(now, before)) is not None:
                start_us = int((span.start_s + at_s) * US)
                problems.append(
                    Problem(
                        sentence=f"Sound that was to be covered is heard in sound stream {number}.",
                        kind="residual",
                        identifier=span.identifier,
                        from_us=start_us,
                        to_us=start_us + int(2 * _WINDOW_S * US),
                    )
                )
    return problems


def _spans(context: CheckContext, audio: AudioInfo) -> Iterator[_Span]:
    for treated in context.treated:
        for sound in treated.sounds:
            if sound.streams is None or audio.index in sound.streams:
                start_s, end_s = sound.start_us / US, sound.end_us / US
                yield _Span(
                    start_s + _EDGE_S,
                    min(end_s - _EDGE_S, start_s + _LONGEST_S),
                    sound.identifier,
                    _channels(sound, audio),
                )


def _channels(sound: Sound, audio: AudioInfo) -> tuple[int, ...] | None:
    chosen = sound.options.get("channels")
    return None if chosen is None or len(chosen) == audio.channels else tuple(chosen)


def _cut_out(
    path: Path, media: MediaInfo, audio: AudioInfo, spans: Sequence[_Span]
) -> list[NDArray[np.float32]]:
    """The sound of each span, mixed from its channels, at about `_RATE_HZ`."""
    import numpy as np
    from av import AudioResampler

    from veilcast.media.sound import read_sound, samples_of

    resampler = AudioResampler(format="fltp")
    step = max(1, audio.rate_hz // _RATE_HZ)
    rate_hz = audio.rate_hz / step
    found = [np.zeros(max(0, int((s.end_s - s.start_s) * rate_hz)), np.float32) for s in spans]
    left: Any = None
    at = 0
    for at_s, frame in read_sound(path, media, audio, whole=False):
        due = round(float(at_s - media.origin) * rate_hz)
        if left is None or abs(due - at) > _HOLE_S * rate_hz:
            at, left = due, None
        for plain in resampler.resample(frame):
            block = samples_of(plain).T
            joined = block if left is None else np.concatenate((left, block), axis=1)
            used = joined.shape[1] // step * step
            slow = joined[:, :used].reshape(len(joined), -1, step).mean(axis=2)
            left = joined[:, used:]
            for span, target in zip(spans, found, strict=True):
                _take(slow, at, span, target, rate_hz)
            at += slow.shape[1]
    return found


def _take(
    block: NDArray[np.float32],
    at: int,
    span: _Span,
    target: NDArray[np.float32],
    rate_hz: float,
) -> None:
    """Put what a block has of a span into its place."""
    first = round(span.start_s * rate_hz)
    begin, end = max(first, at), min(first + len(target), at + block.shape[1])
    if begin >= end:
        return
    wanted = block if span.channels is None else block[list(span.channels)]
    target[begin - first : end - first] = wanted[:, begin - at : end - at].mean(axis=0)


def _bare(now: NDArray[np.float32], before: NDArray[np.float32]) -> float | None:
    """When, in seconds, two windows in a row go as in the source; None: they never do."""
    window, lag = int(_WINDOW_S * _RATE_HZ), int(_LAG_S * _RATE_HZ)
    alike = 0
    for first in range(lag, min(len(now), len(before)) - window - lag + 1, window):
        wanted = before[first : first + window]
        got = now[first - lag : first + window + lag]
        alike = alike + 1 if _is_alike(got, wanted) else 0
        if alike == 2:
            return (first - window) / _RATE_HZ
    return None


def _is_alike(got: NDArray[np.float32], wanted: NDArray[np.float32]) -> bool:
    import numpy as np

    level = float(np.sqrt(np.square(wanted).mean()))
    if level < _FAINT or float(np.sqrt(np.square(got).mean())) < _TRACE * level:
        return False
    if _is_tone(wanted):
        return False  # a beep is like any other, also like one that was there before
    product = np.abs(np.correlate(got, wanted, mode="valid"))
    power = np.convolve(np.square(got), np.ones(len(wanted)), mode="valid")
    scale = np.sqrt(np.maximum(power, 1e-12) * float(wanted @ wanted))
    return bool((product / scale).max() > _ALIKE)


def _is_tone(samples: NDArray[np.float32]) -> bool:
    """Whether nearly all of it is within 50 Hz of its loudest frequency."""
    import numpy as np

    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    around = round(50 * len(samples) / _RATE_HZ)
    top = int(np.argmax(power))
    near = power[max(0, top - around) : top + around + 1].sum()
    return bool(near > _TONAL * power.sum())
