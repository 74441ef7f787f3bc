"""Rendering marks: one pass over picture and sound for any number of neighbouring stages.

The same code writes a lossless intermediate and the delivered file, so both have the same frames.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from veilcast.errors import UnsupportedError
from veilcast.media.codecs import (
    OPUS_HZ,
    audio_encoder,
    video_encoder,
)
from veilcast.media.container import Copied, Out, has_hidden_frames, write_container
from veilcast.media.cropped import has_hidden_margin
from veilcast.media.encoding import EncodedPicture, EncodedSound
from veilcast.media.frames import check_complete, read_frames
from veilcast.media.info import AudioInfo, VideoInfo
from veilcast.media.intermediates import intermediate_picture, lossless_sound
from veilcast.media.orientation import Orientation
from veilcast.media.sound import at_rate, bit_rate_of, changed_sound
from veilcast.redaction.layout import supported
from veilcast.redaction.planes import apply_covers
from veilcast.redaction.spans import apply_lanes, lanes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction
    from pathlib import Path

    from av import AudioFrame, VideoFrame
    from numpy.typing import NDArray

    from veilcast.extensions import PixelTreatment, Progress, SoundTreatment
    from veilcast.media.info import MediaInfo
    from veilcast.redaction.covers import TrackCovers
    from veilcast.redaction.delivery import Delivery
    from veilcast.types import Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What one or more stages marked.

    Attributes:
        layers: one for each stage in order: the covers of its tracks.
        sounds: of all stages.
    """

    layers: tuple[tuple[TrackCovers, ...], ...] = ()
    sounds: tuple[Sound, ...] = ()

    @property
    def on_picture(self) -> bool:
        return any(self.layers)

    def streams(self, media: MediaInfo) -> frozenset[int]:
        """Which sound streams are touched, by index."""
        touched = set()
        for audio in media.audio:
            if any(s.streams is None or audio.index in s.streams for s in self.sounds):
                touched.add(audio.index)
        return frozenset(touched)

    def __add__(self, other: Marks) -> Marks:
        return Marks(layers=self.layers + other.layers, sounds=self.sounds + other.sounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatments:
    """What the marks' names mean."""

    pixels: Mapping[str, PixelTreatment]
    sounds: Mapping[str, SoundTreatment]


@dataclass(slots=True)
class Rendered:
    """What a pass saw: frames, how many of them were covered, and where the last one ended (s)."""

    frames: int = 0
    covered: int = 0
    end: list[Fraction] = field(default_factory=list)


def covered_frames(
    path: Path,
    media: MediaInfo,
    source: MediaInfo,
    origin: Fraction,
    marks: Marks,
    treatments: Treatments,
    progress: Progress,
    seen: Rendered,
) -> Iterator[VideoFrame]:
    """Every frame, its marks covered in its own planes.

    Args:
        path: the file to read: the source or an intermediate.
        media: what it holds.
        source: what the *source* holds: its orientation and presentation start apply.
        origin: when the presentation is to start in what is given on, in seconds.
        marks: what to cover.
        treatments: how.
        progress: told about frames done.
        seen: counts.
    """
    video = source.video
    if video is None:
        raise TypeError("covered_frames needs a picture stream")
    total = _frames_expected(source, video)
    shift = origin - media.origin
    for time_us, frame in read_frames(path, media, end=seen.end):
        # A lossless intermediate forgets them, and a fill's colour depends on them.
        frame.colorspace, frame.color_range = video.colour.matrix, video.colour.range
        covers = [
            cover
            for layer in marks.layers
            for track in layer
            if (cover := track.at(time_us)) is not None
        ]
        if covers and apply_covers(frame, covers, treatments.pixels, video.orientation):
            seen.covered += 1
        if shift and frame.pts is not None and frame.time_base is not None:
            frame.pts += round(shift / frame.time_base)
        seen.frames += 1
        progress("pixelating", seen.frames, max(total, seen.frames) if total else None)
        yield frame


def _frames_expected(media: MediaInfo, video: VideoInfo) -> int:
    return round(float(media.duration or 0) * float(video.rate))


def render_lossless(
    path: Path,
    destination: Path,
    media: MediaInfo,
    source: MediaInfo,
    marks: Marks,
    treatments: Treatments,
    progress: Progress,
) -> Rendered:
    """Write an intermediate: FFV1 (or raw video) and PCM in NUT, which keeps every time base.

    All of it is decoded, so that no codec's delay moves anything. The picture stays as stored:
    orientation is the source's. NUT has no time before 0; such a presentation starts later in it.
    """
    seen = Rendered()
    origin = media.origin
    if origin < 0:
        step = media.video.time_base.numerator if media.video is not None else 1
        origin += ceil(-origin / step) * step  # whole seconds are ticks of every stream's clock
    outs: list[Out] = []
    if media.video is not None:
        frames = covered_frames(path, media, source, origin, marks, treatments, progress, seen)
        video = replace(media.video, orientation=Orientation())
        outs.append(
            EncodedPicture(frames=frames, video=video, encoder=intermediate_picture(video.pix_fmt))
        )
    for original, audio in zip(source.audio, media.audio, strict=True):
        sound = _frames(path, media, original, audio, origin, marks, treatments)
        outs.append(EncodedSound(frames=sound, audio=audio, encoder=lossless_sound(audio)))
    end = write_container(destination, "nut", outs) + media.origin - origin
    check_complete(media, max([end, *seen.end]))
    return seen


def _frames(
    path: Path,
    media: MediaInfo,
    original: AudioInfo,
    audio: AudioInfo,
    origin: Fraction,
    marks: Marks,
    treatments: Treatments,
) -> Iterator[AudioFrame]:
    """Sound with its spans destroyed. Sounds name streams by their index in the source."""
    lanes = lanes_of(marks.sounds, original)

    def change(block: NDArray[Any], first: int) -> NDArray[Any]:
        return apply_lanes(block, first, audio.rate_hz, lanes, treatments.sounds)

    return changed_sound(path, media, audio, origin, change, whole=bool(lanes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """How far redacting has come: the last intermediate (or the source), and what differs in it."""

    path: Path
    media: MediaInfo
    picture_changed: bool = False
    changed_streams: frozenset[int] = frozenset()


def deliver(
    current: Current,
    destination: Path,
    source_path: Path,
    source: MediaInfo,
    reference: MediaInfo,
    marks: Marks,
    treatments: Treatments,
    target: Delivery,
    progress: Progress,
) -> Rendered:
    """The final encode, with the last marks rendered on the way.

    A picture that nothing touched is copied from the source, and so is sound. What comes out may
    not end before `reference` does: the source, or the file of a stage that changed the timing.

    Raises:
        UnsupportedError: a stream can't be continued in this codec or container.
    """
    seen = Rendered()
    outs: list[Out] = []
    # What was conformed may have been moved; delivered, it begins when the user's own file did.
    origin = source.origin - source.later
    touched = marks.streams(source) | current.changed_streams
    path, media = current.path, current.media
    encode = needs_encode(current, source_path, source, marks, target)
    indexes = [audio.index for audio in source.audio]
    sounds = dict(zip(indexes, target.sounds, strict=True))
    copies = dict(zip(indexes, target.copies_sounds, strict=True))
    for stream in source.streams:
        if isinstance(stream, VideoInfo) and encode:
            frames = covered_frames(path, media, source, origin, marks, treatments, progress, seen)
            encoder = video_encoder(stream, target.picture, target.settings)
            outs.append(EncodedPicture(frames=frames, video=stream, encoder=encoder))
        elif isinstance(stream, AudioInfo) and (
            stream.index in touched or not copies[stream.index]
        ):
            audio = media.audio[source.audio.index(stream)]
            sound = _frames(path, media, stream, audio, origin, marks, treatments)
            rate = bit_rate_of(source_path, source, stream)
            encoder = audio_encoder(stream, sounds[stream.index], rate)
            if encoder.name == "libopus":
                sound = at_rate(sound, OPUS_HZ)
            rate_hz = OPUS_HZ if encoder.name == "libopus" else stream.rate_hz
            written = replace(stream, rate_hz=rate_hz)
            outs.append(EncodedSound(frames=sound, audio=written, encoder=encoder))
        elif stream.role != "side":
            outs.append(
                Copied(path=source_path, media=source, index=stream.index, later=-source.later)
            )
    end = write_container(destination, target.family, outs, progress=None if encode else progress)
    check_complete(reference, max([end + source.later, *seen.end]))
    return seen


def needs_encode(
    current: Current,
    source_path: Path,
    source: MediaInfo,
    marks: Marks,
    target: Delivery,
) -> bool:
    """Whether the picture has to be encoded anew.

    Raises:
        UnsupportedError: its pixel format can't be covered, or its cropping can't be applied.
    """
    video = source.video
    if video is None:
        return False
    if marks.on_picture and not supported(video.pix_fmt):
        raise UnsupportedError(
            "Pictures of the input's pixel format can't be covered in place; "
            "convert it to a common one (yuv420p, rgb24) first."
        )
    # Margins that are not shown, and frames that an edit list hides, would stay as they are.
    if has_hidden_margin(source_path, source) or marks.on_picture or current.picture_changed:
        return True
    if source.kind != "video":
        return False
    # What was decoded to be conformed is without loss, and far too large to be delivered.
    return not target.copies_picture or has_hidden_frames(source_path, source)
