"""Words that are ordinary on screens: they make no line a name by themselves."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
"""Letters and digits that stand together."""
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATED = re.compile(rf"\d\s*[-/. ]?\s*{_MONTH}|{_MONTH}[a-z]*[-/. ]*\d", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,4}(?:[.,:/x×*-]\d{1,4})?(?![\w/.-]*\d)|\d{1,2}:\d{2}:\d{2}")
_PERSONAL = re.compile(
    r"\b(?:age[ds]?|yrs?|years?|yo|y|born|birth|dob|old|room|rm|bed|bay|ward|m|f)\b", re.IGNORECASE
)
_MEDICAL = re.compile(
    r"(?:haemo|haemat|hemo|hemat|cardio|neuro|gastro|nephro|osteo|pneumo|thrombo|broncho|electro|immuno"
    r"|thermo|hydro|micro)[a-z]{4,}"
    r"|[a-z]{2,}(?:phenicol|onidazole|ectomy|ostomy|otomy|plasty|scopy|graphy|centesis|aemia|osis|ology"
    r"|ometry|sternal|atory|cillin|mycin|micin|cycline|floxacin|azole|prazole|tidine|setron|olol"
    r"|sartan|statin|dipine|semide|thiazide|gliptin|gliflozin|formin|parin|xaban|azepam|zolam|triptan"
    r"|(?<!mc)caine|curium|curonium|profen|fenac|nisolone|thasone|tropium|terol|zumab|tinib|ximab|limumab"
    r"|dronate|barbital|platin|taxel|rubicin|fibrate|glutide|oxetine|ipramine|triptyline)"
    r"|[a-z]{5,}(?:amide|idine)"
)
"""Words that begin or end as only those of medicine do; of surnames too much is left out."""
_NEARLY = 5
"""Letters of a word that is known again though one is another."""
_LONG = re.compile(r"\d{3,}")


@cache
def _words() -> dict[str, frozenset[str]]:
    text = files("veilcast_text").joinpath("data", "vocabulary.txt").read_text("utf-8")
    found: dict[str, frozenset[str]] = {}
    for section in text.partition("[phrases]")[0].split("[")[1:]:
        name, _, words = section.partition("]")
        found[name] = frozenset(words.split())
    return found


@cache
def _phrases() -> dict[str, list[tuple[str, ...]]]:
    text = files("veilcast_text").joinpath("data", "vocabulary.txt").read_text("utf-8")
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in text.partition("[phrases]\n")[2].splitlines():
        words = tuple(line.split())
        found.setdefault(words[0], []).append(words)
    return found


def is_of_screens(word: str) -> bool:
    """Whether it is a word of wards, devices, drugs or programs."""
    return any(_plain(word) in _words()[name] for name in ("makers", "screen"))


def is_maker(word: str) -> bool:
    """Whether it is a word of devices and those who make them."""
    return _plain(word) in _words()["makers"]


def is_ordinary(word: str) -> bool:
    """Whether a word names nobody by itself: it is known, is no letters, or is one letter."""
    bare = _plain(word)
    if len(bare) < 2 or not any(char.isalpha() for char in bare):
        return True
    known = any(
        form in _words()[name]
        for form in (bare, word.casefold())
        for name in ("makers", "screen", "ordinary")
    )
    return known or _is_measure(bare) or bool(_MEDICAL.fullmatch(bare))


@cache
def is_nearly_ordinary(word: str) -> bool:
    """Whether it is an ordinary word but for one letter: misread, or spelled as elsewhere."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import extractOne

    bare = _plain(word)
    if len(bare) < _NEARLY:
        return is_ordinary(word)
    near = (
        known
        for name in ("screen", "ordinary")
        for known in _words()[name]
        if known[0] == bare[0] and abs(len(known) - len(bare)) <= 1
    )
    return extractOne(bare, near, scorer=Levenshtein.distance, score_cutoff=1) is not None


def reads_ordinary(text: str) -> bool:
    """Whether words are ordinary together, though some are surnames as well: "Care Plan"."""
    words = [match.group() for match in WORD.finditer(text)]
    doubtful = [word for word in words if not is_ordinary(word)]
    return (
        len(doubtful) < len([word for word in words if len(word) > 1])
        and "," not in text
        and all(_plain(word) in _words()["mostly ordinary"] for word in doubtful)
    )


def ordinary_phrases(text: str) -> list[tuple[int, int]]:
    """Where phrases stand whose words are names elsewhere: makers, mostly."""
    words = list(WORD.finditer(text))
    plain = [_plain(word.group()) for word in words]
    found = []
    for at, word in enumerate(plain):
        for phrase in _phrases().get(word, ()):
            if tuple(plain[at : at + len(phrase)]) == phrase:
                found.append((words[at].start(), words[at + len(phrase) - 1].end()))
    return found


def all_ordinary(text: str) -> bool:
    """Whether every word of a text is ordinary, by itself or as part of a phrase."""
    strange = [word for word in WORD.finditer(text) if not is_ordinary(word.group())]
    if not strange:
        return True
    phrases = ordinary_phrases(text)
    return all(any(a <= word.start() and word.end() <= b for a, b in phrases) for word in strange)


def is_plain(text: str) -> bool:
    """Whether a line is made of ordinary words and short numbers and needs no reading."""
    if not any(char.isdigit() for char in text):
        return all_ordinary(text)
    if _DATED.search(text) or _PERSONAL.search(text) or len(_LONG.findall(text)) > 1:
        return False
    rest = _NUMBER.sub(" ", text)
    return all_ordinary(rest) and not re.search(
        r"\d", re.sub(r"\b[a-z]{1,6}\d\b", " ", rest, flags=re.I)
    )


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s").strip("'")


def _is_measure(bare: str) -> bool:
    """Digits with a unit, as 25mg."""
    unit = bare.lstrip("0123456789")
    return unit != bare and (len(unit) < 2 or is_of_screens(unit))
