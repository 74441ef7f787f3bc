"""Identifiers in text: every recogniser on every form of it, mapped back to the words.

Text comes as words in order, so that speech, subtitles, tags and file names are read alike. A
recogniser sees two forms of them: as they were said, and as one would write them ("617 555 0143").
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veilcast.extensions import Passage, RecognizerContext
from veilcast.text.phrases import Phrases
from veilcast.text.policies import CLASSES, POLICIES
from veilcast.text.spoken import to_written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions import LoadedRecognizer, Recognized, Recognizer
    from veilcast.settings import IdentifierSettings
    from veilcast.text.spoken import Written

WINDOW = 400
"""Words that are read at once. A recogniser's memory and time may grow faster than its text."""
CONTEXT = 60
"""Words before and after a window that are read with it: what announces may stand far away."""
REACH = 2
"""So many unsure words after an identifier are taken to belong to it, and one before."""
SMALL = frozenset(
    "a an and are as at be but by can do for had has have he her here his i i'm if in is it it's "
    "just me my no not of oh on or our she so that the their then there they this to too was we "
    "what when will with yes you your".split()
)
GUESSED = frozenset({"person", "city", "facility", "organization"})
"""Classes that are told by words alone. A number that was hardly understood is still a number."""
UNHEARD = "\N{HORIZONTAL ELLIPSIS}"
"""Stands for speech that was not understood at all."""
SCREEN = "screen"
"""Text that was read in a picture: letters are taken for others that look alike."""
KNOWN = "known"
DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpan:
    """Words that identify.

    Attributes:
        first: the first word.
        last: one after the last word.
        identifier: the class.
        hipaa: its letter in 45 CFR 164.514(b)(2)(i), or "".
        score: 0 to 1.
        reason: why, without any of the text.
        recognizer: which recogniser found it; ``known`` and ``denied`` are the user's own lists.
    """

    first: int
    last: int
    identifier: str
    hipaa: str
    score: float
    reason: str
    recognizer: str


class Reader:
    """Finds identifiers in words. Holds loaded recognisers: close it, or use it in a ``with``."""

    def __init__(
        self,
        settings: IdentifierSettings,
        recognizers: Mapping[str, Recognizer],
        models: Mapping[str, Path],
        language: str,
        modality: str,
    ) -> None:
        """Load what the settings name.

        Args:
            settings: which recognisers, which classes, from which score.
            recognizers: every one there is, by name.
            models: the files of their models, by name.
            language: of the text, ISO 639-1.
            modality: where the text is from, as in `Passage`.

        Raises:
            VeilcastError: a recogniser can't be loaded, or the list of what is known is malformed.
        """
        wanted = settings.recognizers or tuple(sorted(recognizers))
        named = [recognizers[name] for name in wanted]
        self._settings, self._language, self._modality = settings, language, modality
        self._allowed, self._denied = Phrases(settings.allow), Phrases(settings.deny)
        self._known = None
        if settings.known is not None:
            from veilcast.text.known import load_known

            self._known = load_known(settings.known.path)
        knowing = [one for one in named if _knows(one, language, models)]
        # What is made for any language, as checksums are, finds its classes in few of their forms.
        own = (one for one in knowing if one.languages or one.by_language)
        looked_for = {name for one in own for name in one.identifiers}
        self.foreign = tuple(
            one.name
            for one in named
            if one not in knowing and not looked_for.issuperset(one.identifiers)
        )
        """Recognisers that do not know the language, and find what none of those that do finds."""
        self._letters = dict(CLASSES)
        self._loaded: list[tuple[Recognizer, LoadedRecognizer]] = []
        for recognizer in named:
            self._letters.update(recognizer.identifiers)
            if recognizer in knowing:
                context = RecognizerContext(language=language, models=models)
                self._loaded.append((recognizer, recognizer.load(context)))

    def close(self) -> None:
        """Let go of the recognisers."""
        while self._loaded:
            self._loaded.pop()[1].close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def hot_words(self) -> tuple[str, ...]:
        """What is known of the person, for a transcriber to listen for."""
        return () if self._known is None else self._known.hot_words

    def find(
        self,
        words: Sequence[str],
        breaks: Collection[int] = (),
        unsure: Collection[int] = (),
        lost: Collection[int] = (),
        pauses: Collection[int] = (),
    ) -> tuple[TextSpan, ...]:
        """Every identifier that counts, in order; spans of different classes may overlap.

        Args:
            words: in order, without spaces in them; `UNHEARD` for what was not understood.
            breaks: the words before which another speaker begins, or a long pause lies.
            unsure: the words that were perhaps misheard.
            lost: those of them that surely were: a name that nothing announced is not taken for
                one by such words alone.
            pauses: the words before which a short pause lies: doubt does not reach over it.
        """
        found: set[TextSpan] = set()
        turns, doubts = sorted(set(breaks)), sorted(set(unsure))
        for start, end in _windows(len(words), turns):
            inside = [
                [at - start for at in listed[bisect_left(listed, start) : bisect_left(listed, end)]]
                for listed in (turns, doubts)
            ]
            for span in self._window(words[start:end], *inside):
                found.add(replace(span, first=span.first + start, last=span.last + start))
        gone, barriers = set(lost), {*turns, *pauses}
        counted = [
            span
            for span in found
            if self._counts(span)
            and not (_is_guess(span) and gone.issuperset(range(span.first, span.last)))
        ]
        return _merged([_widened(span, words, set(doubts), gone, barriers) for span in counted])

    def _window(
        self, words: Sequence[str], breaks: Sequence[int], unsure: Sequence[int]
    ) -> Iterator[TextSpan]:
        said = _Said(words, breaks)
        written = to_written(words, breaks)
        doubts = {"spoken": said.characters(unsure), "written": _doubted(written, unsure)}
        for recognizer, loaded in self._loaded:
            for form in recognizer.forms:
                view = said if form == "spoken" else written
                passage = Passage(
                    content=view.content,
                    form=form,
                    language=self._language,
                    modality=self._modality,
                    unsure=doubts[form],
                )
                for one in loaded.recognize(passage):
                    first, last = view.tokens(one.start, one.end)
                    if first < last and not self._allowed.cover(words, first, last):
                        yield self._span(first, last, one, recognizer.name)
        for first, last in self._denied.find(words):
            yield TextSpan(
                first=first,
                last=last,
                identifier="other",
                hipaa=CLASSES["other"],
                score=1.0,
                reason="on the list of what always counts",
                recognizer=DENIED,
            )
        if self._known is not None:
            alike = self._known.find_alike(words) if self._modality == SCREEN else ()
            for known in (*self._known.find(words, written), *alike):
                yield TextSpan(
                    first=known.first,
                    last=known.last,
                    identifier=known.identifier,
                    hipaa=self._letters[known.identifier],
                    score=known.score,
                    reason=known.reason,
                    recognizer=KNOWN,
                )

    def _span(self, first: int, last: int, one: Recognized, recognizer: str) -> TextSpan:
        return TextSpan(
            first=first,
            last=last,
            identifier=one.identifier,
            hipaa=self._letters[one.identifier],
            score=one.score,
            reason=one.reason,
            recognizer=recognizer,
        )

    def _counts(self, span: TextSpan) -> bool:
        """Whether the policy covers it. What the user listed does, whatever the policy."""
        listed = span.recognizer in (KNOWN, DENIED)
        return listed or counts(self._settings, span.identifier, span.score)


