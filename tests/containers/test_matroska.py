"""Matroska and WebM: what Veilcast writes is never accused, and nothing else goes unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from containers.delivering import (
    MARKER,
    PICTURE,
    SOUND,
    caught,
    deliver,
    ffmpeg,
    parts_of,
    unexpected,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planting import PLACES, plant

from mediascrub import StructureError, UnreadableError, walk

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

X264 = ("-c:v", "libx264", "-preset", "ultrafast")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:info=0")
FAST = ("-deadline", "realtime")
TAGS = ("-metadata", "title=Jane Roe", "-metadata", "creation_time=2020-01-02T03:04:05Z")
BT709 = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range pc".split()
DELIVERED = {
    "h264-aac.mkv": (*X264, "-c:a", "aac", *TAGS),
    "hevc-flac.mkv": (*X265, "-c:a", "flac"),
    "surround.mkv": (*X264, *BT709, "-c:a", "flac", "-ac", "6"),
    "mpeg4-mp3.mkv": ("-c:v", "mpeg4", "-flags:v", "+bitexact", "-c:a", "mp3"),
    "mpeg2-ac3.mkv": ("-c:v", "mpeg2video", "-c:a", "ac3"),
    "ffv1-pcm.mkv": ("-c:v", "ffv1", "-c:a", "pcm_s24le"),
    "prores-alac.mkv": ("-c:v", "prores_ks", "-c:a", "alac"),
    "raw-eac3.mkv": ("-c:v", "rawvideo", "-pix_fmt", "yuyv422", "-c:a", "eac3"),
    "theora-vorbis.mkv": ("-c:v", "libtheora", "-c:a", "libvorbis", *TAGS),
    "mjpeg-wavpack.mkv": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "wavpack"),
    "vp8-vorbis.webm": ("-c:v", "libvpx", *FAST, "-c:a", "libvorbis", *TAGS),
    "vp9-opus.webm": ("-c:v", "libvpx-vp9", *FAST, "-c:a", "libopus", *TAGS),
    "av1-surround.webm": ("-c:v", "libsvtav1", "-preset", "12", "-c:a", "libopus", "-ac", "6"),
}
MADE = ("hdr10.mkv", "two_audio.mkv", "attachment.mkv", "vfr.mkv", "opus.mkv", "late_audio.mkv")


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", DELIVERED)
def test_what_is_delivered_holds_nothing_foreign(name: str, tmp_path: Path) -> None:
    source = ffmpeg(tmp_path / f"source-{name}", *PICTURE, *SOUND, *DELIVERED[name])
    family = name.partition(".")[2]
    assert unexpected(source, family)
    assert unexpected(deliver(source, tmp_path / name), family) == []


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", [*MADE, "negative_start.webm", "odd.webm"])
def test_late_uneven_and_dirty_recordings_hold_nothing_foreign_either(
    name: str, media: Corpus, tmp_path: Path
) -> None:
    delivered = deliver(media[name], tmp_path / name)
    found = unexpected(delivered, name.partition(".")[2])
    # Settings of an encoder are taken out of the codec's configuration by other means.
    assert [part for part in found if part.kind != "supplemental information"] == []


def test_an_alpha_channel_is_coded_picture(tmp_path: Path) -> None:
    alpha = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.4,format=yuva420p")
    source = ffmpeg(tmp_path / "source.webm", *alpha, "-c:v", "libvpx-vp9", *FAST)
    delivered = deliver(source, tmp_path / "a.webm")
    parts = parts_of(delivered, "webm")
    assert {part.role for part in parts} == {"structure", "coded", "room"}
    assert any(part.kind == "alpha channel" for part in parts)
    data = delivered.read_bytes()
    alpha_at = next(part.start for part in parts if part.kind == "alpha channel")
    place = "Segment/Cluster/BlockGroup/BlockAdditions/BlockMore/BlockAdditional"
    for at, words in ((alpha_at + 2, MARKER), (alpha_at + 6, MARKER + b", Bonn")):
        delivered.write_bytes(data[:at] + words + data[at + len(words) :])
        assert set(caught(delivered, "webm", words)) == {place}


@pytest.mark.parametrize("codec", ["srt", "webvtt"])
def test_kept_subtitles_are_no_alarm(codec: str, tmp_path: Path) -> None:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:00,900\nhello\n")
    picture = ffmpeg(tmp_path / "picture.mkv", *PICTURE, *X264)
    bare = ("-fflags", "+bitexact", "-map_metadata", "-1", "-c:v", "copy", "-flags:s", "+bitexact")
    path = ffmpeg(tmp_path / "a.mkv", "-i", str(picture), "-i", str(words), *bare, "-c:s", codec)
    left = [part for part in unexpected(path, "mkv") if "encoder" not in part.kind]
    assert left == []
    at = path.read_bytes().index(b"hello")
    assert any(p.role == "coded" and p.start <= at < p.end for p in parts_of(path, "mkv"))


SPOTS = [name for name, spot in PLACES.items() if spot.suffix in (".mkv", ".webm", ".mka")]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("name", SPOTS)
def test_every_planted_secret_is_in_a_foreign_part(name: str, bench: Path) -> None:
    """Or in coded pictures and sound, which are another module's business."""
    planted = plant(name, bench)
    parts = parts_of(planted.path, "mkv")
    for at, form in planted.found:
        where = max(at - 1, 0) if form.startswith("shifted") else at
        holder = next(part for part in parts if part.start <= where < part.end)
        assert holder.role in ("unexpected", "coded"), (form, holder)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("clean")
    source = ffmpeg(folder / "source.mkv", *PICTURE, *SOUND, *X264, "-c:a", "aac")
    return deliver(source, folder / "clean.mkv").read_bytes()


