"""Presidio's recognisers: checksums and context words, no network, not a word in logs."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from veilcast.errors import VeilcastError
from veilcast.extensions import LoadedRecognizer, Passage, Recognizer, RecognizerContext

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from identifiers.conftest import Listener
    from presidio_analyzer import EntityRecognizer

# ruff: noqa: E501
WRITTEN = [
    ("my card is 4111 1111 1111 1111 ok", "credit card", "4111 1111 1111 1111", 1.0),
    ("card 5520181833746009", "credit card", "5520181833746009", 1.0),
    ("email fiona_tait@outlook.com please", "email", "fiona_tait@outlook.com", 1.0),
    ("visit videos.elmhurstclinic.net now", "url", "videos.elmhurstclinic.net", 0.5),
    ("see https://www.example.org/a?b=1", "url", "https://www.example.org/a?b=1", 0.6),
    ("ip 10.0.17.203", "ip", "10.0.17.203", 0.6),
    ("from 2001:db8::8a2e:370:7334 today", "ip", "2001:db8::8a2e:370:7334", 0.6),
    ("mac 00:1A:C2:7B:00:47", "device", "00:1A:C2:7B:00:47", 0.6),
    ("social security 457-55-5462", "ssn", "457-55-5462", 0.85),
    ("call 617 555 0143", "phone", "617 555 0143", 0.6),
    ("ring +44 161 496 0722", "phone", "+44 161 496 0722", 0.6),
    ("NHS number 943 476 5919", "mrn", "943 476 5919", 1.0),
    ("iban GB82 WEST 1234 5698 7654 32", "iban", "GB82 WEST 1234 5698 7654 32", 1.0),
    ("wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "account", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", 1.0),
    ("national insurance AB 12 34 56 C", "ssn", "AB 12 34 56 C", 0.5),
    ("npi 1234567893", "licence", "1234567893", 1.0),
]  # fmt: skip


@pytest.fixture(scope="module")
def presidio(recognizers: dict[str, Recognizer]) -> Iterator[LoadedRecognizer]:
    loaded = recognizers["presidio"].load(RecognizerContext(language="en", models={}))
    yield loaded
    loaded.close()


def written(content: str, language: str = "en") -> Passage:
    return Passage(content=content, form="written", language=language, modality="text")


@pytest.mark.parametrize(("text", "identifier", "value", "score"), WRITTEN)
def test_patterns_and_checksums(
    presidio: LoadedRecognizer, text: str, identifier: str, value: str, score: float
) -> None:
    hits = presidio.recognize(written(text))
    assert any(
        hit.identifier == identifier
        and text[hit.start : hit.end] == value
        and hit.score >= score - 1e-9
        for hit in hits
    ), hits


@pytest.mark.parametrize(
    "text",
    [
        "blood pressure 120 over 80 and pulse 72",
        "take 500 mg twice daily for 7 days",
        "card 4111 1111 1111 1112",
        "iban GB82 WEST 1234 5698 7654 33",
        "the dose is 2.5 mg and the price 19.99",
        "room 214 bed 9",
        "yes.So we went on",
        "wait...so it hurts",
        "at 10:30 on the ward",
        "",
        "\n",
    ],
)
def test_what_fails_a_checksum_or_measures_is_left(presidio: LoadedRecognizer, text: str) -> None:
    assert [hit for hit in presidio.recognize(written(text)) if hit.score >= 0.5] == []


def test_context_words_raise_a_score(presidio: LoadedRecognizer) -> None:
    def score(text: str) -> float:
        return max(h.score for h in presidio.recognize(written(text)) if h.identifier == "phone")

    assert score("my phone is 617 555 0143") > score("it was 617 555 0143")


def test_any_recognizer_of_presidio_is_one_of_veilcast(listener: type[Listener]) -> None:
    from veilcast_identifiers.presidio import from_presidio

    def build(language: str) -> list[EntityRecognizer]:
        from presidio_analyzer import Pattern, PatternRecognizer

        ward = Pattern("ward", r"\bW-?[0-9]{4}\b", 0.4)
        return [PatternRecognizer("WARD_CODE", patterns=[ward], context=["ward"])]

    recognizer = from_presidio(
        build,
        name="ward-codes",
        summary="Codes of wards",
        classes={"WARD_CODE": "ward code"},
        letters={"ward code": "R"},
    )
    assert recognizer.identifiers["ward code"] == "R"
    (found,) = listener([recognizer])("he lies on ward W1234 since monday")
    kind, words, score, reason = found
    assert (kind, words, reason) == ("ward code", "W1234", "pattern: ward code")
    assert score == pytest.approx(0.75)
    assert listener([recognizer])("the part is W1234") == []


def test_a_type_without_a_class_gets_one_by_its_name() -> None:
    from veilcast_identifiers.presidio.classes import LETTERS, class_of

    expected = {
        "ES_PASSPORT": "passport", "IT_DRIVER_LICENSE": "licence", "TR_LICENSE_PLATE": "plate",
        "PL_PESEL": "id number", "CA_POSTAL_CODE": "postcode", "SOMETHING_NEW": "id number",
    }  # fmt: skip
    assert {entity: class_of(entity) for entity in expected} == expected
    assert set(expected.values()) <= set(LETTERS)


def test_other_languages_get_the_recognizers_of_their_countries(
    recognizers: dict[str, Recognizer],
) -> None:
    loaded = recognizers["presidio"].load(RecognizerContext(language="pl", models={}))
    hits = loaded.recognize(written("mój pesel 44051401359 i adres a@b.pl", "pl"))
    assert {"id number", "email"} <= {hit.identifier for hit in hits}


def test_a_pattern_that_presidio_gives_up_on_is_an_error() -> None:
    from veilcast_identifiers.presidio.engine import nothing_skipped

    with pytest.raises(VeilcastError), nothing_skipped():
        logging.getLogger("presidio-analyzer").warning("timed out")


def test_nothing_of_the_text_is_logged(
    presidio: LoadedRecognizer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        presidio.recognize(written("my phone is 617 555 0143, mail fiona_tait@outlook.com"))
    assert caplog.text == ""


OFFLINE = """
import socket, sys
asked = []
def refuse(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        asked.append(event)
sys.addaudithook(refuse)
from veilcast.extensions import Passage, RecognizerContext
from veilcast_identifiers.presidio import describe
loaded = describe().load(RecognizerContext(language="en", models={}))
text = "mail fiona_tait@outlook.com or k.lowe@redcliffe.ac.uk, see www.example.co.uk"
hits = loaded.recognize(Passage(content=text, form="written", language="en", modality="text"))
assert sum(hit.identifier == "email" and hit.score == 1.0 for hit in hits) == 2, hits
assert not asked, asked
"""


def test_no_server_is_asked_and_nothing_is_kept_at_home(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_listing_recognizers_loads_nothing_heavy() -> None:
    code = (
        "import sys, veilcast_identifiers as v; list(v.veilcast_recognizers());"
        "assert not {'spacy', 'presidio_analyzer', 'thinc'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
