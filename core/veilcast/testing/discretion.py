"""The rule that all kinds share: a name in what a plugin is given is in nothing that it says.

Each function tries one kind. What a plugin gives that stays on the user's machine (words, captions)
may hold the name; what goes into manifest, report and logs may not.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from veilcast.errors import VeilcastError
from veilcast.testing.canary import NAME, PARTS, TEXTS, overheard, planted, saying, showing
from veilcast.testing.opened_recording import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.findings import Findings
    from veilcast.testing.canary import Overheard
    from veilcast.testing.check_rules import CheckCase
    from veilcast.testing.detector_case import DetectorCase
    from veilcast.testing.opened_recording import Opened
    from veilcast.testing.recognizer_rules import RecogniserCase
    from veilcast.testing.stage_case import StageCase
    from veilcast.testing.text_reader_case import TextReaderCase
    from veilcast.testing.transcriber_rules import TranscriberCase
    from veilcast.types import Picture

NAMES_NOBODY = "names-nobody"
PROMISE = (
    "a name in what it is given is in no sentence, class, error, log record, warning or output of "
    "it"
)
_LEAST = 4
"""Letters of a heard word that is sought in logs."""


def stage_names_nobody(case: StageCase) -> str:
    """Tags, the file's name, what is heard and what is read hold it; then the file is damaged."""
    with _planted(case.recording) as path, overheard(case.stage.locate) as heard:
        with opened(path, NAME) as file:
            with _told(heard):
                _add_findings(heard, _located(case, file, heard))
            _damage(file)
            with _told(heard, anything=True):
                _add_findings(heard, _located(case, file, heard))
        if case.stage.redact is not None:
            with case.handed_in(path, NAME) as file, _told(heard):
                case.redact(file, heard.told)
    return heard.wrong()


def _located(case: StageCase, file: Opened, heard: Overheard) -> Findings:
    from veilcast.testing.stage_case import settled

    return settled(
        case.locate(
            file,
            heard.told,
            transcribers=saying(case.host.transcribers),
            text_readers=showing(case.host.text_readers),
        )
    )


def _add_findings(heard: Overheard, found: Findings) -> None:
    from veilcast.findings import findings_to_json

    written = findings_to_json(found)
    for warning in written.pop("warnings"):
        heard.add("a warning", warning)
    # These are what was found; they are in no manifest.
    del written["words"], written["captions"]
    for part, value in written.items():
        heard.add(f"'{part}' of its findings", json.dumps(value, ensure_ascii=False))


def check_names_nobody(case: CheckCase) -> str:
    """Tags, files' names, what is heard and what is read hold it; then the file is damaged."""
    for delivered in (case.clean, case.dirty):
        with (
            _planted(delivered) as path,
            overheard(case.check.run) as heard,
            opened(path, NAME) as file,
        ):
            with _told(heard):
                _add_problems(heard, _looked(case, file, heard))
            _damage(file)
            with _told(heard, anything=True):
                _add_problems(heard, _looked(case, file, heard))
        if wrong := heard.wrong():
            return wrong
    return ""


def _looked(case: CheckCase, file: Opened, heard: Overheard) -> Any:
    host = case.host
    return case.run(
        file,
        heard.told,
        transcribers={} if host is None else saying(host.transcribers),
        text_readers={} if host is None else showing(host.text_readers),
        source_name=NAME,
    )


def _add_problems(heard: Overheard, found: Any) -> None:
    for one in found:
        heard.add("a problem", f"{one.sentence} {one.identifier}")


def recogniser_names_nobody(case: RecogniserCase) -> str:
    """Texts of every origin hold the name."""
    passages = [
        case.passage(text, form, modality=modality, unsure=((0, len(text) // 2),))
        for text in TEXTS
        for form in case.recognizer.forms
        for modality in ("speech", "subtitle", "tag", "screen", "filename")
    ]
    with overheard(case.recognizer.load) as heard:
        loaded = case.load()
        for passage in passages:
            with _told(heard, anything=True):
                for one in loaded.recognize(passage):
                    heard.add("a reason", f"{one.reason} {one.identifier}")
        loaded.close()
    return heard.wrong()


def transcriber_names_nobody(case: TranscriberCase) -> str:
    """What to listen for is the name; and what is heard may be one as well."""
    from veilcast.text.disclosure import is_telling

    words: set[str] = set()
    with overheard(case.transcriber.load) as heard:
        loaded = case.load(hot_words=(NAME,))
        with _told(heard, anything=True):
            said = loaded.transcribe(case.samples.copy())
            words = {"".join(filter(str.isalnum, word.text.casefold())) for word in said.words}
        loaded.close()
    heard.secrets = (*PARTS, *(w for w in words if len(w) >= _LEAST and is_telling(w)))
    return heard.wrong()


def text_reader_names_nobody(case: TextReaderCase) -> str:
    """The name is printed in the picture; and what is read in the other may be one as well."""
    from veilcast.testing.text_reader_case import level
    from veilcast.text.disclosure import is_telling

    words: set[str] = set()
    with overheard(case.reader.load) as heard:
        loaded = case.load()
        for shown in (_printed(), case.picture.copy()):
            with _told(heard, anything=True):
                cuts = [level(shown, corners) for corners in loaded.find(shown.copy())]
                cuts += [level(shown, place) for _, place in case.lines]
                for cut in (shown, *cuts):
                    words |= {*loaded.read(cut).text.casefold().split()}
        loaded.close()
    heard.secrets = (*PARTS, *(w for w in words if len(w) >= _LEAST and is_telling(w)))
    return heard.wrong()


def detector_names_nobody(case: DetectorCase) -> str:
    """The name is printed in the picture: some detectors read."""
    with overheard(case.detector.load) as heard:
        loaded = case.load()
        for shown in (_printed(), case.picture.copy()):
            with _told(heard, anything=True):
                loaded.detect(shown)
        loaded.close()
    return heard.wrong()


def _printed() -> Picture:
    """A picture with the name in large letters."""
    import cv2
    import numpy as np

    picture = np.full((360, 960, 3), 235, np.uint8)
    cv2.putText(picture, NAME, (40, 200), cv2.FONT_HERSHEY_SIMPLEX, 2.5, (20, 20, 20), 5)
    return picture


@contextmanager
def _told(heard: Overheard, *, anything: bool = False) -> Iterator[None]:
    """Of our errors the sentence is told; of others only the type is.

    Args:
        heard: what is told.
        anything: other errors are not for this rule to judge: the file is damaged, or there are
            rules for what may be given.
    """
    try:
        yield
    except VeilcastError as exc:
        heard.add("the message of an error", exc)
    except Exception:
        if not anything:
            raise


@contextmanager
def _planted(recording: Path) -> Iterator[Path]:
    """The recording with the name in it, for a while."""
    with TemporaryDirectory(prefix="veilcast-testing-") as folder:
        yield planted(recording, Path(folder))


def _damage(file: Opened) -> None:
    os.truncate(file.path, file.path.stat().st_size // 2)
