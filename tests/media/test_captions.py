"""Text subtitles are read from every container, and written so that players show the same words."""

from __future__ import annotations

import re
import struct
import subprocess
import time
import unicodedata
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import pytest
from av.subtitles.stream import SubtitleStream
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import SettingError, UnsupportedError
from veilcast.media import captions as reading
from veilcast.media.caption_text import FORMS, plain_text
from veilcast.media.captions import check_holds, read_captions, streams_of, written
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.types import Caption

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from av.stream import Stream

    from veilcast.media.caption_packets import WrittenCaptions

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=4"]
SOUND = ["-f", "lavfi", "-i", "sine=d=4:r=44100"]
CODED = {
    ".mp4": ["-c:v", "libx264", "-bf", "0", "-c:a", "aac"],
    ".mov": ["-c:v", "libx264", "-bf", "0", "-c:a", "pcm_s16le"],
    ".mkv": ["-c:v", "libx264", "-bf", "0", "-c:a", "flac"],
    ".webm": ["-c:v", "libvpx", "-deadline", "realtime", "-an"],
    ".3gp": ["-c:v", "libx264", "-bf", "0", "-c:a", "aac"],
    ".m4a": ["-vn", "-c:a", "aac"],
    ".avi": ["-c:v", "mjpeg", "-c:a", "pcm_s16le"],
}
SRT = """1
00:00:00,500 --> 00:00:01,250
Good morning.

2
00:00:01,500 --> 00:00:02,750
<i>How</i> are you,
Mrs. Grün?
"""
SPOKEN = [
    (500_000, 1_250_000, "Good morning."),
    (1_500_000, 2_750_000, "How are you,\nMrs. Grün?"),
]


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


