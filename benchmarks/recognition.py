"""How well identifiers are found in real consultations: recall and precision of each type.

    python benchmarks/recognition.py [--folds N] [--epochs N] [--shipped] [--other-names N]
                                     [--misses]

By cross-validation over consultations: the embedded pipeline is trained anew for each fold,
without that fold's consultations; with one fold it sees none of them. `--shipped` takes the one
in the package instead, which has seen them all. Every consultation is read twice: lower-cased and
without marks, as speech recognisers write, and as it is written. A labelled span is found when a
span of its type touches it, and in full when every word of it is covered. What is found without
touching a label is a false alarm. Labels that say of themselves that they are doubtful count as
neither. `--other-names N` reads each consultation N times more with other names, of many
cultures, in place of its own; `--misses` prints what was missed or wrong.

Training takes about a minute and a half of one core for each fold, and needs Faker and names.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[name] = "1"

from measuring import SHARED  # noqa: E402

from veilcast.host import Host  # noqa: E402
from veilcast.recognition import Reader  # noqa: E402
from veilcast.settings import IdentifierSettings  # noqa: E402
from veilcast_identifiers.names.lexicon import load_lexicon  # noqa: E402
from veilcast_identifiers.names.recognizer import NameRecognizer  # noqa: E402
from veilcast_identifiers.names.tagger import Tagger, load_tagger  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.extensions import Recognizer

TEXT = SHARED / "data" / "text"
CLASSES = {
    "PERSON": {"person"},
    "ORG_CARE": {"facility", "organization"},
    "CITY_OR_AREA": {"city", "address"},
    "DATE": {"date"},
    "PHONE": {"phone"},
    "ADDRESS": {"address", "postcode", "city"},
    "AGE": {"age", "age under 90"},
}
"""The labels' types, and the classes that are right for each."""


@dataclass(slots=True)
class Label:
    first: int
    last: int
    kind: str
    core: bool


@dataclass(slots=True)
class Consultation:
    """Words, the numbers of those that begin a turn, and labels over words (last is exclusive)."""

    name: str
    words: list[str] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    labelled: int = 0
    hit: int = 0
    full: int = 0
    found: int = 0
    false: int = 0


