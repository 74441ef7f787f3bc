"""From marked regions to what is covered, when and where, in real files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from testmedia import seen

from veilcast.errors import NoPictureError, RegionsError, VeilcastError
from veilcast.host import Host
from veilcast.pipeline import located
from veilcast.profile import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.extensions import Progress
    from veilcast.findings import Findings
    from veilcast.types import Track


class _Nobody:
    def phase(self, name: str) -> None: ...

    def warning(self, sentence: str) -> None: ...

    def stage(self, name: str) -> Progress:
        return lambda activity, done, total: None


@pytest.fixture
def locate(media: Corpus, tmp_path: Path) -> Callable[..., Findings]:
    """Locates the regions that a text marks in a file of the corpus."""
    host = Host()
    profile = tmp_path / "profile.yaml"
    profile.write_text("stages: [regions]")

    def run(name: str, text: str) -> Findings:
        (tmp_path / "regions.yaml").write_text(text)
        files = {"regions": tmp_path / "regions.yaml"}
        chosen = load_profile(host, str(profile), files=files)
        (found,) = located(host, media[name], chosen, tmp_path / "work", _Nobody()).stages
        return found

    return run


def times_us(path: Path) -> list[int]:
    """When each frame is shown, from the first moment of picture or sound."""
    streams = [s for s in seen.probe(path)["streams"] if s["codec_type"] in ("video", "audio")]
    start = min(float(stream["start_time"]) for stream in streams)
    return [round((frame.time - start) * 1e6) for frame in seen.frames(path)]


def only(found: Findings) -> Track:
    (track,) = found.tracks
    return track


def test_the_whole_clip_unless_times_are_given(
    locate: Callable[..., Findings], media: Corpus
) -> None:
    found = locate("vfr.mp4", "regions: [{box: [10, 20, 30, 40], label: chart, hipaa: B}]")
    track = only(found)
    assert (track.identifier, track.hipaa, track.detector) == ("chart", "B", "regions")
    expected = times_us(media["vfr.mp4"])
    assert np.abs(track.times_us - expected).max() <= 1
    assert (track.boxes == [10, 20, 30, 40]).all()
    assert found.examined == len(expected)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", ["vfr.mp4", "no_audio.mp4", "late_video.mp4"])
def test_from_is_included_and_to_is_not(
    name: str, locate: Callable[..., Findings], media: Corpus
) -> None:
    """And the frame that is still on the screen at `from` is covered too."""
    shown = times_us(media[name])
    first, last = shown[len(shown) // 3], shown[len(shown) // 2]

    def covered(start_us: int, end_us: int) -> list[int]:
        start, end = (f"'{time / 1e6:.6f}'" for time in (start_us, end_us))
        text = f"regions: [{{box: [0, 0, 9, 9], from: {start}, to: {end}}}]"
        return [int(time) for time in only(locate(name, text)).times_us]

    def near(times: list[int], expected: list[int]) -> bool:
        return len(times) == len(expected) and np.abs(np.subtract(times, expected)).max() <= 1

    between = [time for time in shown if first <= time < last]
    # A microsecond of slack: frame times are no whole microseconds.
    assert near(covered(first + 1, last), between)
    assert near(covered(first + 1, last + 2), [*between, last])
    before = shown[shown.index(first) - 1]
    assert near(covered(first - 2, last), [before, *between])
    middle = (before + first) // 2
    assert near(covered(middle, middle + 1), [before]), "a span between two frames is seen"


def test_the_last_frame_is_shown_until_the_end_and_not_longer(
    locate: Callable[..., Findings], media: Corpus
) -> None:
    shown = times_us(media["no_audio.mp4"])
    track = only(locate("no_audio.mp4", "regions: [{box: [0, 0, 9, 9], from: 2.49}]"))
    assert abs(int(track.times_us[0]) - shown[-1]) <= 1
    for times in ("from: 2.6", "from: 3600, to: 3601"):
        with pytest.raises(RegionsError, match=r"Region 1 \('region'\) covers no frame"):
            locate("no_audio.mp4", f"regions: [{{box: [0, 0, 9, 9], {times}}}]")


def test_times_count_from_where_picture_or_sound_begins(
    locate: Callable[..., Findings], media: Corpus
) -> None:
    """There, the sound begins half a second before the picture."""
    shown = times_us(media["late_video.mp4"])
    assert shown[0] == pytest.approx(500_000, abs=20_000)
    with pytest.raises(RegionsError, match="covers no frame"):
        locate("late_video.mp4", "regions: [{box: [0, 0, 9, 9], to: 0.4}]")
    track = only(locate("late_video.mp4", "regions: [{box: [0, 0, 9, 9], to: 0.6}]"))
    assert len(track.times_us) == sum(time < 600_000 for time in shown)


def test_percent_are_of_the_displayed_picture(locate: Callable[..., Findings]) -> None:
    text = "regions: [{box: [25%, 50%, 12.5%, 10%]}]"
    assert only(locate("no_audio.mp4", text)).boxes[0].tolist() == [80, 120, 40, 24]
    # Stored as 320x240 and shown upright as 240x320.
    assert only(locate("rotated.mp4", text)).boxes[0].tolist() == [60, 160, 30, 32]
    assert only(locate("rotated.jpg", text)).boxes.shape == (1, 4)


def test_a_moving_region_goes_straight_from_one_keyframe_to_the_next(
    locate: Callable[..., Findings],
) -> None:
    text = """
    regions:
      - keyframes:
          - {at: 0.5, box: [0, 0, 20, 10]}
          - {at: 1.5, box: [100, 50%, 40, 10]}
          - {at: 2.0, box: [100, 0, 40, 30]}
    """
    track = only(locate("vfr.mp4", text))
    for time, box in zip(track.times_us.tolist(), track.boxes.tolist(), strict=True):
        share = min(max((time - 500_000) / 1e6, 0), 1)
        later = min(max((time - 1_500_000) / 5e5, 0), 1)
        assert box == pytest.approx(
            [100 * share, 120 * share - 120 * later, 20 + 20 * share, 10 + 20 * later], abs=1e-3
        )
    assert len(track.times_us) > 60, "and stays where it is before the first and after the last"


def test_partly_outside_is_clamped(locate: Callable[..., Findings]) -> None:
    for box, inside in (
        ("[-10, -20, 50, 60]", [0, 0, 40, 40]),
        ("[300, 230, 50, 60]", [300, 230, 20, 10]),
        ("[-5%, 90%, 200%, 50%]", [0, 216, 320, 24]),
    ):
        track = only(locate("no_audio.mp4", f"regions: [{{box: {box}}}]"))
        assert track.boxes[0].tolist() == inside


def test_a_region_that_leaves_the_picture_is_covered_while_it_is_there(
    locate: Callable[..., Findings],
) -> None:
    text = (
        "regions: [{keyframes: [{at: 0, box: [280, 0, 40, 40]}, {at: 2, box: [360, 0, 40, 40]}]}]"
    )
    track = only(locate("no_audio.mp4", text))
    assert len(track.times_us) == 30, "40 px/s: gone after a second"
    assert (track.boxes[:, 0] + track.boxes[:, 2] <= 320).all()


@pytest.mark.parametrize(
    "box",
    ["[320, 0, 9, 9]", "[0, 240, 9, 9]", "[-9, 0, 9, 9]", "[0, -30, 9, 9]", "[100%, 0, 9, 9]"],
)
def test_wholly_outside_is_an_error(box: str, locate: Callable[..., Findings]) -> None:
    text = f"regions: [{{box: [0, 0, 9, 9]}}, {{label: chart, box: {box}}}]"
    with pytest.raises(RegionsError, match=r"Region 2 \('chart'\) is wholly outside .*320x240"):
        locate("no_audio.mp4", text)


@pytest.mark.parametrize("box", ["[5, 5, 0, 9]", "[5, 5, 9, -1]", "[5, 5, 0%, 9]"])
def test_a_region_has_a_size(box: str, locate: Callable[..., Findings]) -> None:
    with pytest.raises(RegionsError, match="no width or no height"):
        locate("no_audio.mp4", f"regions: [{{box: {box}}}]")


def test_how_a_region_is_covered_goes_with_it(locate: Callable[..., Findings]) -> None:
    text = (
        "regions: [{box: [0, 0, 9, 9], shape: ellipse, treatment: fill, padding: 0.5, "
        "pixel_size: 24, fill_colour: '#00ff00'}, {box: [0, 0, 9, 9]}]"
    )
    first, second = locate("no_audio.mp4", text).tracks
    assert dict(first.options) == {
        "shape": "ellipse",
        "treatment": "fill",
        "padding": 0.5,
        "pixel_size": 24,
        "fill_colour": "#00ff00",
    }
    assert dict(second.options) == {}
    assert (first.id, second.id) == (1, 2)
    with pytest.raises(VeilcastError, match="mosaic"):
        locate("no_audio.mp4", "regions: [{box: [0, 0, 9, 9], treatment: glitter}]")


def test_sound(locate: Callable[..., Findings]) -> None:
    text = "mute: [{from: 0.5, to: 1, label: name, hipaa: A, treatment: beep}, {from: 2, to: 2.1}]"
    for name in ("plain.mp4", "speech.wav", "two_audio.mkv"):
        found = locate(name, text)
        assert [(s.start_us, s.end_us) for s in found.sounds] == [
            (500_000, 1_000_000),
            (2_000_000, 2_100_000),
        ]
        assert [s.options["treatment"] for s in found.sounds] == ["beep", "mute"]
        assert [(s.identifier, s.hipaa) for s in found.sounds] == [("name", "A"), ("sound", "")]
        assert {s.streams for s in found.sounds} == {None}, "in every sound stream"
    assert "no sound" in locate("no_audio.mp4", text).nothing_to_do


def test_nothing_marked_is_nothing_to_do(locate: Callable[..., Findings]) -> None:
    for name in ("no_audio.mp4", "speech.wav", "gray.png"):
        assert locate(name, "regions: []").nothing_to_do == "No regions were given."


def test_rectangles_on_sound_alone_are_a_mistake(locate: Callable[..., Findings]) -> None:
    with pytest.raises(NoPictureError):
        locate("speech.wav", "regions: [{box: [0, 0, 9, 9]}]")


def test_a_still_is_there_from_the_start(locate: Callable[..., Findings]) -> None:
    assert only(locate("gray.png", "regions: [{box: [0, 0, 9, 9]}]")).times_us.tolist() == [0]
    found: Any = locate("gray.png", "regions: [{box: [0, 0, 9, 9], from: 0, to: 5}]")
    assert only(found).times_us.tolist() == [0]
