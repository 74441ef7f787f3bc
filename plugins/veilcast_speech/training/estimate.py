"""A trigram language model from little text of one kind and a large model of another.

Absolute discounting with interpolation (Ney, Essen and Kneser, 1994) over the text; each history is
mixed with the large model by how often the text has it. The large model gives words and pairs.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

START, END = "<s>", "</s>"
_DISCOUNT = 0.6
_LEAST = 1e-12
_MOST_TEXT = 0.95  # no history leaves the large model without a say
_LEAST_CLASS = 2e-4  # probability of a class that the large model lacks


@dataclass(slots=True)
class Large:
    """The large model over the words that are wanted: probabilities of words and of pairs."""

    words: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    pairs: dict[str, dict[str, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )


def ranked(arpa: Path) -> list[str]:
    """The words of a model, most frequent first."""
    words = {word: chance for word, chance, _ in _read(arpa, pairs=False)}
    return sorted(words, key=lambda word: (-words[word], word))


def large(arpa: Path, wanted: set[str], classes: Mapping[str, str]) -> Large:
    """Reads a model in the ARPA format; unwanted words of a class count as the class.

    Args:
        arpa: the file. Only words and pairs are read.
        wanted: words that are kept.
        classes: word to class.
    """
    model = Large()
    chances: dict[str, float] = {}
    weights: dict[str, float] = defaultdict(float)
    for word, chance, _ in _read(arpa, pairs=False):
        chances[word] = chance
        known = word if word in wanted else classes.get(word)
        if known is not None:
            model.words[known] += chance
            if known != word:
                weights[known] += chance
    for first, chance, second in _read(arpa, pairs=True):
        one = first if first in wanted else classes.get(first)
        other = second if second in wanted else classes.get(second)
        if one is not None and other is not None and other != START:
            # The pairs of a class are the mean of those of its words.
            share = 1.0 if one == first else chances[first] / weights[one]
            model.pairs[one][other] += chance * share
    whole = sum(chance for word, chance in model.words.items() if word != START)
    for word in model.words:
        model.words[word] /= whole
    for name in set(classes.values()):
        model.words[name] = max(model.words.get(name, 0.0), _LEAST_CLASS)
    for following in model.pairs.values():
        most = sum(following.values()) / 0.97
        if most > 1:
            for word in following:
                following[word] /= most
    return model


def _read(arpa: Path, *, pairs: bool) -> Iterator[tuple[str, float, str]]:
    """Words, or pairs: (first word, probability, second word or "")."""
    wanted, inside = (3 if pairs else 2), False
    with arpa.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("\\"):
                inside = line.startswith(f"\\{wanted - 1}-grams")
                continue
            fields = line.split()
            if inside and len(fields) >= wanted and fields[0].startswith("-"):
                yield fields[1], 10 ** float(fields[0]), fields[2] if pairs else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """How text and large model are mixed.

    Attributes:
        text: share of the text in the probability of single words.
        doubt: a history seen as often as this times the number of words behind it counts half.
        pairs: so many of the large model's pairs are kept: those that tell most.
        scale: probabilities of classes are multiplied by this: one pronunciation of many is said.
    """

    text: float = 0.7
    doubt: float = 5.0
    pairs: int = 200_000
    scale: Mapping[str, float] = field(default_factory=dict)


class Model:
    """The mixed model."""

    def __init__(
        self, said: Iterable[list[str]], words: set[str], model: Large, mixture: Mixture
    ) -> None:
        self._mixture = mixture
        self._singles: Counter[str] = Counter()
        self._followers: dict[str, Counter[str]] = defaultdict(Counter)
        self._thirds: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for sentence in said:
            self._count([START, *sentence, END], words)
        self.one = self._mixed_singles(words, model)
        self.two = self._mixed_pairs(model)
        self._weights = {first: _backoff(row, self.one) for first, row in self.two.items()}
        self.three = self._triples()

    def _count(self, tokens: list[str], words: set[str]) -> None:
        for number, token in enumerate(tokens[1:], 1):
            before = tokens[number - 1]
            if token not in words:
                continue
            self._singles[token] += 1
            if before in words:
                self._followers[before][token] += 1
                if number > 1 and tokens[number - 2] in words:
                    self._thirds[tokens[number - 2], before][token] += 1

    def _mixed_singles(self, words: set[str], model: Large) -> dict[str, float]:
        count, share = sum(self._singles.values()), self._mixture.text
        mixed = {
            word: share * self._singles[word] / count + (1 - share) * model.words.get(word, 1e-8)
            for word in sorted(words - {START})
        }
        whole = sum(mixed.values())
        return {word: chance / whole for word, chance in mixed.items()}

    def _mixed_pairs(self, model: Large) -> dict[str, dict[str, float]]:
        weights = {first: _backoff(row, self.one) for first, row in model.pairs.items()}
        telling = heapq.nlargest(self._mixture.pairs, self._tellings(model, weights))
        kept: dict[str, set[str]] = defaultdict(set)
        for _, first, second in telling:
            kept[first].add(second)
        mixed: dict[str, dict[str, float]] = {}
        for first in sorted(set(kept) | set(self._followers)):
            seen = self._followers.get(first, Counter())
            count = sum(seen.values())
            share = (
                min(count / (count + self._mixture.doubt * len(seen)), _MOST_TEXT) if count else 0
            )
            row = model.pairs.get(first, {})
            weight = weights.get(first, 1.0)
            mixed[first] = {
                second: share * _discounted(seen, count, second, self.one[second])
                + (1 - share) * row.get(second, weight * self.one[second])
                for second in sorted(kept.get(first, set()) | set(seen))
            }
        return mixed

    def _tellings(
        self, model: Large, weights: Mapping[str, float]
    ) -> Iterator[tuple[float, str, str]]:
        """How much it matters that a pair is known."""
        for first, row in model.pairs.items():
            often = self.one.get(first, 1e-3)
            for second, chance in row.items():
                guessed = weights[first] * self.one[second] + _LEAST
                yield often * chance * abs(math.log(chance / guessed)), first, second

    def pair(self, first: str, second: str) -> float:
        """The probability of a word behind another."""
        known = self.two.get(first, {}).get(second)
        return self._weights.get(first, 1.0) * self.one[second] if known is None else known

    def _triples(self) -> dict[tuple[str, str], dict[str, float]]:
        out: dict[tuple[str, str], dict[str, float]] = {}
        for (first, second), seen in sorted(self._thirds.items()):
            count = sum(seen.values())
            often = {word for word, times in seen.items() if times >= 2 or count <= 6}
            if count < 2 or not often:
                continue
            out[first, second] = {
                word: _discounted(seen, count, word, self.pair(second, word))
                for word in sorted(often)
            }
            self.two.setdefault(first, {}).setdefault(second, self.pair(first, second))
        return out

    def arpa(self) -> Iterator[str]:
        """The lines of the model in the ARPA format."""
        scale = self._mixture.scale
        words = sorted({*self.one, START})
        sizes = (
            len(words),
            sum(len(row) for row in self.two.values()),
            sum(len(row) for row in self.three.values()),
        )
        yield "\\data\\"
        yield from (f"ngram {order}={size}" for order, size in enumerate(sizes, 1))
        yield "\n\\1-grams:"
        for word in words:
            chance = -99.0 if word == START else _log(self.one[word] * scale.get(word, 1))
            yield f"{chance:.4f} {word} {_log(self._weights.get(word, 1.0)):.4f}"
        yield "\n\\2-grams:"
        for first, row in sorted(self.two.items()):
            for second, chance in sorted(row.items()):
                above = self.three.get((first, second))
                lower = {} if above is None else {word: self.pair(second, word) for word in above}
                weight = 1.0 if above is None else _backoff(above, lower)
                scaled = _log(chance * scale.get(second, 1))
                yield f"{scaled:.4f} {first} {second} {_log(weight):.4f}"
        yield "\n\\3-grams:"
        for (first, second), row in sorted(self.three.items()):
            for third, chance in sorted(row.items()):
                yield f"{_log(chance * scale.get(third, 1)):.4f} {first} {second} {third}"
        yield "\n\\end\\"


def _discounted(seen: Counter[str], count: int, word: str, lower: float) -> float:
    if not count:
        return 0.0
    return (max(seen[word] - _DISCOUNT, 0) + _DISCOUNT * len(seen) * lower) / count


def _backoff(row: Mapping[str, float], lower: Mapping[str, float]) -> float:
    left = 1 - sum(row.values())
    left_below = 1 - sum(lower[word] for word in row if word in lower)
    return max(1e-4, left / max(1e-4, left_below))


def _log(chance: float) -> float:
    return math.log10(max(chance, _LEAST))
