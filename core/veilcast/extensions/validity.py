"""Whether a descriptor is what it has to be, before anything is built on it.

A plugin's author is told here, at once and by the name of the attribute, what would otherwise fail
somewhere in the middle of a run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from veilcast.extensions.checks import Check
from veilcast.extensions.models import ModelFile, ModelFolder
from veilcast.extensions.profiles import ProfileDocument
from veilcast.extensions.recognizers import Recognizer
from veilcast.extensions.stages import Stage
from veilcast.extensions.text_readers import TextReader
from veilcast.extensions.transcribers import Transcriber
from veilcast.extensions.treatments import PixelTreatment, SoundTreatment
from veilcast.extensions.visual_detectors import VisualDetector
from veilcast.findings.json_forms import CLASS, TOOL
from veilcast.settings import (
    DetectorSettings,
    StageSettings,
    TextReaderSettings,
    TranscriberSettings,
)
from veilcast.types import HIPAA_LETTERS, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def why_unusable(thing: object) -> str:
    """What is wrong with a descriptor, e.g. "the faint of detector 'x' is not ..."; "" if nothing.

    Args:
        thing: any descriptor of `veilcast.extensions`.
    """
    name = getattr(thing, "name", None)
    kind = type(thing).__name__
    if not _matches(TOOL, name):
        return f"the name of a {kind} is not letters, digits and . + - _"
    rules = {**_COMMON, **_RULES[type(thing)]}
    for attribute, (right, test) in rules.items():
        if hasattr(thing, attribute) and not test(getattr(thing, attribute)):
            return f"the {attribute} of the {kind} '{name}' is not {right}"
    for right, whole in _WHOLE.get(type(thing), {}).items():
        if not whole(thing):
            return f"the {kind} '{name}' does not say {right}"
    return ""


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.match(value) is not None


def _strings(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _letter(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 1 and value in HIPAA_LETTERS


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _line(value: object) -> bool:
    return isinstance(value, str) and "\n" not in value


def _derived(base: type[Any]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, type) and issubclass(value, base)


def _classes(value: Any) -> bool:
    from collections.abc import Mapping

    return (
        isinstance(value, Mapping)
        and len(value) > 0
        and all(_matches(CLASS, name) and _letter(letter) for name, letter in value.items())
    )


def _variants(value: Any) -> bool:
    from collections.abc import Mapping

    return isinstance(value, tuple) and all(isinstance(one, Mapping) for one in value)


def _fields_exist(stage: Any) -> bool:
    return all(name in stage.settings.model_fields for name in _names(stage.locate_settings))


def _names(value: tuple[str, ...] | None) -> Iterator[str]:
    yield from value or ()


_CALLABLE = ("something to call", callable)
_NAMES = ("a tuple of names", _strings)
_FLAG = ("True or False", lambda value: isinstance(value, bool))
_POSITIVE = ("a positive number", lambda value: _number(value) and value > 0)

_COMMON: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "summary": ("one line of text", _line),
}
_RULES: Mapping[type[Any], Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    Stage: {
        "phase": ("a Phase", lambda value: isinstance(value, Phase)),
        "settings": ("a class derived from StageSettings", _derived(StageSettings)),
        "locate": _CALLABLE,
        "redact": ("something to call, or None", lambda v: v is None or callable(v)),
        "locate_settings": (
            "a tuple of names, or None",
            lambda value: value is None or _strings(value),
        ),
        "models": _CALLABLE,
        "detectors": _CALLABLE,
        "refuse": _CALLABLE,
        "changes_timing": _FLAG,
    },
    VisualDetector: {
        "identifier": ("a class in lower case, such as face", lambda v: _matches(CLASS, v)),
        "hipaa": ("a letter from A to R, or empty", _letter),
        "load": _CALLABLE,
        "models": _NAMES,
        "settings": ("a class derived from DetectorSettings", _derived(DetectorSettings)),
        "confidence": ("a number", _number),
        "faint": ("a number", _number),
        "input_side": _POSITIVE,
        "smallest": _POSITIVE,
    },
    Transcriber: {
        "load": _CALLABLE,
        "settings": ("a class derived from TranscriberSettings", _derived(TranscriberSettings)),
        "models": _CALLABLE,
        "rate_hz": _POSITIVE,
        "window_s": _POSITIVE,
        "overlap_s": ("a number", _number),
        "languages": ("a tuple of ISO 639-1 codes", _strings),
        "variants": ("a tuple of mappings", _variants),
        "reduced": ("one line of text", _line),
    },
    TextReader: {
        "load": _CALLABLE,
        "settings": ("a class derived from TextReaderSettings", _derived(TextReaderSettings)),
        "models": _CALLABLE,
        "smallest": _POSITIVE,
        "languages": ("a tuple of ISO 639-1 codes", _strings),
    },
    Recognizer: {
        "identifiers": ("classes in lower case with a letter from A to R, or none", _classes),
        "load": _CALLABLE,
        "models": _NAMES,
        "languages": (
            "a tuple of ISO 639-1 codes",
            lambda value: _strings(value) and all(_matches(_LANGUAGE, one) for one in value),
        ),
        "forms": (
            'a tuple of "spoken", "written" or both',
            lambda value: _strings(value) and len(value) > 0 and {*value} <= {"spoken", "written"},
        ),
    },
    PixelTreatment: {"apply": _CALLABLE, "weak": _FLAG},
    SoundTreatment: {"apply": _CALLABLE, "cuts": _FLAG},
    Check: {"run": _CALLABLE},
    ModelFile: {
        "filename": (
            "the name of a file",
            lambda value: isinstance(value, str) and value != "" and "/" not in value,
        ),
        "sha256": ("64 hexadecimal digits", lambda value: _matches(_SHA256, value)),
        "size": ("a positive number", lambda value: _number(value) and value > 0),
        "licence": ("an SPDX identifier", lambda value: _line(value) and value != ""),
        "origin": ("one line of text", _line),
        "sources": ("a tuple", lambda value: isinstance(value, tuple)),
    },
    ModelFolder: {
        "files": _NAMES,
        "licence": ("an SPDX identifier", lambda value: _line(value) and value != ""),
        "origin": ("one line of text", _line),
    },
    ProfileDocument: {"text": ("text", lambda value: isinstance(value, str))},
}
"""By the type of descriptor and its attribute: what it has to be, and a test of that."""

_WHOLE: Mapping[type[Any], Mapping[str, Callable[[Any], bool]]] = {
    Stage: {"in locate_settings names of its own settings only": _fields_exist},
    VisualDetector: {
        "scores with 0 < faint <= confidence <= 1": lambda d: 0 < d.faint <= d.confidence <= 1
    },
    Transcriber: {
        "an overlap_s of 0 to half of window_s": lambda t: 0 <= t.overlap_s <= t.window_s / 2
    },
}
"""What attributes have to be together."""
