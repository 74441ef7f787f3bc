"""The written form and its map back to the tokens that made it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Characters of the written form and the tokens that made them.

    Attributes:
        start: first character of the content.
        end: one after its last character.
        first: first token.
        last: one after the last token.
    """

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Speech as it would be written.

    Attributes:
        content: the text; a break is a newline.
        pieces: in order; they cover every character that is not white space, and every token lies
            in exactly one of them (unless no token has a visible character).
    """

    content: str
    pieces: tuple[Piece, ...]

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """The tokens that made the characters from `start` up to `end`, `end` excluded.

        Returns:
            First token and one after the last. A span of white space or of nothing gives an
            empty range at the token that follows.
        """
        pieces = self.pieces
        first = bisect_right(pieces, start, key=lambda piece: piece.end)
        after = bisect_left(pieces, end, key=lambda piece: piece.start)
        if first < after and start < end:
            return pieces[first].first, pieces[after - 1].last
        at = pieces[first].first if first < len(pieces) else (pieces[-1].last if pieces else 0)
        return at, at


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """What a matcher writes for some lexemes.

    Attributes:
        text: without white space; "" leaves its lexemes to the neighbour.
        first: first lexeme.
        last: one after the last lexeme.
        joint: what stands before it, or None for the ordinary space or newline.
    """

    text: str
    first: int
    last: int
    joint: str | None = None
