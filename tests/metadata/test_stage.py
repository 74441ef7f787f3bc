"""The stage `metadata` and its checks, on real files."""

from __future__ import annotations

import hashlib
import subprocess
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import av
import pytest
from av.subtitles.subtitle import SubtitleSet
from thorough import only

from veilcast.errors import ToolMissingError
from veilcast.extensions import CheckContext, LocateContext, RedactContext
from veilcast.findings import Findings
from veilcast.media import exif
from veilcast.media.frames import FrameIndex
from veilcast.media.probe import probe
from veilcast_metadata import veilcast_checks, veilcast_stages
from veilcast_metadata.settings import MetadataSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testmedia import Corpus

(STAGE,) = veilcast_stages()
CHECKS = {check.name: check for check in veilcast_checks()}

SECRETS = (b"Jane", b"Roe", b"4711", b"Ward", b"Acme", b"secret.txt")
TAGS = ["title=Jane Roe", "comment=MRN 4711", "artist=Ward 7", "date=2024-05-01", "encoder=Acme"]
METADATA = [argument for tag in TAGS for argument in ("-metadata", tag)]
STREAM_TAGS = ["-metadata:s", "title=Jane Roe", "-metadata:s", "handler_name=Acme 4711"]
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=1"]
SOUND = ["-f", "lavfi", "-i", "sine=d=1:r=44100"]