def counts(settings: IdentifierSettings, identifier: str, score: float) -> bool:
    """Whether a class is covered, found with this score."""
    said = settings.identifiers.get(identifier)
    if said is False:
        return False
    if said is None:
        covered = POLICIES[settings.policy].covers(identifier)
        if not covered and not (identifier == "number" and settings.all_numbers):
            return False
    least = said if isinstance(said, float) else settings.threshold
    return score >= least


class _Said:
    """Words joined by spaces, a turn on a new line, with the way back to the words."""

    def __init__(self, words: Sequence[str], breaks: Collection[int]) -> None:
        turns = set(breaks)
        parts: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        at = 0
        for number, word in enumerate(words):
            if number:
                parts.append("\n" if number in turns else " ")
                at += 1
            parts.append(word)
            self._starts.append(at)
            at += len(word)
            self._ends.append(at)
        self.content = "".join(parts)

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """The words that characters `start` to `end` touch."""
        return bisect_right(self._ends, start), bisect_left(self._starts, end)

    def characters(self, words: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Where these words stand."""
        return tuple((self._starts[word], self._ends[word]) for word in words)


def _doubted(written: Written, words: Sequence[int]) -> tuple[tuple[int, int], ...]:
    doubts = set(words)
    return tuple(
        (piece.start, piece.end)
        for piece in written.pieces
        if not doubts.isdisjoint(range(piece.first, piece.last))
    )


def _is_guess(span: TextSpan) -> bool:
    """Whether a name was taken for one by the words alone: nothing announced it."""
    return (
        span.recognizer not in (KNOWN, DENIED)
        and span.identifier in GUESSED
        and not span.reason.startswith("cue")
    )


def _widened(
    span: TextSpan,
    words: Sequence[str],
    unsure: Collection[int],
    lost: Collection[int],
    barriers: Collection[int],
) -> TextSpan:
    """With the words beside it that were perhaps misheard: where it ends is not sure then.

    Small words are taken along only where they were surely misheard: they are seldom part of a
    name, but a name may be heard as some.
    """

    def belongs(at: int) -> bool:
        return at in lost or (at in unsure and words[at].lower() not in SMALL)

    first, last = span.first, span.last
    if first not in barriers and first > 0 and belongs(first - 1):
        first -= 1
    while last < len(words) and last not in barriers and last < span.last + REACH and belongs(last):
        last += 1
    return replace(span, first=first, last=last)


def _knows(recognizer: Recognizer, language: str, models: Mapping[str, Path]) -> bool:
    return (
        not (recognizer.languages or recognizer.by_language)
        or language in recognizer.languages
        or recognizer.by_language.get(language) in models
    )


def _windows(count: int, turns: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Stretches of words, each read with some of what is before and after; at turns if possible."""
    start = 0
    while start < count:
        end = min(start + WINDOW, count)
        if end < count:
            at = bisect_right(turns, end)
            if at and turns[at - 1] > start + WINDOW // 2:
                end = turns[at - 1]
        yield max(0, start - CONTEXT), min(count, end + CONTEXT)
        start = end


def _merged(spans: Sequence[TextSpan]) -> tuple[TextSpan, ...]:
    """Overlapping spans of one class as one, with the surest one's score and reason."""
    by_class: dict[str, list[TextSpan]] = {}
    for span in sorted(spans, key=lambda s: (s.first, s.last, s.recognizer, s.reason, s.score)):
        same = by_class.setdefault(span.identifier, [])
        if same and span.first < same[-1].last:
            before = same.pop()
            surer = max(before, span, key=lambda s: s.score)
            span = replace(surer, first=before.first, last=max(before.last, span.last))  # noqa: PLW2901 (it is the span, longer)
        same.append(span)
    return tuple(
        sorted(
            (span for same in by_class.values() for span in same),
            key=lambda s: (s.first, s.last, s.identifier),
        )
    )
