"""Sound with every sample at its time: gaps are filled with silence, overlaps left out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from veilcast.media.conform.patience import packets_of
from veilcast.media.guard import media_errors, open_input
from veilcast.media.sound import HOLE_S, rounding_s, samples_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av import AudioFrame
    from numpy.typing import NDArray

    from veilcast.extensions import Progress
    from veilcast.media.info import AudioInfo

_DRIFT_S = Fraction(15, 1000)
"""Time stamps may be so far from where the samples put it: browsers' jitter by 8 ms and more, and
nobody notices. Beyond, samples are moved."""
_ANOTHER_S = Fraction(1, 2)
"""Times that fall by more are those of another recording: chained Ogg (RFC 3533, 4)."""
_LONGEST_GAP_S = 24 * 3600
_MIDDLE = {"u8": 128}
"""Silence, where it is not zero."""


@dataclass(slots=True)
class SoundFacts:
    """What a full decode saw.

    Attributes:
        filled: seconds of silence that had to be put in.
        overlapping: seconds of sound that came twice, of which one is left out.
        joined: how many recordings follow on the first in the same file, their times from 0 again.
        jittery: time stamps and samples do not agree, by less than needs mending.
        broken: how many packets can't be decoded.
        samples: how many there are in all.
        changes: how often the sample rate, the channels or the format change.
    """

    filled: Fraction = Fraction(0)
    overlapping: Fraction = Fraction(0)
    joined: int = 0
    jittery: bool = False
    broken: int = 0
    samples: int = 0
    changes: int = 0


def timed_sounds(
    path: Path,
    audio: AudioInfo,
    facts: SoundFacts,
    progress: Progress,
    *,
    counted: bool,
    alone: bool,
) -> Iterator[AudioFrame]:
    """The whole stream as blocks that follow on each other, all at the rate of the first.

    Args:
        path: the file, under a neutral name.
        audio: which stream.
        facts: counts.
        progress: told about seconds read.
        counted: time stamps say nothing: samples are counted from the first one on.
        alone: there is no picture, so that what begins again is another part and not the same.

    Yields:
        Frames with a `pts` in samples, from the file's time 0.
    """
    shaped = _Shaped(audio.rate_hz, facts)
    rounding = rounding_s(audio)
    at: Fraction | None = None
    before = Fraction(0)
    for stamp, frame in _decoded(path, audio, facts, progress):
        if at is None:
            at = stamp if stamp is not None else Fraction(0)
            shaped.begin(at)
        drift = Fraction(0)
        if stamp is not None and not counted:
            drift = stamp + before - at
            if alone and drift < -_ANOTHER_S:
                facts.joined += 1
                before -= drift
                drift = Fraction(0)
        facts.jittery |= abs(drift) > max(HOLE_S, rounding)
        samples = samples_of(frame)
        if max(_DRIFT_S, rounding) < drift < _LONGEST_GAP_S:
            facts.filled += drift
            for silence in _silence(samples, round(drift * frame.sample_rate), frame):
                yield from shaped.push(silence)
            at += drift
        elif drift < -max(_DRIFT_S, rounding):
            twice = min(len(samples), round(-drift * frame.sample_rate))
            facts.overlapping += Fraction(twice, frame.sample_rate)
            samples = samples[twice:]
        if len(samples):
            whole = len(samples) == frame.samples
            yield from shaped.push(frame if whole else _frame(samples, frame))
        at += Fraction(len(samples), frame.sample_rate)
    yield from shaped.push(None)
    facts.samples = shaped.given


class _Shaped:
    """Brings blocks to one rate, layout and format."""

    def __init__(self, rate_hz: int, facts: SoundFacts) -> None:
        self.given = 0
        self._rate_hz, self._facts = rate_hz, facts
        self._at = 0
        self._wanted: tuple[str, str] | None = None
        self._shape: tuple[int, str, str] | None = None
        self._resampler: Any = None

    def begin(self, at: Fraction) -> None:
        """When the first block is heard, in seconds."""
        self._at = round(at * self._rate_hz)

    def push(self, frame: AudioFrame | None) -> Iterator[AudioFrame]:
        """What a block gives; None: the last of it."""
        if frame is not None:
            shape = (frame.sample_rate, frame.layout.name, frame.format.name)
            if shape != self._shape:
                yield from self._turn(shape, frame.format.packed.name)
            frame.pts = None
        if self._resampler is not None:
            yield from self._placed(self._resampler.resample(frame))

    def _turn(self, shape: tuple[int, str, str], packed: str) -> Iterator[AudioFrame]:
        import av

        if self._resampler is not None:
            self._facts.changes += 1
            yield from self._placed(self._resampler.resample(None))
        self._wanted = self._wanted or (packed, shape[1])
        self._shape = shape
        form, layout = self._wanted
        self._resampler = av.AudioResampler(format=form, layout=layout, rate=self._rate_hz)

    def _placed(self, blocks: list[AudioFrame]) -> Iterator[AudioFrame]:
        for block in blocks:
            block.pts, block.time_base = self._at, Fraction(1, self._rate_hz)
            self._at += block.samples
            self.given += block.samples
            yield block


def _silence(like: NDArray[Any], samples: int, frame: AudioFrame) -> Iterator[AudioFrame]:
    """Blocks of at most a second."""
    import numpy as np

    rest = _MIDDLE.get(frame.format.packed.name, 0)
    while samples > 0:
        block = min(samples, frame.sample_rate)
        yield _frame(np.full((block, like.shape[1]), rest, like.dtype), frame)
        samples -= block


def _frame(samples: NDArray[Any], like: AudioFrame) -> AudioFrame:
    """A block of these samples, shape (samples, channels)."""
    import av
    import numpy as np

    planar = like.format.is_planar
    stored: Any = np.ascontiguousarray(samples.T if planar else samples.reshape(1, -1))
    fresh = av.AudioFrame.from_ndarray(stored, format=like.format.name, layout=like.layout.name)
    fresh.sample_rate = like.sample_rate
    return fresh


def _decoded(
    path: Path, audio: AudioInfo, facts: SoundFacts, progress: Progress
) -> Iterator[tuple[Fraction | None, AudioFrame]]:
    import av

    with media_errors(), open_input(path) as container:
        stream: Any = container.streams[audio.index]
        for packet in packets_of(container, [stream], "mending the sound", progress):
            if packet is None:
                facts.broken += 1
                continue
            try:
                frames: list[Any] = packet.decode()
            except av.error.FFmpegError:
                facts.broken += 1
                continue
            for frame in frames:
                stamp = None
                if frame.pts is not None and frame.time_base is not None:
                    stamp = frame.pts * frame.time_base
                if frame.samples:
                    yield stamp, frame