def ffmpeg(*arguments: str | Path) -> bytes:
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Picture and sound without subtitles, by ending."""
    folder = tmp_path_factory.mktemp("plain")
    found = {}
    for ending, options in CODED.items():
        found[ending] = folder / f"plain{ending}"
        ffmpeg(*PICTURE, *SOUND, *options, found[ending])
    return found


def with_texts(
    folder: Path, plain: Path, codec: str, *texts: str, kind: str = "srt", more: Sequence[str] = ()
) -> Path:
    """The recording with a subtitle stream of each text."""
    inputs: list[str | Path] = ["-i", plain]
    maps: list[str] = ["-map", "0"]
    for number, text in enumerate(texts, 1):
        path = folder / f"text{number}.{kind}"
        path.write_text(text, encoding="utf-8")
        inputs += ["-i", path]
        maps += ["-map", str(number)]
    out = folder / f"texts{plain.suffix}"
    ffmpeg(*inputs, *maps, "-c", "copy", "-c:s", codec, *more, out)
    return out


Raw = tuple[int, int, bytes]
"""Start and length in milliseconds, and content."""


def coded_at(packet: av.Packet[Any]) -> Fraction:
    assert packet.dts is not None
    return packet.dts * packet.time_base


def with_packets(folder: Path, plain: Path, codec: str, packets: Sequence[Raw]) -> Path:
    """The recording with a subtitle stream of just these bytes, as hostile or odd as they are."""
    out = folder / f"raw{plain.suffix}"
    tick = Fraction(1, 1000)
    with av.open(str(plain)) as source, av.open(str(out), "w") as made:
        video = made.add_stream_from_template(source.streams.video[0], opaque=True)
        stream: Stream
        if codec == "mov_text":
            stream = texts = made.add_stream(codec)
            assert isinstance(texts, SubtitleStream)
            style = "Style: Default," + ",".join(["Sans", "18"] + ["0"] * 20)
            texts.codec_context.subtitle_header = f"[V4+ Styles]\n{style}\n[Events]\n".encode()
        else:
            stream = made.add_mux_stream(codec)
        stream.time_base = tick
        made.start_encoding()
        every: list[av.Packet[Any]] = [p for p in source.demux(video=0) if p.dts is not None]
        for packet in every:
            packet.stream = video
        for start, length, data in packets:
            packet = av.Packet(data)
            packet.time_base = tick
            packet.pts = packet.dts = start
            packet.duration = length
            packet.is_keyframe = True
            packet.stream = stream
            every.append(packet)
        for packet in sorted(every, key=coded_at):
            made.mux_one(packet)
    return out


def read(path: Path) -> list[tuple[int, int, str]]:
    return [(c.start_us, c.end_us, c.text) for c in read_captions(path, probe(path))]


def tx3g(text: bytes, boxes: bytes = b"") -> bytes:
    return struct.pack(">H", len(text)) + text + boxes


@pytest.mark.parametrize(
    ("ending", "codec"),
    [
        (".mp4", "mov_text"),
        (".mov", "mov_text"),
        (".3gp", "mov_text"),
        (".m4a", "mov_text"),
        (".mkv", "subrip"),
        (".mkv", "ass"),
        (".mkv", "webvtt"),
        (".webm", "webvtt"),
    ],
)
def test_the_same_words_and_times_are_read_from_every_form(
    plain: dict[str, Path], tmp_path: Path, ending: str, codec: str
) -> None:
    assert read(with_texts(tmp_path, plain[ending], codec, SRT)) == SPOKEN


ASS = """[Script Info]
; Jane Roe's script
Title: Jane Roe
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, Alignment
Style: Jane,JaneFont,20,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Jane,Jane,0,0,0,,Jane in a comment
Dialogue: 0,0:00:00.50,0:00:01.50,Jane,Jane,0,0,0,,{\\fnJaneFont}Good{Jane?} {\\i1}day,\\Nyou, all
Dialogue: 0,0:00:02.00,0:00:02.50,Jane,,0,0,0,,{\\p1}m 0 0 l 9 0{\\p0}Bye{\\p1}m 5 5
"""


def test_scripts_lose_fonts_names_of_actors_comments_and_drawings(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    font = tmp_path / "JaneFont.ttf"
    font.write_bytes(b"JaneFont" * 50)
    attached = ["-attach", str(font), "-metadata:s:t", "mimetype=font/ttf"]
    source = with_texts(tmp_path, plain[".mkv"], "ass", ASS, kind="ass", more=attached)
    assert b"JaneFont" in source.read_bytes()
    assert read(source) == [
        (500_000, 1_500_000, "Good day,\nyou, all"),
        (2_000_000, 2_500_000, "Bye"),
    ]
    assert b"Jane" not in rewritten(source, tmp_path).read_bytes()


def test_timed_text_loses_the_boxes_behind_the_text(plain: dict[str, Path], tmp_path: Path) -> None:
    link = b"\0\0\x00\x1ahrefJANE-http://x/roe"
    style = b"\0\0\0\x16styl\0\1" + bytes(12)
    source = with_packets(
        tmp_path,
        plain[".mp4"],
        "mov_text",
        [(500, 700, tx3g("Grüße".encode(), style + link)), (2000, 500, tx3g(b"Bye"))],
    )
    assert b"JANE" in source.read_bytes()
    assert read(source) == [(500_000, 1_200_000, "Grüße"), (2_000_000, 2_500_000, "Bye")]
    assert b"JANE" not in rewritten(source, tmp_path).read_bytes()


@pytest.mark.parametrize("mark", ["utf-16-be", "utf-16-le"])
def test_timed_text_may_be_utf_16(plain: dict[str, Path], tmp_path: Path, mark: str) -> None:
    text = "\ufeffGrüße, 日本".encode(mark)
    source = with_packets(tmp_path, plain[".mp4"], "mov_text", [(500, 700, tx3g(text))])
    assert read(source) == [(500_000, 1_200_000, "Grüße, 日本")]


VTT = """WEBVTT Jane's file

NOTE Jane wrote this

Jane's first
00:00.500 --> 00:01.500 align:start position:10%
<v Jane Roe>Salt &amp; <c.jane>pepper</c> &lt;b&gt;

NOTE Jane again

