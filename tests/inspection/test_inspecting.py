"""What is said of a recording before a run, and what is not said."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import jsonschema
import pytest

from veilcast import errors
from veilcast.inspection import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testmedia import Corpus

    import veilcast

    Inspect = Callable[..., veilcast.Inspection]

TAGGED = ("Holloway", "Okafor", "Fishponds", "Brendan")
"""In the clip's tags, chapters and subtitles."""


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profile") / "light.yaml"
    path.write_text("stages: [regions, metadata]\n")
    return path


def test_streams_and_what_becomes_of_them(consultation: veilcast.Inspection) -> None:
    picture, sound, subtitles, data = consultation.streams
    assert (picture.codec, picture.width, picture.height) == ("h264", 640, 360)
    assert (picture.rotation, picture.mirrored, picture.frame_rate) == (0, False, 30.0)
    assert (picture.fate, picture.codec_after) == ("covered", "h264")
    assert "faces" in picture.does
    assert (sound.codec, sound.sample_rate, sound.channels) == ("aac", 44100, 1)
    assert (sound.fate, sound.codec_after) == ("covered", "aac")
    assert "speech" in sound.does
    assert {subtitles.fate, data.fate} == {"removed"}
    assert (subtitles.type, data.type) == ("subtitle", "data")
    assert consultation.duration_us == 8_000_000
    assert consultation.chapters == 2
    assert (consultation.kind, consultation.container) == ("video", "mp4")


def test_tags_are_told_by_place_and_no_value_is(
    consultation: veilcast.Inspection, visit: Path
) -> None:
    held = {(one.place, one.kind): one for one in consultation.holds}
    assert held["QuickTime", "locations"].hipaa == "B"
    assert held["container", "chapters"].count == 2
    assert held["stream 2", "subtitle stream"].count == 1
    assert "person" in held["QuickTime", "names"].held
    assert consultation.values is None
    text = json.dumps(consultation.to_json())
    for value in (*TAGGED, visit.stem, str(visit.parent)):
        assert value not in text


def test_values_are_shown_when_asked_for(visit: Path, inspected: Inspect) -> None:
    seen = inspected(visit, show=True)
    shown = {(one.place, one.name): one.values for one in seen.values or ()}
    assert any("Holloway" in value for value in shown["QuickTime", "Title"])
    assert len(shown["container", "chapters"]) == 2
    text = json.dumps(seen.to_json(), ensure_ascii=False)
    assert all(value in text for value in ("Holloway", "Okafor"))


def test_what_a_terminal_would_obey_is_not_shown(
    media: Corpus, inspected: Inspect, light: Path, tmp_path: Path
) -> None:
    import ffmpeg
    from testmedia.tools import encode

    source = tmp_path / "clip.mkv"
    clip = ffmpeg.input(str(media["no_audio.mp4"]), t=0.2)
    encode(source, clip, c="copy", metadata="title=a\x1b[31mb")
    seen = inspected(source, show=True, profile=light)
    assert ["a [31mb"] in [one.values for one in seen.values or ()]


def test_it_has_the_published_form(consultation: veilcast.Inspection) -> None:
    document = json.loads(json.dumps(consultation.to_json()))
    assert document["schema"] == "veilcast.inspection/1"
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(document, schema())


def test_nothing_is_written_and_nothing_left(
    visit: Path,
    consultation: veilcast.Inspection,
    tmp_path: Path,
    inspected: Inspect,
    monkeypatch: pytest.MonkeyPatch,
    light: Path,
) -> None:
    before = visit.read_bytes()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    inspected(visit, profile=light)
    assert list(tmp_path.iterdir()) == []
    assert list(visit.parent.iterdir()) == [visit]
    assert visit.read_bytes() == before


def test_what_the_profile_looks_for(consultation: veilcast.Inspection) -> None:
    stages = {stage.stage: stage for stage in consultation.profile.stages}
    assert list(stages) == ["faces", "text", "regions", "speech", "metadata"]
    assert stages["faces"].looks_for == ["face"]
    assert "person" in stages["speech"].looks_for
    assert not stages["regions"].applies, "nothing is marked"


@pytest.mark.release
def test_another_profile_does_something_else(visit: Path, inspected: Inspect, light: Path) -> None:
    """Without faces and speech nothing is covered, and subtitles may be kept."""
    seen = inspected(visit, profile=light, settings={"metadata.subtitles": "redact"})
    assert [stream.fate for stream in seen.streams] == ["copied", "copied", "read", "removed"]
    encoded = inspected(visit, profile=light, settings={"deliver.codec": "hevc"})
    assert (encoded.streams[0].fate, encoded.streams[0].codec_after) == ("encoded", "hevc")


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("name", "rotation", "size"),
    [("rotated.mp4", {90, 270}, (240, 320)), ("rotated180.mov", {180}, (320, 240))],
)
def test_pictures_are_described_as_they_are_seen(
    name: str,
    rotation: set[int],
    size: tuple[int, int],
    media: Corpus,
    inspected: Inspect,
    light: Path,
) -> None:
    picture = inspected(media[name], profile=light).streams[0]
    assert picture.rotation in rotation
    assert (picture.width, picture.height) == size


