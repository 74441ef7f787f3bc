"""What the syntax of AAC is read with: its Huffman codes and the widths of its bands.

The numbers are those of ISO/IEC 14496-3, tables 4.A.1 to 4.A.12 and 4.129 to 4.147. In each
codebook the codes of one length are all greater, as numbers, than the shorter ones before them, so
how many there are of each length says all of a code but the values it stands for. Of those, it
matters how many are not zero, as each has a sign, and how many are 16, as each goes on.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

_LENGTHS = (
    (1, 0, 1, 3, 2, 4, 3, 5, 4, 6, 6, 6, 5, 8, 4, 7, 3, 7, 46),
    (1, 0, 0, 0, 8, 0, 24, 0, 24, 8, 16),
    (0, 0, 1, 1, 7, 24, 15, 19, 14),
    (1, 0, 0, 4, 2, 6, 3, 5, 15, 15, 8, 9, 3, 3, 5, 2),
    (0, 0, 0, 10, 6, 0, 9, 21, 8, 14, 11, 2),
    (1, 0, 0, 4, 4, 0, 4, 12, 12, 12, 18, 10, 4),
    (0, 0, 0, 9, 0, 16, 13, 8, 23, 8, 4),
    (1, 0, 2, 1, 0, 4, 5, 10, 14, 15, 8, 4),
    (0, 0, 1, 5, 7, 10, 14, 15, 8, 4),
    (1, 0, 2, 1, 0, 4, 3, 8, 11, 20, 31, 38, 32, 14, 4),
    (0, 0, 0, 3, 8, 14, 17, 25, 31, 41, 22, 8),
    (0, 0, 0, 2, 6, 7, 16, 59, 55, 95, 43, 6),
)
"""Of the scale factors, then of the codebooks 1 to 11: how many codes have 1, 2, 3 ... bits."""
_SIGNS = {
    3: ("011112222232343311223232331221224334323244332333223243344233333344442233434443233"),
    4: ("433331202222121144443333333333332222222222221111444444333333333433344422222243333"),
    7: "0112221122211222222221122212122222222211222222222222112222222222",
    8: "2212120112222222221122222222221212222222121222222222221212222112",
    9: (
        "011222112221122222222112222222121222222221222222221222122221222211222222222222212221"
        "222222222222222222221221222222212222222222222221221222212222222222222222222222222222"
        "2"
    ),
    10: (
        "222211222221122220221122222222222212122222222222212122222222222222222212222212222222"
        "222222222212122222221222222122222222222222222121212222222222222221212221222122222212"
        "2"
    ),
    11: (
        "022112222221212222222112222222222222222222222121222222222222222222222222222222222212"
        "222221222222222222222222122222212222222222222212222222222212222221212222222222222222"
        "222222222222221222222222222222222122222222222222222222222222211222222222222222222222"
        "2222212212122212222211222212212112112"
    ),
}
"""By codebook without signs in its codes: how many signs follow each code, in the codes' order."""
_ESCAPES = (
    "002000000000000000000000000000000000001111101000101111000001100111001011101001100001"
    "100000011001010000000100000000000000000000000000000000000010000001"
)
"""Of codebook 11: how many escape sequences follow each code, and none behind the others."""
_LONG = (
    "4*14 8*5 12*5 16*2 24 28 36 44 64*11",
    "4*14 8*4 12*3 16*3 20 24*2 28 36 40*18",
    "4*10 8*7 12*4 16*2 20*2 24*2 28*2 32*19 96",
    "4*10 8*7 12*4 16*2 20*2 24*2 28*2 32*22",
    "4*11 8*10 12*4 16*3 20*2 24*2 28*2 32 36*2 40 44 48 52*2 64*5",
    "8*11 12*9 16*4 20*3 24*2 28*2 32 36 40*2 44 48 52 56 60 64*3",
    "12*13 16*7 20*4 24*3 28*2 32 36*2 40 44 48 52 56 60 64 80",
)
_SHORT = (
    "4*6 8*3 16 28 36",
    "4*5 8*3 12*3 16*3",
    "4*7 8*3 12*2 16*2 20",
    "4*8 8*2 12*2 16 20*2",
    "4*7 8*4 12 16 20*2",
)
"""How many lines each band has, in long and in short windows; 64*11 are eleven of 64 lines."""
_LONG_AT = (0, 0, 1, 2, 2, 3, 4, 4, 5, 5, 5, 6, 6)
_SHORT_AT = (0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4)
"""Which of them, by index of the sampling rate."""
_RATES = (92017, 75132, 55426, 46009, 37566, 27713, 23004, 18783, 13856, 11502, 9391, 0)
"""From where on a rate is taken for that of each index (table 4.82)."""
PREDICTED = (33, 33, 38, 40, 40, 40, 41, 41, 37, 37, 37, 34, 34)
"""By index of the rate, the most bands that the Main profile predicts (PRED_SFB_MAX)."""
WINDOW = 16
"""Bits that a codebook's table is looked up with: the longest code of a spectrum has as many."""
_SCALE_BITS = len(_LENGTHS[0])


class Bands(NamedTuple):
    """Where bands begin, and where the last ends, in lines of the spectrum."""

    long: tuple[int, ...]
    short: tuple[int, ...]


@cache
def bands(rate: int, frame: int) -> Bands:
    """The bands of one sampling rate.

    Args:
        rate: its index.
        frame: samples in a frame, 1024 or 960: in the latter, the last bands end with it.
    """
    return Bands(
        _offsets(_LONG[_LONG_AT[rate]], frame), _offsets(_SHORT[_SHORT_AT[rate]], frame // 8)
    )


def _offsets(widths: str, most: int) -> tuple[int, ...]:
    found = [0]
    for run in widths.split():
        width, _, count = run.partition("*")
        for _ in range(int(count or 1)):
            if found[-1] < most:
                found.append(min(found[-1] + int(width), most))
    return tuple(found)


def rate_index(frequency: int) -> int:
    """The index whose bands a sampling rate in Hz has."""
    return next(index for index, least in enumerate(_RATES) if frequency >= least)


@cache
def codes(book: int) -> bytes:
    """By the next 16 bits, how many bits the code has that they begin with, and its signs."""
    signs = _SIGNS.get(book)
    lengths = _lengths(book)
    each = [int(sign) for sign in signs] if signs else [0] * len(lengths)
    return b"".join(
        bytes((length + more,)) * (1 << (WINDOW - length))
        for length, more in zip(lengths, each, strict=True)
    )


@cache
def escapes() -> bytes:
    """By the next 16 bits, how many escape sequences follow a code of codebook 11."""
    lengths = _lengths(11)
    return b"".join(
        bytes((int(more),)) * (1 << (WINDOW - length))
        for length, more in zip(lengths, _ESCAPES.ljust(len(lengths), "0"), strict=True)
    )


@cache
def scale_codes() -> bytes:
    """By the next 19 bits, how many bits the code of a scale factor has."""
    return b"".join(bytes((length,)) * (1 << (_SCALE_BITS - length)) for length in _lengths(0))


def _lengths(book: int) -> list[int]:
    return [length for length, count in enumerate(_LENGTHS[book], 1) for _ in range(count)]
