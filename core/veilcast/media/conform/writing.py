"""Writes the conformed source: what was wrong decoded without loss, what was right copied."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, lcm
from typing import TYPE_CHECKING, Any

from veilcast.media.conform.patience import packets_of, silent
from veilcast.media.conform.pictures import (
    PictureFacts,
    clock_of,
    has_alpha,
    picture_facts,
    timed_pictures,
)
from veilcast.media.conform.scan import UNTIMED
from veilcast.media.conform.sounds import SoundFacts, timed_sounds
from veilcast.media.container import Copied, Out, has_hidden_frames, write_container
from veilcast.media.encoding import EncodedPicture, EncodedSound
from veilcast.media.guard import fault, media_errors, open_input
from veilcast.media.info import AudioInfo, MediaInfo, StreamInfo, VideoInfo
from veilcast.media.intermediates import lossless_picture, lossless_sound
from veilcast.media.orientation import Orientation
from veilcast.media.probe import probe
from veilcast.media.sound import bit_rate_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from av import AudioFrame, VideoFrame

    from veilcast.extensions import Progress

_BEGUN_S = 10
"""Behind this no stream has anything before 0 left."""
_STEP_S = Fraction(15, 1000)
_COPIED_SOUND = ("mp2", "ac3", "eac3", "flac")
"""Codecs without a delay that a container has to tell; plain samples are copied as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conforming:
    """Which streams are decoded, and into what.

    Attributes:
        picture: what was seen of the picture, when it is decoded.
        pix_fmt: its pixel format then.
        sounds: indexes of sound streams that are decoded.
    """

    picture: PictureFacts | None
    pix_fmt: str
    sounds: frozenset[int]


def write_conformed(
    path: Path, media: MediaInfo, folder: Path, progress: Progress, how: Conforming
) -> tuple[Path, MediaInfo]:
    """Write the file: a picture without loss, PCM, and copied packets, in NUT.

    NUT has no time before 0, so a presentation that starts earlier is moved by whole seconds.

    Returns:
        The file, and what it holds: `continues` says of each stream that was decoded what it was.
    """
    shift = _shift(path, media)
    destination = folder / "conformed.nut"
    outs: list[Out] = []
    before: list[VideoInfo | AudioInfo] = []
    decoded: list[bool] = []
    hidden = how.picture is None and has_hidden_frames(path, media)
    facts = how.picture
    for stream in media.streams:
        if isinstance(stream, VideoInfo):
            if hidden:
                facts = picture_facts(path, stream, progress)
            outs.append(_picture(path, media, stream, facts, how, shift, progress))
            decoded.append(facts is not None)
        elif isinstance(stream, AudioInfo):
            apart = stream.index in how.sounds or not _copies(stream)
            outs.append(_sound(path, media, stream, shift, progress, decode=apart))
            decoded.append(apart)
        else:
            continue
        before.append(stream)
    end = write_container(destination, "nut", outs)
    _check_in_step(path, media, destination, before, shift)
    written = probe(destination)
    streams = tuple(
        _described(now, was, path, media, decoded=own)
        for now, was, own in zip(written.streams, before, decoded, strict=True)
    )
    return destination, replace(
        media,
        container="nut",
        continues=media.continues or media.container,
        streams=streams,
        origin=media.origin + shift,
        later=media.later + shift,
        duration=end - media.origin - shift,  # NUT says when it ends, not how long it is
        chapters=0,
    )


def _shift(path: Path, media: MediaInfo) -> Fraction:
    """By how many seconds all has to come later for nothing to be before 0: decoding times, too."""
    kept = [stream for stream in media.streams if stream.role != "side"]
    earliest = media.origin
    with media_errors(), open_input(path) as container:
        for packet in container.demux([container.streams[stream.index] for stream in kept]):
            times = [at for at in (packet.pts, packet.dts) if at is not None]
            if times and packet.time_base:
                earliest = min(earliest, min(times) * packet.time_base)
            if (packet.dts or 0) * (packet.time_base or 0) > _BEGUN_S:
                break
    if earliest >= 0:
        return Fraction(0)
    # Whole seconds are whole ticks, but for clocks such as 1001/30000.
    step = lcm(*(stream.time_base.numerator for stream in kept))
    return Fraction(ceil(-earliest / step) * step)


def _check_in_step(
    path: Path,
    media: MediaInfo,
    written: Path,
    streams: Sequence[VideoInfo | AudioInfo],
    shift: Fraction,
) -> None:
    """Stop where a stream does not begin when it should: every cover would be out of place."""
    for number, stream in enumerate(streams):
        was, now = _first_s(path, stream.index), _first_s(written, number)
        if was is None or now is None:
            continue
        if abs(now - shift - was) > max(stream.time_base, _STEP_S):
            raise fault("The conformed source is out of step with the input")


def _first_s(path: Path, index: int) -> Fraction | None:
    """When the first frame or sample of a stream that can be decoded comes, in seconds."""
    import av

    with media_errors(), open_input(path) as container:
        stream: Any = container.streams[index]
        for packet in packets_of(container, [stream], "", silent):
            if packet is None:
                continue
            with contextlib.suppress(av.error.FFmpegError):
                for frame in packet.decode():
                    usable: Any = frame
                    if not usable.is_corrupt and usable.pts is not None:
                        return Fraction(usable.pts * usable.time_base)
    return None


