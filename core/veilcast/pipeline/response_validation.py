"""Validates what plugins return: its type, its bounds, and how much of it there is.

Each function gives a list of what is right, or raises `WrongError` with what is wrong, told without
anything of the value. What a plugin yields is never read to an end that may not come.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veilcast.extensions import Heard, LineReading, Problem, Recognized, Transcription
from veilcast.findings import Findings
from veilcast.findings.json_forms import CLASS
from veilcast.types import Box, Detection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import Recognizer

MOST_DETECTIONS = 100_000
"""In one picture."""
MOST_WORDS = 10_000
"""In one window."""
MOST_READINGS = 16
"""Of one window."""
MOST_SPANS = 1_000_000
"""In one passage."""
MOST_PROBLEMS = 10_000
"""Of one check."""
MOST_NAMES = 1000
"""Of models or detectors that a stage names."""
MOST_FOUND = 1_000_000
"""Of tracks, sounds, words, captions or items in the findings of a stage."""
MOST_BOXES = 100_000_000
"""In all tracks of a stage."""
MOST_WARNINGS = 1000
_PLACE = re.compile(r"((track|stream) \d+(: \d+(\.\d+)?( [A-Za-z]{1,3})?)?|[A-Za-z0-9_.-]{1,32})\Z")
"""A place in a file: a word of the container's or of ExifTool's, or a stream's number, perhaps with
a number and its unit."""
_LONGEST = 1000
"""Characters of a word or a sentence."""
_LEEWAY_S = 1.0


class WrongError(Exception):
    """An answer is not what it has to be; the message continues "gave ..."."""


def some(answer: object, kind: type[Any], most: int, what: str) -> list[Any]:
    """At most so many things of a kind."""
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        raise WrongError(f"{_kind(answer)} where {what} are due")
    found = list(islice(answer, most + 1))
    if len(found) > most:
        raise WrongError(f"more than {most} {what}")
    for one in found:
        if not isinstance(one, kind):
            raise WrongError(f"{_kind(one)} among its {what}")
    return found


def names(answer: object) -> list[str]:
    """The names that a stage gives of its models or detectors."""
    return some(answer, str, MOST_NAMES, "names")


def detections(answer: object) -> list[Detection]:
    """What a detector saw."""
    found = some(answer, Detection, MOST_DETECTIONS, "detections")
    for one in found:
        if not isinstance(one.box, Box):
            raise WrongError(f"a detection with {_kind(one.box)} for a box")
        values = (one.score, one.box.x, one.box.y, one.box.right, one.box.bottom)
        if not all(_finite(value) for value in values):
            raise WrongError("a box or score that is not a number")
        if not 0 <= one.score <= 1:
            raise WrongError("a score outside 0 to 1")
    return found


def transcription(answer: object, seconds: float) -> Transcription:
    """What a transcriber heard in a window of so many seconds."""
    if not isinstance(answer, Transcription):
        raise WrongError(f"{_kind(answer)} where a transcription is due")
    if not isinstance(answer.language, str) or len(answer.language) > _LONGEST:
        raise WrongError("a language that is no text")
    also = some(answer.also, tuple, MOST_READINGS, "other readings")
    readings = [some(one, Heard, MOST_WORDS, "words") for one in (answer.words, *also)]
    for word in chain.from_iterable(readings):
        if not isinstance(word.text, str) or len(word.text) > _LONGEST:
            raise WrongError("a word that is no text, or a very long one")
        if not _finite(word.confidence) or not 0 <= word.confidence <= 1:
            raise WrongError("a confidence outside 0 to 1")
        times = [t for t in (word.start_s, word.end_s) if t is not None]
        if not all(_finite(t) and -_LEEWAY_S <= t <= seconds + _LEEWAY_S for t in times):
            raise WrongError("a time outside the window")
    words, *others = (tuple(reading) for reading in readings)
    return Transcription(words=words, language=answer.language, also=tuple(others))


def corners(answer: object, width: int, height: int) -> list[NDArray[np.float64]]:
    """Where a text reader found lines in a picture of this size."""
    import numpy as np

    found = []
    for one in some(answer, np.ndarray, MOST_DETECTIONS, "lines"):
        if one.shape != (4, 2) or one.dtype.kind not in "fiu":
            raise WrongError("corners that are not four points")
        quad = one.astype(np.float64)
        low, high = -np.asarray((width, height)), 2 * np.asarray((width, height))
        if not (np.isfinite(quad).all() and (quad >= low).all() and (quad <= high).all()):
            raise WrongError("corners outside of the picture")
        found.append(quad)
    return found


def line_reading(answer: object) -> LineReading:
    """What a text reader made of the picture of a line."""
    if not isinstance(answer, LineReading):
        raise WrongError(f"{_kind(answer)} where a reading of a line is due")
    if not isinstance(answer.text, str) or len(answer.text) > _LONGEST:
        raise WrongError("a line that is no text, or a very long one")
    kept = []
    for values in (answer.confidences, answer.middles):
        shares = some(values, float, _LONGEST, "numbers")
        if len(shares) != len(answer.text) or not all(0 <= share <= 1 for share in shares):
            raise WrongError("not one number from 0 to 1 for each character")
        kept.append(tuple(shares))
    return LineReading(text=answer.text, confidences=kept[0], middles=kept[1])


def spans(answer: object, length: int, recognizer: Recognizer) -> list[Recognized]:
    """What a recogniser found in a text of so many characters."""
    found = some(answer, Recognized, MOST_SPANS, "spans")
    for one in found:
        if not (_whole(one.start) and _whole(one.end) and 0 <= one.start < one.end <= length):
            raise WrongError("a span outside the text")
        if not _finite(one.score) or not 0 <= one.score <= 1:
            raise WrongError("a score outside 0 to 1")
        if not isinstance(one.identifier, str) or one.identifier not in recognizer.identifiers:
            raise WrongError("a class that it does not declare")
        if not isinstance(one.reason, str) or len(one.reason) > _LONGEST:
            raise WrongError("a reason that is no text, or a very long one")
    return found


def problems(answer: object) -> list[Problem]:
    """What a check found."""
    found = some(answer, Problem, MOST_PROBLEMS, "problems")
    for one in found:
        right = (
            isinstance(one.sentence, str)
            and 0 < len(one.sentence) <= _LONGEST
            and one.kind in ("residual", "broken")
            and isinstance(one.identifier, str)
            and (one.identifier == "" or CLASS.match(one.identifier))
            and all(value is None or _whole(value) for value in (one.from_us, one.to_us))
            and (one.box is None or isinstance(one.box, Box))
            and (one.score is None or (_finite(one.score) and 0 <= one.score <= 1))
        )
        if not right:
            raise WrongError("a problem with a value that can't be")
    return found


def findings(answer: object, stage: str) -> Findings:
    """What a stage located: of what kind it is and how much; its values are looked at as JSON."""
    if not isinstance(answer, Findings):
        raise WrongError(f"{_kind(answer)} where findings are due")
    if answer.stage != stage:
        raise WrongError("findings of another stage")
    for name in ("tracks", "sounds", "words", "captions", "items", "warnings"):
        several = getattr(answer, name)
        if not isinstance(several, tuple | list):
            raise WrongError(f"{_kind(several)} for the {name} of its findings")
        most = MOST_WARNINGS if name == "warnings" else MOST_FOUND
        if len(several) > most:
            raise WrongError(f"more than {most} {name}")
    if not all(isinstance(one, str) and len(one) <= _LONGEST for one in answer.warnings):
        raise WrongError("a warning that is no sentence, or a very long one")
    if sum(len(track.times_us) for track in answer.tracks) > MOST_BOXES:
        raise WrongError(f"more than {MOST_BOXES} boxes")
    return answer


def told_items(found: Findings) -> Findings:
    """What the items of somebody else's stage say goes into manifest and report as it is."""
    for item in found.items:
        if not isinstance(item.kind, str) or not CLASS.match(item.kind):
            raise WrongError("an item whose kind is no class of thing in lower case")
        if not isinstance(item.place, str) or not _PLACE.match(item.place):
            raise WrongError("an item whose place is no place in the file, such as 'stream 1'")
    return found


def handed_back(answer: object, given: Path, scratch: Path) -> Path:
    """The file that a stage returned: in its scratch folder, or the very file it was given."""
    if not isinstance(answer, Path):
        raise WrongError(f"{_kind(answer)} where the path of a file is due")
    try:
        there = answer.resolve(strict=True)
    except OSError:
        raise WrongError("the path of a file that is not there") from None
    if not there.is_file():
        raise WrongError("the path of something that is no file")
    if there != given.resolve() and not there.is_relative_to(scratch.resolve()):
        raise WrongError("a file outside its scratch folder")
    return answer


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"a {name}" if name.isidentifier() and len(name) <= 80 else "something else"


def _finite(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: object) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)
