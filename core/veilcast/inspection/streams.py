"""What a profile does to each stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.errors import UnsupportedError, VeilcastError
from veilcast.inspection.inspection_model import StreamPlan
from veilcast.media.captions import kind_of
from veilcast.media.codecs import audio_encoder
from veilcast.media.info import AudioInfo, VideoInfo
from veilcast.redaction.layout import supported
from veilcast.redaction.render import Current, Marks, needs_encode
from veilcast.timing import us_ceil
from veilcast.types import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.inspection.inspection_model import Fate
    from veilcast.media.info import MediaInfo, StreamInfo
    from veilcast.media.orientation import Orientation
    from veilcast.pipeline.job import Job
    from veilcast.profile import Profile
    from veilcast.redaction.delivery import Delivery

    Workers = Mapping[str, Sequence[str]]
    """The stages that may cover something, by ``picture`` and ``sound``."""

_KEEPS_TEXTS = ("subtitles", "redact")
"""The setting of a container stage, and its value, by which text subtitles are kept."""


def plans(profile: Profile, workers: Workers, job: Job) -> Iterator[StreamPlan]:
    """Every stream in file order, with what becomes of it."""
    media = job.media
    try:
        target = job.delivery
    except VeilcastError:
        target = None
    sounds = {}
    if target is not None:
        pairs = zip(target.sounds, target.copies_sounds, strict=True)
        sounds = dict(zip(media.audio, pairs, strict=True))
    beside = [] if job.source == job.recorded else job.recorded_media.side
    for stream in (*media.streams, *beside):
        said: dict[str, Any] = {
            "index": stream.index,
            "type": stream.type,
            "role": stream.role,
            "codec": stream.continues or stream.codec,
            "language": stream.language,
            "duration_us": None if stream.duration is None else max(0, us_ceil(stream.duration)),
        }
        if isinstance(stream, VideoInfo):
            said |= _seen(stream, media) | _of_picture(workers, job, stream, target)
        elif isinstance(stream, AudioInfo):
            said |= {"sample_rate": stream.rate_hz, "channels": stream.channels}
            said |= _of_sound(workers, stream, *sounds.get(stream, (stream.codec, True)))
        else:
            said |= _of_side(profile, stream)
        yield StreamPlan(**said)


def refusals_when_covered(profile: Profile, workers: Workers, job: Job) -> Iterator[VeilcastError]:
    """What stops a run as soon as anything is covered in a stream."""
    media = job.media
    video = media.video
    if video is not None and workers["picture"] and not supported(video.pix_fmt):
        yield UnsupportedError(
            "Pictures of the input's pixel format can't be covered in place; "
            "convert it to a common one (yuv420p, rgb24) first."
        )
    if not workers["sound"]:
        return
    try:
        target = job.delivery
    except VeilcastError:
        return  # said as what stops it always
    for audio, codec in zip(media.audio, target.sounds, strict=True):
        try:
            audio_encoder(audio, codec, audio.bit_rate or 0)
        except VeilcastError as error:
            yield error


def _seen(video: VideoInfo, media: MediaInfo) -> dict[str, Any]:
    width, height = video.displayed_size
    degrees, mirrored = _turn(video.orientation)
    return {
        "width": width,
        "height": height,
        "rotation": degrees,
        "mirrored": mirrored,
        "frame_rate": None if media.kind == "still" else round(float(video.rate), 3),
    }


def _turn(orientation: Orientation) -> tuple[int, bool]:
    """Degrees clockwise, and whether left and right change places after that."""
    across, down = orientation.mirrored_across, orientation.mirrored_down
    if orientation.transposed:
        # A transposition is a quarter turn clockwise, and then a mirror.
        return 270 if down else 90, across == down
    return 180 if down else 0, across != down


def _of_picture(
    workers: Workers, job: Job, video: VideoInfo, target: Delivery | None
) -> dict[str, Any]:
    stages = workers["picture"]
    if target is None:
        return _covered_or_copied(stages, video.codec, video.codec)
    current = Current(path=job.source, media=job.media)
    if needs_encode(current, job.source, job.media, Marks(), target):
        found = f"covered where anything is found ({_listed(stages)}), and " if stages else ""
        after = target.picture
        return _fate("encoded", after, f"{found}encoded anew as {after} in any case")
    return _covered_or_copied(stages, video.codec, target.picture)


def _of_sound(workers: Workers, audio: AudioInfo, after: str, copies: bool) -> dict[str, Any]:
    stages = workers["sound"]
    if not copies:
        found = f"covered where anything is found ({_listed(stages)}), and " if stages else ""
        return _fate("encoded", after, f"{found}encoded anew as {after} in any case")
    return _covered_or_copied(stages, audio.codec, after)


def _covered_or_copied(stages: Sequence[str], codec: str, after: str) -> dict[str, Any]:
    if not stages:
        return _fate("copied", codec, "not encoded anew: no stage covers anything in it")
    return _fate(
        "covered",
        after,
        f"covered where anything is found ({_listed(stages)}), and then encoded anew as {after}; "
        "otherwise not encoded anew",
    )


def _of_side(profile: Profile, stream: StreamInfo) -> dict[str, Any]:
    containers = [p for p in profile.stages if p.stage.phase is Phase.CONTAINER]
    key, value = _KEEPS_TEXTS
    keeping = [p.stage.name for p in containers if getattr(p.settings, key, None) == value]
    if stream.type == "subtitle" and keeping and kind_of(stream) == "text":
        return _fate(
            "read", stream.codec, f"read ({_listed(keeping)}); what identifies in it is covered"
        )
    return _fate("removed", "", "removed: it is neither picture nor sound")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _fate(fate: Fate, after: str, sentence: str) -> dict[str, Any]:
    return {"fate": fate, "codec_after": after, "does": sentence}
