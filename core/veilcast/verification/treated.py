"""What a run did, in the form in which checks want to know it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.extensions import Treated
from veilcast.settings import TranscribeSettings
from veilcast.types import Box, Phase, Sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from veilcast.extensions import Stage
    from veilcast.findings import Findings
    from veilcast.profile import PlannedStage, Profile
    from veilcast.redaction.selection import Selection
    from veilcast.types import Cover, Track

_TICK_US = 2_000
"""Another container may count in milliseconds: frames come by so much sooner or later."""


def treated_in_run(
    profile: Profile,
    found: Sequence[Findings],
    selections: Sequence[Selection],
    *,
    cuts_us: Sequence[tuple[int, int]] = (),
    same_times: bool = True,
) -> tuple[Treated, ...]:
    """What each stage of a run did.

    Args:
        profile: its stages.
        found: by stage.
        selections: by stage.
        cuts_us: what was cut out, by the source's time.
        same_times: False when a stage changed the timing: where its covers are, nobody knows.
    """
    return tuple(
        _in_run(planned, findings, selection, cuts_us, same_times)
        for planned, findings, selection in zip(profile.stages, found, selections, strict=True)
    )


def _in_run(
    planned: PlannedStage,
    findings: Findings,
    selection: Selection,
    cuts_us: Sequence[tuple[int, int]],
    same_times: bool,
) -> Treated:
    names = {name for track in findings.tracks for name in track.detector.split("+")}
    if isinstance(planned.settings, TranscribeSettings):
        names |= {choice.name for choice in planned.settings.listeners}
    treated = Treated(
        stage=planned.stage.name,
        settings=planned.settings,
        detectors=tuple(sorted(names)),
        texts=tuple(_texts(findings)),
        anywhere=draws(planned.stage),
    )
    if not same_times:
        return treated
    spared = _at([_boxes_of(left.track) for left in selection.uncovered])
    if selection.covered or not findings.tracks:
        covers = _at([_covers_of(track_covers.at) for _, track_covers in selection.covered])
    else:
        # A stage that covers by itself: where it said that something is.
        covers = _at([_boxes_of(track) for track in findings.tracks])
    return replace(
        treated,
        covers=covers,
        spared=spared,
        sounds=_moved(selection.sounds, cuts_us),
        spared_sounds=_moved([one.sound for one in selection.uncovered_sounds], cuts_us),
    )


def treated_by_manifest(profile: Profile, manifest: Mapping[str, Any]) -> tuple[Treated, ...]:
    """What a manifest says that each stage of a profile did.

    Args:
        profile: how to look again.
        manifest: loaded and checked.
    """
    entries = {entry["stage"]: entry for entry in manifest["entries"]}
    looking = {planned.stage.name: planned.settings for planned in profile.stages}
    drawing = {planned.stage.name for planned in profile.stages if draws(planned.stage)}
    # What other stages covered is covered, though nobody looks again in their way.
    others = dict.fromkeys(name for name, entry in entries.items() if entry["changes"])
    return tuple(
        replace(_by_entry(name, looking.get(name), entries.get(name)), anywhere=name in drawing)
        for name in {**looking, **others}
    )


def draws(stage: Stage) -> bool:
    """Whether a stage changes the picture by itself."""
    return stage.phase is Phase.PICTURE and stage.redact is not None


def _by_entry(stage: str, settings: Any, entry: Mapping[str, Any] | None) -> Treated:
    if entry is None:
        return Treated(stage=stage, settings=settings)
    changes = entry["changes"]
    pictures = [change for change in changes if change["kind"] == "picture"]
    sounds = [change for change in changes if change["kind"] == "sound"]
    names = {name for change in changes for name in change["detector"].split("+")}
    if isinstance(settings, TranscribeSettings):
        chosen = entry["settings"].get("transcriber")
        names.add(chosen["name"] if isinstance(chosen, dict) else str(chosen))
    return Treated(
        stage=stage,
        settings=settings,
        detectors=tuple(sorted(names)),
        covers=_at(
            [
                _path_of(change["where"]["path"], float(change["how"].get("padding", 0)))
                for change in pictures
            ]
        ),
        spared=_at([_path_of(left["path"], 0.0) for left in entry["uncovered"]]),
        sounds=tuple(_sound_of(number, change) for number, change in enumerate(sounds, 1)),
        spared_sounds=tuple(
            _spared_sound(number, left)
            for number, left in enumerate(entry["uncovered"], 1)
            if left["track"] is None
        ),
    )


def _sound_of(number: int, change: Mapping[str, Any]) -> Sound:
    streams = change["where"]["streams"]
    channels = change["where"]["channels"]
    return Sound(
        id=number,
        identifier=change["what"],
        hipaa=change["hipaa"],
        detector=change["detector"],
        start_us=change["from_us"],
        end_us=change["to_us"],
        score=change["score_max"],
        streams=None if streams is None else tuple(streams),
        options=dict(change["how"]) | ({} if channels is None else {"channels": channels}),
    )


def _spared_sound(number: int, left: Mapping[str, Any]) -> Sound:
    streams, channels = left["streams"], left["channels"]
    return Sound(
        id=number,
        identifier=left["what"],
        hipaa=left["hipaa"],
        detector="reviewed",
        start_us=left["from_us"],
        end_us=left["to_us"],
        score=None,
        streams=None if streams is None else tuple(streams),
        options={} if channels is None else {"channels": channels},
    )


def _at(sources: Sequence[Callable[[int], Box | None]]) -> Callable[[int], Sequence[Box]]:
    """Every box that some source has at a time, or as near to it as a container's tick."""

    def at(time_us: int) -> list[Box]:
        found = []
        for source in sources:
            for near_us in (time_us, time_us - _TICK_US, time_us + _TICK_US):
                box = source(near_us)
                if box is not None:
                    found.append(box)
                    break
        return found

    return at


