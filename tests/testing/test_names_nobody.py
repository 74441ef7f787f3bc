"""The rule that a name in what a plugin is given is in nothing that it says, for every kind."""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from testing.broken import rules_broken
from testing.test_check_rules import silent
from testing.test_detector_rules import Green
from testing.test_detector_rules import describe as a_detector
from testing.test_recogniser_rules import FINDS, IGNORES, Rooms
from testing.test_recogniser_rules import describe as a_recogniser
from testing.test_stage_rules import copied, first
from testing.test_stage_rules import describe as a_stage
from testing.test_text_reader_rules import FIRST, RED, Bars
from testing.test_text_reader_rules import describe as a_text_reader
from testing.test_transcriber_rules import BEEP, Beeps
from testing.test_transcriber_rules import describe as a_transcriber

from veilcast.errors import VeilcastError
from veilcast.plugin import (
    Check,
    Findings,
    Item,
    Problem,
    TextReader,
    TextReaderContext,
    Transcriber,
    TranscriberContext,
    hookimpl,
)
from veilcast.testing import (
    CHECK_RULES,
    DETECTOR_RULES,
    RECOGNISER_RULES,
    STAGE_RULES,
    TEXT_READER_RULES,
    TRANSCRIBER_RULES,
    CheckCase,
    DetectorCase,
    MediaMaker,
    RecogniserCase,
    StageCase,
    TextReaderCase,
    TranscriberCase,
    make_host,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

RULE = "names-nobody"
SUITES = (
    CHECK_RULES,
    DETECTOR_RULES,
    RECOGNISER_RULES,
    STAGE_RULES,
    TEXT_READER_RULES,
    TRANSCRIBER_RULES,
)
LOG = logging.getLogger("jingles")
LOG.propagate = False


def title(path: Path) -> str:
    with contextlib.suppress(av.error.FFmpegError), av.open(str(path)) as container:
        return container.metadata.get("title", "")
    return ""


def by_warning(context: Any) -> Any:
    said = title(context.source)
    told = (f"The title was {said}.",) if said else ()
    return Findings(stage="jingle", sounds=first(context).sounds, warnings=told)


def by_class(context: Any) -> Any:
    said = title(context.source).lower().partition(" with ")[2]
    return first(context, identifier=said) if said else first(context)


def by_place(context: Any) -> Any:
    items = (Item(place=context.source.stem, kind="jingle"),)
    return Findings(stage="jingle", sounds=first(context).sounds, items=items)


def by_reason(context: Any) -> Any:
    return Findings(
        stage="jingle", sounds=first(context).sounds, nothing_to_do=f"See {title(context.source)}"
    )


def by_log(context: Any) -> Any:
    LOG.debug("listening to %s", context.source.name)
    return first(context)


def by_extra(context: Any) -> Any:
    LOG.warning("listening", extra={"heard_in": context.source.name})
    return first(context)


def by_a_logged_error(context: Any) -> Any:
    try:
        raise ValueError(context.source.name)
    except ValueError:
        LOG.exception("It was odd.")
    return first(context)


def by_python_warning(context: Any) -> Any:
    warnings.warn(f"{context.source} is odd", stacklevel=1)
    return first(context)


def by_print(context: Any) -> Any:
    sys.stdout.write(title(context.source))
    return first(context)


def by_standard_error(context: Any) -> Any:
    sys.stderr.write(title(context.source))
    return first(context)


def by_progress(context: Any) -> Any:
    context.progress(f"listening to {context.source.stem}", 0, 1)
    return first(context)


def by_error(context: Any) -> Any:
    """Only where the file is damaged."""
    try:
        with av.open(str(context.source)) as container:
            count = sum(1 for packet in container.demux() if packet.size)
    except av.error.FFmpegError as exc:
        raise VeilcastError(f"{exc}") from None
    assert count
    return first(context)


def by_what_was_heard(context: Any) -> Any:
    for one in context.transcribers.values():
        settings = one.settings()
        asked = TranscriberContext(
            settings=settings, models={}, language="en", hot_words=(), threads=1
        )
        loaded = one.load(asked)
        said = loaded.transcribe(np.zeros(3 * one.rate_hz, np.float32))
        LOG.info("%d words, the fifth is %s", len(said.words), [w.text for w in said.words][4:6])
        loaded.close()
    return first(context)


def by_what_was_read(context: Any) -> Any:
    for one in context.text_readers.values():
        loaded = one.load(TextReaderContext(settings=one.settings(), models={}, threads=1))
        picture = np.zeros((64, 160, 3), np.uint8)
        LOG.info("%d lines", len(loaded.find(picture)))
        LOG.info("the first says %s", loaded.read(picture).text)
        loaded.close()
    return first(context)


def in_general(context: Any) -> Any:
    LOG.info("listened to %d streams", len(context.media.audio))
    warnings.warn("The sound is odd.", stacklevel=1)
    sys.stdout.write("done")
    return first(context)


LOCATE = {
    by_warning: [RULE],
    by_class: [RULE],
    by_place: [RULE],
    by_reason: [RULE],
    by_log: [RULE],
    by_extra: [RULE],
    by_a_logged_error: [RULE],
    by_python_warning: [RULE],
    by_print: [RULE],
    by_standard_error: [RULE],
    by_progress: [RULE],
    by_error: [RULE],
    by_what_was_heard: [RULE],
    by_what_was_read: [RULE],
    in_general: [],
}


class HearsAndReads:
    """With a transcriber and a text reader beside the stage that is tried."""

    def __init__(self, locate: Any) -> None:
        self._locate = locate

    @hookimpl
    def veilcast_stages(self) -> Iterable[Any]:
        yield a_stage(self._locate)

    @hookimpl
    def veilcast_transcribers(self) -> Iterable[Transcriber]:
        yield a_transcriber(Beeps)

    @hookimpl
    def veilcast_text_readers(self) -> Iterable[TextReader]:
        yield a_text_reader(Bars)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    maker = MediaMaker(tmp_path_factory.mktemp("recordings"))
    return maker.video(0.4, (64, 48), sound=np.sin(np.arange(8000) / 9) / 3)


@pytest.mark.quick(every=4)
@pytest.mark.filterwarnings("ignore:.* is odd")
@pytest.mark.parametrize("locate", LOCATE, ids=lambda f: f.__name__)
def test_a_stage_that_tells_one(locate: Any, recording: Path) -> None:
    LOG.setLevel(logging.NOTSET)
    uses_others = locate in (by_what_was_heard, by_what_was_read)
    host = make_host(HearsAndReads(locate)) if uses_others else None
    case = StageCase(a_stage(locate), recording, host=host)
    assert rules_broken(STAGE_RULES, case) == LOCATE[locate]


def test_a_stage_that_tells_one_while_it_redacts(recording: Path) -> None:
    def redact(context: Any) -> Path:
        LOG.info("writing %s anew", context.file.name)
        return copied(context)

    assert rules_broken(STAGE_RULES, StageCase(a_stage(redact=redact), recording)) == [RULE]


def problem(context: Any) -> Any:
    said = title(context.delivered)
    more = [Problem(sentence=f"The title is {said}.", kind="residual")] if said else []
    return [*silent(context), *more]


def check_log(context: Any) -> Any:
    LOG.warning("The source was %s", context.source and context.source.name)
    return silent(context)


def check_debug(context: Any) -> Any:
    LOG.debug(context.delivered)
    return silent(context)


@pytest.mark.parametrize("look", [problem, check_log, check_debug])
def test_a_check_that_tells_one(look: Any, tmp_path: Path) -> None:
    maker = MediaMaker(tmp_path)
    clean = maker.video(0.2, (64, 48))
    dirty = maker.video(0.4, (64, 48), sound=np.sin(np.arange(6400) / 9) / 3)
    check = Check(name="silent", summary="No sound", run=look)
    assert rules_broken(CHECK_RULES, CheckCase(check, clean, dirty, source=clean)) == [RULE]


class LogsTheText(Rooms):
    def recognize(self, passage: Any) -> Any:
        LOG.debug("reading %r", passage.content)
        return self.found(passage)


class RefusesAddresses(Rooms):
    def recognize(self, passage: Any) -> Any:
        if "@" in passage.content:
            raise VeilcastError(f"This can't be read: {passage.content}")
        return self.found(passage)


class NamesWhoWasFound(Rooms):
    def recognize(self, passage: Any) -> Any:
        _, cue, name = passage.content.partition("my name is ")
        more = [self.one(0, 3, reason=f"cue: {name}")] if cue and "thank you" in name else []
        return [*self.found(passage), *more]


@pytest.mark.parametrize("load", [LogsTheText, RefusesAddresses, NamesWhoWasFound])
def test_a_recogniser_that_tells_one(load: Any) -> None:
    case = RecogniserCase(a_recogniser(load), FINDS, IGNORES)
    assert rules_broken(RECOGNISER_RULES, case) == [RULE]


class LogsWhatToListenFor(Beeps):
    def __init__(self, context: Any) -> None:
        super().__init__(context)
        LOG.info("listening for %s", ", ".join(context.hot_words))


class LogsWhatItHears(Beeps):
    def transcribe(self, samples: Any) -> Any:
        said = self.heard(samples)
        LOG.debug("heard %s", [word.text for word in said.words])
        return said


@pytest.mark.parametrize("load", [LogsWhatToListenFor, LogsWhatItHears])
def test_a_transcriber_that_tells_one(load: Any) -> None:
    case = TranscriberCase(a_transcriber(load), BEEP, ["beep"])
    assert rules_broken(TRANSCRIBER_RULES, case) == [RULE]


class Reads(Green):
    """Sees what is printed, as a detector of text does; here by how much dark ink there is."""

    def detect(self, picture: Any) -> Any:
        if (picture.min(axis=2) > 200).mean() > 0.8 and 0.01 < (picture < 60).all(2).mean() < 0.2:
            LOG.info("reads 'Zebulon Quixworth'")
        return self.found(picture)


def test_a_detector_that_tells_one() -> None:
    picture = np.full((360, 480, 3), 90, np.uint8)
    picture[100:180, 200:300] = (10, 220, 10)
    case = DetectorCase(a_detector(Reads), picture, [(200, 100, 100, 80)])
    assert rules_broken([r for r in DETECTOR_RULES if r.name == RULE], case) == [RULE]
    case = DetectorCase(a_detector(Green), picture, [(200, 100, 100, 80)])
    assert rules_broken([r for r in DETECTOR_RULES if r.name == RULE], case) == []


class LogsWhatItReads(Bars):
    def read(self, picture: Any) -> Any:
        said = self.said(picture)
        LOG.debug("read %r", said.text)
        return said


class ReadsThePrint(Bars):
    """Knows what is printed by how much dark ink there is."""

    def find(self, picture: Any) -> Any:
        if picture.size and 0.01 < (picture < 60).all(2).mean() < 0.2 and picture.max() > 200:
            LOG.info("found 'Zebulon Quixworth'")
        return self.found(picture)


@pytest.mark.parametrize("load", [LogsWhatItReads, ReadsThePrint])
def test_a_text_reader_that_tells_one(load: Any) -> None:
    picture = np.full((240, 320, 3), 90, np.uint8)
    x, y, width, height = FIRST
    picture[y : y + height, x : x + width] = RED
    case = TextReaderCase(a_text_reader(load), picture, [("red line", FIRST)])
    assert rules_broken(TEXT_READER_RULES, case) == [RULE]


@pytest.mark.filterwarnings("ignore:.* is odd")
def test_logging_is_afterwards_as_it_was(recording: Path) -> None:
    before = logging.getLogRecordFactory(), logging.getLogger().level, logging.root.manager.disable
    (rule,) = (rule for rule in STAGE_RULES if rule.name == RULE)
    rule.check(StageCase(a_stage(in_general), recording))
    with contextlib.suppress(AssertionError):
        rule.check(StageCase(a_stage(lambda context: 1 / 0), recording))
    after = logging.getLogRecordFactory(), logging.getLogger().level, logging.root.manager.disable
    assert after == before


def test_the_page_and_every_suite_have_the_rule() -> None:
    page = Path(__file__).parents[2] / "docs/plugins.md"
    assert f"`{RULE}`" in page.read_text(encoding="utf-8")
    sentences = {rule.sentence for suite in SUITES for rule in suite if rule.name == RULE}
    assert len(sentences) == 1
    assert all(RULE in {rule.name for rule in suite} for suite in SUITES)