def element(number: int, body: bytes) -> bytes:
    name = number.to_bytes((number.bit_length() + 7) // 8)
    return name + (len(body) | 1 << 56).to_bytes(8) + body


def written(folder: Path, data: bytes | bytearray) -> Path:
    path = folder / "a.mkv"
    path.write_bytes(data)
    return path


def with_segment(clean: bytes, extra: bytes) -> bytes:
    """The file with something more at the end of its segment."""
    at = clean.index(bytes.fromhex("18538067")) + 4
    size = int.from_bytes(clean[at : at + 8]) & (1 << 56) - 1
    return clean[:at] + (size + len(extra) | 1 << 56).to_bytes(8) + clean[at + 8 :] + extra


ELEMENTS = {
    "chapters": (0x1043A770, "Segment/Chapters", "chapters"),
    "attachments": (0x1941A469, "Segment/Attachments", "attached files"),
    "unknown": (0x5FFF, "Segment/unknown", "unknown element"),
    "second info": (0x1549A966, "Segment/Info", "second element of its kind"),
    "element of a track": (0x536E, "Segment/unknown", "unknown element"),
    "room": (0xEC, "Segment/Void", "data in free space"),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_elements_that_no_player_needs_are_named(name: str, clean: bytes, tmp_path: Path) -> None:
    number, place, kind = ELEMENTS[name]
    path = written(tmp_path, with_segment(clean, element(number, MARKER)))
    assert caught(path, "mkv") == [place]
    assert [part.kind for part in unexpected(path, "mkv")] == [kind]


def test_bytes_behind_the_segment_are_found(clean: bytes, tmp_path: Path) -> None:
    assert caught(written(tmp_path, clean + MARKER), "mkv") == ["end"]
    assert caught(written(tmp_path, clean + element(0xEC, MARKER)), "mkv") == ["end"]
    (part,) = unexpected(written(tmp_path, clean + clean), "mkv")
    assert part.kind == "trailing data"


def test_blocks_of_no_track_are_found(clean: bytes, tmp_path: Path) -> None:
    block = element(0xA3, b"\x8f\0\0\x80" + MARKER)
    cluster = element(0x1F43B675, element(0xE7, b"\0") + block)
    assert caught(written(tmp_path, with_segment(clean, cluster)), "mkv") == [
        "Segment/Cluster/SimpleBlock"
    ]


def test_words_where_numbers_belong_are_found(clean: bytes, tmp_path: Path) -> None:
    info = clean.index(bytes.fromhex("448988")) + 3
    data = bytearray(clean)
    data[info : info + 8] = b"Jane Roe"
    assert "Segment/Info/Duration" in caught(written(tmp_path, data), "mkv", b"Jane Roe")


def test_only_the_muxers_own_tag_is_needed(clean: bytes, tmp_path: Path) -> None:
    data = clean.replace(b"00:00:01.", b"Jane Roe.", 1)
    assert "Segment/Tags/Tag/SimpleTag" in caught(written(tmp_path, data), "mkv", b"Jane Roe")
    data = clean.replace(b"DURATION", b"LOCATION", 1)
    kinds = {(part.kind, part.hipaa) for part in unexpected(written(tmp_path, data), "mkv")}
    assert ("location", "B") in kinds


def test_a_checksum_that_is_none_is_found(clean: bytes, tmp_path: Path) -> None:
    info = clean.index(bytes.fromhex("1549a966"))
    at = clean.index(bytes.fromhex("bf84"), info) + 2
    data = clean[:at] + b"ROE!" + clean[at + 4 :]
    assert "Segment/Info/CRC-32" in caught(written(tmp_path, data), "mkv", b"ROE!")


def test_clusters_of_unknown_size_are_walked(tmp_path: Path) -> None:
    live = ("-f", "matroska", "-live", "1", "-cluster_time_limit", "200")
    path = ffmpeg(tmp_path / "a.mkv", *PICTURE, *SOUND, *X264, "-g", "5", "-c:a", "aac", *live)
    parts = parts_of(path, "mkv")
    assert sum(p.end - p.start for p in parts if p.role == "coded") > path.stat().st_size * 0.9
    assert not [p for p in parts if p.role == "unexpected" and "Cluster" in p.place]


def test_real_dirty_files_are_clean_when_delivered(shared: Path, tmp_path: Path) -> None:
    for name in ("webvtt.mkv", "testsrc_with_attachment.mkv"):
        source = shared / "data" / "metadata" / name
        assert {p.kind for p in unexpected(source, "mkv")} >= {"unique number", "name of a program"}
        assert unexpected(deliver(source, tmp_path / name), "mkv") == []


def test_what_is_no_matroska_is_refused(clean: bytes, tmp_path: Path) -> None:
    for data in (b"", b"\x1a", b"Hello, this is no recording.\n" * 9, clean[:60], clean[:-1]):
        with pytest.raises(StructureError):
            parts_of(written(tmp_path, data), "mkv")
    with pytest.raises(UnreadableError):
        list(walk(tmp_path / "missing.mkv", "mkv"))


def test_many_small_elements_are_one_part(clean: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, with_segment(clean, b"\xe7\x80" * 100_000))
    assert [p.end - p.start for p in unexpected(path, "mkv")] == [200_000]


ACCIDENTS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "flip", "number", "remove", "splice", "cut"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=6,
)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=QUIET)
@given(changes=ACCIDENTS)
def test_damaged_files_give_a_sentence_or_all_their_bytes(
    changes: list[tuple[str, float, int]], clean: bytes, tmp_path: Path
) -> None:
    out = bytearray(clean)
    for how, share, value in changes:
        # Most of the structure is at the beginning.
        at = int(len(out) * share**4)
        if how == "flip" and out:
            out[at] ^= 1 << value % 8
        elif how == "number":
            out[at : at + 1] = bytes([value])
        elif how == "cut":
            del out[at + 800 :]
        elif how == "remove":
            del out[at : at + value % 32]
        elif how == "splice":
            out[at:at] = out[value * 4 :][:48]
    try:
        parts_of(written(tmp_path, out), "mkv")
    except (StructureError, UnreadableError):
        return