def test_refusals_are_foreseen_all_of_them(
    media: Corpus, inspected: Inspect, tmp_path: Path
) -> None:
    seeing = tmp_path / "seeing.yaml"
    seeing.write_text("stages: [faces, metadata]\n")
    seen = inspected(
        media["gray.png"],
        profile=seeing,
        settings={"deliver.transcript": "vtt", "faces.within": [[9000, 9000, 10, 10]]},
    )
    assert [(one.error, one.exit_code, one.when) for one in seen.refusals] == [
        ("ProfileError", 20, "always"),
        ("SettingError", 23, "always"),
    ]
    assert seen.estimate is None


def test_what_is_refused_is_what_stops_a_run(
    media: Corpus, inspected: Inspect, light: Path, tmp_path: Path
) -> None:
    import veilcast

    settings = {"deliver.transcript": "vtt"}
    (refusal,) = inspected(media["gray.png"], profile=light, settings=settings).refusals
    with pytest.raises(errors.ProfileError) as caught:
        veilcast.run(
            media["gray.png"],
            tmp_path / "o.png",
            profile=light,
            settings=settings,
            work=tmp_path / "work",
        )
    assert (str(caught.value), caught.value.exit_code) == (refusal.sentence, refusal.exit_code)


def test_what_will_be_delivered_otherwise_is_told(media: Corpus, inspected: Inspect) -> None:
    seen = inspected(media["wmv.wmv"], profile="fast")
    assert seen.refusals == []
    assert (seen.container, seen.container_after) == ("wmv", "mp4")
    assert {stream.codec_after for stream in seen.streams} == {"h264", "aac"}
    assert any("AAC instead of Windows Media Audio" in warning for warning in seen.warnings)
    assert seen.estimate is not None


def test_a_telling_name_is_told(
    media: Corpus, inspected: Inspect, light: Path, tmp_path: Path
) -> None:
    source = tmp_path / "Maria Lopez.png"
    shutil.copy(media["gray.png"], source)
    (warning,) = inspected(source, profile=light).warnings
    assert "name" in warning
    assert "Maria" not in warning


def test_room_and_time(consultation: veilcast.Inspection, visit: Path) -> None:
    assert consultation.scratch.needed == 2 * visit.stat().st_size
    assert consultation.scratch.free > 0
    estimate = consultation.estimate
    assert estimate is not None
    assert set(estimate.phases) == {"locate", "redact", "verify"}
    assert 0 < estimate.low < estimate.seconds < estimate.high
    assert estimate.unknown == []


@pytest.mark.release
def test_stills_and_sound_alone(media: Corpus, inspected: Inspect, light: Path) -> None:
    still = inspected(media["portrait.jpg"], profile=light)
    assert (still.kind, still.streams[0].frame_rate) == ("still", None)
    sound = inspected(media["speech.flac"], profile=light)
    assert [stream.role for stream in sound.streams] == ["sound"]
    assert still.estimate
    assert sound.estimate


def test_tags_of_a_picture_that_is_converted_are_those_of_the_user_s_own_file(
    shared: Path, inspected: Inspect, light: Path
) -> None:
    seen = inspected(shared / "data" / "metadata" / "mat2_dirty.heic", profile=light)
    assert (seen.container, seen.container_after) == ("heic", "png")
    assert sum(one.count for one in seen.holds if one.place == "ICC_Profile") > 5
    assert any("PNG" in warning for warning in seen.warnings)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("text.mp4", errors.NotMediaError),
        ("zero.mp4", errors.EmptyInputError),
        ("truncated.mp4", errors.TruncatedError),
        ("missing.mp4", errors.UnreadableError),
    ],
)
def test_bad_inputs_end_as_they_do_in_a_run(
    name: str,
    error: type[errors.VeilcastError],
    media: Corpus,
    inspected: Inspect,
    light: Path,
    tmp_path: Path,
) -> None:
    source = tmp_path / name if name == "missing.mp4" else media[name]
    with pytest.raises(error):
        inspected(source, profile=light)


def test_rectangles_on_sound_alone_are_foreseen(
    media: Corpus, inspected: Callable[..., veilcast.Inspection], tmp_path: Path
) -> None:
    marked = tmp_path / "marked.yaml"
    marked.write_text("regions: [{box: [0, 0, 9, 9]}]\n")
    profile = tmp_path / "light.yaml"
    profile.write_text("stages: [regions, metadata]\n")
    seen = inspected(media["speech.wav"], profile=profile, regions=marked)
    assert [(one.error, one.exit_code, one.when) for one in seen.refusals] == [
        ("NoPictureError", 13, "always")
    ]
