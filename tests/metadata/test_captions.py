"""Subtitles that are kept name nobody: found in them, heard beside them, or cut with the sound."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veilcast.extensions import CheckContext, LocateContext, RedactContext
from veilcast.findings import Findings
from veilcast.host import Host
from veilcast.media.captions import read_captions
from veilcast.media.container import remux
from veilcast.media.frames import FrameIndex
from veilcast.media.probe import probe
from veilcast.plugin import IdentifierSettings, Reader
from veilcast.types import Caption, CaptionSpan, Sound
from veilcast_metadata.caption_reading import spanned
from veilcast_metadata.captions import located, redacted, residual, to_write, warnings
from veilcast_metadata.settings import MetadataSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=9"]
Event = tuple[float, float, str]
"""From, to (seconds) and text."""


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


def reader_of(language: str = "en", **chosen: object) -> Reader:
    """The recognisers that come along."""
    every = Host().recognizers
    return Reader(IdentifierSettings.model_validate(chosen), every, {}, language, "subtitle")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with reader_of() as loaded:
        yield loaded


def clock(seconds: float) -> str:
    whole, rest = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{rest:03}"


def recording(
    folder: Path, *streams: Sequence[Event], ending: str = ".mkv", more: Sequence[str] = ()
) -> Path:
    """A recording with a subtitle stream of each list of events."""
    inputs: list[str] = []
    maps: list[str] = ["-map", "0"]
    for number, events in enumerate(streams, 1):
        text = folder / f"{number}.srt"
        rows = [
            f"{n}\n{clock(start)} --> {clock(end)}\n{said}\n"
            for n, (start, end, said) in enumerate(events, 1)
        ]
        text.write_text("\n".join(rows), encoding="utf-8")
        inputs += ["-i", str(text)]
        maps += ["-map", str(number)]
    path = folder / f"recording{ending}"
    codec = "mov_text" if ending == ".mp4" else "subrip"
    coded = ["-c:v", "libx264", "-bf", "0", "-c:s", codec]
    command = ["ffmpeg", "-v", "error", *PICTURE, *inputs, *maps, *coded, *more, str(path)]
    subprocess.run(command, check=True)
    return path


def find(path: Path, reader: Reader) -> tuple[Caption, ...]:
    media = probe(path)
    return located(
        LocateContext(
            source=path,
            media=media,
            frames=FrameIndex(path, media, load=lambda: None, store=lambda kept: None),
            settings=MetadataSettings(subtitles="redact"),
            models={},
            detectors={},
            scratch=path.parent,
            progress=silent,
        ),
        reader,
    )


def sound(start: float, end: float, identifier: str) -> Sound:
    return Sound(
        id=1,
        identifier=identifier,
        hipaa="",
        detector="names",
        start_us=round(start * 1e6),
        end_us=round(end * 1e6),
    )


def deliver(path: Path, captions: Sequence[Caption], *sounds: Sound) -> Path:
    """What the stage writes: picture and sound copied, subtitles redacted."""
    media = probe(path)
    out = path.with_name(f"delivered{path.suffix}")
    context = RedactContext(
        file=path,
        media=media,
        source_media=media,
        findings=Findings(stage="metadata", captions=tuple(captions)),
        settings=MetadataSettings(subtitles="redact"),
        scratch=path.parent,
        progress=silent,
        sounds=sounds,
    )
    remux(path, out, media, progress=silent, captions=to_write(context))
    return out


def left(path: Path, reader: Reader) -> list[tuple[str, str, int | None]]:
    """What the check finds: kind, class and time."""
    context = CheckContext(
        delivered=path,
        delivered_media=probe(path),
        source=None,
        source_media=None,
        source_frames=None,
        progress=silent,
    )
    return [(one.kind, one.identifier, one.from_us) for one in residual(context, reader)]


def texts(path: Path) -> list[str]:
    return [caption.text for caption in read_captions(path, probe(path))]


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_a_name_in_a_subtitle_is_found_covered_and_gone(
    tmp_path: Path, reader: Reader, ending: str
) -> None:
    said = [
        (0.5, 2, "Good morning, my name is Jane Roe."),
        (2.5, 4, "I was born on May 4th, 1961,\nand it may rain."),
        (5, 6, "How does your knee feel?"),
        (7, 8, "Jane Roe, call 617-555-0143."),
    ]
    source = recording(tmp_path, said, ending=ending)
    assert {identifier for _, identifier, _ in left(source, reader)} >= {"person", "date", "phone"}
    out = deliver(source, find(source, reader))
    assert texts(out) == [
        "Good morning, my name is [PERSON].",
        "I was born on [DATE],\nand it may rain.",
        "How does your knee feel?",
        "[PERSON], call [PHONE].",
    ]
    assert left(out, reader) == []
    data = out.read_bytes()
    assert not any(secret in data for secret in (b"Jane", b"Roe", b"1961", b"0143"))
    times = [c.start_us for c in read_captions(out, probe(out))]
    assert times == [500_000, 2_500_000, 5_000_000, 7_000_000]


def test_a_name_that_runs_over_lines_and_events_is_one(tmp_path: Path, reader: Reader) -> None:
    said = [(0.5, 2, "Please ask for Doctor Kathryn\nMiller of Springfield"), (2, 3, "my name is")]
    said += [(3, 4, "Ingrid"), (4, 5, "Solberg and I am a nurse.")]
    out = deliver(path := recording(tmp_path, said), find(path, reader))
    data = out.read_bytes()
    assert not any(name in data for name in (b"Kathryn", b"Miller", b"Ingrid", b"Solberg"))
    assert b"nurse" in data


def test_rolling_captions_are_read_once_and_covered_wherever_they_stand(
    tmp_path: Path, reader: Reader
) -> None:
    said = [
        (0, 1, "so my name is"),
        (1, 2, "so my name is\nKathryn Miller and I"),
        (2, 3, "Kathryn Miller and I\nhave pain"),
        (3, 4, "have pain\nin my knee"),
    ]
    found = find(path := recording(tmp_path, said), reader)
    assert [len(caption.spans) > 0 for caption in found] == [False, True, True, False]
    assert texts(deliver(path, found)) == [
        "so my name is",
        "so my name is\n[PERSON] and I",
        "[PERSON] and I\nhave pain",
        "have pain\nin my knee",
    ]


def test_painted_captions_hide_a_name_before_it_is_complete(tmp_path: Path, reader: Reader) -> None:
    grown = ["my", "my name", "my name is", "my name is Kathryn", "my name is Kathryn Mil"]
    grown += ["my name is Kathryn Miller", "my name is Kathryn Miller and"]
    said = [(n, n + 1, text) for n, text in enumerate(grown)]
    out = deliver(path := recording(tmp_path, said), find(path, reader))
    assert texts(out)[2:] == ["my name is", *["my name is [PERSON]"] * 3, "my name is [PERSON] and"]


def test_two_languages_hide_the_same_names(tmp_path: Path, reader: Reader) -> None:
    english = [(0.5, 2, "My name is Jane Roe."), (3, 5, "My knee hurts.")]
    spanish = [(0.5, 2, "Aquí está JANE ROE."), (3, 5, "Me duele la rodilla.")]
    tags = ["-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=spa"]
    source = recording(tmp_path, english, spanish, more=tags)
    assert texts(deliver(source, find(source, reader))) == [
        "My name is [PERSON].",
        "My knee hurts.",
        "Aquí está [PERSON].",
        "Me duele la rodilla.",
    ]
    (told,) = warnings(probe(source), reader, "en")
    assert "stream 2" in told
    assert "stream 1" not in told


def captions(*events: Event, stream: int = 1) -> list[Caption]:
    """As found, with every word in capitals taken for a name."""
    return [
        Caption(
            stream=stream,
            start_us=round(start * 1e6),
            end_us=round(end * 1e6),
            text=text,
            spans=tuple(
                CaptionSpan(
                    start=word.start(),
                    end=word.end(),
                    identifier="person",
                    hipaa="A",
                    detector="names",
                )
                for word in re.finditer("[A-Z]{3,}", text)
            ),
        )
        for start, end, text in events
    ]


def words(*given: object) -> list[str]:
    return [caption.text for caption in redacted(*given)]  # type: ignore[arg-type]


TALK = captions((0, 2, "This is JANE."), (2, 4, "She is well."), (5, 6, "She walks."))


def test_what_was_said_and_is_covered_in_its_subtitle_is_enough() -> None:
    covered = ["This is [PERSON].", "She is well.", "She walks."]
    assert words(TALK, []) == covered
    assert words(TALK, [sound(1, 1.4, "person")]) == covered


def test_a_spoken_name_that_the_subtitle_spells_otherwise_takes_its_lines_along() -> None:
    assert words(TALK, [sound(3, 3.3, "person")]) == ["This is [PERSON].", "[PERSON]", "She walks."]
    assert words(TALK, [sound(1, 1.4, "person"), sound(1.5, 1.6, "person")])[0] == "[PERSON]"
    assert words(TALK, [sound(1, 1.4, "date")]) == ["[DATE]", "She is well.", "She walks."]
    both = [sound(3, 3.3, "person"), sound(3.1, 3.4, "date")]
    assert words(TALK, both)[1] == "[DATE] [PERSON]"


def test_the_same_sound_in_several_streams_was_said_once() -> None:
    twice = [sound(1, 1.4, "person"), sound(1.1, 1.5, "person")]
    assert words(TALK, twice) == words(TALK, [])


def test_subtitles_are_early_or_late() -> None:
    assert words(TALK, [sound(4.6, 4.8, "date")]) == ["This is [PERSON].", "She is well.", "[DATE]"]
    assert words(TALK, [sound(2.2, 2.4, "person")]) == words(TALK, [])  # JANE was shown before
    assert words(TALK, [sound(2.2, 2.4, "date")])[:2] == ["[DATE]", "[DATE]"]
    assert words(TALK, [sound(6.6, 7, "date")]) == words(TALK, [])


def test_what_nobody_understood_takes_nothing_and_what_was_marked_by_hand_does() -> None:
    assert words(TALK, [sound(3, 3.3, "unintelligible")]) == words(TALK, [])
    marked = words(TALK, [sound(3, 3.3, "what Jane said")])
    assert marked == ["This is [PERSON].", "[REDACTED]", "She walks."]


def test_a_covered_line_is_covered_where_it_rolls_on() -> None:
    talk = captions((0, 2, "this is katherin"), (2, 4, "this is katherin\nand she"), (4, 6, "bye"))
    assert words(talk, [sound(0.5, 1, "person")]) == ["[PERSON]", "[PERSON]\nand she", "bye"]


def test_what_was_covered_once_is_covered_everywhere_in_any_case_but_months_and_verbs() -> None:
    talk = captions(
        (0, 1, "JANE ROE is here."),
        (1, 2, "Is that Jane's?"),
        (2, 3, "\u201cjane\u201d, he said; janet is not her."),
        (3, 4, "MAY comes."),
        (4, 5, "It may rain, MAY."),
    )
    assert words(talk, []) == [
        "[PERSON] [PERSON] is here.",
        "Is that [PERSON]?",
        "\u201c[PERSON]\u201d, he said; janet is not her.",
        "[PERSON] comes.",
        "It may rain, [PERSON].",
    ]


def test_events_move_up_and_those_inside_a_cut_go() -> None:
    talk = captions((0, 2, "a"), (2, 3, "b"), (3, 5, "c"), (7, 9, "d"), (9, 10, "e"))
    cut = redacted(talk, [], [(1_500_000, 3_500_000), (8_000_000, 9_000_000)])
    assert [(c.text, c.start_us, c.end_us) for c in cut] == [
        ("a", 0, 1_500_000),
        ("c", 1_500_000, 3_000_000),
        ("d", 5_000_000, 6_000_000),
        ("e", 6_000_000, 7_000_000),
    ]


def test_sounds_reach_the_delivered_file(tmp_path: Path, reader: Reader) -> None:
    said = [(0.5, 2, "It is the left one."), (3, 5, "My knee hurts.")]
    out = deliver(path := recording(tmp_path, said), find(path, reader), sound(1.0, 1.3, "person"))
    assert texts(out) == ["[PERSON]", "My knee hurts."]
    assert b"left one" not in out.read_bytes()


def test_the_check_tells_time_and_class_and_never_the_words(tmp_path: Path, reader: Reader) -> None:
    source = recording(tmp_path, [(1, 2, "[PERSON] is well."), (3, 4, "My name is Jane Roe.")])
    assert left(source, reader) == [("residual", "person", 3_000_000)]
    media = probe(source)
    context = CheckContext(
        delivered=source,
        delivered_media=media,
        source=None,
        source_media=None,
        source_frames=None,
        progress=silent,
    )
    assert "Jane" not in str(residual(context, reader))


def test_pictures_of_subtitles_are_told_and_break_the_delivered_file(
    tmp_path: Path, reader: Reader
) -> None:
    import av

    plain, path = recording(tmp_path), tmp_path / "pictures.mkv"
    with av.open(str(plain)) as source, av.open(str(path), "w") as made:
        video = made.add_stream_from_template(source.streams.video[0], opaque=True)
        made.add_mux_stream("dvd_subtitle")
        made.start_encoding()
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                made.mux_one(packet)
    assert left(path, reader) == [("broken", "", None)]
    (told,) = warnings(probe(path), reader, "en")
    assert "pictures" in told
    assert find(path, reader) == ()


def test_recognisers_that_do_not_know_the_language_are_told(tmp_path: Path) -> None:
    source = recording(tmp_path, [(0, 1, "Ich bin da.")])
    with reader_of("de") as german:
        told = warnings(probe(source), german, "de")
    assert any("names" in sentence for sentence in told)


def test_what_always_counts_and_what_never_does(tmp_path: Path) -> None:
    source = recording(tmp_path, [(0, 1, "The blue pill for Jane."), (2, 3, "Mary said so.")])
    with reader_of(deny=["blue pill"], allow=["Mary"]) as strict:
        out = deliver(source, find(source, strict))
        assert texts(out) == ["The [OTHER] for [PERSON].", "Mary said so."]
        assert left(out, strict) == []


@pytest.fixture(scope="module")
def listing() -> Iterator[Reader]:
    """Only what is on a list is found: quick, and sure."""
    chosen = IdentifierSettings(deny=("jane roe", "secret"))
    with Reader(chosen, {}, {}, "en", "subtitle") as loaded:
        yield loaded


WORDS = st.sampled_from(["secret", "Secret,", "jane", "roe", "a", "knee.", "- so", "secrets"])
LINE = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(
    said=st.lists(LINE, min_size=1, max_size=8),
    shown=st.integers(1, 3),
    pace=st.sampled_from([100_000, 1_000_000, 5_000_000]),
    heard=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["person", "other"])), max_size=3),
)
def test_however_lines_roll_what_is_listed_is_never_left(
    listing: Reader, said: list[str], shown: int, pace: int, heard: list[tuple[int, str]]
) -> None:
    events = [
        Caption(
            stream=0,
            start_us=number * pace,
            end_us=(number + 1) * pace,
            text="\n".join(said[max(0, number - shown + 1) : number + 1]),
        )
        for number in range(len(said))
    ]
    found = list(spanned(events, listing))
    for event in found:
        assert all(0 <= span.start < span.end <= len(event.text) for span in event.spans)
    result = redacted(found, [sound(at, at + 0.5, name) for at, name in heard])
    assert len(result) == len(events)
    left_words = [word.strip(",.").lower() for one in result for word in one.text.split()]
    assert "secret" not in left_words
    assert not any("jane roe" in one.text for one in result)
    again = list(spanned(result, listing))
    assert not any(
        one.text[s.start : s.end].strip("[]") != "OTHER" for one in again for s in one.spans
    )


@pytest.mark.release
def test_ten_thousand_events_are_read_in_seconds(listing: Reader) -> None:
    lines = ["This is Jane Roe.", "Then it went away,", "but she said: secret.", "Yes."]
    events = [
        Caption(stream=0, start_us=n * 10**6, end_us=(n + 1) * 10**6, text=lines[n % 4] + f" {n}")
        for n in range(10_000)
    ]
    begun = time.process_time()
    found = list(spanned(events, listing))
    assert time.process_time() - begun < 20
    assert sum(len(event.spans) for event in found) == 5_000


@pytest.mark.parametrize(
    "text", ["+" * 8000, "a\n" * 4000, "- " * 4000, "JANE " * 1600, "JANE\n" * 1600]
)
def test_strange_texts_take_no_longer_than_others(text: str) -> None:
    talk = captions(*((n, n + 1, text) for n in range(3)))
    begun = time.process_time()
    redacted(talk, [sound(1, 2, "date")])
    assert time.process_time() - begun < 10


def test_ten_thousand_events_take_seconds() -> None:
    lines = ["This is JANE.", "Then it went away,", "but she said: JOHN, come here.", "Yes."]
    talk = captions(*((n, n + 0.9, lines[n % 4] + f" {n}") for n in range(10_000)))
    heard = [sound(n * 5, n * 5 + 0.4, "person") for n in range(2000)]
    begun = time.process_time()
    result = redacted(talk, heard, [(1_000_000, 2_000_000)])
    assert time.process_time() - begun < 10
    assert len(result) == 9_999
    assert not any("JANE" in caption.text for caption in result)
