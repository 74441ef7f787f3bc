"""What every transcriber promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.testing.discretion import NAMES_NOBODY, PROMISE, transcriber_names_nobody
from veilcast.testing.loading import ClosedAfterwards, paths_of, settings_of
from veilcast.testing.rule import Rule, check_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import Heard, LoadedTranscriber, Transcriber, Transcription
    from veilcast.settings import TranscriberSettings
    from veilcast.testing.loading import Models

LEEWAY_S = 0.1
"""How far outside a window a time may be: engines work in blocks."""

_SCRAPS_S = (0.0, 0.02, 0.2, 3.0)


def check_transcriber(
    transcriber: Transcriber,
    samples: NDArray[Any],
    words: Sequence[str],
    *,
    models: Models = None,
    settings: TranscriberSettings | Mapping[str, Any] | None = None,
    language: str = "en",
) -> None:
    """Try a transcriber with every rule of `TRANSCRIBER_RULES`.

    Args:
        transcriber: what the plugin yields.
        samples: speech: mono, in -1 to 1, shape (n,), at the transcriber's `rate_hz`, no longer
            than its `window_s`.
        words: what must be among the words that are heard in it, whatever their case. () when the
            model at hand is not made to be right.
        models: the models that the transcriber needs, by name.
        settings: the transcriber's own settings, as a profile would say them.
        language: of the speech, ISO 639-1.

    Raises:
        RuleBroken: an `AssertionError` that names the first rule that it breaks.
    """
    with TranscriberCase(
        transcriber, samples, words, models=models, settings=settings, language=language
    ) as case:
        check_all(TRANSCRIBER_RULES, case)


class TranscriberCase(ClosedAfterwards):
    """A transcriber and sound to try it with. It is loaded once."""

    def __init__(
        self,
        transcriber: Transcriber,
        samples: NDArray[Any],
        words: Sequence[str],
        *,
        models: Models = None,
        settings: TranscriberSettings | Mapping[str, Any] | None = None,
        language: str = "en",
    ) -> None:
        """As `check_transcriber`; close it, or use it in a ``with`` statement."""
        import numpy as np

        self.transcriber = transcriber
        self.samples: NDArray[np.float32] = samples.astype(np.float32)
        self.words = tuple(words)
        self.language = language
        self._models, self._settings = models, settings
        self._loaded: LoadedTranscriber | None = None

    @property
    def title(self) -> str:
        return f"transcriber '{self.transcriber.name}'"

    def load(self, hot_words: Sequence[str] = ()) -> LoadedTranscriber:
        """Loaded anew; the caller closes it."""
        from veilcast.extensions import TranscriberContext

        own = settings_of(self.transcriber.settings, self._settings)
        return self.transcriber.load(
            TranscriberContext(
                settings=own,
                models=paths_of(self.transcriber.models(own), self._models),
                language=self.language,
                hot_words=tuple(hot_words),
                threads=2,
            )
        )

    def transcribe(self, samples: NDArray[np.float32], *, as_it_is: bool = False) -> Transcription:
        """What it hears in a window: in a copy of it, or in the very one."""
        if self._loaded is None:
            self._loaded = self.load()
        return self._loaded.transcribe(samples if as_it_is else samples.copy())

    def unsound(self, said: Any, samples: NDArray[np.float32]) -> str:
        """Why this can't be what was heard in that window, or ""."""
        from veilcast.extensions import Heard, Transcription

        if not isinstance(said, Transcription):
            return f"transcribe gave a {type(said).__name__} and not a Transcription"
        if said.language != self.language:
            return f"asked for '{self.language}', it heard another language"
        seconds = len(samples) / self.transcriber.rate_hz
        for words in (said.words, *said.also):
            for word in words:
                if not isinstance(word, Heard):
                    return f"there is a {type(word).__name__} among the words"
                if wrong := _unsound_word(word, seconds):
                    return wrong
            starts = [word.start_s for word in words if word.start_s is not None]
            if starts != sorted(starts):
                return "the words are not in order"
        return ""

    def close(self) -> None:
        """Close what was loaded."""
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded.close()


