"""Tokens in spoken form to a text in written form, with a map back to the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.text.spoken.addresses import addresses_in
from veilcast.text.spoken.dates import date_at
from veilcast.text.spoken.digits import number_at
from veilcast.text.spoken.form import Atom, Piece, Written
from veilcast.text.spoken.lexemes import lexemes_of
from veilcast.text.spoken.spelling import spelled_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from veilcast.text.spoken.lexemes import Lexeme


def to_written(tokens: Sequence[str], breaks: Collection[int] = ()) -> Written:
    """English as people say it, written as identifiers are written.

    Numbers become digits ("oh one four three" is 0143), spelled letters words ("S M I T H" is
    SMITH), "john dot smith at gmail dot com" an address, "May the third nineteen eighty one" a
    date. What is written already stays as it is. Nothing is dropped: a filler between the digits
    of a number belongs to the number's piece.

    Args:
        tokens: the words, in any case, with or without punctuation.
        breaks: indexes of tokens before which a turn or a long pause lies. It is a newline in
            the content, unless the digits of one number go on after it: then it is a space.

    Returns:
        The content and its pieces.
    """
    lexemes = lexemes_of(tokens, breaks)
    return _assemble(lexemes, list(_atoms(lexemes)), len(tokens))


def _atoms(lexemes: Sequence[Lexeme]) -> Iterable[Atom]:
    addresses = addresses_in(lexemes)
    at = 0
    while at < len(lexemes):
        atoms = (
            addresses.get(at)
            or date_at(lexemes, at)
            or spelled_at(lexemes, at)
            or number_at(lexemes, at)
            or [Atom(text=lexemes[at].raw, first=at, last=at + 1)]
        )
        yield from atoms
        at = atoms[-1].last


def _assemble(lexemes: Sequence[Lexeme], atoms: Sequence[Atom], count: int) -> Written:
    """Atoms as pieces; an atom that shares a token with the one before goes on its piece."""
    texts: list[str] = []
    pieces: list[Piece] = []
    length = 0
    for atom in atoms:
        first = pieces[-1].last if pieces else 0
        last = lexemes[atom.last - 1].token + 1
        joint = _joint(lexemes, atom) if pieces else ""
        text = atom.text if joint.isspace() else joint + atom.text
        start = length + (len(joint) if joint.isspace() else 0)
        texts += [joint, text] if joint.isspace() else [text]
        length = start + len(text)
        if lexemes[atom.first].inner and pieces:
            head = pieces.pop()
            first, start = head.first, head.start
        pieces.append(Piece(start=start, end=length, first=first, last=last))
    if pieces and pieces[-1].last < count:
        tail = pieces.pop()
        pieces.append(Piece(start=tail.start, end=tail.end, first=tail.first, last=count))
    return Written(content="".join(texts), pieces=tuple(pieces))


def _joint(lexemes: Sequence[Lexeme], atom: Atom) -> str:
    """What stands before an atom that is not the first."""
    if atom.joint is not None:
        return atom.joint
    if lexemes[atom.first].inner:
        return ""
    paused = any(lexemes[n].pause for n in range(atom.first, atom.last))
    return "\n" if paused else " "