def _covers_of(at: Callable[[int], Cover | None]) -> Callable[[int], Box | None]:
    def box(time_us: int) -> Box | None:
        cover = at(time_us)
        return None if cover is None else cover.box

    return box


def _boxes_of(track: Track) -> Callable[[int], Box | None]:
    """The box of the frame that is shown at a time, or None where the track has none."""
    times = track.times_us

    def box(time_us: int) -> Box | None:
        index = int(np.searchsorted(times, time_us))
        for near in (index, index - 1):
            if 0 <= near < len(times) and abs(int(times[near]) - time_us) <= _TICK_US:
                return _box(track.boxes[near].tolist())
        return None

    return box


def _path_of(path: Sequence[str], padding: float) -> Callable[[int], Box | None]:
    """The box between the key frames of a manifest's path (see `veilcast.manifest.paths`)."""
    keys = [[int(part) for part in key.split()] for key in path]
    times = [key[0] for key in keys]

    def box(time_us: int) -> Box | None:
        if not times or not times[0] <= time_us <= times[-1]:
            return None
        after = bisect_right(times, time_us)
        first, last = keys[after - 1], keys[min(after, len(keys) - 1)]
        share = (time_us - first[0]) / (last[0] - first[0]) if last[0] > first[0] else 0.0
        mixed = [a + (b - a) * share for a, b in zip(first[1:], last[1:], strict=True)]
        return _box(mixed).grown(padding)

    return box


def _box(values: Sequence[float]) -> Box:
    x, y, width, height = values
    return Box(x=x, y=y, width=width, height=height)


def _texts(findings: Findings) -> Iterator[str]:
    """The phrases that identify, as they were heard or read."""
    for identifier, words in groupby(findings.words, key=lambda word: word.identifier):
        if identifier:
            yield " ".join(word.text for word in words)
    for caption in findings.captions:
        for span in caption.spans:
            yield caption.text[span.start : span.end]


def _moved(sounds: Sequence[Sound], cuts_us: Sequence[tuple[int, int]]) -> tuple[Sound, ...]:
    """By the time of what is left after cutting; what was cut out itself is not there any more."""

    def earlier(time_us: int) -> int:
        return time_us - sum(max(0, min(time_us, end) - start) for start, end in cuts_us)

    moved = []
    for sound in sounds:
        start_us, end_us = earlier(sound.start_us), earlier(sound.end_us)
        if end_us > start_us:
            moved.append(replace(sound, start_us=start_us, end_us=end_us))
    return tuple(moved)
