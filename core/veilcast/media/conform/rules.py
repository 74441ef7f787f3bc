"""What is done about a source that can't be kept exactly as it is, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from veilcast.errors import NotMediaError, TruncatedError
from veilcast.media.conform.patience import silent
from veilcast.media.conform.pictures import PictureFacts, has_alpha, picture_facts
from veilcast.media.conform.scan import UNTIMED, scan
from veilcast.media.conform.sounds import SoundFacts, timed_sounds
from veilcast.media.conform.writing import Conforming, write_conformed
from veilcast.media.frames import missing_at
from veilcast.media.info import AudioInfo, Conformed, MediaInfo, VideoInfo

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.media.conform.scan import Scanned

Look = Literal["doubtful", "thorough", "every"]
_LOST_S, _LOST_SHARE = Fraction(2), Fraction(1, 100)
"""More of the picture or sound than this may not be lost without being asked about."""
_SHORT_S = Fraction(1, 4)
"""An end that comes so early may be rounding."""
_BRIEF_S = Fraction(1, 10)
"""A frame or two are more than a hundredth of a short clip."""
_GAP_S = Fraction(1, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the pipeline needs of a source.

    Attributes:
        covers: something in picture or sound may be covered.
        pix_fmt: the pixel format in which the picture is delivered.
        opaque: the one for a picture that is transparent, and is laid over black.
        look: which streams are decoded to be judged: the ``doubtful`` ones, or all (``thorough``);
            ``every`` stream is conformed, whether or not anything is wrong with it.
        accept_loss: go on though much of it can't be decoded.
    """

    covers: bool = True
    pix_fmt: str = ""
    opaque: str = ""
    look: Look = "doubtful"
    accept_loss: bool = False


@dataclass(slots=True)
class _Plan:
    """What was decided, and what is said of it."""

    progress: Progress
    picture: PictureFacts | None = None
    pix_fmt: str = ""
    sounds: dict[int, SoundFacts] = field(default_factory=dict)
    told: list[Conformed] = field(default_factory=list)

    def tell(self, rule: str, sentence: str) -> None:
        self.told.append(Conformed(rule=rule, sentence=sentence))


def conform(
    path: Path, media: MediaInfo, folder: Path, wanted: Wanted, progress: Progress = silent
) -> tuple[Path, MediaInfo]:
    """The source as it can be kept exactly, and what it holds.

    Args:
        path: the user's own file, under a neutral name.
        media: what it holds.
        folder: where a new file may be written.
        wanted: what the pipeline needs.
        progress: told about seconds read; it raises an interrupt.

    Returns:
        `path` itself where nothing in its streams has to be changed.

    Raises:
        TruncatedError: too much of it can't be decoded.
        NotMediaError: no stream holds anything.
    """
    if media.kind == "still":
        return path, media
    seen = {} if media.container in UNTIMED else scan(path, media, progress)
    media = _without_empty(media, seen)
    plan = _Plan(progress=progress)
    if seen:
        media = _as_long_as_it_is(media, max(one.end for one in seen.values()), wanted, plan)
    if media.video is not None:
        _judge_picture(path, media, media.video, seen.get(media.video.index), wanted, plan)
    for audio in media.audio:
        _judge_sound(path, media, audio, seen.get(audio.index), wanted, plan)
    if wanted.look == "every":
        plan.tell(
            "decoded", "All of it is encoded anew: its streams could not be kept as they are."
        )
    media = replace(media, conformed=(*media.conformed, *plan.told))
    if plan.picture is None and not plan.sounds:
        return path, media
    return write_conformed(
        path,
        media,
        folder,
        progress,
        Conforming(
            picture=plan.picture,
            pix_fmt=plan.pix_fmt,
            sounds=frozenset(plan.sounds),
        ),
    )


def _without_empty(media: MediaInfo, seen: dict[int, Scanned]) -> MediaInfo:
    """Tracks without a single packet are left behind."""
    empty = {index for index, one in seen.items() if not one.packets}
    if not empty:
        return media
    streams = tuple(
        media.streams[at].beside() if stream.index in empty else stream
        for at, stream in enumerate(media.streams)
    )
    kept = [stream for stream in streams if stream.role != "side"]
    if not kept:
        raise NotMediaError("The input holds neither picture nor sound: its tracks are empty.")
    kind: Literal["video", "audio"]
    kind = "video" if any(stream.role == "picture" for stream in kept) else "audio"
    told = tuple(
        Conformed(
            rule="empty-track",
            sentence=f"A {stream.role} track is left behind: there is nothing in it.",
        )
        for stream in media.streams
        if stream.index in empty
    )
    return replace(
        media,
        kind=kind,
        streams=streams,
        origin=min(stream.start for stream in kept),
        conformed=(*media.conformed, *told),
    )


