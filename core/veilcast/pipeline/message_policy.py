"""What plugins of others write into manifest, report and logs holds nothing of the recording.

Looked for in their sentences and classes: what was located in speech and text, what else was heard
or read, what the user listed as known, and the names of the files. Ordinary and small words alone
are nothing, and neither are words that a plugin has always had: in what it says of itself, and for
what was merely heard, in its code.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veilcast.errors import PluginOutputError
from veilcast.pipeline.labels import classes_in, declared_classes, listed
from veilcast.pipeline.plugin_calls import guarded
from veilcast.pipeline.response_validation import WrongError
from veilcast.recognition import SMALL
from veilcast.text.disclosure import FIGURES, SHORTEST, is_telling, parted, readings
from veilcast.text.phrases import Phrases, plain
from veilcast.text.policies import CLASSES
from veilcast.text.spoken import to_written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from veilcast.findings import Findings
    from veilcast.host import Host, Plugin
    from veilcast.profile import Profile
    from veilcast.text.disclosure import Listed
    from veilcast.verification import Verification

_NOT_UNDERSTOOD = "unintelligible"
"""The class of words that are none: what was heard in their place may be any."""
_JOINED = re.compile(r"(?<=\d)[ ().-]+(?=\d)")
_NUMBER = re.compile(rf"\d{{{FIGURES},}}")
_CONTRACTED = re.compile(r"\w['\N{RIGHT SINGLE QUOTATION MARK}]\w")
_DEID = ".deid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What no sentence of a run may hold.

    Attributes:
        known: what the user listed.
        located: words of what was located in speech and text.
        phrases: what was located in several words, be they ordinary.
        numbers: the figures of what was located.
        heard: other words that were heard or read, and those of the files' names.
        files: paths and names of the input and the output.
    """

    known: Listed
    located: frozenset[str]
    phrases: Phrases
    numbers: frozenset[str]
    heard: frozenset[str]
    files: tuple[re.Pattern[str], ...] = field(default=())


class Discretion:
    """Looks at what plugins of others say about one recording."""

    def __init__(
        self, host: Host, profile: Profile, found: Sequence[Findings], *files: Path
    ) -> None:
        """Nothing is looked at yet.

        Args:
            host: knows whose stages and checks they are.
            profile: whose stages say what is known of the people.
            found: what every stage located.
            files: the input and the output, by the user's names.
        """
        self._host, self._profile = host, profile
        self._found, self._files = tuple(found), files

    def check_sentences(self) -> None:
        """Look at warnings, reasons to do nothing, classes and places of stages.

        Raises:
            PluginOutputError: one repeats something of the recording. It names the plugin, and not
                what was repeated.
            SettingError: the list of what is known can't be read any more.
        """
        for found in self._found:
            owner, name = self._host.owner("stage", found.stage), found.stage
            classes = {*classes_in(found)} - declared_classes(self._host)
            classes |= {track.detector for track in found.tracks}
            classes |= {sound.detector for sound in found.sounds}
            classes |= {text for item in found.items for text in (item.place, item.kind)}
            self._check(owner, name, "a warning", found.warnings)
            self._check(owner, name, "a reason to do nothing", [found.nothing_to_do])
            self._check(owner, name, "a class or a place", classes, heard=False)

    def check_problems(self, verification: Verification) -> None:
        """Look at what checks say.

        Raises:
            PluginOutputError, SettingError: as `check_sentences`.
        """
        for one in verification.findings:
            owner = self._host.owner("check", one.check)
            self._check(owner, one.check, "a problem", [one.problem.sentence])
            self._check(owner, one.check, "a class", [one.problem.identifier], heard=False)

    def _check(
        self, owner: Plugin, name: str, what: str, texts: Iterable[str], *, heard: bool = True
    ) -> None:
        if owner.ours:
            return
        with guarded(owner, name, wrong=PluginOutputError):
            for text in filter(None, texts):
                if repeated := _repeated(self._host, owner, text, self._secrets, heard=heard):
                    raise WrongError(f"{what} that repeats {repeated}")

    @cached_property
    def _secrets(self) -> Secrets:
        return secrets_of(self._profile, self._found, self._files)


def secrets_of(profile: Profile, found: Sequence[Findings], files: Sequence[Path]) -> Secrets:
    """What no sentence of a run may hold; as `Discretion`."""
    spans = [span for findings in found for span in _spans(findings)]
    every = [word.text for findings in found for word in findings.words]
    every += [caption.text for findings in found for caption in findings.captions]
    every += [file.stem.removesuffix(_DEID) for file in files]
    forms = [form for span in spans for form in (" ".join(span), to_written(span).content)]
    return Secrets(
        known=listed(profile),
        located=frozenset(word for span in spans for word in _telling(" ".join(span))),
        phrases=Phrases([" ".join(span) for span in spans if _says_something(span)]),
        numbers=frozenset(number for form in forms for number in _numbers(form)),
        heard=frozenset(word for text in every for word in _telling(text) if not _counts(word)),
        files=tuple(dict.fromkeys(_as_pattern(name) for file in files for name in _names(file))),
    )