00:02.000 --> 00:02.500
Bye
"""


def test_cues_lose_names_of_voices_settings_and_notes(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    source = with_texts(tmp_path, plain[".webm"], "copy", VTT, kind="vtt")
    assert b"Jane's first" in source.read_bytes()
    assert read(source) == [
        (500_000, 1_500_000, "Salt & pepper <b>"),
        (2_000_000, 2_500_000, "Bye"),
    ]
    out = rewritten(source, tmp_path)
    assert b"Jane" not in out.read_bytes()
    assert read(out) == read(source)  # what looks like markup is text, and is written as such


def test_a_note_put_behind_a_cue_is_no_text(plain: dict[str, Path], tmp_path: Path) -> None:
    note = b"Hello\n\nNOTE Jane Roe\nher note\n\nstill said"
    source = with_packets(tmp_path, plain[".mkv"], "webvtt", [(500, 700, note)])
    assert read(source) == [(500_000, 1_200_000, "Hello\nstill said")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{\\an8}<font face="Jane">Up</font> <b>here</b><br>now', "Up here\nnow"),
        (b"a < b and b > c, <Jane> stays", "a < b and b > c, <Jane> stays"),
        ("J\u200ba\u00adn\u2060e\u202e R\u200doe".encode(), "Jane Roe"),
        ("Jane\u00a0Roe &nbsp;&#74;im\r\n\r\n  x \0".encode(), "Jane Roe Jim\nx"),
        ("Zoe\u0308".encode(), "Zoë"),
        ("می\u200cخواهم".encode(), "می\u200cخواهم"),
    ],
)
def test_markup_goes_and_nothing_unseen_parts_a_word(
    plain: dict[str, Path], tmp_path: Path, data: bytes, expected: str
) -> None:
    source = with_packets(tmp_path, plain[".mkv"], "subrip", [(500, 700, data)])
    assert read(source) == [(500_000, 1_200_000, expected)]


@pytest.mark.parametrize(
    ("ending", "codec", "data"),
    [
        (".mkv", "subrip", "Jürgen".encode("latin-1")),
        (".mkv", "webvtt", b"\xff\xfe\x00"),
        (".mkv", "ass", b"0,0,Default,,Jane"),
        (".mp4", "mov_text", tx3g(b"\x80\x81")),
        (".mp4", "mov_text", b"\x00\x20Jane"),
        (".mp4", "mov_text", tx3g(b"\xfe\xff\xd8\x00")),
    ],
)
def test_words_that_cannot_be_read_are_an_error_that_does_not_say_them(
    plain: dict[str, Path], tmp_path: Path, ending: str, codec: str, data: bytes
) -> None:
    source = with_packets(tmp_path, plain[ending], codec, [(500, 700, b"\0\1a"), (900, 100, data)])
    with pytest.raises(UnsupportedError, match=r"subtitles=drop") as caught:
        read(source)
    assert "Jane" not in str(caught.value)


def test_events_without_an_end_are_shown_until_the_next(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    packets = [(500, 0, b"one"), (1500, 0, b"two"), (1500, 0, b"too"), (3000, 0, b"three")]
    source = with_packets(tmp_path, plain[".mkv"], "subrip", packets)
    assert read(source) == [
        (500_000, 1_500_000, "one"),
        (1_500_000, 3_000_000, "two"),
        (1_500_000, 3_000_000, "too"),
        (3_000_000, 4_000_000, "three"),
    ]


def test_what_is_shown_before_the_picture_begins_with_it(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    source = tmp_path / "late.mov"
    text = tmp_path / "early.srt"
    text.write_text(
        "1\n00:00:00,100 --> 00:00:00,900\nnever\n\n2\n00:00:00,500 --> 00:00:01,500\nhalf\n\n"
        "3\n00:00:02,000 --> 00:00:03,000\nwhole\n"
    )
    late: list[str | Path] = ["-itsoffset", "1", "-i", plain[".mov"], "-i", text]
    ffmpeg(*late, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text", source)
    assert probe(source).origin == 1
    expected = [(0, 500_000, "half"), (1_000_000, 2_000_000, "whole")]
    assert read(source) == expected
    out = rewritten(source, tmp_path)
    assert read(out) == expected


def test_pictures_of_subtitles_are_told_apart(plain: dict[str, Path], tmp_path: Path) -> None:
    source = with_packets(tmp_path, plain[".mkv"], "hdmv_pgs_subtitle", [(500, 700, b"\x80\0\0")])
    media = probe(source)
    assert [s.codec for s in streams_of(media, "picture")] == ["hdmv_pgs_subtitle"]
    assert streams_of(media) == ()
    assert read(source) == []


def test_a_flood_of_subtitles_is_refused(
    plain: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_EVENTS", 50)
    flood = [(number, 1, b"x") for number in range(60)]
    source = with_packets(tmp_path, plain[".mkv"], "subrip", flood)
    with pytest.raises(UnsupportedError):
        read(source)
    for much in (9_000, 3 << 20):
        huge = with_packets(tmp_path, plain[".mkv"], "subrip", [(0, 1, b"x" * much)])
        with pytest.raises(UnsupportedError, match="too long"):
            read(huge)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("unit", ["{", "{\\p1", "<", "<b ", "&", "\n", " \n", "\u200d", "+"])
def test_any_amount_of_markup_is_read_at_once(unit: str) -> None:
    data = (unit * (1 << 18))[: 1 << 18].encode()
    begun = time.process_time()
    for codec in ("subrip", "webvtt", "ass"):
        plain_text(codec, b"0,0,a,b,0,0,0,," + data)
    assert time.process_time() - begun < 10


def test_times_that_no_recording_has_are_refused(plain: dict[str, Path], tmp_path: Path) -> None:
    late = with_packets(tmp_path, plain[".mkv"], "subrip", [(10**10, 1, b"x")])
    with pytest.raises(UnsupportedError, match="time"):
        read(late)
    endless = with_packets(tmp_path, plain[".mkv"], "subrip", [(0, 10**10, b"x")])
    ((start, end, _),) = read(endless)
    assert (start, end) == (0, 86_400_000_000)


@given(
    codec=st.sampled_from(sorted(FORMS)), data=st.binary(max_size=200) | st.text().map(str.encode)
)
def test_any_bytes_are_plain_lines_or_an_error(codec: str, data: bytes) -> None:
    for payload in (data, tx3g(data), b"0,0,a,b,0,0,0,," + data):
        try:
            text = plain_text(codec, payload)
        except UnsupportedError:
            continue
        assert all(line == line.strip() for line in text.split("\n"))
        assert text == "" or all(text.split("\n"))
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text.replace("\n", ""))


# Writing ------------------------------------------------------------------------------------


def rewritten(
    source: Path, folder: Path, *, like: Path | None = None, languages: bool = False
) -> Path:
    """The subtitles of a file, put into a file of its own kind or of another's."""
    media = probe(source)
    target = like or source
    out = folder / f"out{target.suffix}"
    found = written(read_captions(source, media), media, probe(target).origin, languages=languages)
    put(target, out, *found)
    return out


