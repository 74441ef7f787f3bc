"""The promises of a stage, one by one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from veilcast.errors import Interrupted, VeilcastError
from veilcast.testing.discretion import NAMES_NOBODY, PROMISE, stage_names_nobody
from veilcast.testing.opened_recording import Opened, opened
from veilcast.testing.rule import Rule, check_all, holds_path
from veilcast.testing.stage_case import StageCase, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from veilcast.extensions import Stage
    from veilcast.host import Host
    from veilcast.pipeline.job import Job


def _says_what_it_is(case: StageCase) -> str:
    from veilcast.extensions.validity import why_unusable
    from veilcast.types import Phase

    own = case.stage
    if wrong := why_unusable(own):
        return wrong
    if not own.summary:
        return "it has no summary"
    if own.redact is None and own.phase is Phase.CONTAINER:
        return "a stage of the container needs a redact"
    for model in own.models(case.planned.settings):
        case.host.model(model)
    for detector in own.detectors(case.planned.settings):
        case.host.detector(detector)
    return ""


def _gives_findings(case: StageCase) -> str:
    from veilcast.errors import FindingsError

    found = case.found
    try:
        kept = settled(found)
    except (FindingsError, TypeError, ValueError, AttributeError) as exc:
        return f"its findings can't be kept ({exc})"
    if kept.stage != case.stage.name:
        return f"its findings say that they are of the stage '{kept.stage}'"
    numbers = [track.id for track in kept.tracks]
    if len(set(numbers)) < len(numbers) or any(number < 1 for number in numbers):
        return "its tracks are not numbered, each with a number of its own from 1"
    return ""


def _finds_something(case: StageCase) -> str:
    found = case.found
    if any((found.tracks, found.sounds, found.captions, found.items)):
        return ""
    return "it finds nothing in a recording that was made to have something in it"


def _in_the_recording(case: StageCase) -> str:
    from veilcast.pipeline.findings_intake import check_real

    with opened(case.recording) as file:
        try:
            check_real(settled(case.found), cast("Job", file))
        except VeilcastError as exc:
            return str(exc).rstrip(".")
    return ""


def _can_be_covered(case: StageCase) -> str:
    from veilcast.findings.edits import Effective
    from veilcast.pipeline.redacting import marks_of
    from veilcast.redaction.selection import select
    from veilcast.settings import CoverSettings

    if case.stage.redact is not None:
        return ""
    found, settings = settled(case.found), case.planned.settings
    if found.tracks and not isinstance(settings, CoverSettings):
        return "it finds tracks, and its settings do not derive from CoverSettings"
    try:
        chosen = select(Effective(findings=found), settings)
        marks_of(case.planned, found, case.host, chosen)
    except VeilcastError as exc:
        return str(exc).rstrip(".")
    return ""


def _tells_nothing(case: StageCase) -> str:
    for warning in case.found.warnings:
        if holds_path(warning) or case.recording.name in warning or "\n" in warning:
            return "a warning holds a path or the name of a file, or is no single sentence"
        told = set(warning.lower().split())
        if any(w.identifier and len(w.text) > 4 and w.text in told for w in case.found.words):
            return "a warning repeats what was heard"
    return ""


def _same_again(case: StageCase) -> str:
    from veilcast.findings import digest

    with opened(case.recording) as file:
        again = settled(case.locate(file))
    return "" if digest(again) == digest(settled(case.found)) else "other findings the second time"


def _leaves_the_recording(case: StageCase) -> str:
    with opened(case.recording) as file:
        return _left_alone(file, lambda: case.locate(file))


def _left_alone(file: Opened, work: Callable[[], object]) -> str:
    before, others = file.path.read_bytes(), _beside(file)
    work()
    if not file.path.is_file() or file.path.read_bytes() != before:
        return "the file is not what it was"
    return "" if _beside(file) == others else "there are new files outside the scratch folder"


def _beside(file: Opened) -> Sequence[Path]:
    return sorted(path for path in file.path.parent.iterdir() if path != file.scratch)


def _can_be_stopped(case: StageCase) -> str:
    with opened(case.recording) as file:
        if wrong := _goes_on(lambda stop: case.locate(file, stop)):
            return f"in locate, {wrong}"
    if case.stage.redact is None:
        return ""
    with case.handed_in() as file:
        wrong = _goes_on(lambda stop: case.redact(file, stop))
    return f"in redact, {wrong}" if wrong else ""


def _goes_on(work: Callable[[Any], object]) -> str:
    said = False

    def stop(activity: str, done: int, total: int | None) -> None:
        nonlocal said
        said = True
        raise Interrupted("Interrupted by the test.")

    try:
        work(stop)
    except Interrupted:
        return ""
    return "it went on after progress had raised an interrupt" if said else ""


def _any_recording(case: StageCase) -> str:
    import numpy as np

    from veilcast.testing.media import RATE_HZ, MediaMaker

    with TemporaryDirectory(prefix="veilcast-testing-") as folder:
        maker = MediaMaker(Path(folder))
        hum = np.sin(np.arange(RATE_HZ) / 20) * 0.1
        for what, path in (
            ("a picture without sound", maker.still()),
            ("a film without sound", maker.video(0.2)),
            ("sound without a picture", maker.sound(hum)),
        ):
            with opened(path) as file:
                try:
                    found = settled(case.locate(file))
                except VeilcastError:
                    continue  # a sentence for people is an answer
            if found.stage != case.stage.name:
                return f"given {what}, its findings are of another stage"
    return ""


def _wrong_place(case: StageCase, returned: object, file: Opened) -> str:
    if not isinstance(returned, Path) or not returned.is_file():
        return f"redact gave a {type(returned).__name__} and not the path of a file"
    there = returned.resolve()
    if there != file.path.resolve() and not there.is_relative_to(file.scratch.resolve()):
        return "redact returned a file outside its scratch folder"
    found = case.found
    if there == file.path.resolve() and (found.tracks or found.sounds or found.items):
        return "redact returned the file that it was given, although something was found"
    return ""


def _hands_back(case: StageCase) -> str:
    from veilcast.media.probe import probe
    from veilcast.pipeline.output_validation import check_handback
    from veilcast.types import Phase

    if case.stage.redact is None:
        return ""
    with case.handed_in() as file:
        returned = case.redact(file)
        if wrong := _wrong_place(case, returned, file):
            return wrong
        try:
            if case.stage.phase is Phase.CONTAINER:
                probe(returned)
                return ""
            check_handback(
                case.stage.name,
                file.path,
                file.media,
                returned,
                probe(case.recording),
                may_change_timing=case.stage.changes_timing,
            )
        except VeilcastError as exc:
            return str(exc).rstrip(".")
    return ""


def _leaves_the_intermediate(case: StageCase) -> str:
    if case.stage.redact is None:
        return ""
    with case.handed_in() as file:
        return _left_alone(file, lambda: case.redact(file))


def _redacts_the_same(case: StageCase) -> str:
    if case.stage.redact is None:
        return ""
    seen = set()
    for _ in range(2):
        with case.handed_in() as file:
            seen.add(hashlib.sha256(case.redact(file).read_bytes()).hexdigest())
    return "" if len(seen) == 1 else "another file the second time"


STAGE_RULES: tuple[Rule[StageCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name, phase, settings, models and detectors are what they should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="gives-findings",
        sentence="locate gives Findings of this stage that can be kept as JSON",
        broken=_gives_findings,
    ),
    Rule(name="finds-something", sentence="what is there is found", broken=_finds_something),
    Rule(
        name="in-the-recording",
        sentence="what is found is in the recording: times, boxes and streams",
        broken=_in_the_recording,
    ),
    Rule(
        name="can-be-covered",
        sentence="what a marking stage finds can be covered as its settings say",
        broken=_can_be_covered,
    ),
    Rule(
        name="tells-nothing",
        sentence="warnings are sentences without paths, names of files or heard words",
        broken=_tells_nothing,
    ),
    Rule(name=NAMES_NOBODY, sentence=PROMISE, broken=stage_names_nobody),
    Rule(
        name="same-again",
        sentence="the same recording gives the same findings",
        broken=_same_again,
    ),
    Rule(
        name="leaves-the-recording",
        sentence="locate only reads the recording, and writes into its scratch folder only",
        broken=_leaves_the_recording,
    ),
    Rule(
        name="can-be-stopped",
        sentence="an interrupt that progress raises is passed on",
        broken=_can_be_stopped,
    ),
    Rule(
        name="any-recording",
        sentence="a recording without sound, without picture or of one frame is no surprise",
        broken=_any_recording,
    ),
    Rule(
        name="hands-back",
        sentence="redact returns a file in its scratch folder, with the frames, times and sound "
        "streams that it was given",
        broken=_hands_back,
    ),
    Rule(
        name="leaves-the-intermediate",
        sentence="redact only reads what it is given, and writes into its scratch folder only",
        broken=_leaves_the_intermediate,
    ),
    Rule(
        name="redacts-the-same",
        sentence="redact gives the same bytes again",
        broken=_redacts_the_same,
    ),
)
"""What every stage promises."""


def check_stage(
    stage: Stage,
    recording: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    host: Host | None = None,
) -> None:
    """Try a stage with every rule of `STAGE_RULES`.

    Args:
        stage: what the plugin yields.
        recording: a short recording in which it finds something.
        settings: as a profile would say them.
        host: provides the detectors, transcribers, text readers, recognisers and models that the
            stage uses (see the fixture `veilcast_host`); by default a host of this stage and of
            what Veilcast itself always has.

    Raises:
        RuleBroken: an `AssertionError` that names the first rule that it breaks.
        ProfileError: the settings are not allowed.
    """
    check_all(STAGE_RULES, StageCase(stage, recording, settings=settings, host=host))
