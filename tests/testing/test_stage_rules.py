"""Each rule for stages stops a stage that breaks just that one."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from testing.broken import rules_broken

from veilcast.errors import NoPictureError, VeilcastError
from veilcast.plugin import CoverSettings, Findings, Phase, Sound, Stage, StageSettings
from veilcast.testing import STAGE_RULES, MediaMaker, StageCase, check_stage

if TYPE_CHECKING:
    from pathlib import Path

TIMES = count()


def first(context: Any, **more: Any) -> Any:
    """The first tenth of a second of sound."""
    said = {"id": 1, "identifier": "jingle", "hipaa": "R", "detector": "jingle"}
    sound = Sound(**{**said, "start_us": 0, "end_us": 100_000, **more})
    return Findings(stage="jingle", sounds=(sound,) if context.media.audio else ())


def whole(context: Any) -> bool:
    return bool(context.media.audio) and context.media.video is not None


def of_another(context: Any) -> Any:
    return (
        Findings(stage="other", sounds=first(context).sounds) if whole(context) else first(context)
    )


def told(context: Any) -> Any:
    return Findings(
        stage="jingle", sounds=first(context).sounds, warnings=("In /media/jingle.mp4 is one.",)
    )


def beside(context: Any) -> Any:
    (context.source.parent / "notes.txt").write_text("notes")
    return first(context)


def into_it(context: Any) -> Any:
    with context.source.open("ab") as file:
        file.write(b"seen")
    return first(context)


def deaf(context: Any) -> Any:
    with suppress(VeilcastError):
        context.progress("listening", 1, 2)
    return first(context)


def needs_a_picture(context: Any) -> Any:
    return first(context) if context.media.video is not None else 1 / 0


def needs_a_picture_and_says_so(context: Any) -> Any:
    if context.media.video is None:
        raise NoPictureError("A picture is needed.")
    return first(context)


LOCATE = {
    of_another: ["gives-findings"],
    (lambda context: Findings(stage="jingle")): ["finds-something"],
    (lambda context: first(context, start_us=9_000_000, end_us=9_100_000)): ["in-the-recording"],
    (lambda context: first(context, options={"treatment": "lullaby"})): ["can-be-covered"],
    told: ["tells-nothing"],
    (lambda context: first(context, score=next(TIMES) % 1000 / 1000)): ["same-again"],
    beside: ["leaves-the-recording"],
    into_it: ["leaves-the-recording"],
    deaf: ["can-be-stopped"],
    needs_a_picture: ["any-recording"],
    needs_a_picture_and_says_so: [],
    first: [],
}


def describe(locate: Any = first, **more: Any) -> Stage:
    said = {
        "name": "jingle",
        "phase": Phase.SOUND,
        "summary": "The first of it",
        "settings": CoverSettings,
    }
    return Stage(**{**said, "locate": locate, **more})


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    maker = MediaMaker(tmp_path_factory.mktemp("recordings"))
    return maker.video(0.4, (64, 48), sound=np.sin(np.arange(8000) / 9) / 3)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("locate", LOCATE, ids=lambda f: f"{f.__name__}-{LOCATE[f]}")
def test_one_that_breaks_a_rule_breaks_just_that_one(locate: Any, recording: Path) -> None:
    case = StageCase(describe(locate), recording)
    assert rules_broken(STAGE_RULES, case) == LOCATE[locate]


def copied(context: Any, name: str = "copy.nut") -> Path:
    path: Path = context.scratch / name
    shutil.copyfile(context.file, path)
    return path


def halved(context: Any) -> Path:
    path = copied(context)
    os.truncate(path, path.stat().st_size // 2)
    return path


def given_name(context: Any) -> Any:
    return _Named(copied(context))


class _Named(str):
    """A path in words; it has what a path would be asked for."""

    __slots__ = ()

    def __new__(cls, path: Path) -> _Named:
        return super().__new__(cls, str(path))

    def read_bytes(self) -> bytes:
        return b"the same"


def elsewhere(context: Any) -> Path:
    (context.file.parent / "copy.nut").touch()
    return copied(context)


def with_a_stamp(context: Any) -> Path:
    import av

    path: Path = context.scratch / "stamped.nut"
    with av.open(str(context.file)) as reader, av.open(str(path), "w") as writer:
        writer.metadata["title"] = os.urandom(8).hex()
        copies = {s.index: writer.add_stream_from_template(s) for s in reader.streams}
        for packet in reader.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream_index]
                writer.mux(packet)
    return path


def unstoppable(context: Any) -> Path:
    with suppress(VeilcastError):
        context.progress("copying", 1, 2)
    return copied(context)


REDACT = {
    copied: [],
    halved: ["hands-back"],
    given_name: ["hands-back"],
    elsewhere: ["leaves-the-intermediate"],
    with_a_stamp: ["redacts-the-same"],
    unstoppable: ["can-be-stopped"],
}


@pytest.mark.quick(every=6)
@pytest.mark.parametrize("redact", REDACT, ids=lambda f: f.__name__)
def test_one_that_hands_something_back(redact: Any, recording: Path) -> None:
    case = StageCase(describe(redact=redact), recording)
    assert rules_broken(STAGE_RULES, case) == REDACT[redact]


@pytest.mark.parametrize(
    "said",
    [
        {"summary": ""},
        {"phase": Phase.CONTAINER},
        {"locate_settings": ("loudness",)},
        {"refuse": None},
        {"changes_timing": "no"},
    ],
    ids=str,
)
def test_one_that_says_something_wrong_of_itself(said: Any, recording: Path) -> None:
    case = StageCase(describe(), recording)
    case.stage = describe(**said)
    assert rules_broken(STAGE_RULES[:1], case) == ["says-what-it-is"]


class Loudness(StageSettings):
    least: float = 0.5


def test_settings_are_those_of_a_profile(recording: Path) -> None:
    seen = []

    def locate(context: Any) -> Any:
        seen.append(context.settings.least)
        return first(context)

    check_stage(describe(locate, settings=Loudness), recording, settings={"least": 0.25})
    assert set(seen) == {0.25}