def _copies(audio: AudioInfo) -> bool:
    return audio.codec in _COPIED_SOUND or audio.codec.startswith("pcm_")


def _picture(
    path: Path,
    media: MediaInfo,
    video: VideoInfo,
    facts: PictureFacts | None,
    how: Conforming,
    shift: Fraction,
    progress: Progress,
) -> Out:
    if facts is None:
        return Copied(path=path, media=media, index=video.index, later=shift)
    width, height = facts.largest
    pix_fmt = how.pix_fmt
    written = replace(
        video,
        width=width,
        height=height,
        pix_fmt=pix_fmt,
        time_base=clock_of(video, facts),
        orientation=Orientation(),
        hdr=None,
    )
    return EncodedPicture(
        frames=_frames(path, video, written, facts, shift, progress),
        video=written,
        encoder=lossless_picture(pix_fmt),
    )


def _frames(
    path: Path,
    video: VideoInfo,
    written: VideoInfo,
    facts: PictureFacts,
    shift: Fraction,
    progress: Progress,
) -> Iterator[VideoFrame]:
    fitted: dict[tuple[int, int, str], Any] = {}
    for at, decoded in timed_pictures(path, video, facts, progress):
        shape = (decoded.width, decoded.height, decoded.format.name)
        frame = decoded
        if shape != (written.width, written.height, written.pix_fmt):
            if shape not in fitted:
                fitted[shape] = _Fitting(decoded, written)
            frame = fitted[shape].fit(decoded)
        frame.pts = round((at + shift) / written.time_base)
        frame.time_base = written.time_base
        yield frame


class _Fitting:
    """Brings frames of one size and format to another: scaled, with black beside, and opaque."""

    def __init__(self, like: VideoFrame, written: VideoInfo) -> None:
        from av.filter import Graph

        size = f"{written.width}:{written.height}"
        steps = []
        if has_alpha(like.format.name):
            steps.append(("premultiply", "inplace=1"))
        if (like.width, like.height) != (written.width, written.height):
            steps.append(("scale", f"{size}:force_original_aspect_ratio=decrease:flags=lanczos"))
            steps.append(("pad", f"{size}:(ow-iw)/2:(oh-ih)/2"))
        steps.append(("format", written.pix_fmt))
        self._graph = Graph()
        last = self._graph.add_buffer(
            width=like.width, height=like.height, format=like.format, time_base=Fraction(1, 1000)
        )
        for name, arguments in steps:
            following = self._graph.add(name, arguments)
            last.link_to(following)
            last = following
        last.link_to(self._graph.add("buffersink"))
        self._graph.configure()

    def fit(self, frame: VideoFrame) -> VideoFrame:
        self._graph.push(frame)
        fitted: Any = self._graph.pull()
        return fitted  # type: ignore[no-any-return]


def _sound(
    path: Path,
    media: MediaInfo,
    audio: AudioInfo,
    shift: Fraction,
    progress: Progress,
    *,
    decode: bool,
) -> Out:
    if not decode:
        return Copied(path=path, media=media, index=audio.index, later=shift)
    written = replace(audio, time_base=Fraction(1, audio.rate_hz))
    return EncodedSound(
        frames=_samples(path, media, audio, shift, progress),
        audio=written,
        encoder=lossless_sound(written),
    )


def _samples(
    path: Path, media: MediaInfo, audio: AudioInfo, shift: Fraction, progress: Progress
) -> Iterator[AudioFrame]:
    how = {"counted": media.container in UNTIMED, "alone": media.video is None}
    for frame in timed_sounds(path, audio, SoundFacts(), progress, **how):
        frame.pts = (frame.pts or 0) + round(shift * audio.rate_hz)
        yield frame


def _described(
    now: StreamInfo, was: VideoInfo | AudioInfo, path: Path, media: MediaInfo, *, decoded: bool
) -> VideoInfo | AudioInfo:
    """The new stream, with what only the source says of it."""
    common: dict[str, Any] = {
        "default": was.default,
        "forced": was.forced,
        "language": was.language,
        "duration": None,
        "number": was.index if was.number is None else was.number,
        "continues": (was.continues or was.codec) if decoded else "",
    }
    if isinstance(was, AudioInfo):
        if not isinstance(now, AudioInfo):
            raise TypeError("a sound became something else")
        return replace(
            now,
            **common,
            layout=was.layout,
            bits=was.bits if decoded else now.bits,
            bit_rate=bit_rate_of(path, media, was),
        )
    if not isinstance(now, VideoInfo):
        raise TypeError("a picture became something else")
    return replace(
        now,
        **common,
        sample_aspect=was.sample_aspect,
        orientation=was.orientation,
        rate=was.rate,
        profile=was.profile,
        field_order=was.field_order,
        colour=was.colour,
        hdr=was.hdr,
        bit_rate=was.bit_rate,
    )
