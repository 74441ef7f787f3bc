"""Values that stand in other lines than their labels: to the right, below, or in a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from veilcast_text.understanding.labels import find_labels, whole_label
from veilcast_text.understanding.spans import LABELLED, LABELS, Span
from veilcast_text.understanding.values import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from veilcast_text.understanding.labels import Label
    from veilcast_text.understanding.layout import Page

    Counts = Callable[[str, Span], bool]

_ROWS_OF_ADDRESS = 4


def beside_labels(page: Page, texts: Sequence[str], counts: Counts) -> Iterator[tuple[int, Span]]:
    """The values of labels that end a line or are one: number of the line, and what is there.

    Args:
        page: where the lines stand.
        texts: what they say.
        counts: whether the policy covers what was found in a text.
    """
    for number, text in enumerate(texts):
        row = page.row_of(number) if whole_label(text, sure=False) else ()
        heads = sum(_is_header(texts[one]) for one in row if one != number)
        label = _open_label(text) or (whole_label(text, sure=False) if heads else None)
        if label is None:
            continue
        right = page.right_of(number)
        if right is not None and not _is_label(texts[right], marked=label.marked):
            spans = list(_value(right, texts[right], label, counts, marked=label.marked))
            yield from spans
            if label.identifier == "address" and spans:
                yield from _column(page, texts, right, label, counts, most=_ROWS_OF_ADDRESS)
            if spans:
                continue
        # Labels side by side head a table.
        table = heads > 0 and not label.marked
        most = len(texts) if table else _ROWS_OF_ADDRESS if label.identifier == "address" else 1
        asked = replace(label, marked=label.marked or table)
        yield from _column(page, texts, number, asked, counts, most=most)


def _column(
    page: Page, texts: Sequence[str], above: int, label: Label, counts: Counts, *, most: int
) -> Iterator[tuple[int, Span]]:
    for count, number in enumerate(page.below(above)):
        text = texts[number]
        ended = whole_label(text) is not None and not label.marked
        if count >= most or ended or _is_label(text, marked=True):
            return
        yield from _value(number, text, label, counts, marked=label.marked)


def _value(
    number: int, text: str, label: Label, counts: Counts, *, marked: bool
) -> Iterator[tuple[int, Span]]:
    """A line that is the value of a label."""
    if not text:
        # What could not be read stands where something that identifies does.
        span = Span(0, 0, "unintelligible", LABELLED, "not read", LABELS)
        if marked and counts("", span):
            yield number, span
        return
    inner = next((one for one in find_labels(text) if one.start), None)
    stop = inner.start if inner else len(text)
    value = value_of(text, 0, stop, label.kind, label.identifier, marked=marked, sure=label.counts)
    if value is None:
        return
    span = Span(value.start, value.end, value.identifier, LABELLED, "cue: label", LABELS)
    if counts(text, span):
        yield number, span


def _open_label(text: str) -> Label | None:
    """The label with which a line ends: its value is in another line."""
    labels = find_labels(text)
    if not labels or any(char.isalnum() for char in text[labels[-1].end :]):
        return None
    last = labels[-1]
    # "Scan for patient" is no label, "Ward 4 Patient:" is one.
    return last if last.marked or not any(c.isalnum() for c in text[: last.start]) else None


def _is_header(text: str) -> bool:
    """Whether a line may head a column: a label without a colon."""
    label = whole_label(text)
    return label is not None and not label.marked


def _is_label(text: str, *, marked: bool) -> bool:
    """Whether a line begins with a label of its own, so that it is no value.

    Where the label before has a colon and this one has none, it is its value: "Surname: WARD".
    """
    labels = find_labels(text)
    own = bool(labels) and labels[0].start == 0 and labels[0].marked
    return own or (not marked and _is_header(text))
