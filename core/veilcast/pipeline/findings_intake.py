"""Takes findings up, from a file or from this run, checks them, and selects what is covered."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast.errors import FindingsError, SettingError
from veilcast.findings.edits import Effective, effective
from veilcast.pipeline.labels import check_labels, check_written_labels
from veilcast.pipeline.locating import located_with
from veilcast.pipeline.response_validation import WrongError, told_items
from veilcast.redaction.asked import check_rectangles
from veilcast.redaction.covers import check_settings
from veilcast.redaction.selection import Selection, select
from veilcast.redaction.sounds import covering_of
from veilcast.settings import CoverSettings, SelectionSettings, TranscribeSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.findings import Findings, FindingsDocument
    from veilcast.findings.edits import Edit
    from veilcast.host import Host
    from veilcast.media.info import MediaInfo
    from veilcast.pipeline.job import Job
    from veilcast.profile import PlannedStage, Profile

_IDLE = "The findings say that there was nothing to do."
"""In the place of the sentence that says why."""


def given(
    host: Host, document: FindingsDocument, profile: Profile, job: Job
) -> tuple[Findings, ...]:
    """The findings of a document, in the profile's order.

    Raises:
        FindingsError: they are of another input, of other stages, or located with other settings;
            or a label in them names somebody.
    """
    if document.input_sha256 != job.sha256:
        raise FindingsError("The findings are of another input; locate this one first.")
    by_stage = {findings.stage: findings for findings in document.stages}
    names = [planned.stage.name for planned in profile.stages]
    if sorted(findings.stage for findings in document.stages) != sorted(names):
        raise FindingsError(
            "The findings are of other stages than the profile's; "
            "redact with the profile that they were located with."
        )
    for planned in profile.stages:
        asked = located_with(planned)
        # Left alone, such settings need not be repeated; asked for, they may not do nothing.
        if asked not in (document.located_with.get(planned.stage.name), _unasked(planned)):
            raise FindingsError(
                f"The findings of stage '{planned.stage.name}' were located with other settings "
                "or regions; locate again with these."
            )
    for planned in profile.stages:
        if not host.owner("stage", planned.stage.name).ours:
            try:
                told_items(by_stage[planned.stage.name])
            except WrongError as exc:
                raise FindingsError(
                    f"The findings of stage '{planned.stage.name}' hold {exc}; locate again."
                ) from exc
    counted = [effective(findings, document.edits).findings for findings in document.stages]
    check_written_labels(host, profile, counted)
    # What a person may have written into these sentences does not go into a manifest.
    return tuple(
        replace(
            by_stage[planned.stage.name],
            warnings=_reduced(host, planned, job),
            nothing_to_do=_IDLE if by_stage[planned.stage.name].nothing_to_do else "",
        )
        for planned in profile.stages
    )


def _reduced(host: Host, planned: PlannedStage, job: Job) -> tuple[str, ...]:
    """That a transcriber finds less than others do holds for what it found, whenever it did."""
    if not job.media.audio or not isinstance(planned.settings, TranscribeSettings):
        return ()
    reduced = host.transcriber(planned.settings.transcriber.name).reduced
    return (reduced,) if reduced else ()


def _unasked(planned: PlannedStage) -> str:
    """What `located_with` is when a profile says nothing."""
    model = planned.stage.settings
    if any(field.is_required() for field in model.model_fields.values()):
        return ""
    return located_with(replace(planned, settings=model()))


def check_real(findings: Findings, job: Job) -> None:
    """Everything found is somewhere in this recording: otherwise it would cover nothing.

    Raises:
        FindingsError: something is not.
        SettingError: a sound says what can't be done in its stream.
    """
    sounds = {audio.index for audio in job.media.audio}
    for sound in findings.sounds:
        late = 0 < job.media.duration_us <= sound.start_us
        if late or not sounds or not sounds.issuperset(sound.streams or ()):
            raise FindingsError(
                f"Sound {sound.id} of stage '{findings.stage}' is not in the recording; "
                "correct the findings, or locate again."
            )
        for audio in job.media.audio:
            if sound.streams is None or audio.index in sound.streams:
                covering_of(sound, audio.channels)
    if not findings.tracks:
        return
    video = job.media.video
    width, height = video.displayed_size if video is not None else (0, 0)
    times = job.frames.times_us() if video is not None else ()
    for track in findings.tracks:
        first, last = int(track.times_us[0]), int(track.times_us[-1])
        x, y, across, down = track.boxes.T
        inside = (x < width) & (y < height) & (x + across > 0) & (y + down > 0)
        if not inside.all():
            raise FindingsError(
                f"Track {track.id} of stage '{findings.stage}' has {int((~inside).sum())} of "
                f"{len(inside)} boxes outside the picture of {width}x{height}; "
                "correct the findings, or locate again."
            )
        if bisect_left(times, first) == bisect_right(times, last):
            raise FindingsError(
                f"Track {track.id} of stage '{findings.stage}' is in no frame of the recording; "
                "correct the findings, or locate again."
            )


def check_selections(host: Host, profile: Profile, media: MediaInfo) -> None:
    """Refuse before locating what can be seen to be wrong in what is to be covered.

    Raises:
        SettingError: a rectangle is outside the frame, a treatment does not exist, a stage
            covers by itself and is told what to leave out, or a label names somebody.
    """
    check_labels(host, profile)
    for planned in profile.stages:
        settings = planned.settings
        if not isinstance(settings, SelectionSettings):
            continue
        if planned.stage.redact is not None and settings.selects:
            raise SettingError(
                f"The stage '{planned.stage.name}' covers by itself and can't leave out tracks, "
                "times or rectangles; leave these settings out."
            )
        for own in settings.per_track.values():
            check_settings(own, host.pixel_treatments)
        if media.video is not None:
            check_rectangles(settings, *media.video.displayed_size)


def merged(found: Sequence[Findings], edits: Sequence[Edit]) -> tuple[Effective, ...]:
    """What counts of each stage after all edits.

    Raises:
        FindingsError: an edit is of something that there is not.
    """
    stages = {findings.stage for findings in found}
    for number, edit in enumerate(edits, 1):
        if edit.stage not in stages:
            raise FindingsError(
                f"Edit {number} is of a stage that the profile does not have; correct the edits."
            )
    return tuple(effective(findings, edits) for findings in found)


def selected(profile: Profile, counted: Sequence[Effective], job: Job) -> tuple[Selection, ...]:
    """What is covered, by stage, in the profile's order.

    Raises:
        SettingError, FindingsError: the settings speak of something that is not there.
    """
    selections = []
    for planned, one in zip(profile.stages, counted, strict=True):
        video = job.media.video
        chooses = isinstance(planned.settings, CoverSettings) and planned.stage.redact is None
        if video is None or not chooses:
            selections.append(select(one, planned.settings))
        else:
            frames_us = job.frames.times_us()
            selections.append(select(one, planned.settings, frames_us, *video.displayed_size))
    return tuple(selections)
