"""Destroying spans of sound in blocks of decoded samples; outside the spans every bit stays."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.errors import PluginOutputError
from veilcast.extensions import SoundPart
from veilcast.redaction.covers import treatment_named
from veilcast.redaction.sounds import LEVEL_DBFS, covering_of
from veilcast.timing import us_to_sample_ceil, us_to_sample_floor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from veilcast.extensions import SoundTreatment
    from veilcast.media.info import AudioInfo
    from veilcast.types import Sound

MUTE = "mute"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSpan:
    """Samples `start` to `end` (exclusive), counted from the presentation start."""

    start: int
    end: int
    treatment: str
    level_dbfs: float = LEVEL_DBFS

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a span has at least one sample")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Channels of a stream that have the same spans, which rise and do not overlap."""

    channels: tuple[int, ...]
    spans: tuple[SampleSpan, ...]


def lanes_of(sounds: Iterable[Sound], audio: AudioInfo) -> tuple[Lane, ...]:
    """The spans of one audio stream by channel, rounded outward to whole samples.

    Args:
        sounds: what was located; those that are in other streams only are left out.
        audio: the stream as it is in the source, by whose index sounds name it.

    Returns:
        One lane for each set of channels that are covered alike, none for those left alone.

    Raises:
        SettingError: the options of a sound do not say how this stream can be covered.
    """
    by_channel: dict[int, list[SampleSpan]] = {}
    for sound in sounds:
        if sound.streams is not None and audio.index not in sound.streams:
            continue
        covering = covering_of(sound, audio.channels)
        span = SampleSpan(
            start=us_to_sample_floor(sound.start_us, audio.rate_hz),
            end=us_to_sample_ceil(sound.end_us, audio.rate_hz),
            treatment=covering.treatment,
            level_dbfs=covering.level_dbfs,
        )
        for channel in covering.channels or range(audio.channels):
            by_channel.setdefault(channel, []).append(span)
    alike: dict[tuple[SampleSpan, ...], list[int]] = {}
    for channel, spans in sorted(by_channel.items()):
        alike.setdefault(merge_spans(spans), []).append(channel)
    return tuple(Lane(channels=tuple(which), spans=spans) for spans, which in alike.items())


def merge_spans(spans: Iterable[SampleSpan]) -> tuple[SampleSpan, ...]:
    """The same samples as rising spans that do not overlap.

    Where spans of several treatments overlap, ``mute`` wins, then the first name in the alphabet.
    Spans of one treatment that overlap or touch become one, as loud as the loudest of them.
    """
    by_treatment: dict[str, list[SampleSpan]] = {}
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        same = by_treatment.setdefault(span.treatment, [])
        if same and span.start <= same[-1].end:
            first = same.pop()
            span = replace(  # noqa: PLW2901 (it is the span, longer)
                first,
                end=max(first.end, span.end),
                level_dbfs=max(first.level_dbfs, span.level_dbfs),
            )
        same.append(span)
    merged: list[SampleSpan] = []
    for name in sorted(by_treatment, key=lambda name: (name != MUTE, name)):
        left = [part for span in by_treatment[name] for part in _without(span, merged)]
        merged = sorted([*merged, *left], key=lambda span: span.start)
    return tuple(merged)


def _without(span: SampleSpan, taken: Sequence[SampleSpan]) -> list[SampleSpan]:
    """The parts of a span that rising, separate spans leave free."""
    parts, start = [], span.start
    for other in taken[bisect_right(taken, span.start, key=lambda other: other.end) :]:
        if other.start >= span.end:
            break
        if other.start > start:
            parts.append(replace(span, start=start, end=other.start))
        start = other.end
    if start < span.end:
        parts.append(replace(span, start=start))
    return parts


def apply_lanes(
    block: NDArray[Any],
    start_sample: int,
    rate_hz: int,
    lanes: Sequence[Lane],
    treatments: Mapping[str, SoundTreatment],
) -> NDArray[Any]:
    """Destroys what lanes say of a block of all channels; otherwise as `apply_spans`."""
    result = block
    for lane in lanes:
        if len(lane.channels) == block.shape[1]:
            return apply_spans(block, start_sample, rate_hz, lane.spans, treatments)
        columns = block[:, lane.channels]
        changed = apply_spans(columns, start_sample, rate_hz, lane.spans, treatments)
        if changed is not columns:
            result = block.copy() if result is block else result
            result[:, lane.channels] = changed
    return result


def apply_spans(
    block: NDArray[Any],
    start_sample: int,
    rate_hz: int,
    spans: Sequence[SampleSpan],
    treatments: Mapping[str, SoundTreatment],
) -> NDArray[Any]:
    """Destroys the part of each span that is in a block.

    Args:
        block: shape (samples, channels); signed integers, unsigned 8 bit, or floats with full
            scale 1. It is not written to.
        start_sample: the block's first sample, counted as the spans are.
        rate_hz: the sample rate.
        spans: as `merge_spans` gives them; they may reach outside the block.
        treatments: by name.

    Returns:
        `block` itself when no span touches it, else a changed copy of the same shape and type.

    Raises:
        SettingError: a span names a treatment that is not there.
        PluginOutputError: a treatment did not return samples like those it was given.
    """
    result, end_sample = block, start_sample + len(block)
    for span in spans[bisect_right(spans, start_sample, key=lambda span: span.end) :]:
        if span.start >= end_sample:
            break
        treatment = treatment_named(treatments, span.treatment)
        if result is block:
            result = block.copy()
        start, end = max(span.start, start_sample), min(span.end, end_sample)
        inside = slice(start - start_sample, end - start_sample)
        given = _to_unit(block[inside])
        shape = given.shape
        part = SoundPart(
            rate_hz=rate_hz,
            start=span.start,
            length=span.end - span.start,
            position=start - span.start,
            level_dbfs=span.level_dbfs,
        )
        answer = treatment.apply(given, part)
        if not isinstance(answer, np.ndarray) or answer.shape != shape or answer.dtype.kind != "f":
            raise PluginOutputError(
                f"The treatment {treatment.name} did not return as many float samples as it was "
                "given; remove its plugin or choose another treatment."
            )
        result[inside] = _from_unit(answer, block.dtype)
    return result


def _scale(dtype: np.dtype[Any]) -> tuple[float, float]:
    """Full scale and the value of silence."""
    if dtype.kind == "f":
        return 1.0, 0.0
    full = float(1 << (dtype.itemsize * 8 - 1))
    return full, full if dtype.kind == "u" else 0.0


def _to_unit(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Samples as float64 in -1 to 1."""
    full, silence = _scale(samples.dtype)
    return (samples.astype(np.float64) - silence) / full


def _from_unit(samples: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Samples of `dtype`, rounded and clipped; what is not a number becomes silence."""
    full, silence = _scale(dtype)
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    if dtype.kind == "f":
        return finite.astype(dtype)
    limits = np.iinfo(dtype)
    scaled = np.rint(finite * full + silence)
    return np.clip(scaled, limits.min, limits.max).astype(dtype)
