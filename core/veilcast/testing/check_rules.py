"""What every check promises."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from veilcast.errors import Interrupted
from veilcast.testing.discretion import NAMES_NOBODY, PROMISE, check_names_nobody
from veilcast.testing.loading import paths_of
from veilcast.testing.opened_recording import opened, silent
from veilcast.testing.rule import Rule, check_all, holds_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions import Check, Progress, TextReader, Transcriber
    from veilcast.host import Host
    from veilcast.testing.loading import Models
    from veilcast.testing.opened_recording import Opened


def check_check(
    check: Check,
    clean: Path,
    dirty: Path,
    *,
    source: Path | None = None,
    models: Models = None,
    host: Host | None = None,
) -> None:
    """Try a check with every rule of `CHECK_RULES`.

    Args:
        check: what the plugin yields.
        clean: a delivered file with which all is well.
        dirty: one with which something is wrong.
        source: what both must play like, when the check compares.
        models: the models that the check asks for, by name.
        host: whose detectors, transcribers, text readers and recognisers the check may use.

    Raises:
        RuleBroken: an `AssertionError` that names the first rule that it breaks.
    """
    check_all(CHECK_RULES, CheckCase(check, clean, dirty, source=source, models=models, host=host))


class CheckCase:
    """A check, a delivered file that is well and one that is not."""

    def __init__(
        self,
        check: Check,
        clean: Path,
        dirty: Path,
        *,
        source: Path | None = None,
        models: Models = None,
        host: Host | None = None,
    ) -> None:
        """As `check_check`."""
        self.check, self.clean, self.dirty, self.source = check, clean, dirty, source
        self._models, self.host = models, host
        self._kept: dict[Path, Any] = {}

    @property
    def title(self) -> str:
        return f"check '{self.check.name}'"

    def found(self, delivered: Path) -> Any:
        """What it says of a file; asked once."""
        if delivered not in self._kept:
            with opened(delivered) as file:
                self._kept[delivered] = self.run(file)
        return self._kept[delivered]

    def run(
        self,
        file: Opened,
        progress: Progress | None = None,
        transcribers: Mapping[str, Transcriber] | None = None,
        text_readers: Mapping[str, TextReader] | None = None,
        source_name: str = "recording",
    ) -> Any:
        """What it says of an opened file, perhaps with others to hear and read for it."""
        from veilcast.extensions import CheckContext

        host = self.host
        hearing = transcribers
        if hearing is None:
            hearing = {} if host is None else host.transcribers
        reading = text_readers
        if reading is None:
            reading = {} if host is None else host.text_readers

        def run_with(source: Opened | None) -> Any:
            return self.check.run(
                CheckContext(
                    delivered=file.path,
                    delivered_media=file.media,
                    source=None if source is None else source.path,
                    source_media=None if source is None else source.media,
                    source_frames=None if source is None else source.frames,
                    original=None if source is None else source.path,
                    progress=progress or silent,
                    detectors={} if host is None else host.detectors,
                    transcribers=hearing,
                    text_readers=reading,
                    recognizers={} if host is None else host.recognizers,
                    models=lambda names: paths_of(names, self._models),
                    scratch=file.scratch,
                )
            )

        if self.source is None:
            return run_with(None)
        with opened(self.source, source_name) as source:
            return run_with(source)


def _says_what_it_is(case: CheckCase) -> str:
    from veilcast.extensions.validity import why_unusable

    return why_unusable(case.check) or ("" if case.check.summary else "it has no summary")


def _gives_problems(case: CheckCase) -> str:
    from veilcast.extensions import Problem

    for delivered in (case.clean, case.dirty):
        found = case.found(delivered)
        if isinstance(found, str) or not isinstance(found, list | tuple):
            return f"run gave a {type(found).__name__} and not a list"
        for one in found:
            if not isinstance(one, Problem):
                return f"run gave a {type(one).__name__} among its problems"
    return ""


def _passes(case: CheckCase) -> str:
    found = list(case.found(case.clean))
    return f"it says of a file that is well: {found[0].sentence}" if found else ""


def _stops(case: CheckCase) -> str:
    return "" if list(case.found(case.dirty)) else "it says nothing of a file that is not well"


def _sound_problems(case: CheckCase) -> str:
    from veilcast.findings.json_forms import CLASS

    with opened(case.dirty) as file:
        length_us = file.media.duration_us
        size = file.media.video.displayed_size if file.media.video is not None else (0, 0)
    for one in case.found(case.dirty):
        timed = one.from_us is not None and one.to_us is not None
        wrong = {
            f"a problem is of the kind {one.kind!r}": one.kind not in ("residual", "broken"),
            "an identifier is not a class in lower case": one.identifier
            and not CLASS.match(one.identifier),
            "a score is not 0 to 1": one.score is not None
            and not (math.isfinite(one.score) and 0 <= one.score <= 1),
            "a problem has only one of from_us and to_us": not timed
            and one.from_us is not one.to_us,
            "a problem ends before it begins": timed and not 0 <= one.from_us < one.to_us,
            "a problem begins after the end of the file": timed and one.from_us > length_us > 0,
            "the box of a problem is outside the picture": one.box is not None
            and one.box.clamped(*size) is None,
        }
        if any(wrong.values()):
            return next(why for why, is_so in wrong.items() if is_so)
    return ""


def _tells_nothing(case: CheckCase) -> str:
    for one in case.found(case.dirty):
        said = one.sentence
        if not said or "\n" in said or not said[0].isupper() or said[-1] != ".":
            return "a problem is not told in a sentence with a full stop"
        if holds_path(said) or case.dirty.name in said or "recording." in said:
            return "a sentence holds a path or the name of a file"
    return ""


def _leaves_files(case: CheckCase) -> str:
    for delivered in (case.clean, case.dirty):
        with opened(delivered) as file:
            before = file.path.read_bytes()
            others = _beside(file)
            case.run(file)
            if not file.path.is_file() or file.path.read_bytes() != before:
                return "the delivered file is not what it was"
            if _beside(file) != others:
                return "there are new files outside the scratch folder"
    return ""


def _beside(file: Opened) -> Sequence[Path]:
    return sorted(path for path in file.path.parent.iterdir() if path != file.scratch)


def _same_again(case: CheckCase) -> str:
    first = list(case.found(case.dirty))
    with opened(case.dirty) as file:
        again = list(case.run(file))
    return "" if again == first else "it says something else the second time"


def _can_be_stopped(case: CheckCase) -> str:
    said = False

    def stop(activity: str, done: int, total: int | None) -> None:
        nonlocal said
        said = True
        raise Interrupted("Interrupted by the test.")

    with opened(case.clean) as file:
        try:
            case.run(file, stop)
        except Interrupted:
            return ""
    return "it went on after progress had raised an interrupt" if said else ""


CHECK_RULES: tuple[Rule[CheckCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name and summary are what they should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="gives-problems",
        sentence="run gives a list of Problem",
        broken=_gives_problems,
    ),
    Rule(name="passes", sentence="a file that is well passes", broken=_passes),
    Rule(name="stops", sentence="a file that is not well does not pass", broken=_stops),
    Rule(
        name="sound-problems",
        sentence="kinds, classes, times, boxes and scores of problems can be",
        broken=_sound_problems,
    ),
    Rule(
        name="tells-nothing",
        sentence="problems are told in sentences without paths or names of files",
        broken=_tells_nothing,
    ),
    Rule(name=NAMES_NOBODY, sentence=PROMISE, broken=check_names_nobody),
    Rule(
        name="leaves-files",
        sentence="the delivered file is only read, and nothing is written beside it",
        broken=_leaves_files,
    ),
    Rule(
        name="same-again",
        sentence="the same file gives the same problems",
        broken=_same_again,
    ),
    Rule(
        name="can-be-stopped",
        sentence="an interrupt that progress raises is passed on",
        broken=_can_be_stopped,
    ),
)
"""What every check promises."""