def put(target: Path, out: Path, *captions: WrittenCaptions) -> None:
    remux(target, out, probe(target), progress=silent, captions=captions)


def shown(path: Path, stream: int = 0) -> str:
    """What ffmpeg's own decoder makes of a subtitle stream, as SRT."""
    said = ffmpeg("-i", path, "-map", f"0:s:{stream}", "-f", "srt", "-").decode().replace("\r", "")
    return said.replace('<font face="Sans-Serif" size="18">', "").replace("</font>", "")


def packets(path: Path) -> dict[str, list[tuple[int | None, int, Fraction, bytes]]]:
    found: dict[str, list[tuple[int | None, int, Fraction, bytes]]] = {}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.dts is not None and packet.stream.type != "subtitle":
                row = (packet.pts, packet.dts, packet.time_base, bytes(packet))
                found.setdefault(packet.stream.type, []).append(row)
    return found


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("ending", [".mp4", ".mov", ".3gp", ".m4a", ".mkv", ".webm"])
def test_players_show_what_was_written_and_nothing_else_changes(
    plain: dict[str, Path], tmp_path: Path, ending: str
) -> None:
    source = with_texts(tmp_path, plain[".mkv"], "subrip", SRT)
    out = rewritten(source, tmp_path, like=plain[ending])
    assert shown(out).strip() == SRT.replace("<i>", "").replace("</i>", "").strip()
    assert read(out) == SPOKEN
    without = tmp_path / f"without{ending}"
    put(plain[ending], without)
    assert packets(out) == packets(without)
    again = tmp_path / f"again{ending}"
    put(
        plain[ending],
        again,
        *written(
            read_captions(source, probe(source)),
            probe(source),
            probe(plain[ending]).origin,
            languages=False,
        ),
    )
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("ending", [".mkv", ".webm", ".mp4"])
def test_roles_are_kept_and_languages_only_when_asked(
    plain: dict[str, Path], tmp_path: Path, ending: str
) -> None:
    said = ["-metadata:s:s:0", "language=ger", "-metadata:s:s:1", "language=spa"]
    said += ["-metadata:s:s:1", "title=Jane Roe"]
    roles = ["-disposition:s:0", "0", "-disposition:s:1", "default+forced"]
    source = with_texts(tmp_path, plain[".mkv"], "subrip", SRT, SRT, more=[*said, *roles])
    silent_out = rewritten(source, tmp_path, like=plain[ending])
    told = [(s.default, s.forced, s.language) for s in streams_of(probe(silent_out))]
    forced = ending != ".mp4"  # QuickTime's flag for it is not read by ffmpeg
    assert told == [(False, False, ""), (True, forced, "")]
    if not forced:
        plain_one, forced_one = re.findall(rb"tx3g\0{6}\0\x01(.{4})", silent_out.read_bytes(), re.S)
        assert (plain_one, forced_one) == (bytes(4), b"\x80\0\0\0")
    assert b"udta" not in silent_out.read_bytes().partition(b"trak")[2].rpartition(b"trak")[0]
    out = rewritten(source, tmp_path, like=plain[ending], languages=True)
    assert [s.language for s in streams_of(probe(out))] == ["ger", "spa"]
    assert b"Jane" not in out.read_bytes()


