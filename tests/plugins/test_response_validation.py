"""Wrong kinds and huge amounts, wherever a plugin gives something: one error that names it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from veilcast.errors import PluginFailedError, PluginOutputError, VeilcastError
from veilcast.pipeline.plugin_calls import (
    guarded,
    guarded_detectors,
    guarded_recognizers,
    guarded_text_readers,
    guarded_transcribers,
    guarded_treatments,
)
from veilcast.pipeline.response_validation import (
    WrongError,
    findings,
    handed_back,
    problems,
    told_items,
)
from veilcast.plugin import (
    Box,
    Detection,
    DetectorContext,
    Findings,
    Heard,
    Item,
    LineReading,
    Passage,
    PixelTreatment,
    Problem,
    Recognized,
    Recognizer,
    RecognizerContext,
    SoundTreatment,
    TextReader,
    TextReaderContext,
    Track,
    Transcriber,
    TranscriberContext,
    Transcription,
    VisualDetector,
    hookimpl,
)
from veilcast.testing import make_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SECRET = "Quixby"  # noqa: S105 - a surname
BOX = Box(x=1.0, y=1.0, width=9.0, height=9.0)
SEEN = Detection(box=BOX, score=0.5)
PICTURE = np.zeros((32, 32, 3), np.uint8)


class Gives:
    """Loaded, it gives the same whatever it is asked."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self._answer = answer

    def detect(self, picture: Any) -> Any:
        return self._answer()

    def transcribe(self, samples: Any) -> Any:
        return self._answer()

    def find(self, picture: Any) -> Any:
        return self._answer()

    def read(self, picture: Any) -> Any:
        return self._answer()

    def recognize(self, passage: Any) -> Any:
        return self._answer()

    def close(self) -> None:
        pass


