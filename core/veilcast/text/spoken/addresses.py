"""E-mail and web addresses: found by "dot" and a top-level domain, then read outwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.text.spoken.form import Atom
from veilcast.text.spoken.letters import unit_at
from veilcast.text.spoken.lexemes import after_fillers, core_at, tight
from veilcast.text.spoken.lexicon import (
    ADDRESS_MARKS,
    ADDRESS_PAIRS,
    DOMAINS,
    MAIL_CUES,
    NATO,
    NOT_LOCAL,
    TEENS,
    TENS,
    WORD_DOMAINS,
)
from veilcast.text.spoken.runs import is_digit_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.text.spoken.lexemes import Lexeme

_MOST_LABELS = 8
_MOST_WORDS = 3
_MOST_SPELLED = 30
_LOCAL_MARKS = frozenset(
    {"dot", "point", "period", "underscore", "dash", "hyphen", "plus", "minus"}
)
_PATH_MARKS = frozenset(
    {"slash", "stroke", "dash", "hyphen", "underscore", "dot", "colon", "equals"}
)


def addresses_in(lexemes: Sequence[Lexeme]) -> Mapping[int, list[Atom]]:
    """The atoms of each address, by its first lexeme."""
    found: dict[int, list[Atom]] = {}
    free = 0
    at = 0
    while at < len(lexemes):
        end = _domain_end(lexemes, at) if lexemes[at].core == "dot" else 0
        if not end:
            at += 1
            continue
        start, mail = _start(lexemes, at, free)
        if start < 0:
            at = end
            continue
        end = end if mail else _path_end(lexemes, end)
        found[start] = _composed(lexemes, start, end)
        at = free = end
    return found


def _domain_end(lexemes: Sequence[Lexeme], dot: int) -> int:
    """One after the domain whose first spoken "dot" is lexeme `dot`, or 0."""
    valid, at = 0, dot
    for labels in range(_MOST_LABELS):
        if core_at(lexemes, at) != "dot" or not tight(lexemes, at) or not tight(lexemes, at + 1):
            break
        end = _top_level(lexemes, at + 1, others=labels)
        if end:
            valid = end
        else:
            end = _label_end(lexemes, at + 1)
        if not end:
            break
        at = end
    return valid


def _top_level(lexemes: Sequence[Lexeme], at: int, others: int) -> int:
    """One after a top-level domain at `at`, in one word or spelled, or 0."""
    word = core_at(lexemes, at)
    if word in DOMAINS and (others or word not in WORD_DOMAINS):
        return at + 1
    spelled = ""
    for n in range(at, at + 4):
        letter = core_at(lexemes, n)
        if len(letter) != 1 or not letter.isalpha() or (n > at and not tight(lexemes, n)):
            break
        spelled += letter
        if spelled in DOMAINS and core_at(lexemes, n + 1) not in {*"abcdefghjklmnopqrstuvwxyz"}:
            return n + 1
    return 0


def _label_end(lexemes: Sequence[Lexeme], at: int) -> int:
    """The "dot" after a label at `at`, or 0: few words, or many letters and digits."""
    words = 0
    for n in range(at, at + _MOST_SPELLED):
        word = core_at(lexemes, n)
        if not word or (n > at and not tight(lexemes, n)):
            return 0
        if word == "dot":
            return n if n > at else 0
        if not _spelled(word) and word not in {"dash", "hyphen"}:
            words += 1
            if words > _MOST_WORDS or word in {"at", "and", "is"}:
                return 0
    return 0


def _start(lexemes: Sequence[Lexeme], dot: int, free: int) -> tuple[int, bool]:
    """The first lexeme of the address whose domain has its first "dot" there; whether e-mail.

    The lexeme is -1 where nothing that may be a host stands before the dot.
    """
    host = _leftwards(lexemes, dot, free)
    if host == dot:
        return -1, False
    for at in range(dot - 1, max(free, dot - 1 - _MOST_WORDS) - 1, -1):
        if core_at(lexemes, at) == "at" or core_at(lexemes, at).startswith("@"):
            host = at + 1
            break
        if not tight(lexemes, at):
            break
    sign = host - 1
    if core_at(lexemes, sign) == "sign" and core_at(lexemes, sign - 1) == "at":
        sign -= 1
    if sign >= free and core_at(lexemes, sign) == "at" and host < dot:
        local = _local(lexemes, sign, free)
        return (local, True) if local < sign else (host, False)
    return _scheme(lexemes, host, free), False


def _leftwards(lexemes: Sequence[Lexeme], end: int, free: int) -> int:
    """The start of the word, or of the letters and digits, that end before lexeme `end`."""
    at = end
    while at > free and end - at < _MOST_SPELLED and tight(lexemes, at):
        word = core_at(lexemes, at - 1)
        doubled = word in {"u", "you"} and core_at(lexemes, at - 2) == "double"
        if doubled and at - 2 >= free:
            at -= 2
            continue
        if not _spelled(word):
            break
        at -= 1
    if at == end and at > free and tight(lexemes, at):
        word = core_at(lexemes, at - 1)
        return at if not word or word in NOT_LOCAL or word in ADDRESS_MARKS else at - 1
    while at < end and core_at(lexemes, at) in {"a", "i", "o", "oh"} and at + 1 < end:
        at += 1
    return at


def _local(lexemes: Sequence[Lexeme], sign: int, free: int) -> int:
    """The first lexeme of what stands before the "at" of an e-mail address."""
    at, marked = sign, False
    while True:
        start = _atom_start(lexemes, at, free)
        if start == at:
            return at + 1 if marked and at < sign else at
        at = start
        if at - 1 < free or not tight(lexemes, at):
            break
        before = core_at(lexemes, at - 1)
        pair = (core_at(lexemes, at - 2), before) == ("under", "score")
        if before not in _LOCAL_MARKS and not pair:
            break
        if not tight(lexemes, at - 1):
            break
        at -= 2 if pair else 1
        marked = True
        if sign - at > 2 * _MOST_SPELLED:
            break
    return at if marked else _cued(lexemes, at, free)


def _atom_start(lexemes: Sequence[Lexeme], end: int, free: int) -> int:
    """The start of a word, of spelled letters with their examples, or of digits with a word."""
    at = _examples(lexemes, end, free)
    if at < end:
        return at
    at = _leftwards(lexemes, end, free)
    if at == end:
        return end
    spelled = _spelled(core_at(lexemes, end - 1))
    if at == free or not tight(lexemes, at):
        return at
    before = core_at(lexemes, at - 1)
    digits = spelled and all(is_number(core_at(lexemes, n)) for n in range(at, end))
    if digits and before not in NOT_LOCAL and before not in ADDRESS_MARKS:
        return at - 1
    letter = len(before) == 1 and before.isalpha() and before not in {"a", "i", "o"}
    return _leftwards(lexemes, at, free) if letter and not spelled else at


def _examples(lexemes: Sequence[Lexeme], end: int, free: int) -> int:
    """The start of "B as in boy O as in oscar" that ends before `end`."""
    at = end
    while True:
        for length in (4, 3):
            unit = unit_at(lexemes, at - length) if at - length >= free else None
            if unit and unit.kind in {"named", "like"} and unit.end == at:
                at -= length
                break
        else:
            return at


def _cued(lexemes: Sequence[Lexeme], at: int, free: int) -> int:
    """An e-mail's first part may be more words where "my e-mail is" stands right before them."""
    for n in range(at - 1, max(free, at - 3) - 1, -1):
        if not tight(lexemes, n + 1):
            return at
        word = core_at(lexemes, n)
        if word in MAIL_CUES:
            return n + 1
        if word in NOT_LOCAL or not word:
            return at
    return at