def consultations(*, plain: bool) -> dict[str, Consultation]:
    """The labelled consultations by name."""
    found: dict[str, Consultation] = {}
    for line in (TEXT / "primock_dev.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        into = found.setdefault(row["doc"], Consultation(row["doc"]))
        into.breaks.append(len(into.words))
        at = 0
        places = []
        for word in row["text"].split():
            at = row["text"].index(word, at)
            for text in _as_heard(word) if plain else [word]:
                places.append((at, at + len(word)))
                into.words.append(text)
            at += len(word)
        base = into.breaks[-1]
        for entity in row["entities"]:
            touched = [
                base + i
                for i, (start, end) in enumerate(places)
                if start < entity["end"] and entity["start"] < end
            ]
            if touched:
                into.labels.append(
                    Label(touched[0], touched[-1] + 1, entity["type"], entity.get("core", True))
                )
    return found


def _as_heard(word: str) -> list[str]:
    plain = "".join(c if c.isalnum() or c == "'" else " " for c in word.lower().replace("’", "'"))
    return [part for part in (each.strip("'") for each in plain.split()) if part]


def renamed(consultation: Consultation, seed: int, *, plain: bool) -> Consultation:
    """The same talk of other people: each name in it is replaced by one other."""
    from veilcast_identifiers.training.sampling import Names

    names = Names(load_lexicon(), Random(seed))  # noqa: S311 - no secret
    words = list(consultation.words)
    other: dict[str, str] = {}
    for label in consultation.labels:
        if label.kind != "PERSON":
            continue
        for at in range(label.first, label.last):
            heard = "".join(_as_heard(words[at]))
            title = at and "".join(_as_heard(words[at - 1])) in {"doctor", "dr"}
            if heard not in other:
                last = title or (at > label.first and at == label.last - 1)
                other[heard] = _bare(names.last() if last else names.first())
            mark = words[at][-1] if words[at][-1] in ",.?!" else ""
            words[at] = other[heard] if plain else other[heard].title() + mark
    return replace(consultation, words=words)


def _bare(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name)
    return "".join(c for c in parts if not unicodedata.combining(c))


def score(
    reader: Reader, consultation: Consultation, into: dict[str, Tally], misses: list[str]
) -> None:
    """Add what is found in a consultation to the tallies."""
    spans = reader.find(consultation.words, consultation.breaks)
    for kind, classes in CLASSES.items():
        tally = into[kind]
        mine = [span for span in spans if span.identifier in classes]
        for label in consultation.labels:
            if label.kind != kind or not label.core:
                continue
            covered = {
                at
                for span in mine
                for at in range(max(span.first, label.first), min(span.last, label.last))
            }
            tally.labelled += 1
            tally.hit += bool(covered)
            tally.full += len(covered) == label.last - label.first
            if not covered:
                misses.append(f"missed {kind}: {_around(consultation, label.first, label.last)}")
        right = [label for label in consultation.labels if classes & CLASSES.get(label.kind, set())]
        for span in mine:
            tally.found += 1
            if not any(label.first < span.last and span.first < label.last for label in right):
                tally.false += 1
                if kind == "PERSON":
                    here = _around(consultation, span.first, span.last)
                    misses.append(f"wrong {kind} ({span.recognizer}, {span.reason}): {here}")


def _around(consultation: Consultation, first: int, last: int) -> str:
    words = consultation.words
    parts = (words[max(0, first - 8) : first], words[first:last], words[last : last + 5])
    before, inside, behind = map(" ".join, parts)
    return f"{before} [{inside}] {behind}"


def reader_with(tagger: Tagger, recognizers: Mapping[str, Recognizer]) -> Reader:
    """Every recogniser there is, with this pipeline in the one of names."""
    names = replace(recognizers["names"], load=lambda _: NameRecognizer(load_lexicon(), tagger))
    return Reader(
        IdentifierSettings(policy="gdpr"), {**recognizers, "names": names}, {}, "en", "speech"
    )


def folds(names: Sequence[str], count: int) -> list[list[str]]:
    """The consultations dealt out by their hashes."""
    order = sorted(names, key=lambda name: sha256(name.encode()).hexdigest())
    return [order[at::count] for at in range(count)]


def print_table(title: str, tallies: Mapping[str, Tally]) -> None:
    print(f"\n{title}\n{'type':13s} labelled  recall  in full   found  precision")
    for kind, tally in tallies.items():
        if tally.labelled or tally.found:
            print(
                f"{kind:13s} {tally.labelled:8d} {_share(tally.hit, tally.labelled)} "
                f"{_share(tally.full, tally.labelled)}  {tally.found:6d}   "
                f"{_share(tally.found - tally.false, tally.found)}"
            )


def _share(count: int, of: int) -> str:
    return f"{count / of:7.2f}" if of else "      -"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--shipped", action="store_true", help="the pipeline in the package")
    parser.add_argument("--other-names", type=int, default=0, metavar="N")
    parser.add_argument("--misses", action="store_true", help="print what was missed or wrong")
    options = parser.parse_args()
    if not (TEXT / "primock_dev.jsonl").exists():
        sys.exit("The labelled consultations are not there: set VEILCAST_SHARED.")
    forms = {form: consultations(plain=form == "as heard") for form in ("as heard", "as written")}
    tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    misses: dict[str, list[str]] = defaultdict(list)
    recognizers = Host().recognizers
    for fold in folds(list(forms["as heard"]), 1 if options.shipped else options.folds):
        tagger = load_tagger() if options.shipped else _trained(fold, options.epochs)
        with reader_with(tagger, recognizers) as reader:
            for form, texts in forms.items():
                for name in fold:
                    score(reader, texts[name], tallies[form], misses[form])
                    for seed in range(options.other_names):
                        other = renamed(texts[name], seed, plain=form == "as heard")
                        score(reader, other, tallies[f"{form}, other names"], [])
        print(f"done: {', '.join(fold)}", file=sys.stderr, flush=True)
    for title, each in tallies.items():
        print_table(title, each)
    if options.misses:
        for title, lines in misses.items():
            print(f"\n{title}", *lines, sep="\n  ")


def _trained(fold: Sequence[str], epochs: int) -> Tagger:
    from veilcast_identifiers.training.train import train

    pipeline: Any = train(
        TEXT / "mts_dialog_train.csv", TEXT / "primock_dev.jsonl", leave_out=fold, epochs=epochs
    )
    return Tagger(pipeline)


if __name__ == "__main__":
    main()