class Wrong:
    """A plugin whose detector, transcriber, text reader and so on give one answer."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self._answer = answer

    @hookimpl
    def veilcast_detectors(self) -> Iterable[VisualDetector]:
        yield VisualDetector(
            name="wrong", identifier="face", hipaa="Q", summary="Wrong", load=self._load
        )

    @hookimpl
    def veilcast_transcribers(self) -> Iterable[Transcriber]:
        yield Transcriber(name="wrong", summary="Wrong", load=self._load)

    @hookimpl
    def veilcast_text_readers(self) -> Iterable[TextReader]:
        yield TextReader(name="wrong", summary="Wrong", load=self._load)

    @hookimpl
    def veilcast_recognizers(self) -> Iterable[Recognizer]:
        yield Recognizer(
            name="wrong", identifiers={"person": "A"}, summary="Wrong", load=self._load
        )

    @hookimpl
    def veilcast_treatments(self) -> Iterable[PixelTreatment | SoundTreatment]:
        yield PixelTreatment(name="wrong", summary="Wrong", apply=lambda *more: self._answer())
        yield SoundTreatment(name="hush", summary="Wrong", apply=lambda *more: self._answer())

    def _load(self, context: Any) -> Gives:
        return Gives(self._answer)


def detect(answer: Callable[[], Any]) -> Any:
    detector = guarded_detectors(make_host(Wrong(answer)))["wrong"]
    settings = detector.settings()
    context = DetectorContext(settings=settings, least_score=0.3, models={}, threads=1)
    return detector.load(context).detect(PICTURE)


def transcribe(answer: Callable[[], Any]) -> Any:
    transcriber = guarded_transcribers(make_host(Wrong(answer)))["wrong"]
    context = TranscriberContext(
        settings=transcriber.settings(), models={}, language="en", hot_words=(), threads=1
    )
    return transcriber.load(context).transcribe(np.zeros(16_000, np.float32))


def text_reader(answer: Callable[[], Any]) -> Any:
    reader = guarded_text_readers(make_host(Wrong(answer)))["wrong"]
    return reader.load(TextReaderContext(settings=reader.settings(), models={}, threads=1))


def find(answer: Callable[[], Any]) -> Any:
    return text_reader(answer).find(PICTURE)


def read(answer: Callable[[], Any]) -> Any:
    return text_reader(answer).read(PICTURE)


def recognize(answer: Callable[[], Any]) -> Any:
    recognizer = guarded_recognizers(make_host(Wrong(answer)))["wrong"]
    passage = Passage(content=f"it is {SECRET}", form="spoken", language="en", modality="text")
    return recognizer.load(RecognizerContext(language="en", models={})).recognize(passage)


def heard(**more: Any) -> Transcription:
    said = {"text": SECRET, "start_s": 0.1, "end_s": 0.2, "confidence": 0.9}
    return Transcription(words=(Heard(**{**said, **more}),), language="en")


def found(**more: Any) -> list[Recognized]:
    said = {"start": 6, "end": 12, "identifier": "person", "score": 0.9, "reason": "cue: it is"}
    return [Recognized(**{**said, **more})]


def refused(ask: Callable[[Callable[[], Any]], Any], answer: Callable[[], Any]) -> str:
    """The one sentence, which names the distribution and holds nothing of the value."""
    with pytest.raises((PluginFailedError, PluginOutputError)) as caught:
        ask(answer)
    sentence = str(caught.value)
    assert "not-installed" in sentence
    assert "'Wrong-1'" in sentence
    assert SECRET not in sentence
    return sentence


DETECTIONS: dict[str, Any] = {
    "a string": SECRET,
    "bytes": b"x",
    "nothing": None,
    "a number": 7,
    "an array": np.zeros((3, 5)),
    "a mapping": {SECRET: 1},
    "rows of numbers": [(1, 2, 3, 4, 0.9)],
    "one among others": [SEEN, None],
    "a detection alone": SEEN,
    "a box of strings": [
        Detection(
            box=type("B", (), dict.fromkeys(("x", "y", "right", "bottom"), SECRET))(), score=1
        )
    ],
    "no box": [Detection(box=None, score=0.5)],  # type: ignore[arg-type]
    "a score in words": [Detection(box=BOX, score="high")],  # type: ignore[arg-type]
    "a score that is no number": [Detection(box=BOX, score=float("nan"))],
    "a score over one": [Detection(box=BOX, score=7)],
    "a score below nothing": [Detection(box=BOX, score=-0.1)],
    "a flag for a score": [Detection(box=BOX, score=True)],
    "a million": [SEEN] * 1_000_000,
}


@pytest.mark.parametrize("what", DETECTIONS)
def test_a_detector_that_gives(what: str) -> None:
    refused(detect, lambda: DETECTIONS[what])


def test_a_detector_that_never_ends() -> None:
    assert "more than 100000 detections" in refused(detect, lambda: itertools.repeat(SEEN))


def test_numbers_of_numpy_and_any_kind_of_list_are_right() -> None:
    box = Box(x=np.float32(1), y=np.int64(2), width=3, height=np.float64(4))  # type: ignore[arg-type]
    seen = Detection(box=box, score=np.float32(0.5))  # type: ignore[arg-type]
    answers: list[Any] = [[seen], (seen,), iter([seen]), []]
    for answer in answers:

        def give(given: Any = answer) -> Any:
            return given

        assert len(detect(give)) in (0, 1)


TRANSCRIPTIONS: dict[str, Any] = {
    "a string": SECRET,
    "nothing": None,
    "a list of words": [heard().words[0]],
    "strings for words": Transcription(words=(SECRET,), language="en"),  # type: ignore[arg-type]
    "nothing for words": Transcription(words=None, language="en"),  # type: ignore[arg-type]
    "no language": Transcription(words=(), language=None),  # type: ignore[arg-type]
    "a time after the window": heard(end_s=9.0),
    "a time before it": heard(start_s=-3.0),
    "a time that is no number": heard(start_s=float("nan")),
    "a time in words": heard(start_s=SECRET),
    "a confidence over one": heard(confidence=1.5),
    "a confidence in words": heard(confidence="high"),
    "a word that is no text": heard(text=7),
    "a word without end": heard(text="x" * 100_000),
    "a billion words": Transcription(words=itertools.repeat(heard().words[0]), language="en"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", TRANSCRIPTIONS)
def test_a_transcriber_that_gives(what: str) -> None:
    refused(transcribe, lambda: TRANSCRIPTIONS[what])


LINE = np.asarray([(1, 1), (20, 1), (20, 9), (1, 9)], dtype=np.float64)
CORNERS: dict[str, Any] = {
    "a string": SECRET,
    "nothing": None,
    "a number": 7,
    "a mapping": {SECRET: LINE},
    "one line alone": LINE,
    "one among others": [LINE, None],
    "tuples": [((1, 1), (20, 1), (20, 9), (1, 9))],
    "a box": [np.asarray([1.0, 1.0, 19.0, 8.0])],
    "three corners": [LINE[:3]],
    "corners in space": [np.zeros((4, 3))],
    "no number": [np.full((4, 2), np.nan)],
    "no end": [LINE * np.inf],
    "words": [np.full((4, 2), SECRET)],
    "objects": [np.full((4, 2), None)],
    "complex numbers": [LINE + 1j],
    "a place far off": [LINE + 1000],
    "a place far before": [LINE - (0, 1000)],
    "lines without end": itertools.repeat(LINE),
}


@pytest.mark.parametrize("what", CORNERS)
def test_a_text_reader_that_finds(what: str) -> None:
    refused(find, lambda: CORNERS[what])


def line(**more: Any) -> LineReading:
    said = {"text": "Quixby", "confidences": (0.9,) * 6, "middles": (0.5,) * 6}
    return LineReading(**{**said, **more})


READINGS: dict[str, Any] = {
    "a string": SECRET,
    "nothing": None,
    "a list of readings": [line()],
    "no text": line(text=None),
    "bytes": line(text=b"Quixby"),
    "a line without end": line(text="x" * 100_000),
    "one confidence for all": line(confidences=(0.9,)),
    "a number for confidences": line(confidences=0.9),
    "no confidences": line(confidences=()),
    "confidences without end": line(confidences=itertools.repeat(0.9)),
    "a confidence over one": line(confidences=(1.5,) * 6),
    "a confidence that is no number": line(confidences=(float("nan"),) * 6),
    "confidences in words": line(confidences=("high",) * 6),
    "middles for some": line(middles=(0.1, 0.2)),
    "middles in pixels": line(middles=(10.0, 20.0, 30.0, 40.0, 50.0, 60.0)),
    "nothing for middles": line(middles=None),
}


@pytest.mark.parametrize("what", READINGS)
def test_a_text_reader_that_reads(what: str) -> None:
    refused(read, lambda: READINGS[what])


def test_any_kind_of_list_and_number_of_corners_and_readings_is_right() -> None:
    for answer in ([LINE], (LINE.astype(np.int32),), iter([LINE.astype(np.float32)])):
        (corners,) = find(lambda given=answer: given)  # type: ignore[misc]
        assert corners.dtype == np.float64
        assert (corners == LINE).all()
    said = line(confidences=iter([0.9] * 6), middles=np.linspace(0.1, 0.9, 6))
    assert read(lambda: said).confidences == (0.9,) * 6
    assert read(lambda: line(text="", confidences=[], middles=())).text == ""


SPANS: dict[str, Any] = {
    "a string": SECRET,
    "nothing": None,
    "tuples": [(6, 12, "person", 0.9, "cue")],
    "a span after the text": found(end=13),
    "a span before it": found(start=-1),
    "a span of nothing": found(start=6, end=6),
    "places in floats": found(start=6.0),
    "places in words": found(start=SECRET),
    "another class": found(identifier="ghost"),
    "no class": found(identifier=None),
    "a class that can't be looked up": found(identifier=[]),
    "a score over one": found(score=2),
    "a score in words": found(score="high"),
    "no reason": found(reason=None),
    "a reason without end": found(reason="x" * 100_000),
    "spans without end": itertools.repeat(found()[0]),
}


@pytest.mark.parametrize("what", SPANS)
def test_a_recogniser_that_gives(what: str) -> None:
    refused(recognize, lambda: SPANS[what])


@pytest.mark.parametrize("ask", [detect, transcribe, find, read, recognize])
def test_what_is_loaded_has_to_be_of_use(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wrong, "_load", lambda self, context: SECRET)
    assert "when it was loaded" in refused(ask, lambda: None)


SAMPLES: dict[str, Any] = {
    "a list": [[1, 2], [3, 4]],
    "nothing": None,
    "a string": SECRET,
    "other sizes": np.zeros((2, 3), np.uint8),
    "one row of it": np.zeros(4, np.uint8),
    "another type": np.zeros((4, 4), np.int64),
    "objects": np.full((4, 4), None),
}


@pytest.mark.parametrize("name", ["wrong", "hush"])
@pytest.mark.parametrize("what", SAMPLES)
def test_a_treatment_that_gives(what: str, name: str) -> None:
    def apply(answer: Callable[[], Any]) -> Any:
        treatments = guarded_treatments(make_host(Wrong(answer)))
        if name == "wrong":
            return treatments.pixels[name].apply(np.zeros((4, 4), np.uint8), None, {})  # type: ignore[arg-type]
        return treatments.sounds[name].apply(np.zeros((4, 4)), None)  # type: ignore[arg-type]

    refused(apply, lambda: SAMPLES[what])


def test_a_treatment_that_gives_back_what_was_there() -> None:
    shown = np.arange(16, dtype=np.uint8).reshape(4, 4) * 16

    class Lazy:
        @hookimpl
        def veilcast_treatments(self) -> Iterable[PixelTreatment]:
            yield PixelTreatment(name="wrong", summary="Wrong", apply=lambda pixels, *more: pixels)

    apply = guarded_treatments(make_host(Lazy())).pixels["wrong"].apply
    with pytest.raises(
        PluginOutputError, match=r"not-installed.* back what it should have destroy"
    ):
        apply(shown.copy(), None, {})  # type: ignore[arg-type]
    flat = np.full((4, 4), 120, np.uint8)
    assert (apply(flat.copy(), None, {}) == flat).all(), "where nothing is seen nothing can go"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("stream 0", f"{SECRET} Vantongeren 1951"),
        ("stream 0", "Jane"),
        (f"stream 0: {SECRET} Holloway", "comment"),
        ("/srv/jane/clip.mp4", "comment"),
        ("", "comment"),
    ],
)
def test_an_item_that_could_name_somebody_is_refused(place: str, kind: str) -> None:
    found = Findings(stage="wrong", items=(Item(place=place, kind=kind),))
    with pytest.raises(WrongError) as told:
        told_items(found)
    assert SECRET not in str(told.value)


def test_items_that_say_what_kind_of_thing_was_where_are_right() -> None:
    items = tuple(
        Item(place=p, kind="tags")
        for p in ("container", "track 2", "stream 0", "stream 1: 50 Hz", "XMP-dc")
    )
    assert told_items(Findings(stage="wrong", items=items)).items == items


def test_a_sentence_of_somebody_elses_plugin_is_told_as_theirs_on_one_line() -> None:
    def answer() -> Any:
        raise VeilcastError("It was\nnot\n  right.")

    with pytest.raises(VeilcastError) as told:
        detect(answer)
    assert str(told.value) == ("The plugin 'Wrong-1' of not-installed 0 says: It was not right.")


class _SpeaksNotError(Exception):
    def __str__(self) -> str:
        raise RuntimeError(SECRET)


class _NamelessError(VeilcastError):
    def __str__(self) -> str:
        raise RuntimeError(SECRET)


class _CodelessError(VeilcastError):
    exit_code = SECRET  # type: ignore[assignment]


class _OwnInterrupt(KeyboardInterrupt):
    pass


class _Unheard(BaseException):
    pass


@pytest.mark.parametrize(
    "raised",
    [
        ValueError(f"the patient {SECRET}"),
        SystemExit(0),
        SystemExit(SECRET),
        MemoryError(),
        RecursionError(),
        StopIteration(),
        _SpeaksNotError(),
        _NamelessError(),
        _CodelessError("Something."),
        VeilcastError(""),
        _OwnInterrupt(),
        _Unheard(),
        type(f"{SECRET} was here", (Exception,), {})(),
        BaseExceptionGroup("both", [_Unheard(), ValueError(SECRET)]),
    ],
    ids=lambda raised: type(raised).__name__.replace(" ", "-"),
)
def test_whatever_is_raised_is_told_by_its_kind_only(raised: BaseException) -> None:
    def answer() -> Any:
        raise raised

    for ask in (detect, transcribe, find, read, recognize):
        refused(ask, answer)


def test_ctrl_c_is_nobodys_fault_and_our_own_errors_pass() -> None:
    plugin = make_host().owner("check", "tags")
    with pytest.raises(KeyboardInterrupt), guarded(plugin, "tags"):
        raise KeyboardInterrupt
    with pytest.raises(VeilcastError, match="Use another profile"), guarded(plugin, "tags"):
        raise VeilcastError("Use another profile.")


PROBLEM = Problem(sentence="It is wrong.")
PROBLEMS: dict[str, Any] = {
    "a string": SECRET,
    "nothing": None,
    "a problem alone": PROBLEM,
    "strings": [SECRET],
    "no sentence": [Problem(sentence="")],
    "a sentence without end": [Problem(sentence="x" * 100_000)],
    "another kind": [Problem(sentence="It is wrong.", kind="fine")],  # type: ignore[arg-type]
    "a class with capitals": [Problem(sentence="It is wrong.", identifier=SECRET)],
    "a time in seconds": [Problem(sentence="It is wrong.", from_us=0.5, to_us=1)],  # type: ignore[arg-type]
    "a box that is none": [Problem(sentence="It is wrong.", box=(1, 2, 3, 4))],  # type: ignore[arg-type]
    "a score over one": [Problem(sentence="It is wrong.", score=7.0)],
    "problems without end": itertools.repeat(PROBLEM),
}


@pytest.mark.parametrize("what", PROBLEMS)
def test_a_check_that_gives(what: str) -> None:
    with pytest.raises(WrongError) as caught:
        problems(PROBLEMS[what])
    assert SECRET not in str(caught.value)


ITEM = Item(place="a", kind="b")
TRACK = Track(
    id=1,
    identifier="face",
    hipaa="Q",
    detector="wrong",
    times_us=np.broadcast_to(np.int64(0), 200_000_000),
    boxes=np.broadcast_to(np.float64(1), (200_000_000, 4)),
    scores=np.broadcast_to(np.float64(1), 200_000_000),
    origins=np.broadcast_to(np.uint8(0), 200_000_000),
)
FOUND: dict[str, Any] = {
    "a mapping": {"stage": "wrong"},
    "nothing": None,
    "those of another": Findings(stage="faces"),
    "items without end": Findings(stage="wrong", items=itertools.repeat(ITEM)),  # type: ignore[arg-type]
    "two million items": Findings(stage="wrong", items=(ITEM,) * 2_000_000),
    "boxes beyond all bounds": Findings(stage="wrong", tracks=(TRACK,)),
    "a string for tracks": Findings(stage="wrong", tracks="none"),  # type: ignore[arg-type]
    "warnings without end": Findings(stage="wrong", warnings=("x" * 100_000,)),
    "many warnings": Findings(stage="wrong", warnings=("So.",) * 5000),
    "numbers for warnings": Findings(stage="wrong", warnings=(7,)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("what", FOUND)
def test_a_stage_that_locates(what: str) -> None:
    with pytest.raises(WrongError):
        findings(FOUND[what], "wrong")


def test_a_stage_that_hands_back_what_is_not_its_own(tmp_path: Path) -> None:
    scratch, given, mine = tmp_path / "scratch", tmp_path / "given.nut", tmp_path / "mine.nut"
    scratch.mkdir()
    (scratch / "own.nut").touch()
    (scratch / "link.nut").symlink_to(mine)
    (tmp_path / "scratch-of-another").mkdir()
    for path in (given, mine, tmp_path / "scratch-of-another" / "a.nut"):
        path.touch()
    for right in (scratch / "own.nut", given):
        assert handed_back(right, given, scratch) == right
    for wrong in (
        str(scratch / "own.nut"),
        mine,
        scratch / "link.nut",
        scratch / ".." / "mine.nut",
        tmp_path / "scratch-of-another" / "a.nut",
        scratch / "none.nut",
        scratch,
        None,
        Path("/dev/null"),
    ):
        with pytest.raises(WrongError) as caught:
            handed_back(wrong, given, scratch)
        assert "/" not in str(caught.value)
