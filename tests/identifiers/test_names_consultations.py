"""Names in real consultations, and with a general pipeline beside the embedded one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from veilcast.extensions.recognizers import Passage, RecognizerContext
from veilcast.models import find
from veilcast_identifiers.names import describe
from veilcast_identifiers.names.general import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_people_in_consultations_are_found_and_little_else(shared: Path) -> None:
    names = describe().load(RecognizerContext(language="en", models={}))
    people = hit = found = wrong = 0
    for content, labels in _consultations(shared):
        passage = Passage(content=content, form="spoken", language="en", modality="speech")
        spans = [s for s in names.recognize(passage) if s.identifier == "person" and s.score >= 0.5]
        people += len(labels)
        hit += sum(any(s.start < end and start < s.end for s in spans) for start, end in labels)
        found += len(spans)
        wrong += sum(all(s.end <= start or end <= s.start for start, end in labels) for s in spans)
    assert people > 20
    assert hit / people >= 0.95
    assert 1 - wrong / found >= 0.7


def _consultations(shared: Path) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each consultation lower-cased and without marks, and where people are named in it."""
    texts: dict[str, tuple[list[str], list[tuple[int, int]]]] = {}
    path = shared / "data" / "text" / "primock_dev.jsonl"
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        lines, labels = texts.setdefault(row["doc"], ([], []))
        base = sum(len(each) + 1 for each in lines)
        lines.append("".join(c if c.isalnum() or c == "'" else " " for c in row["text"].lower()))
        labels += [
            (base + entity["start"], base + entity["end"])
            for entity in row["entities"]
            if entity["type"] == "PERSON" and entity.get("core", True)
        ]
    for lines, labels in texts.values():
        yield "\n".join(lines), labels


def recognized(language: str, content: str) -> dict[str, list[str]]:
    """What the recogniser finds with the general pipeline for a language, by class."""
    recognizer = describe()
    name = recognizer.by_language[language]
    models = {name: find(FOLDERS[language])}
    passage = Passage(content=content, form="spoken", language=language, modality="text")
    found: dict[str, list[str]] = {}
    for span in recognizer.load(RecognizerContext(language=language, models=models)).recognize(
        passage
    ):
        found.setdefault(span.identifier, []).append(content[span.start : span.end])
    return found


def test_the_general_pipeline_is_used_as_well() -> None:
    found = recognized("en", "The guests were Angela Merkel and Barack Obama.")
    assert found == {"person": ["Angela Merkel", "Barack Obama"]}
