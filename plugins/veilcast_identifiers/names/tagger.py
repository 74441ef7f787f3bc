"""The trained pipeline: how likely each word is part of a name, by the words around it."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from veilcast_identifiers.names.cues import asked_turns, find_cues
from veilcast_identifiers.names.words import word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from veilcast_identifiers.names.tokens import Token

LABELS = ("C", "F", "O", "P")
"""Town; facility or organisation; none; person."""
CHUNK = 2_000
"""So many tokens are looked at together at most."""


class Tagger:
    """A spaCy pipeline with one tagger.

    Words are not given to it as they are: what is no frequent word is replaced by its class in the
    word list. So it learns where names stand, not which names there are.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._tagger = pipeline.get_pipe("tagger")
        self._order = [self._tagger.labels.index(label) for label in LABELS]

    def likelihoods(self, tokens: Sequence[Token]) -> NDArray[np.float32]:
        """For each token the likelihood of each of `LABELS`; shape ``(tokens, labels)``."""
        import numpy as np

        parts = [
            features(self._pipeline.vocab, tokens[at : at + CHUNK])
            for at in range(0, len(tokens), CHUNK)
        ]
        if not parts:
            return np.zeros((0, len(LABELS)), np.float32)
        scores = np.concatenate(self._tagger.model.predict(parts))[:, self._order]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float32] = scores / scores.sum(axis=1, keepdims=True)
        return shares


@cache
def load_tagger() -> Tagger:
    """The pipeline that comes with the package."""
    import spacy

    with as_file(files("veilcast_identifiers.names").joinpath("data", "pipeline")) as folder:
        return Tagger(spacy.load(folder, exclude=["tokenizer"]))


def features(vocab: Any, tokens: Sequence[Token]) -> Any:
    """A spaCy document that holds of each token what the tagger is to know of it.

    ``NORM`` is the word if it is frequent and else its class, ``LEMMA`` its class in the word list,
    ``TAG`` whether a name is announced or asked for here, ``DEP`` how it is written, and ``SUFFIX``
    its last letters.
    """
    from spacy.tokens import Doc

    cased = any(token.text[0].isupper() for token in tokens)
    announced = _announced(tokens)
    document = Doc(vocab, words=[token.lower for token in tokens])
    for at, (token, entry) in enumerate(zip(tokens, document, strict=True)):
        entry.norm_ = _norm(token)
        entry.lemma_ = token.code or "-"
        entry.tag_ = announced[at]
        entry.dep_ = _case(tokens, at) if cased else "none"
    return document


_SAME = {"ok": "okay", "k": "okay", "ohh": "oh", "ooh": "oh", "mhm": "mm", "mh": "mm", "hmm": "mm"}
_SAME |= {
    "er": "uh",
    "erm": "um",
    "ah": "oh",
    "ahh": "oh",
    "eh": "uh",
    "yep": "yeah",
    "yup": "yeah",
}
_SAME |= {"nah": "no", "nope": "no", "ha": "oh", "wow": "oh", "ugh": "oh", "alright": "right"}


def _norm(token: Token) -> str:
    """The word if it is frequent, what else it is written like, or its class."""
    same = _SAME.get(token.lower) or ("mm" if token.is_hum else None)
    if same:
        return same
    if token.is_frequent or not token.is_word or token.lower in _key_words():
        return "0" if token.lower.isdigit() else token.lower
    if token.is_first and not token.is_sure:
        return token.lower
    return f"<{token.code}>"


@cache
def _key_words() -> frozenset[str]:
    names = ("relatives", "titles", "kind of name", "months", "heads", "no name", "disease")
    return frozenset().union(*map(word_set, names), ("uh", "um", "er", "erm", "mm", "hmm"))


def _announced(tokens: Sequence[Token]) -> list[str]:
    lowers = [token.lower for token in tokens]
    state = [""] * len(tokens)
    for first, end in asked_turns(lowers):
        for at in range(first, end):
            state[at] = "asked"
    for cue in find_cues(lowers):
        if cue.last + 1 < len(tokens):
            state[cue.last + 1] += cue.kind
    return [each or "-" for each in state]


def _case(tokens: Sequence[Token], at: int) -> str:
    token = tokens[at]
    if not token.text[0].isupper():
        return "lower"
    if len(token.text) > 1 and token.text.isupper():
        return "upper"
    begins = at == 0 or tokens[at - 1].lower in {"\n", ".", "?", "!"}
    return "begins" if begins else "capital"
