"""Names of files: what they give away, and names that give nothing away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast.pipeline.device_names import is_technical, without_stamps
from veilcast.pipeline.plugin_calls import guarded_recognizers
from veilcast.pipeline.recognizer_models import reading_models
from veilcast.recognition import DENIED, KNOWN, Reader
from veilcast.settings import IdentifierSettings
from veilcast.text.disclosure import SHORTEST, parted
from veilcast.text.ordinary import ORDINARY
from veilcast.text.plain import find_in_text
from veilcast.text.policies import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.profile import Profile

LANGUAGE = "en"
"""Of file names: nobody says which."""
_DEID = ".deid"
SMALL = 4
"""Figures of a number that may belong to the word before it."""
_DATED = (
    "The file's name has the date of the recording in it, and so has the output's; use --name "
    "neutral to leave it out."
)
_UNITS = frozenset(("p", "i", "k", "fps", "hz", "khz", "bit", "kbps", "mbps", "min", "sec", "s"))


def neutral_name(output: Path, sha256: str) -> Path:
    """The output's path, with a name made of the input's hash."""
    return output.with_name(f"recording-{sha256[:12]}{_DEID}{output.suffix}")


def name_warnings(host: Host, profile: Profile, source: Path, output: Path) -> tuple[str, ...]:
    """Sentences about what the names of the files say, without saying it.

    Every stage that reads text says what counts. Names are read as words: they are parted where
    separators are, where small letters turn into capitals, and where letters meet figures.

    Raises:
        VeilcastError: a recogniser can't be loaded.
    """
    reading = [p.settings for p in profile.stages if isinstance(p.settings, IdentifierSettings)]
    classes: dict[str, None] = {}
    stems: dict[str, None] = {}
    dated = False
    for path in (source, output):
        rest, has_date = without_stamps(_own(path))
        stems[rest] = None
        dated |= has_date
    told = (
        (_DATED,) if dated and any(POLICIES[one.policy].covers("date") for one in reading) else ()
    )
    asked = any(settings.known is not None or settings.deny for settings in reading)
    if not asked and not any(_is_telling(_as_words(stem)) for stem in stems):
        return told  # loading recognisers takes longer than they have to say about ordinary words
    # Each by itself: beside another, an ordinary word may read like a name.
    texts = [_as_words(stem) for stem in stems]
    # What is known may be what else would be a camera's number.
    whole = [_as_words(_own(path)) for path in (source, output)] if asked else []
    different: list[IdentifierSettings] = []
    for settings in map(_what_counts, reading):
        if settings in different:
            continue
        different.append(settings)
        for identifier in _found(host, settings, texts, whole):
            classes[identifier] = None
    if not classes:
        return told
    listed = ", ".join(sorted(classes))
    return (
        f"The file's name seems to hold what identifies somebody ({listed}), and the output is "
        "named after it; use --name neutral, or choose another name with -o.",
        *told,
    )


def _own(path: Path) -> str:
    return path.stem.removesuffix(_DEID)


def _as_words(stem: str) -> str:
    return " ".join(parted(stem))


def _what_counts(settings: IdentifierSettings) -> IdentifierSettings:
    """Only what says which texts identify, so that several stages are read for once."""
    names = IdentifierSettings.model_fields
    return IdentifierSettings.model_construct(**{name: getattr(settings, name) for name in names})


def _found(
    host: Host, settings: IdentifierSettings, texts: list[str], whole: list[str]
) -> set[str]:
    # The models for a language are made for sentences, and take a second to load.
    models = reading_models(host, "")
    with Reader(settings, guarded_recognizers(host), models, LANGUAGE, "filename") as reader:
        own = {
            span.found.identifier
            for text in texts
            for span in find_in_text(reader, text)
            if _is_telling(text, span.start, span.end)
        }
        return own | {
            span.found.identifier
            for text in whole
            for span in find_in_text(reader, text)
            if span.found.recognizer in (KNOWN, DENIED)
        }


def _is_telling(text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether a part of the words says more than ordinary and technical words do.

    Without a sentence around it, "gray" is a colour.
    """
    words = list(re.finditer(r"\S+", text))
    around = zip([None, *words], words, [*words[1:], None], strict=False)
    return any(
        word.end() > start and (end is None or word.start() < end) and _tells(before, word, after)
        for before, word, after in around
    )


def _tells(before: re.Match[str] | None, word: re.Match[str], after: re.Match[str] | None) -> bool:
    said = word[0].casefold()
    if said.isdecimal() and len(said) <= SMALL:
        # What has a unit, like 1080p, is nobody's.
        if after is not None and after[0].casefold() in _UNITS:
            return False
        if before is not None and is_technical(before[0].casefold()):
            return False
    return len(said) >= SHORTEST and said not in ORDINARY and not is_technical(said)
