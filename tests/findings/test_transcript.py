"""Transcripts hold what may still be heard and nothing of what was covered."""

from __future__ import annotations

import json

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.findings.transcript import transcript, transcript_bytes
from veilcast.types import Sound, SpokenWord

SAID = "my name is ada lovelace and my knee hurts".split()


def word(text: str, start_ms: int, end_ms: int, identifier: str = "", **more: int) -> SpokenWord:
    return SpokenWord(
        text=text,
        start_us=start_ms * 1000,
        end_us=end_ms * 1000,
        confidence=0.9,
        stream=more.get("stream", 0),
        channel=more.get("channel"),
        identifier=identifier,
    )


def sound(start_ms: int, end_ms: int, identifier: str = "person", **more: object) -> Sound:
    return Sound(
        id=1,
        identifier=identifier,
        hipaa="A",
        detector="names",
        start_us=start_ms * 1000,
        end_us=end_ms * 1000,
        **more,  # type: ignore[arg-type]
    )


def said(pause_ms: int = 50) -> list[SpokenWord]:
    step = 300
    return [
        word(text, at * step, (at + 1) * step - pause_ms, "person" if at in (3, 4) else "")
        for at, text in enumerate(SAID)
    ]


def test_a_covered_name_is_replaced_once_by_its_class() -> None:
    (line,) = transcript(said(), [sound(820, 1530)])
    assert line.text == "my name is [PERSON] and my knee hurts"


def test_a_word_that_the_padding_only_touches_stays() -> None:
    (line,) = transcript(said(), [sound(880, 1520)])
    assert " is [PERSON] and " in line.text


def test_a_word_half_covered_is_gone_even_if_nobody_marked_it() -> None:
    words = [word(w.text, w.start_us // 1000, w.end_us // 1000) for w in said()]
    (line,) = transcript(words, [sound(1020, 1330)])
    assert "ada" not in line.text
    assert "lovelace" not in line.text


def test_a_sound_in_another_stream_covers_nothing_here() -> None:
    (line,) = transcript(said(), [sound(0, 9000, streams=(1,))])
    assert line.text == " ".join(SAID)


def test_what_follows_a_cut_moves_up() -> None:
    words = [word("one", 0, 500), word("gone", 600, 1600, "person"), word("two", 3000, 3500)]
    lines = transcript(words, [sound(550, 1650)], cuts=[(550_000, 1_650_000)])
    assert [(line.text, line.start_us, line.end_us) for line in lines] == [
        ("one [PERSON]", 0, 550_000),
        ("two", 1_900_000, 2_400_000),
    ]


def test_pauses_and_channels_make_lines_in_the_order_of_time() -> None:
    words = [
        word("hello", 0, 300, channel=0),
        word("there", 350, 600, channel=0),
        word("hi", 400, 700, channel=1),
        word("bye", 2000, 2400, channel=0),
    ]
    assert [(line.text, line.channel) for line in transcript(words, [])] == [
        ("hello there", 0),
        ("hi", 1),
        ("bye", 0),
    ]


@pytest.mark.parametrize("form", ["vtt", "srt"])
def test_subtitle_files_are_read_back_by_another_reader(form: str) -> None:
    lines = transcript(said(), [sound(820, 1530)])
    data = transcript_bytes(lines, form)  # type: ignore[arg-type]
    (event,) = pysubs2.SSAFile.from_string(data.decode(), format_=form)
    assert (event.start, event.end) == (0, 2650)
    assert event.plaintext == "my name is [PERSON] and my knee hurts"


def test_json_has_the_stream_and_channel_of_each_line() -> None:
    data = transcript_bytes(transcript([word("hi", 5, 10, channel=1, stream=2)], []), "json")
    assert json.loads(data) == [
        {"start_us": 5000, "end_us": 10000, "stream": 2, "channel": 1, "text": "hi"}
    ]


@given(
    spans=st.lists(st.tuples(st.integers(0, 2700), st.integers(50, 900)), min_size=0, max_size=6)
)
def test_no_word_of_which_most_is_covered_is_ever_written(spans: list[tuple[int, int]]) -> None:
    sounds = [sound(start, start + length) for start, length in spans]
    words = [word(f"w{at}", w.start_us // 1000, w.end_us // 1000) for at, w in enumerate(said())]
    text = " ".join(line.text for line in transcript(words, sounds)).split()
    for one in words:
        covered = max(
            (min(one.end_us, s.end_us) - max(one.start_us, s.start_us) for s in sounds), default=0
        )
        assert (one.text in text) == (covered < 0.25 * (one.end_us - one.start_us))
