"""The delivered file plays as the source does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import TYPE_CHECKING

from veilcast.extensions import Problem
from veilcast.media.colour import UNKNOWN
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veilcast.extensions import CheckContext
    from veilcast.media.info import AudioInfo, MediaInfo, VideoInfo

_CODEC_FRAME = 2048
"""The longest audio codec frame, samples: what the end of a lossy stream may differ by."""


def examine(context: CheckContext) -> list[Problem]:
    """Decode to the end, and compare with the source when it is at hand."""
    return [Problem(sentence=sentence) for sentence in _sentences(context)]


def _sentences(context: CheckContext) -> list[str]:
    from veilcast.media.frames import read_frames
    from veilcast.media.info import anchored

    delivered, source = context.delivered_media, context.source_media
    if source is not None:
        # From the first frame: a codec's delay may be before a container's zero, or hidden by it.
        delivered = anchored(delivered, source)
    times: list[int] = []
    # Sound is decoded beside the picture: it keeps one core busy, and the picture not quite two.
    with ThreadPoolExecutor(max_workers=1) as beside:
        sounds = beside.submit(_sound_extents, context.delivered, delivered)
        expected = None
        if source is not None and context.source is not None:
            expected = beside.submit(_sound_extents, context.source, source)
        if delivered.video is not None:
            for time_us, _ in read_frames(context.delivered, delivered, look="times"):
                times.append(time_us)
                context.progress("checking", len(times), None)
        extents = sounds.result()
    if source is None or expected is None or context.source_frames is None:
        return []
    problems = _properties(delivered, source)
    if delivered.video is not None and source.video is not None:
        problems += _frame_times(
            times, context.source_frames.times_us().tolist(), delivered, source
        )
    return problems + _sound_problems(extents, expected.result(), delivered, source)


Extent = tuple[Fraction, Fraction]
"""Start from the presentation start, and length by decoded samples, in seconds."""


def _sound_extents(path: Path, media: MediaInfo) -> list[Extent]:
    return [_sound_extent(path, media, audio) for audio in media.audio]


def _sound_problems(
    extents: list[Extent], expected: list[Extent], delivered: MediaInfo, source: MediaInfo
) -> list[str]:
    if len(extents) != len(expected):
        return ["The number of sound streams is not the source's."]
    problems = []
    compared = zip(extents, expected, source.audio, delivered.audio, strict=True)
    for number, (mine, theirs, audio, now) in enumerate(compared, 1):
        # A codec's own frame is the finest that a lossy stream can end on. What it is compared
        # with may be an intermediate without loss.
        lossy = _lossy(audio) or _lossy(now)
        slack = Fraction(_CODEC_FRAME, audio.rate_hz) if lossy else _tick(audio, delivered)
        late = mine[0] - theirs[0]
        tick = max(_tick(audio, delivered), _tick(audio, source))
        # Where a container can't hide an encoder's delay, the packet that holds it is left out.
        if late < -tick or late > (slack if lossy else tick):
            problems.append(f"Sound stream {number} does not start when the source's does.")
        if abs(mine[1] - theirs[1]) > slack:
            problems.append(f"Sound stream {number} is not as long as the source's.")
    return problems


def _lossy(audio: AudioInfo) -> bool:
    return not audio.codec.startswith(("pcm_", "flac", "alac"))


def _tick(audio: AudioInfo, media: MediaInfo) -> Fraction:
    same = next((a for a in media.audio if a.rate_hz == audio.rate_hz), audio)
    return max(Fraction(1, audio.rate_hz), same.time_base)


def _sound_extent(path: Path, media: MediaInfo, audio: AudioInfo) -> Extent:
    from veilcast.media.sound import read_sound

    start: Fraction | None = None
    samples = 0
    for at, frame in read_sound(path, media, audio, whole=False):
        start = at - media.origin if start is None else start
        samples += frame.samples
    return start or Fraction(0), Fraction(samples, audio.rate_hz)


def _frame_times(
    delivered_us: list[int], source_us: list[int], delivered: MediaInfo, source: MediaInfo
) -> list[str]:
    if len(delivered_us) != len(source_us):
        return ["The number of frames is not the source's."]
    # Another container may count time in coarser ticks; the same one may not.
    tick_us = 0
    if delivered.video is not None and source.video is not None:
        coarser = delivered.video.time_base
        if delivered.container != source.container or coarser > source.video.time_base:
            tick_us = int(coarser * US) + 1
    if any(abs(a - b) > tick_us for a, b in zip(delivered_us, source_us, strict=True)):
        return ["A frame is not shown when the source's is."]
    return []


def _properties(delivered: MediaInfo, source: MediaInfo) -> list[str]:
    problems = []
    if delivered.kind != source.kind:
        problems.append("The delivered file is of another kind than the source.")
    if (delivered.video is None) != (source.video is None):
        return [*problems, "The picture is missing or was not there before."]
    if delivered.video is not None and source.video is not None:
        problems += [
            f"The picture's {what} is not the source's."
            for what, mine, theirs in _compared(delivered.video, source.video)
            if mine != theirs
        ]
    for number, (mine, theirs) in enumerate(zip(delivered.audio, source.audio, strict=False), 1):
        # Opus plays at one rate only.
        rate_hz = mine.rate_hz if mine.codec == "opus" else theirs.rate_hz
        if (mine.rate_hz, mine.channels) != (rate_hz, theirs.channels):
            problems.append(f"Sound stream {number} has another rate or channel count.")
    return problems


def _compared(mine: VideoInfo, theirs: VideoInfo) -> Iterator[tuple[str, object, object]]:
    yield "size", (mine.width, mine.height), (theirs.width, theirs.height)
    yield "sample aspect", mine.sample_aspect, theirs.sample_aspect
    yield "rotation", mine.orientation, theirs.orientation
    own_hdr, wanted_hdr = (v.hdr.coarse() if v.hdr else None for v in (mine, theirs))
    yield "HDR metadata", own_hdr, wanted_hdr
    yield "pixel format", mine.pix_fmt, theirs.pix_fmt
    for name in ("range", "matrix", "primaries", "transfer"):
        own, wanted = getattr(mine.colour, name), getattr(theirs.colour, name)
        if name == "range" and (own, wanted) == (UNKNOWN[name], 1) and "yuv" in mine.pix_fmt:
            continue  # studio range is what H.264 and HEVC mean by saying nothing
        # What the source leaves open may be written out by an encoder, never the other way.
        if wanted != UNKNOWN[name]:
            yield f"colour {name}", own, wanted
