"""Decoding pictures that goes on where something is broken, and counts it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from veilcast.media.conform.patience import packets_of
from veilcast.media.guard import media_errors, open_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av import VideoFrame

    from veilcast.extensions import Progress
    from veilcast.media.info import VideoInfo

_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""Others decode the picture alone, without the transparency beside it."""
_UNALIGNED = 1 << 0
"""AV_CODEC_FLAG_UNALIGNED: what is cropped at the left is left out to the sample."""
_FINE = Fraction(1, 1000)


@dataclass(slots=True)
class PictureFacts:
    """What a full decode saw.

    Attributes:
        frames: how many can be decoded.
        untimed: how many of them have no time of their own.
        unordered: how many have the same time as the one before, or an earlier one.
        broken: how many packets or frames can't be decoded.
        sizes: frames of each width and height.
        formats: frames of each pixel format.
        transparent: some of the picture is not opaque.
        lost: seconds of picture that can't be decoded, at most.
        start: of the first frame, in seconds.
        late: how much later that is than the first packet's.
    """

    frames: int = 0
    untimed: int = 0
    unordered: int = 0
    broken: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    transparent: bool = False
    lost: Fraction = Fraction(0)
    start: Fraction = Fraction(0)
    late: Fraction = Fraction(0)

    @property
    def largest(self) -> tuple[int, int]:
        """The size with the largest area."""
        return max(self.sizes, key=lambda size: (size[0] * size[1], size))


def picture_facts(path: Path, video: VideoInfo, progress: Progress) -> PictureFacts:
    """Decode all of a picture stream, and count what is wrong with it."""
    facts = PictureFacts()
    for _ in _decoded(path, video, facts, "judging the picture", progress):
        pass
    return facts


def clock_of(video: VideoInfo, facts: PictureFacts) -> Fraction:
    """The time base of repaired times: the source's own, or a whole part of it below 1 ms."""
    if _is_constant(video, facts):
        return video.time_base
    parts = -(-video.time_base // _FINE)
    return video.time_base / max(1, parts)


def timed_pictures(
    path: Path, video: VideoInfo, facts: PictureFacts, progress: Progress
) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Every frame that can be decoded, each later than the one before.

    A frame without a time follows on the one before at the stream's rate. Where no frame has one
    of its own, all of them do. One whose time is not later than that of the frame before it comes
    one tick after that.

    Yields:
        The time in seconds, as in the file, and the frame.
    """
    clock, each = clock_of(video, facts), 1 / (video.rate or Fraction(25))
    constant = _is_constant(video, facts)
    last: Fraction | None = None
    own = PictureFacts()
    decoded = _decoded(path, video, own, "mending the picture", progress)
    for number, (stamp, frame) in enumerate(decoded):
        if constant:
            # What can't be decoded took its time, too.
            at = facts.start + (number + own.broken) * each
        elif stamp is None:
            at = facts.start if last is None else last + each
        else:
            at = stamp
        at = round(at / clock) * clock
        if last is not None and at <= last:
            at = last + clock
        last = at
        yield at, frame


def _is_constant(video: VideoInfo, facts: PictureFacts) -> bool:
    """Whether frames were only counted, as AVI does, and got no times or got out of order."""
    counted = video.time_base == 1 / (video.rate or 1)
    return counted and (facts.untimed * 2 > facts.frames or bool(facts.unordered))


def has_alpha(pix_fmt: str) -> bool:
    """Whether pictures of this format may be transparent."""
    from av import VideoFormat

    return any(component.is_alpha for component in VideoFormat(pix_fmt).components)


def _is_transparent(frame: VideoFrame) -> bool:
    if not has_alpha(frame.format.name):
        return False
    return bool(frame.to_ndarray(format="rgba")[..., 3].min() < 255)


def _decoded(
    path: Path, video: VideoInfo, facts: PictureFacts, activity: str, progress: Progress
) -> Iterator[tuple[Fraction | None, VideoFrame]]:
    import av

    each = 1 / (video.rate or Fraction(25))
    last: Fraction | None = None
    first_packet: Fraction | None = None
    with media_errors(), open_input(path) as container:
        stream: Any = container.streams[video.index]
        decoder: Any = stream.codec_context
        if video.alpha_beside:
            decoder = av.CodecContext.create(_ALPHA_DECODERS[video.codec], "r")
        decoder.thread_type = "AUTO"
        decoder.flags |= _UNALIGNED
        for packet in packets_of(container, [stream], activity, progress):
            if packet is None:
                facts.broken += 1
                continue
            # What an edit list hides is decoded, since others need it, and the decoder drops it.
            if first_packet is None and packet.pts is not None and not packet.is_discard:
                first_packet = packet.pts * packet.time_base
            try:
                frames = decoder.decode(packet if packet.size else None)
            except av.error.FFmpegError:
                facts.broken += 1
                continue
            for frame in frames:
                if frame.is_corrupt:
                    facts.broken += 1
                    continue
                stamp = None
                if frame.pts is not None:
                    stamp = frame.pts * (frame.time_base or stream.time_base)
                if not facts.frames:
                    facts.start = stamp if stamp is not None else first_packet or Fraction(0)
                facts.frames += 1
                facts.untimed += stamp is None
                facts.unordered += stamp is not None and last is not None and stamp <= last
                facts.sizes[frame.width, frame.height] += 1
                facts.formats[frame.format.name] += 1
                facts.transparent = facts.transparent or _is_transparent(frame)
                last = stamp if stamp is not None else last
                yield stamp, frame
    if first_packet is not None:
        facts.late = max(Fraction(0), facts.start - first_packet)
    facts.lost = facts.broken * each