def caption(start_ms: int, end_ms: int, text: str) -> Caption:
    return Caption(stream=2, start_us=start_ms * 1000, end_us=end_ms * 1000, text=text)


def streams_with(captions: Sequence[Caption]) -> list[WrittenCaptions]:
    return [reading.WrittenCaptions(captions=tuple(captions))]


def test_what_overlaps_is_shown_together_where_a_track_has_no_overlaps(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    events = [caption(0, 2000, "one"), caption(1000, 3000, "two"), caption(1500, 1600, "one")]
    out = tmp_path / "out.mp4"
    put(plain[".mp4"], out, *streams_with(events))
    assert read(out) == [
        (0, 1_000_000, "one"),
        (1_000_000, 2_000_000, "one\ntwo"),
        (2_000_000, 3_000_000, "two"),
    ]
    out = tmp_path / "out.mkv"
    put(plain[".mkv"], out, *streams_with(events))
    assert read(out) == [(c.start_us, c.end_us, c.text) for c in events]


def test_more_texts_at_once_than_a_sample_holds_are_refused(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    for many, length in ((5000, 3), (3, 40_000)):
        events = [caption(number, 10_000, str(number) * length) for number in range(many)]
        with pytest.raises(UnsupportedError, match="MP4"):
            put(plain[".mp4"], tmp_path / "out.mp4", *streams_with(events))


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_hours_of_silence_before_a_subtitle_do_not_move_it(
    plain: dict[str, Path], tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"out{ending}"
    late = [caption(5, 6, "soon"), caption(9_000_000, 14_000_000, "late")]
    put(plain[ending], out, *streams_with(late))
    found = read(out)
    assert found[0] == (5_000, 6_000, "soon")
    assert found[1][0] == 9_000_000_000
    assert found[-1][1] == 14_000_000_000
    assert {text for _, _, text in found[1:]} == {"late"}


def test_microseconds_are_kept_in_mp4(plain: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    fine = Caption(stream=2, start_us=100_001, end_us=200_003, text="fine")
    put(plain[".mp4"], out, *streams_with([fine]))
    assert read(out) == [(100_001, 200_003, "fine")]


def test_containers_that_hold_no_subtitles_are_refused_before_the_work(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    media = probe(with_texts(tmp_path, plain[".mkv"], "subrip", SRT))
    for family in ("mp4", "mov", "m4a", "3gp", "mkv", "webm"):
        check_holds(media, family)
    for family in ("avi", "ts", "wmv", "flac", "ogg"):
        with pytest.raises(SettingError, match=r"deliver\.container"):
            check_holds(media, family)
    check_holds(probe(plain[".avi"]), "avi")  # nothing is there that it would have to hold


@pytest.mark.parametrize("name", ["mov_text.mp4", "webvtt.mkv"])
def test_real_subtitles_survive_word_for_word(shared: Path, tmp_path: Path, name: str) -> None:
    source = shared / "data" / "metadata" / name
    assert [text for _, _, text in read(source)] == ["oop", "boop"]
    out = rewritten(source, tmp_path)
    assert read(out) == read(source)
    assert shown(out).count("-->") == 2
    without = tmp_path / f"without{source.suffix}"
    put(source, without)
    assert packets(out) == packets(without)