def _scheme(lexemes: Sequence[Lexeme], host: int, free: int) -> int:
    """The start of "h t t p s colon slash slash" before a host."""
    words = [core_at(lexemes, n) for n in range(max(free, host - 8), host)]
    joined = " ".join(words)
    for scheme in ("h t t p s", "h t t p", "https", "http"):
        for slashes in ("slash slash", "forward slash forward slash", "double slash"):
            spoken = f"{scheme} colon {slashes}"
            if f" {joined}".endswith(f" {spoken}"):
                return host - len(spoken.split())
    return host


def _path_end(lexemes: Sequence[Lexeme], at: int) -> int:
    """One after the path, port and query that follow a host."""
    while tight(lexemes, at) and tight(lexemes, at + 1):
        pair = (core_at(lexemes, at), core_at(lexemes, at + 1)) in ADDRESS_PAIRS
        if core_at(lexemes, at) not in _PATH_MARKS and not pair:
            break
        at += 2 if pair else 1
        start = at
        while at < len(lexemes) and at - start < _MOST_SPELLED and _spelled(core_at(lexemes, at)):
            at += 1
            if not tight(lexemes, at):
                break
        if at == start and at < len(lexemes):
            at += 1
    return min(at, len(lexemes))


def _composed(lexemes: Sequence[Lexeme], start: int, end: int) -> list[Atom]:
    """The lexemes of an address as its characters."""
    nato = sum(core_at(lexemes, n) in NATO for n in range(start, end)) >= 3
    atoms: list[Atom] = []
    at = first = start
    while at < end:
        at = min(after_fillers(lexemes, at), end) if atoms else at
        if at == end:
            break
        text, after = _characters(lexemes, at, end, nato=nato)
        atoms.append(Atom(text=text, first=first, last=after, joint="" if atoms else None))
        at = first = after
    last = atoms[-1]
    tail = lexemes[end - 1].trail
    atoms[-1] = Atom(text=last.text + tail, first=last.first, last=end, joint=last.joint)
    head = atoms[0]
    atoms[0] = Atom(text=lexemes[start].lead + head.text, first=head.first, last=head.last)
    return atoms


def _characters(lexemes: Sequence[Lexeme], at: int, end: int, *, nato: bool) -> tuple[str, int]:
    word = lexemes[at].core
    pair = ADDRESS_PAIRS.get((word, core_at(lexemes, at + 1)))
    if pair and at + 2 <= end:
        return pair, at + 2
    if word in ADDRESS_MARKS:
        return ADDRESS_MARKS[word], at + 1
    unit = unit_at(lexemes, at)
    if unit and unit.end <= end:
        spelled = unit.kind in {"letter", "weak", "named", "like"} or (nato and unit.kind == "nato")
        if unit.numeric or spelled:
            return unit.text.lower(), unit.end
        if unit.kind == "oh":
            digit = is_number(core_at(lexemes, at - 1)) or is_number(core_at(lexemes, at + 1))
            return ("0" if digit else "o"), at + 1
    return word or lexemes[at].raw, at + 1


def is_number(word: str) -> bool:
    """Whether a word is a digit, or a number below a hundred, in words or in digits."""
    return is_digit_word(word) or (word.isascii() and word.isdigit()) or bool(_tens(word))


def _tens(word: str) -> bool:
    return word in TEENS or word in TENS


def _spelled(word: str) -> bool:
    """Whether a word is a letter or a number in an address."""
    single = len(word) == 1 and word.isalpha()
    return single or is_number(word) or word in {"double", "triple", "treble"}
