"""What every recogniser promises."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from veilcast.testing.discretion import NAMES_NOBODY, PROMISE, recogniser_names_nobody
from veilcast.testing.loading import ClosedAfterwards, paths_of
from veilcast.testing.rule import Rule, check_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.extensions import LoadedRecognizer, Passage, Recognized, Recognizer
    from veilcast.extensions.recognizers import Form
    from veilcast.testing.loading import Models

TALK = """who is calling please
my name is marguerite okonkwo and i was born on the third of may nineteen fifty two
and your number
it's six one seven five five five oh one four three or m dot okonkwo at hillside dot org
doctor fairweather at the hillside clinic saw her and her son terrence on ward six
the card is 4111 1111 1111 1111 and she lives at 22 Larch Street, Millbrook SK7 2DX
she is ninety four and takes two tablets twice a day"""
NOTHING = ("", " ", "\n", " \n\n ", "\N{HORIZONTAL ELLIPSIS}", "\u200b", "...", "\x00")
ODD = (
    "e\u0301\u0302" * 40,
    "\u05d0\u05d1 12 \u202e\u0645\u0631\u062d\u0628\u0627",
    "\N{FAMILY} \N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}",
    "\ud7ff\ue000\ufffd\U0010ffff",
    "\t\r\v\f\u2028\u2029\x85",
    "((((((((((((((((((((\\((?P<x>",
    "0" * 3000,
    "a " * 3000,
    "\u0130\u0131\ufb01\xdf" * 50,
)
_WORD = re.compile(r"[^\W\d_]{4,}")


def check_recogniser(
    recognizer: Recognizer,
    finds: Mapping[str, str | Sequence[str]],
    ignores: Sequence[str] = (),
    *,
    language: str = "en",
    models: Models = None,
    cues: Sequence[str] = (),
) -> None:
    """Try a recogniser with every rule of `RECOGNISER_RULES`.

    Args:
        recognizer: what the plugin yields.
        finds: texts, each with the part or the parts of it that must be found. A part is found
            when spans cover every character of it; in which of the forms that the recogniser
            declares does not matter, nor whether the part has to be marked as misheard.
        ignores: texts in which nothing may be found, in any of these forms.
        language: of the texts, ISO 639-1.
        models: the models that the recogniser needs, by name.
        cues: words that a reason may name although they are within what is found, since they
            identify nobody: ``street``, ``years``.

    Raises:
        RuleBroken: an `AssertionError` that names the first rule that it breaks.
        ValueError: a part is not in its text, or there is no text.
    """
    with RecogniserCase(
        recognizer, finds, ignores, language=language, models=models, cues=cues
    ) as case:
        check_all(RECOGNISER_RULES, case)


class RecogniserCase(ClosedAfterwards):
    """A recogniser and texts to try it with. It is loaded once."""

    def __init__(
        self,
        recognizer: Recognizer,
        finds: Mapping[str, str | Sequence[str]],
        ignores: Sequence[str] = (),
        *,
        language: str = "en",
        models: Models = None,
        cues: Sequence[str] = (),
    ) -> None:
        """As `check_recogniser`; close it, or use it in a ``with`` statement."""
        self.recognizer = recognizer
        self.finds = {
            text: (parts,) if isinstance(parts, str) else tuple(parts)
            for text, parts in finds.items()
        }
        if not any(self.finds.values()):
            raise ValueError("give at least one text and the part of it that must be found")
        for text, parts in self.finds.items():
            if missing := [part for part in parts if not part or part not in text]:
                raise ValueError(f"{missing[0]!r} is not a part of {text!r}")
        self.ignores = tuple(ignores)
        self.language = language
        self.cues = {cue.lower() for cue in cues}
        self._models = models
        self._loaded: LoadedRecognizer | None = None

    @property
    def title(self) -> str:
        return f"recogniser '{self.recognizer.name}'"

    def load(self) -> LoadedRecognizer:
        """Loaded anew; the caller closes it."""
        from veilcast.extensions import RecognizerContext

        own = self.recognizer
        given = [name for name in own.by_language.values() if name in (self._models or {})]
        models = paths_of((*own.models, *given), self._models)
        return self.recognizer.load(RecognizerContext(language=self.language, models=models))

    def passage(self, text: str, form: Form, *, modality: str = "text", **more: Any) -> Passage:
        """A passage in the case's language."""
        from veilcast.extensions import Passage

        return Passage(content=text, form=form, language=self.language, modality=modality, **more)

    def recognize(self, text: str, form: Form, **more: Any) -> list[Recognized]:
        """What it finds in a text."""
        if self._loaded is None:
            self._loaded = self.load()
        return list(self._loaded.recognize(self.passage(text, form, **more)))

    def texts(self) -> Iterator[str]:
        """All texts that it is tried with."""
        yield from self.finds
        yield from self.ignores
        yield TALK

    def close(self) -> None:
        """Close what was loaded."""
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded.close()