HDR = ["-c:v", "libx265", "-x265-params", "log-level=none:hdr10=1:max-cll=1000,400"]
HDR += ["-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "smpte2084"]
HDR += ["-colorspace", "bt2020nc"]

RECIPES: dict[str, list[str]] = {
    "h264.mp4": ["-c:v", "libx264", "-bf", "2", "-c:a", "aac"],
    "hevc.mp4": ["-c:v", "libx265", "-x265-params", "log-level=none", "-c:a", "ac3"],
    "h264.mov": ["-c:v", "libx264", "-c:a", "pcm_s16le", "-timecode", "01:02:03:04"],
    "prores.mov": ["-c:v", "prores", "-c:a", "pcm_s24le"],
    "h264.3gp": ["-c:v", "libx264", "-c:a", "aac"],
    "fragments.mp4": ["-c:v", "libx264", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"],
    "h264.mkv": ["-c:v", "libx264", "-c:a", "flac"],
    "hdr.mkv": [*HDR, "-c:a", "eac3"],
    "vp9.webm": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"],
    "vp8.webm": ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"],
    "mjpeg.avi": ["-c:v", "mjpeg", "-c:a", "pcm_s16le"],
    "h264.ts": ["-c:v", "libx264", "-c:a", "aac"],
    "mpeg2.mpg": ["-c:v", "mpeg2video", "-r", "25", "-c:a", "mp2"],
    "wmv2.wmv": ["-c:v", "wmv2", "-c:a", "wmav2"],
    "flv1.flv": ["-c:v", "flv1", "-an"],
    "ffv1.nut": ["-c:v", "ffv1", "-c:a", "pcm_s16le"],
    "aac.m4a": ["-vn", "-c:a", "aac"],
    "alac.m4a": ["-vn", "-c:a", "alac"],
    "pcm.wav": ["-vn", "-c:a", "pcm_s16le"],
    "float.wav": ["-vn", "-c:a", "pcm_f32le"],
    "pcm.w64": ["-vn", "-c:a", "pcm_s16le"],
    "pcm.aiff": ["-vn", "-c:a", "pcm_s24be", "-write_id3v2", "1"],
    "lossless.flac": ["-vn", "-c:a", "flac"],
    "layer3.mp3": ["-vn", "-c:a", "libmp3lame"],
    "vorbis.ogg": ["-vn", "-c:a", "libvorbis"],
    "opus.opus": ["-vn", "-c:a", "libopus"],
    "raw.aac": ["-vn", "-c:a", "aac"],
    "baseline.jpg": ["-frames:v", "1"],
    "rgb.png": ["-frames:v", "1"],
}


QUICK = (
    *("h264.mp4", "prores.mov", "h264.mkv", "vp9.webm", "mjpeg.avi", "h264.ts", "mpeg2.mpg"),
    *("alac.m4a", "pcm.wav", "pcm.aiff", "layer3.mp3", "opus.opus", "baseline.jpg"),
)


def of(recipes: list[str]) -> list[Any]:
    """Those of these recipes that are quick, and the others for the release set."""
    return only([name for name in recipes if name in QUICK], recipes)


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress is of no interest here."""


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dirty")
    (folder / "secret.txt").write_text("Jane Roe")
    return folder


def make(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        attach = ["-attach", str(folder / "secret.txt"), "-metadata:s:t", "mimetype=text/plain"]
        command = ["ffmpeg", "-v", "error", *PICTURE, *SOUND, *RECIPES[name]]
        if path.suffix in (".jpg", ".png"):
            command = ["ffmpeg", "-v", "error", *PICTURE, *RECIPES[name]]
        if path.suffix == ".mkv":
            command += attach
        subprocess.run([*command, *METADATA, *STREAM_TAGS, str(path)], check=True)
        if path.suffix in (".jpg", ".png"):
            tags = ["-Artist=Jane Roe", "-SerialNumber=4711", "-GPSLatitude=51", "-Comment=Ward 7"]
            subprocess.run(["exiftool", "-q", "-overwrite_original", *tags, str(path)], check=True)
    return path


def locate(path: Path, scratch: Path) -> Findings:
    media = probe(path)
    frames = FrameIndex(path, media, load=lambda: None, store=lambda kept: None)
    return STAGE.locate(
        LocateContext(
            source=path,
            media=media,
            frames=frames,
            settings=MetadataSettings(),
            models={},
            detectors={},
            scratch=scratch,
            progress=silent,
        )
    )


def redact(path: Path, scratch: Path) -> Path:
    assert STAGE.redact is not None
    return STAGE.redact(
        RedactContext(
            file=path,
            media=probe(path),
            source_media=probe(path),
            findings=Findings(stage="metadata"),
            settings=MetadataSettings(),
            scratch=scratch,
            progress=silent,
        )
    )


def problems(path: Path, *names: str) -> list[str]:
    """What the checks of these names say (all when none is named)."""
    context = CheckContext(
        delivered=path,
        delivered_media=probe(path),
        source=None,
        source_media=None,
        source_frames=None,
        progress=silent,
    )
    return [problem.sentence for name in names or CHECKS for problem in CHECKS[name].run(context)]


def packets(path: Path) -> dict[str, list[tuple[Fraction, bytes]]]:
    """Time from the first packet and content, by kind of stream."""
    found: dict[str, list[tuple[Fraction, bytes]]] = {}
    media = probe(path)
    with av.open(str(path), format=media.still_format) as container:
        for packet in container.demux():
            stream = media.streams[packet.stream.index]
            if packet.pts is not None and stream.role != "side":
                at = packet.pts * packet.time_base - media.origin
                found.setdefault(stream.type, []).append((at, bytes(packet)))
    return found


def shown(path: Path, kind: str) -> list[str]:
    """A hash for each decoded frame, or for each block of samples."""
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        found = []
        for frame in container.decode(stream):
            assert not isinstance(frame, SubtitleSet)
            found.append(hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest())
        return found


@pytest.fixture(scope="module")
def cleaned(dirty: Path) -> Callable[[str], Path]:
    @cache
    def clean(name: str) -> Path:
        scratch = dirty / f"{name}.scratch"
        scratch.mkdir()
        return redact(make(dirty, name), scratch)

    return clean


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", only(QUICK, RECIPES))
def test_every_container_comes_out_with_nothing_but_playback(
    cleaned: Callable[[str], Path], name: str
) -> None:
    out = cleaned(name)
    assert problems(out) == []
    data = out.read_bytes()
    assert [secret for secret in SECRETS if secret in data] == []


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("name", of([n for n in RECIPES if not n.endswith((".jpg", ".png"))]))
def test_picture_and_sound_are_copied_packet_for_packet(
    dirty: Path, cleaned: Callable[[str], Path], name: str
) -> None:
    before, after = packets(make(dirty, name)), packets(cleaned(name))
    assert before.keys() == after.keys()
    for kind, expected in before.items():
        # Nothing grows, and what shrinks or differs was written beside the picture or the sound.
        sizes = zip(after[kind], expected, strict=True)
        assert all(len(now) <= len(was) for (_, now), (_, was) in sizes)
        assert shown(cleaned(name), kind) == shown(make(dirty, name), kind)
        times = zip(after[kind], expected, strict=True)
        assert all(abs(a - b) <= Fraction(1, 1000) for (a, _), (b, _) in times)


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", only(QUICK, RECIPES))
def test_the_same_file_gives_the_same_bytes(
    dirty: Path, cleaned: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    again = redact(make(dirty, name), tmp_path)
    assert again.read_bytes() == cleaned(name).read_bytes()


# ADTS and raw streams hold no tags, MPEG-TS and program streams next to none.
TAGLESS = {"h264.ts", "mpeg2.mpg", "raw.aac", "pcm.w64"}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", of([name for name in RECIPES if name not in TAGLESS]))
def test_the_check_sees_what_the_stage_removes(dirty: Path, name: str) -> None:
    found = problems(make(dirty, name))
    assert found
    assert not any(secret.decode() in str(found) for secret in SECRETS)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", of([n for n in RECIPES if n not in TAGLESS | {"ffv1.nut"}]))
def test_locating_says_where_and_what_kind_but_never_what(
    dirty: Path, tmp_path: Path, name: str
) -> None:
    findings = locate(make(dirty, name), tmp_path)
    assert findings.items
    assert findings.examined > 0
    assert not any(secret.decode() in repr(findings) for secret in SECRETS)


def test_a_photo_s_place_and_serial_number_are_told_by_letter(dirty: Path, tmp_path: Path) -> None:
    found = {
        (i.place, i.kind, i.hipaa) for i in locate(make(dirty, "baseline.jpg"), tmp_path).items
    }
    assert {("EXIF", "locations", "B"), ("EXIF", "device identifiers", "M")} <= found


def test_side_streams_and_chapters_are_told(media: Corpus, tmp_path: Path) -> None:
    found = {(i.place, i.kind) for i in locate(media["attachment.mkv"], tmp_path).items}
    assert ("container", "chapters") in found
    assert {kind for place, kind in found if place.startswith("stream ")} >= {"subtitle stream"}
    out = redact(media["attachment.mkv"], tmp_path)
    assert problems(out) == []
    assert {stream.type for stream in probe(out).streams} <= {"video", "audio"}


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("name", ["cover_art.m4a", "cover.mp3", "timecode.mov", "data_stream.ts"])
def test_pictures_and_data_beside_the_recording_are_gone(
    media: Corpus, tmp_path: Path, name: str
) -> None:
    assert any("neither picture nor sound" in problem for problem in problems(media[name]))
    out = redact(media[name], tmp_path)
    assert problems(out) == []
    assert probe(out).side == ()


def test_a_turned_photo_stays_turned(media: Corpus, tmp_path: Path) -> None:
    out = redact(media["rotated.jpg"], tmp_path)
    assert exif.orientation(out) == 6
    assert problems(out) == []


def test_a_turned_video_stays_turned(media: Corpus, tmp_path: Path) -> None:
    out = redact(media["rotated.mp4"], tmp_path)
    now, was = probe(out).video, probe(media["rotated.mp4"]).video
    assert now is not None
    assert was is not None
    assert now.orientation == was.orientation


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    "option",
    [
        "-Keys:GPSCoordinates=51, 0, 0",
        "-ItemList:Title=Jane",
        "-UserData:Author=Jane",
        "-QuickTime:CreateDate=2024:05:01 10:00:00",
        "-Track1:TrackCreateDate=2024:05:01 10:00:00",
        "-XMP:Creator=Jane",
    ],
)
def test_one_tag_put_back_fails_the_check(dirty: Path, tmp_path: Path, option: str) -> None:
    out = redact(make(dirty, "h264.mp4"), tmp_path)
    subprocess.run(["exiftool", "-q", "-overwrite_original", option, str(out)], check=True)
    (problem, *_) = problems(out, "tags")
    assert "Jane" not in problem
    assert "2024" not in problem


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("h264.mp4", b"VideoHandler", b"JaneHandlers"),
        ("h264.mkv", b"Lavf", b"Jane"),
        ("lossless.flac", bytes(64), b"Jane Roe, born 1961, MRN 4711".ljust(64, b"\0")),
        ("mjpeg.avi", bytes(96), b"Jane Roe, born 1961, MRN 4711".ljust(96, b"\0")),
    ],
)
def test_values_count_and_not_only_names(
    dirty: Path, tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    out = redact(make(dirty, name), tmp_path)
    data = out.read_bytes()
    assert old in data
    out.write_bytes(data.replace(old, new, 1))
    found = problems(out)
    assert found
    assert "Jane" not in str(found)


def test_without_exiftool_nothing_is_vouched_for(
    dirty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = redact(make(dirty, "h264.mp4"), tmp_path)
    media = probe(out)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError):
        CHECKS["tags"].run(
            CheckContext(
                delivered=out,
                delivered_media=media,
                source=None,
                source_media=None,
                source_frames=None,
                progress=silent,
            )
        )


SHARED = [
    "cover_art.mp4",
    "gopro_max_gps.mp4",
    "mat2_dirty.avi",
    "mat2_dirty.flac",
    "mat2_dirty.jpg",
    "mat2_dirty.mp3",
    "mat2_dirty.mp4",
    "mat2_dirty.ogg",
    "mat2_dirty.png",
    "mat2_dirty.wav",
    "mat2_dirty.wmv",
    "mov_text.mp4",
    "testsrc_with_attachment.mkv",
    "webvtt.mkv",
]


@pytest.mark.quick(every=16)
@pytest.mark.parametrize("name", SHARED)
def test_real_files_come_out_clean(shared: Path, tmp_path: Path, name: str) -> None:
    source = shared / "data" / "metadata" / name
    assert problems(source)
    assert locate(source, tmp_path).items
    assert problems(redact(source, tmp_path)) == []


@pytest.mark.release
def test_a_camera_s_places_and_serial_numbers_are_gone(shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "metadata" / "gopro_max_gps.mp4"
    values = {tag.name: str(found[0]) for tag, found in exif.list_values(source)}
    serials = [values[name].encode() for name in ("CameraSerialNumber", "LensSerialNumber")]
    data = redact(source, tmp_path).read_bytes()
    assert all(serial in source.read_bytes() and serial not in data for serial in serials)
    letters = {item.hipaa for item in locate(source, tmp_path).items}
    assert {"B", "C", "M"} <= letters
