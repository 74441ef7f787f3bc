"""What a packet of text subtitles says: its words, without styles, comments and names of fonts.

Whatever is taken for markup here is neither looked at for identifiers nor ever written. So only
what the formats call markup is; what merely looks like it stays text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

from veilcast.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

UNREADABLE = (
    "A subtitle stream of the input can't be read as text, so nobody can say whom it names; "
    "have it written in UTF-8, or set metadata.subtitles=drop."
)

_ASS_FIELDS = 9
_BLOCK = re.compile(r"\{([^{}]*)\}")
_DRAWING = re.compile(r"\\p(\d+)")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_HTML_TAG = re.compile(r"</?(?:b|i|u|s|em|strong|strike|font|span|ruby|rt|c)(?:\s[^<>]*)?/?>", re.I)
_HTML_BREAK = re.compile(r"<br\s*/?>", re.I)
_VTT_TAG = re.compile(r"<[^>]*(?:>|$)")
_VTT_BLOCK = re.compile(r"\n[ \t]*\n(?=(?:NOTE|STYLE|REGION)(?:\s|$))")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_JOINER = re.compile("(?<=[\0-\u058f])[\u200c\u200d]|[\u200c\u200d](?=[\0-\u058f])")
"""Joiners belong to scripts from Hebrew on; in others they only part what is one word."""
_SPACES = re.compile(r"[^\S\n]+")


def plain_text(codec: str, payload: bytes) -> str:
    r"""The words of one packet; lines are parted by ``\n``, none is empty.

    Args:
        codec: ffmpeg's name, a key of `FORMS`.
        payload: the packet.

    Raises:
        UnsupportedError: it is not text in the encoding that its format asks for.
    """
    return tidy(FORMS[codec](payload))


def tidy(text: str) -> str:
    """Characters that are not seen can't part a word here; lines without any text are dropped."""
    text = unicodedata.normalize("NFC", _LINE_END.sub("\n", text).replace("\t", " "))
    text = _JOINER.sub("", text)
    seen = "".join(
        c for c in text if c in "\n\u200c\u200d" or unicodedata.category(c) not in _UNSEEN
    )
    lines = (_SPACES.sub(" ", line).strip() for line in seen.split("\n"))
    return "\n".join(line for line in lines if line)


_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def _decoded(data: bytes, encoding: str = "utf-8") -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as exc:
        raise UnsupportedError(UNREADABLE) from exc


def _timed_text(data: bytes) -> str:
    """3GPP TS 26.245, 5.17: a length, UTF-8 or (with a byte order mark) UTF-16, then boxes."""
    length = int.from_bytes(data[:2], "big")
    text = data[2 : 2 + length]
    if len(data) < 2 or len(text) < length:
        raise UnsupportedError(UNREADABLE)
    return _decoded(text, "utf-16" if text[:2] in (b"\xfe\xff", b"\xff\xfe") else "utf-8")


def _subrip(data: bytes) -> str:
    """SubRip has no standard: the HTML tags that players know, and position codes of SSA."""
    text = _HTML_BREAK.sub("\n", _OVERRIDE.sub("", _decoded(data)))
    return _unescaped(_HTML_TAG.sub("", text))


def _cue(data: bytes) -> str:
    """W3C WebVTT 1, 6.4: tags go, with the names of voices in them; comments are no text."""
    text = _LINE_END.sub("\n", _decoded(data))
    kept = []
    for number, part in enumerate(_VTT_BLOCK.split(text)):
        # A comment that was put behind a cue ends at the next empty line.
        kept.append(part if not number else part.partition("\n\n")[2])
    return _unescaped(_VTT_TAG.sub("", "\n".join(kept)))


def _script_event(data: bytes) -> str:
    """Matroska's form of SSA (draft-ietf-cellar-codec, 4.4.3): fields, the text is the last."""
    fields = _decoded(data).split(",", _ASS_FIELDS - 1)
    if len(fields) < _ASS_FIELDS:
        raise UnsupportedError(UNREADABLE)
    text, parts, at, drawing = fields[-1], [], 0, False
    for block in _BLOCK.finditer(text):
        if not drawing:
            parts.append(text[at : block.start()])
        for scale in _DRAWING.findall(block[1]):
            drawing = int(scale) > 0  # what follows are coordinates
        at = block.end()
    if not drawing:
        parts.append(text[at:])
    return re.sub(r"\\[Nn]", "\n", "".join(parts)).replace("\\h", " ")


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


FORMS: dict[str, Callable[[bytes], str]] = {
    "mov_text": _timed_text,
    "subrip": _subrip,
    "srt": _subrip,
    "text": _decoded,
    "webvtt": _cue,
    "ass": _script_event,
    "ssa": _script_event,
}
"""How to read each codec that is text."""