def unsound(found: Sequence[Recognized], text: str, recognizer: Recognizer) -> str:
    """Why these can't be spans of that text, or ""."""
    for one in found:
        if not 0 <= one.start < one.end <= len(text):
            return f"a span is {one.start}-{one.end} in a text of {len(text)} characters"
        if not text[one.start : one.end].strip():
            return "a span holds nothing but white space"
        if not 0 <= one.score <= 1:
            return f"a score is {one.score:g}"
        if one.identifier not in recognizer.identifiers:
            return f"it found a '{one.identifier}', which it does not declare"
    return ""


def _says_what_it_is(case: RecogniserCase) -> str:
    from veilcast.findings.json_forms import CLASS, TOOL
    from veilcast.types import HIPAA_LETTERS

    own = case.recognizer
    wrong = {
        "name is letters, digits and . + - _": not TOOL.match(own.name),
        "summary is one line": not own.summary or "\n" in own.summary,
        "identifiers has a class": not own.identifiers,
        "identifiers are classes in lower case": not all(map(CLASS.match, own.identifiers)),
        "HIPAA letters are from A to R, or empty": not all(
            len(letter) <= 1 and letter in HIPAA_LETTERS for letter in own.identifiers.values()
        ),
        "forms are spoken, written or both": not own.forms
        or not {*own.forms} <= {"spoken", "written"},
        "languages are ISO 639-1 codes": not all(
            re.fullmatch("[a-z]{2}", code) for code in own.languages
        ),
        "it understands the language of the texts": bool(own.languages)
        and case.language not in own.languages,
    }
    return next((f"not so: {rule}" for rule, broken in wrong.items() if broken), "")


def _gives_spans(case: RecogniserCase) -> str:
    from veilcast.extensions import Recognized

    loaded = case.load()
    for text in case.texts():
        for form in case.recognizer.forms:
            found: Any = loaded.recognize(case.passage(text, form))
            if not isinstance(found, list | tuple):
                return f"recognize gave a {type(found).__name__} and not a list"
            for one in found:
                if not isinstance(one, Recognized):
                    return f"recognize gave a {type(one).__name__} among its spans"
            if wrong := unsound(found, text, case.recognizer):
                return wrong
    loaded.close()
    return ""


def _finds(case: RecogniserCase) -> str:
    for text, parts in case.finds.items():
        covered = [
            {at for one in found for at in range(one.start, one.end)}
            for found in _read_in_any_way(case, text, parts)
        ]
        for part in parts:
            start = text.index(part)
            whole = set(range(start, start + len(part)))
            if not any(whole <= found for found in covered):
                return f"{part!r} was not found as a whole in {text!r}"
    return ""


def _read_in_any_way(
    case: RecogniserCase, text: str, parts: Sequence[str]
) -> Iterator[list[Recognized]]:
    """In each form, and with the words of the parts as what was perhaps misheard."""
    unsure = tuple(
        (text.index(part) + word.start(), text.index(part) + word.end())
        for part in parts
        for word in re.finditer(r"\S+", part)
    )
    for form in case.recognizer.forms:
        yield case.recognize(text, form)
        yield case.recognize(text, form, modality="speech", unsure=unsure)


