"""Text as a transcriber writes it, through the recognisers of the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from veilcast.extensions import Passage, RecognizerContext
from veilcast.text.spoken import to_written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from veilcast.extensions import Recognizer

    Found = list[tuple[str, str, float, str]]


class Listener:
    """Recognisers over words; a line is a turn."""

    def __init__(self, recognizers: Sequence[Recognizer]) -> None:
        context = RecognizerContext(language="en", models={})
        self._loaded = [(one, one.load(context)) for one in recognizers]

    def __call__(self, text: str) -> Found:
        """Class, words, score and reason of each finding from 0.5 on."""
        words: list[str] = []
        breaks: list[int] = []
        for line in text.split("\n"):
            if words:
                breaks.append(len(words))
            words += line.split()
        written = to_written(words, breaks)
        found = []
        for recognizer, loaded in self._loaded:
            for form in recognizer.forms:
                content = written.content if form == "written" else _said(words, breaks)
                passage = Passage(content=content, form=form, language="en", modality="speech")
                for hit in loaded.recognize(passage):
                    assert 0 <= hit.start < hit.end <= len(content)
                    assert hit.identifier in recognizer.identifiers
                    if hit.score < 0.5:
                        continue
                    if form == "written":
                        first, last = written.tokens(hit.start, hit.end)
                        said = " ".join(words[first:last])
                    else:
                        said = " ".join(content[hit.start : hit.end].split())
                    found.append((hit.identifier, said, hit.score, hit.reason))
        return found


def _said(words: list[str], breaks: list[int]) -> str:
    return "".join(
        ("" if not n else "\n" if n in breaks else " ") + word for n, word in enumerate(words)
    )


@pytest.fixture(scope="session")
def recognizers() -> dict[str, Recognizer]:
    """Those of the plugin that need no model."""
    from veilcast_identifiers import veilcast_recognizers

    return {one.name: one for one in veilcast_recognizers() if one.name != "names"}


@pytest.fixture(scope="session")
def listen(recognizers: dict[str, Recognizer]) -> Callable[[str], Found]:
    """All of them at work, but for what covers every number."""
    return Listener([one for name, one in recognizers.items() if name != "all-numbers"])


@pytest.fixture(scope="session")
def listener() -> type[Listener]:
    """To listen with other recognisers."""
    return Listener