def _repeated(host: Host, owner: Plugin, text: str, secrets: Secrets, *, heard: bool) -> str:
    """Of which kind is what a text repeats, or "" when it repeats nothing."""
    if any(pattern.search(text) for pattern in secrets.files):
        return "the name or the path of a file"
    if secrets.known.repeated_in(text):
        return "what is listed as known of somebody"
    told, declared = _telling(text), _declared(host, owner)
    if (
        told & secrets.located - declared
        or _numbers(text) & secrets.numbers
        or any(True for words in readings(text) for _ in secrets.phrases.find(words))
    ):
        return "words that were located in the recording"
    suspect = told & secrets.heard - declared if heard else frozenset()
    if suspect and not suspect <= _words_of_code(host, owner):
        return "words that are in the recording or in the name of a file"
    return ""


def _spans(findings: Findings) -> Iterator[list[str]]:
    """The words of each thing that was located in speech and in captions."""
    span: list[str] = []
    before: tuple[Any, ...] = ()
    for word in findings.words:
        this = (word.identifier, word.stream, word.channel)
        if span and this != before:
            yield span
            span = []
        if word.identifier and word.identifier != _NOT_UNDERSTOOD:
            span = [*span, *word.text.split()]
        before = this
    if span:
        yield span
    for caption in findings.captions:
        yield from (caption.text[one.start : one.end].split() for one in caption.spans)


def _telling(text: str) -> frozenset[str]:
    """The words of a text that tell something by themselves, without case and accents."""
    # "can't" is read in its parts only: without its sign it would be no ordinary word.
    whole = [word for words in readings(text) for word in words if not _CONTRACTED.search(word)]
    return frozenset(word for word in map(plain, whole) if is_telling(word))


def _says_something(span: Sequence[str]) -> bool:
    """Whether words tell something together that none of them need tell alone."""
    words = [plain(word) for word in span]
    return sum(len(word) >= SHORTEST and word not in SMALL for word in words) > 1


def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(_JOINED.sub("", text)))


def _counts(word: str) -> bool:
    """Whether it may be how many there are, or the size of a picture: 1080."""
    return word.isdecimal() and len(word) <= FIGURES


def _names(file: Path) -> Iterator[str]:
    """How a file can be named: by its path, by its folder, and by its name."""
    for path in (file, file.absolute(), file.resolve()):
        if len(path.parts) > 1:
            yield str(path)
        if len(path.parent.parts) > 1:
            yield str(path.parent)
    if file.suffix:
        yield file.name
    stem = file.stem.removesuffix(_DEID)
    # "left hand" may be said of a hand, and "left_hand" only of the file.
    if "_" in stem and len(parted(stem)) > 1:
        yield stem


def _as_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)


def _descriptors(host: Host, owner: Plugin) -> Iterator[Any]:
    """Everything that a plugin provides and that has a function."""
    for kind, things in (
        ("stage", host.stages),
        ("detector", host.detectors),
        ("transcriber", host.transcribers),
        ("text reader", host.text_readers),
        ("recognizer", host.recognizers),
        ("check", host.checks),
    ):
        for name, one in things.items():
            if host.owner(kind, name) == owner:
                yield one


def _declared(host: Host, owner: Plugin) -> frozenset[str]:
    """The words with which a plugin says what it is, before there is any recording."""
    said = [*CLASSES, owner.name, owner.distribution]
    for one in _descriptors(host, owner):
        said += [one.name, one.summary, getattr(one, "identifier", "")]
        said += getattr(one, "identifiers", {})
    return frozenset(word for text in said for word in _telling(text))


def _words_of_code(host: Host, owner: Plugin) -> frozenset[str]:
    """Every word of a plugin's modules: what is in them was in no recording."""
    places = set()
    for one in _descriptors(host, owner):
        for function in (getattr(one, name, None) for name in ("locate", "load", "run")):
            top = str(getattr(function, "__module__", "")).partition(".")[0]
            if file := getattr(sys.modules.get(top), "__file__", None):
                path = Path(file)
                places.add(path.parent if path.name == "__init__.py" else path)
    return frozenset(word for place in places for word in _words_below(place))


@cache
def _words_below(place: Path) -> frozenset[str]:
    """Words of the modules in a package's folder, or of one module."""
    found: set[str] = set()
    for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
        try:
            found |= _telling(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            continue  # then fewer words are excused
    return frozenset(found)
