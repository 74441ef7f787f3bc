"""Validates every file that a stage returns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.errors import PluginFramesError, PluginOutputError, VeilcastError
from veilcast.media.frames import read_frames
from veilcast.media.guard import media_errors, open_input
from veilcast.media.info import anchored
from veilcast.media.probe import probe
from veilcast.media.sound import read_sound, samples_of

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    from veilcast.host import Plugin
    from veilcast.media.info import AudioInfo, MediaInfo, StreamInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack:
    """A checked file.

    Attributes:
        media: what it holds.
        picture_changed: whether the picture's packets are not those handed in.
        changed_streams: the source's sound streams whose samples are not those handed in.
    """

    media: MediaInfo
    picture_changed: bool
    changed_streams: frozenset[int]


def check_handback(
    stage: str,
    given: Path,
    given_media: MediaInfo,
    returned: object,
    source: MediaInfo,
    *,
    may_change_timing: bool = False,
    owner: Plugin | None = None,
) -> HandedBack:
    """It exists, decodes, and has the frames, times and streams of what was handed in.

    Raises:
        PluginOutputError: there is no such file, or it does not decode.
        PluginFramesError: frames, times or streams differ.
    """
    from pathlib import Path

    who = f"The stage '{stage}'" + (f" of {owner.distribution} {owner.version}" if owner else "")
    if not isinstance(returned, Path) or not returned.is_file():
        raise PluginOutputError(f"{who} returned no file; report this to its author.")
    try:
        media = anchored(probe(returned), given_media)
        frames = _frames(returned, media)
        sounds = [_sound(returned, media, audio) for audio in media.audio]
    except VeilcastError as exc:
        raise PluginOutputError(
            f"{who} returned a file that does not decode; report this to its author."
        ) from exc
    if may_change_timing:
        return HandedBack(
            media=media,
            picture_changed=True,
            changed_streams=frozenset(a.index for a in source.audio),
        )
    if frames != _frames(given, given_media):
        raise PluginFramesError(
            f"{who} returned other frames than it was given "
            "(their number, times, size or format differ); report this to its author."
        )
    given_sounds = [_sound(given, given_media, audio) for audio in given_media.audio]
    if [s.extent for s in sounds] != [s.extent for s in given_sounds]:
        raise PluginFramesError(
            f"{who} returned other sound streams than it was given "
            "(their number, start or length differ); report this to its author."
        )
    # By their samples: a stage may hand untouched sound back in a form that is easier to write.
    changed = frozenset(
        original.index
        for original, before, after in zip(source.audio, given_sounds, sounds, strict=True)
        if before.samples != after.samples
    )
    picture_changed = (
        given_media.video is not None
        and media.video is not None
        and _packets(given, given_media, given_media.video)
        != _packets(returned, media, media.video)
    )
    return HandedBack(media=media, picture_changed=picture_changed, changed_streams=changed)


def _frames(path: Path, media: MediaInfo) -> tuple[object, ...]:
    if media.video is None:
        return ()
    times = hashlib.sha256()
    count = 0
    for time_us, _ in read_frames(path, media, look="times"):
        times.update(time_us.to_bytes(8, "little", signed=True))
        count += 1
    video = media.video
    # `yuvj` is an old name for `yuv` in full range, and range is the source's to say.
    return count, times.hexdigest(), video.width, video.height, video.pix_fmt.replace("yuvj", "yuv")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """A sound stream: rate, channels, start and length, and the hash of its samples."""

    extent: tuple[object, ...]
    samples: str


def _sound(path: Path, media: MediaInfo, audio: AudioInfo) -> _Sound:
    digest = hashlib.sha256()
    first: Fraction | None = None
    samples = 0
    for at, frame in read_sound(path, media, audio, whole=False):
        first = at if first is None else first
        samples += frame.samples
        # Channels side by side, however the codec keeps them.
        digest.update(samples_of(frame).tobytes())
    start = None if first is None else round((first - media.origin) * audio.rate_hz)
    extent = (audio.rate_hz, audio.channels, start, samples)
    return _Sound(extent=extent, samples=digest.hexdigest())


def _packets(path: Path, media: MediaInfo, stream: StreamInfo) -> str:
    digest = hashlib.sha256()
    with media_errors(), open_input(path, media.still_format) as container:
        for packet in container.demux(container.streams[stream.index]):
            digest.update(bytes(packet))
    return digest.hexdigest()