def _ignores(case: RecogniserCase) -> str:
    for text in (*NOTHING, *case.ignores):
        for form in case.recognizer.forms:
            if found := case.recognize(text, form):
                part = text[found[0].start : found[0].end]
                return f"it found {part!r} in {text!r}, where there is nothing"
    return ""


def _tells_nothing(case: RecogniserCase) -> str:
    declared = {w for name in case.recognizer.identifiers for w in _WORD.findall(name.lower())}
    for text in case.texts():
        allowed = case.cues | declared | _cues(text)
        for form in case.recognizer.forms:
            for one in case.recognize(text, form):
                if not isinstance(one.reason, str) or not one.reason:
                    return "a span has no reason"
                said = set(_WORD.findall(text[one.start : one.end].lower()))
                told = set(_WORD.findall(one.reason.lower())) & said - allowed
                if re.search(r"\d", one.reason):
                    return "a reason holds a digit"
                if told:
                    return (
                        f"a reason repeats '{min(told)}', which is in what was found (a word that "
                        "identifies nobody may be named in `cues`)"
                    )
    return ""


def _cues(text: str) -> set[str]:
    """Words of the talk below that are no identifiers: a reason may name them."""
    if text is not TALK:
        return set()
    names = {"marguerite", "okonkwo", "fairweather", "hillside", "terrence", "larch", "millbrook"}
    return set(_WORD.findall(TALK.lower())) - names


def _any_text(case: RecogniserCase) -> str:
    chance = random.Random(1)  # noqa: S311 - texts to try, no secrets
    pieces = [*TALK.split(), *ODD, "\n", "\N{HORIZONTAL ELLIPSIS}", *case.finds]
    mixed = [" ".join(chance.choices(pieces, k=chance.randrange(1, 30))) for _ in range(20)]
    for text in (*ODD, *mixed):
        for form in case.recognizer.forms:
            if wrong := unsound(case.recognize(text, form), text, case.recognizer):
                return f"{wrong} ({text[:40]!r})"
    return ""


def _any_passage(case: RecogniserCase) -> str:
    for text in case.texts():
        unsure = ((0, len(text) // 2),) if len(text) > 1 else ()
        for modality in ("speech", "subtitle", "tag", "screen", "filename"):
            for form in case.recognizer.forms:
                found = case.recognize(text, form, modality=modality, unsure=unsure)
                if wrong := unsound(found, text, case.recognizer):
                    return f"in a {modality}, {wrong}"
    return ""


def _same_again(case: RecogniserCase) -> str:
    for text in case.texts():
        for form in case.recognizer.forms:
            first = case.recognize(text, form)
            case.recognize(text[::-1], form)
            if case.recognize(text, form) != first:
                return "another answer the second time"
    return ""


def _closes(case: RecogniserCase) -> str:
    loaded = case.load()
    for text in case.finds:
        loaded.recognize(case.passage(text, case.recognizer.forms[0]))
    loaded.close()
    loaded.close()
    case.load().close()
    return ""


RECOGNISER_RULES: tuple[Rule[RecogniserCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name, summary, classes, HIPAA letters, forms and languages are what they "
        "should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="gives-spans",
        sentence="recognize gives a list of Recognized whose spans are in the text and whose "
        "classes are declared",
        broken=_gives_spans,
    ),
    Rule(name="finds", sentence="what must be found is found as a whole", broken=_finds),
    Rule(
        name="ignores",
        sentence="nothing is found where nothing is, nor in empty text",
        broken=_ignores,
    ),
    Rule(
        name="tells-nothing",
        sentence="a reason holds nothing of the text, since it is written down",
        broken=_tells_nothing,
    ),
    Rule(name=NAMES_NOBODY, sentence=PROMISE, broken=recogniser_names_nobody),
    Rule(
        name="any-text",
        sentence="any text at all is answered with spans inside it",
        broken=_any_text,
    ),
    Rule(
        name="any-passage",
        sentence="text may come from anywhere, and parts of it may be unsure",
        broken=_any_passage,
    ),
    Rule(
        name="same-again",
        sentence="the same text gives the same, whatever was read before",
        broken=_same_again,
    ),
    Rule(name="closes", sentence="it may be closed twice, and loaded again", broken=_closes),
)
"""What every recogniser promises."""
