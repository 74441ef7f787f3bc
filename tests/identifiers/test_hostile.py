"""Text that nobody says: recognisers stay fast and sound on it."""

from __future__ import annotations

import time

import pytest

from veilcast.extensions import Passage, Recognizer, RecognizerContext
from veilcast.text.known import Known
from veilcast.text.spoken import to_written

HOSTILE = {
    "dots": " dot ".join(["a"] * 400),
    "digits": " ".join(["1"] * 400),
    "one long number": "1" * 3000,
    "one long word": "a" * 3000,
    "letters": "b c d f " * 100,
    "fillers": "um " * 400,
    "numbers and fillers": "1 um " * 300,
    "signs": "a@" * 400,
    "points": "1." * 500,
    "slashes": "www.a.com/" + "b/" * 400,
    "turns": "12 uh\n" * 300,
    "streets": "12 main road " * 130,
    "dates": "may the 3rd of the " * 100,
    "cues": "date of birth um my account is uh address is " * 60,
    "spelling": "b as in b " * 100,
    "nothing": "",
    "marks": "?!.,;:-()[]{}\"'#%&*+/<=>@\\^_`|~ " * 20,
    "no letters": "\u200b\u00a0\u2028 \U0001f600 " * 50,
}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("kind", HOSTILE)
def test_it_takes_no_longer_than_other_text(recognizers: dict[str, Recognizer], kind: str) -> None:
    text = HOSTILE[kind]
    for recognizer in recognizers.values():
        language = "en" if "en" in (recognizer.languages or ("en",)) else recognizer.languages[0]
        loaded = recognizer.load(RecognizerContext(language=language, models={}))
        passage = Passage(content=text, form="written", language=language, modality="text")
        begun = time.process_time()
        for hit in loaded.recognize(passage):
            assert 0 <= hit.start < hit.end <= len(text)
            assert 0 < hit.score <= 1
        assert time.process_time() - begun < 5, recognizer.name


def test_known_identifiers_take_no_longer() -> None:
    known = Known(
        [("names", "Beatrice Holloway"), ("mrn", "0615839"), ("birth_dates", "1981-05-03"),
         ("emails", "a_b@c.org"), ("addresses", "63 Larchmont Drive, Bramhall, SK7 2DX")]
    )  # fmt: skip
    for kind, text in HOSTILE.items():
        words = text.split()
        written = to_written(words)
        begun = time.process_time()
        for span in known.find(words, written):
            assert 0 <= span.first < span.last <= len(words)
        assert time.process_time() - begun < 3, kind