def _unsound_word(word: Heard, seconds: float) -> str:
    """Why this can't be a word in a window of so many seconds, or ""."""
    if not word.text or any(character.isspace() for character in word.text):
        return "a word is empty or has white space in it"
    if not 0 <= word.confidence <= 1:
        return f"a confidence is {word.confidence:g}"
    times = [time_s for time_s in (word.start_s, word.end_s) if time_s is not None]
    if not all(-LEEWAY_S <= time_s <= seconds + LEEWAY_S for time_s in times):
        return f"a word is outside of a window of {seconds:g} s"
    return "" if times == sorted(times) else "a word ends before it starts"


def _says_what_it_is(case: TranscriberCase) -> str:
    from veilcast.extensions.validity import why_unusable

    own = case.transcriber
    if wrong := why_unusable(own):
        return wrong
    if not own.summary:
        return "it has no summary"
    if not 0 < own.overlap_s < own.window_s / 2:
        return "overlap_s is not between 0 and half of window_s"
    if own.languages and case.language not in own.languages:
        return f"it does not declare the language '{case.language}' of the speech"
    for variant in own.variants:
        own.settings.model_validate(dict(variant))
    return ""


def _gives_words(case: TranscriberCase) -> str:
    return case.unsound(case.transcribe(case.samples), case.samples)


def _hears(case: TranscriberCase) -> str:
    heard = {word.text.lower().strip(".,;:!?") for word in case.transcribe(case.samples).words}
    missed = [word for word in case.words if word.lower() not in heard]
    return f"{missed[0]!r} is not among the {len(heard)} words" if missed else ""


def _scraps(case: TranscriberCase) -> str:
    import numpy as np

    for seconds in _SCRAPS_S:
        count = round(seconds * case.transcriber.rate_hz)
        noise = np.random.default_rng(1).normal(0, 0.02, count)
        for samples in (np.zeros(count), noise, np.clip(noise * 1000, -1, 1)):
            given = samples.astype(np.float32)
            if wrong := case.unsound(case.transcribe(given), given):
                return f"in {seconds:g} s of sound without speech, {wrong}"
    return ""


def _leaves_the_sound(case: TranscriberCase) -> str:
    given = case.samples.copy()
    case.transcribe(given, as_it_is=True)
    return "" if (given == case.samples).all() else "samples are not what they were"


def _read_only(case: TranscriberCase) -> str:
    import numpy as np

    larger = np.repeat(case.samples, 2)
    larger.flags.writeable = False
    if case.transcribe(larger[::2], as_it_is=True) != case.transcribe(case.samples):
        return "it hears something else in the same samples"
    return ""


def _same_again(case: TranscriberCase) -> str:
    first = case.transcribe(case.samples)
    case.transcribe(case.samples[::-1].copy())
    return "" if case.transcribe(case.samples) == first else "another answer the second time"


def _closes(case: TranscriberCase) -> str:
    loaded = case.load()
    loaded.close()
    loaded.close()
    return ""


TRANSCRIBER_RULES: tuple[Rule[TranscriberCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name, summary, settings, windows and languages are what they should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="gives-words",
        sentence="transcribe gives a Transcription whose words are in order and in the window",
        broken=_gives_words,
    ),
    Rule(name="hears", sentence="what is said is heard", broken=_hears),
    Rule(
        name="scraps",
        sentence="silence, noise and scraps of sound are no error",
        broken=_scraps,
    ),
    Rule(
        name="leaves-the-sound",
        sentence="nothing is written into the samples",
        broken=_leaves_the_sound,
    ),
    Rule(
        name="parts-of-sound",
        sentence="samples may be a part of others and read only",
        broken=_read_only,
    ),
    Rule(
        name="same-again",
        sentence="the same sound gives the same words, whatever was heard before",
        broken=_same_again,
    ),
    Rule(name=NAMES_NOBODY, sentence=PROMISE, broken=transcriber_names_nobody),
    Rule(name="closes", sentence="it may be closed twice", broken=_closes),
)
"""What every transcriber promises."""