def _as_long_as_it_is(media: MediaInfo, end: Fraction, wanted: Wanted, plan: _Plan) -> MediaInfo:
    """A recorder that crashed, or a copy that was broken off: what there is ends early."""
    missing = missing_at(media, end)
    if missing <= _SHORT_S:
        return media
    _check_loss(missing, media, wanted)
    plan.tell(
        "early-end",
        f"The recording ends {float(missing):.1f} s before its header says; "
        "delivered to where it ends.",
    )
    streams = tuple(replace(stream, duration=None) for stream in media.streams)
    return replace(media, streams=streams, duration=end - media.origin)


def _judge_picture(
    path: Path,
    media: MediaInfo,
    video: VideoInfo,
    seen: Scanned | None,
    wanted: Wanted,
    plan: _Plan,
) -> None:
    plan.pix_fmt = wanted.pix_fmt or video.pix_fmt
    doubtful = (seen is not None and seen.doubtful) or wanted.look != "doubtful"
    alpha = video.alpha_beside or has_alpha(video.pix_fmt)
    other = wanted.pix_fmt not in ("", video.pix_fmt)
    if not (doubtful or alpha or other):
        return
    facts = picture_facts(path, video, plan.progress)
    if not facts.frames:
        raise TruncatedError("No picture of the input can be decoded; get another copy of it.")
    before = len(plan.told)
    late = media.container == "avi" and facts.start != video.start
    if facts.untimed or facts.unordered or late:
        plan.tell(
            "picture-times",
            f"Picture times repaired: {facts.untimed} of {facts.frames} frames had none, "
            f"{facts.unordered} that of another or an earlier one.",
        )
    if seen is not None and seen.headless and facts.late:
        plan.tell(
            "late-start",
            "The picture begins in the middle of what was cut; delivered from its first whole "
            "frame.",
        )
    if len(facts.sizes) > 1:
        width, height = facts.largest
        plan.tell(
            "picture-size",
            f"The picture has {len(facts.sizes)} sizes; all of it is delivered at "
            f"{width}x{height}, scaled, with black beside it where its shape differs.",
        )
    if facts.transparent or video.alpha_beside:
        plan.pix_fmt = wanted.opaque or plan.pix_fmt
        plan.tell("transparency", "Transparent parts of the picture are delivered black.")
    elif len(facts.formats) > 1 or other:
        plan.tell(
            "pixel-format",
            f"The picture is delivered in the pixel format {plan.pix_fmt}: "
            "that of the source changes, or can't be written.",
        )
    if facts.broken:
        _check_loss(facts.lost, media, wanted)
        plan.tell(
            "broken-picture",
            f"{facts.broken} packets of the picture can't be decoded and are left out "
            f"({float(facts.lost):.1f} s).",
        )
    if len(plan.told) > before or wanted.look == "every":
        plan.picture = facts


def _judge_sound(
    path: Path,
    media: MediaInfo,
    audio: AudioInfo,
    seen: Scanned | None,
    wanted: Wanted,
    plan: _Plan,
) -> None:
    counted, alone = media.container in UNTIMED, media.video is None
    doubtful = seen is not None and seen.doubtful and wanted.covers
    if not (wanted.look != "doubtful" or doubtful):
        return
    facts = SoundFacts()
    for _ in timed_sounds(path, audio, facts, plan.progress, counted=counted, alone=alone):
        pass
    if not facts.samples:
        raise TruncatedError("No sound of the input can be decoded; get another copy of it.")
    before = len(plan.told)
    if facts.filled >= _GAP_S:
        plan.tell(
            "sound-gap", f"Gap of {float(facts.filled):.1f} s in the sound filled with silence."
        )
    if facts.joined:
        plan.tell("sound-chain", f"{facts.joined + 1} recordings in one file are delivered as one.")
    if facts.overlapping >= _GAP_S:
        plan.tell(
            "sound-overlap",
            f"{float(facts.overlapping):.1f} s of sound that came twice are delivered once.",
        )
    if facts.jittery and max(facts.filled, facts.overlapping) < _GAP_S and not facts.joined:
        plan.tell("sound-times", "Sound times repaired: they were off by some milliseconds.")
    if facts.changes:
        plan.tell("sound-shape", "Sound changes its rate or channels; delivered as it begins.")
    if facts.broken:
        lost = facts.filled if facts.filled else Fraction(facts.broken, 40)
        _check_loss(lost, media, wanted)
        plan.tell(
            "broken-sound",
            f"{facts.broken} packets of the sound can't be decoded; there is silence instead.",
        )
    if len(plan.told) > before or wanted.look == "every":
        plan.sounds[audio.index] = facts


def _check_loss(lost: Fraction, media: MediaInfo, wanted: Wanted) -> None:
    whole = media.duration or Fraction(0)
    if wanted.accept_loss or lost <= min(_LOST_S, max(_LOST_SHARE * whole, _BRIEF_S)):
        return
    raise TruncatedError(
        f"The input is damaged: {float(lost):.1f} s of it can't be decoded; get a complete copy, "
        "or take what there is with --accept-loss."
    )
