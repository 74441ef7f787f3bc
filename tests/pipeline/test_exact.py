"""What nobody marked comes out as it went in: frames, times, pixels, sound, and how it is shown.

Every clip and still of the corpus is covered in one rectangle and compared with what was delivered.
Reading is done without Veilcast's reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from pipeline.decoded import Shown, facts, heard, packets, pictures, tracks
from pipeline.plain import reencoded
from redaction.pictures import per_sample
from testmedia import names
from testmedia.seen import probe, still, tags
from thorough import only

from veilcast.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program
    from testmedia import Corpus

    Turn = Callable[[NDArray[np.bool_]], NDArray[np.bool_]]

BOX = (0.25, 0.2, 0.25, 0.3)
"""x, y, width, height as shares of the displayed picture: off its middle, so that turns count."""
GREY = 128
MARKED = """
stages:
  - regions:
      treatment: fill
      fill_colour: "#808080"
      regions:
        - {label: mark, box: ["25%", "20%", "25%", "30%"]}
  - metadata
"""

STORED: dict[str, Turn] = {
    "rotated.mp4": lambda shown: np.rot90(shown, 1),
    "rotated270.mp4": lambda shown: np.rot90(shown, -1),
    "rotated180.mov": lambda shown: np.rot90(shown, 2),
    "flipped.mp4": np.fliplr,
    "rotated.jpg": lambda shown: np.rot90(shown, 1),
}
"""How the displayed picture is stored, by the files' own description."""

QUICK = (*("bframes_edit.mp4", "hdr10.mkv", "rotated.jpg"),)
"""Of the containers and of what is easily lost, what is most common."""
MOVED = ("wmv.wmv",)
"""Their sound can't be written, so their container has a successor."""
LOSSLESS = ("ffv1", "png", "rawvideo")
RATIONED = ("prores",)
"""Codecs that give every picture so many bits: what the cover saves, the rest of it gets."""


@dataclass(frozen=True)
class Both:
    """A source and what was delivered for it."""

    name: str
    source: Path
    delivered: Path
    shown: list[Shown] = field(init=False)
    now: list[Shown] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", list(pictures(self.source)))
        object.__setattr__(self, "now", list(pictures(self.delivered)))

    @cached_property
    def facts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return facts(self.source), facts(self.delivered)

    @property
    def codec(self) -> str:
        return str(self.facts[0]["picture"]["codec_name"])

    @property
    def bits(self) -> int:
        return av.VideoFormat(self.facts[0]["picture"]["pix_fmt"], 64, 64).components[0].bits

    @cached_property
    def box(self) -> NDArray[np.bool_]:
        """Which pixels of the stored picture are marked."""
        return self._stored(0)

    @cached_property
    def rest(self) -> NDArray[np.bool_]:
        """Which are at least 16 pixels away from any that is."""
        return ~self._stored(16)

    def _stored(self, margin: int) -> NDArray[np.bool_]:
        stored: NDArray[np.bool_] = np.zeros(self.shown[0].components[0].shape, dtype=bool)
        turn: Turn = STORED.get(self.name, lambda picture: picture)
        # Turning a picture back is turning its shape: a quarter swaps the sides.
        height, width = stored.shape
        if turn(np.zeros((height, width + 1), dtype=bool)).shape[0] != height:
            width, height = height, width
        shown = np.zeros((height, width), dtype=bool)
        x, y, across, down = (
            share * whole for share, whole in zip(BOX, (width, height) * 2, strict=True)
        )
        left, top = max(0, int(x) - margin), max(0, int(y) - margin)
        right, bottom = -(-(x + across) // 1) + margin, -(-(y + down) // 1) + margin
        shown[top : int(bottom), left : int(right)] = True
        stored[...] = turn(shown)
        return stored


def beginning(path: Path, shown: list[Shown]) -> Fraction:
    """When the presentation starts: the first frame or the first sample, whichever is earlier."""
    return min([shown[0].time, *(heard(path, track).time for track in range(tracks(path)))])


@pytest.fixture(
    scope="module",
    params=only(QUICK, [name for name in names("video", "still") if name not in MOVED]),
)
def both(request: pytest.FixtureRequest, media: Corpus, program: Program) -> Iterator[Both]:
    source = media[request.param]
    outcome = program.run(source, program.profile(MARKED))
    yield Both(request.param, source, outcome.output)
    outcome.output.unlink()


@pytest.mark.quick(every=3)
def test_every_frame_is_shown_when_it_was(both: Both) -> None:
    start, now = beginning(both.source, both.shown), beginning(both.delivered, both.now)
    assert len(both.now) == len(both.shown)
    # To the tick: no container here has a coarser clock than its source.
    assert [f.time - now for f in both.now] == [f.time - start for f in both.shown]
    # Matroska's clock, as written today, begins at zero; all of that file is moved by one amount.
    if both.name != "negative_start.webm":
        assert now == start


@pytest.mark.quick(every=3)
def test_every_frame_is_shown_as_long_as_it_was(both: Both) -> None:
    container = both.facts[0]["container"]["format_name"]
    if container == "mpegts":
        return  # it stores no durations: what players take for one is a guess
    # MP4 stores them in decoding order, so that with B-frames and an uneven rate, a frame's own is
    # some other's; how long it is shown then is the time until the next.
    steps = {b.time - a.time for a, b in pairwise(both.shown)}
    kept = slice(-1, None) if "mp4" in container and len(steps) > 2 else slice(None)
    assert [f.duration for f in both.now[kept]] == [f.duration for f in both.shown[kept]]


def test_the_whole_lasts_as_long_as_it_did(both: Both) -> None:
    before, after = (side["container"] for side in both.facts)
    if both.name == "negative_start.webm" or "duration" not in before:
        return  # Matroska counts from zero, wherever the first frame is; stills say nothing
    # Muxers differ on whether the silence that fills an audio codec's last frame counts.
    sounds = both.facts[0]["sounds"]
    slack = max((1152 / int(sound["sample_rate"]) for sound in sounds), default=0.0)
    assert abs(float(after["duration"]) - float(before["duration"])) <= slack + 0.0011


def test_the_picture_is_what_it_was(both: Both) -> None:
    before, after = (side["picture"] for side in both.facts)
    for key in (
        "codec_name",
        "width",
        "height",
        "color_range",
        "color_space",
        "color_primaries",
        "color_transfer",
        "avg_frame_rate",
    ):
        uneven = key == "avg_frame_rate" and both.name.startswith("vfr")
        if not uneven:
            assert after.get(key) == before.get(key), key
    # An index into colours can't be averaged: such a picture is delivered in its colours.
    wanted = "rgba" if before["pix_fmt"] == "pal8" else before["pix_fmt"]
    assert after["pix_fmt"] == wanted
    assert after.get("sample_aspect_ratio", "1:1") == before.get("sample_aspect_ratio", "1:1")
    assert after.get("field_order", "progressive") == before.get("field_order", "progressive")
    assert [f.interlaced for f in both.now] == [f.interlaced for f in both.shown]
    if both.codec in ("prores", "hevc"):
        # Their tags say which decoder a player takes, and for ProRes the profile.
        assert after["codec_tag_string"] == before["codec_tag_string"]
        assert after["profile"] == before["profile"]


def test_it_is_turned_as_it_was(both: Both) -> None:
    before, after = (_turn(path) for path in (both.source, both.delivered))
    assert after == before
    assert bool(after) == (both.name in STORED)


def _turn(path: Path) -> list[Any]:
    data = facts(path)["picture"].get("side_data_list", [])
    matrices = [part["displaymatrix"] for part in data if "displaymatrix" in part]
    exif = tags(path).get("IFD0:Orientation", 1) if path.suffix in (".jpg", ".png") else 1
    return matrices if exif == 1 else [*matrices, exif]


def test_the_container_is_of_the_same_family(both: Both) -> None:
    before, after = (side["container"] for side in both.facts)
    assert after["format_name"] == before["format_name"]
    brands = [side.get("tags", {}).get("major_brand") for side in (before, after)]
    assert brands[0] == brands[1]
    assert both.delivered.suffix == both.source.suffix


def test_the_marked_pixels_are_gone(both: Both) -> None:
    picture, top = both.facts[0]["picture"], 2**both.bits - 1
    studio = picture["pix_fmt"].startswith(("yuv4", "nv")) and picture.get("color_range") != "pc"
    wanted = (16 + 219 * GREY / 255) / 256 if studio else GREY / 255
    for frame in both.now:
        covered = frame.components[0][both.box].astype(float) / top
        assert np.median(covered) == pytest.approx(wanted, abs=0.012)
        # Lossy codecs let the edge of the surroundings ring into the flat grey.
        assert np.quantile(np.abs(covered - wanted), 0.98) < 0.06


def test_the_rest_is_a_plain_reencode(both: Both) -> None:
    shapes = [part.shape for part in both.shown[0].components]
    if both.codec in LOSSLESS:
        untouched = [~per_sample(both.box, shape) for shape in shapes]
        for before, after in zip(both.shown, both.now, strict=True):
            for mask, old, new in zip(untouched, before.components, after.components, strict=True):
                np.testing.assert_array_equal(new[mask], old[mask])
        return
    far = [~per_sample(~both.rest, shape) for shape in shapes]
    covered = _psnr(both, [frame.components for frame in both.now], far)
    plain = _psnr(both, reencoded(both.source), far)
    assert covered[0] >= plain[0] - 0.5
    assert both.codec in RATIONED or covered[0] <= plain[0] + 0.5
    assert all(mine >= theirs - 0.5 for mine, theirs in zip(covered, plain, strict=True))


def _psnr(both: Both, frames: Any, where: list[NDArray[np.bool_]]) -> list[float]:
    """Against the source, in dB, for each component over all frames."""
    errors = np.array(
        [
            [
                np.mean((old[mask].astype(float) - new[mask]) ** 2)
                for mask, old, new in zip(where, before.components, after, strict=True)
            ]
            for before, after in zip(both.shown, frames, strict=True)
        ]
    )
    top = 2**both.bits - 1
    return [float(10 * np.log10(top**2 / mean)) for mean in errors.mean(axis=0)]


def test_sound_is_copied_packet_for_packet(both: Both) -> None:
    count = tracks(both.source)
    if not count:
        assert tracks(both.delivered) == 0
        return
    assert tracks(both.delivered) == count
    start, now = beginning(both.source, both.shown), beginning(both.delivered, both.now)
    for track in range(count):
        before, after = packets(both.source, track), packets(both.delivered, track)
        played = [p for p in before if not p.hidden]
        # What encoders wrote beside the sound is zeros now: packets keep their lengths.
        assert [len(p.data) for p in after if not p.hidden] == [len(p.data) for p in played]
        assert [p.time - now for p in after if not p.hidden] == [p.time - start for p in played]
        # What an edit list hides is gone, but for the packet that primes the decoder.
        assert sum(p.hidden for p in after) <= 1
        sound, was = heard(both.delivered, track).samples, heard(both.source, track).samples
        # AAC's noise goes on from the packets before, of which an edit list takes some away.
        near = 1e-3 if any(p.hidden for p in before) else 0
        assert np.allclose(sound, was, rtol=0, atol=near)


def test_the_edited_clip_had_something_to_hide(media: Corpus) -> None:
    assert sum(packet.hidden for packet in packets(media["bframes_edit.mp4"], 0)) > 20


@pytest.mark.release
@pytest.mark.parametrize("name", ["interlaced.mp4", "interlaced.mpg"])
def test_the_top_field_is_still_first(name: str, media: Corpus, program: Program) -> None:
    outcome = program.run(media[name], program.profile(MARKED))
    for path in (media[name], outcome.output):
        frames = probe(path, "-show_frames", "-select_streams", "v")["frames"]
        assert {(f["interlaced_frame"], f["top_field_first"]) for f in frames} == {(1, 1)}


ASKED = """
stages:
  - regions: {regions: [{label: mark, box: ["25%", "20%", "25%", "30%"]}]}
  - metadata
deliver: {container: mp4, codec: h264, crf: 18, preset: veryfast}
"""


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", ["hdr10.mkv", "vp8.webm", "vfr.mkv", "opus.mkv"])
def test_another_codec_and_container_are_delivered_when_asked_for(
    name: str, media: Corpus, program: Program
) -> None:
    source = media[name]
    delivered = program.run(source, program.profile(ASKED), named="delivered.mp4").output
    said = facts(delivered)
    assert said["container"]["format_name"].startswith("mov,mp4")
    assert said["container"]["tags"]["major_brand"] == "isom"
    assert said["picture"]["codec_name"] == "h264"
    before, after = list(pictures(source)), list(pictures(delivered))
    assert [f.time - after[0].time for f in after] == [f.time - before[0].time for f in before]
    late = [
        heard(path).time - first.time
        for path, first in ((source, before[0]), (delivered, after[0]))
    ]
    # Matroska's clock ticks in milliseconds, so that is how well the source knows.
    assert abs(late[1] - late[0]) <= Fraction(1, 1000)
    old = facts(source)["picture"]
    for key in ("width", "height", "pix_fmt", "color_space", "color_transfer"):
        assert said["picture"].get(key) == old.get(key), key
    # crf 18 in earnest: a decent picture where nothing is covered.
    corner = (slice(0, before[0].components[0].shape[0] // 8), slice(None))
    top = 1023 if name.startswith("hdr10") else 255
    error = np.mean(
        [
            np.mean((a.components[0][corner].astype(float) - b.components[0][corner]) ** 2)
            for a, b in zip(before, after, strict=True)
        ]
    )
    assert 10 * np.log10(top**2 / error) > 36


@pytest.mark.release
def test_a_coarser_quality_is_honoured(media: Corpus, program: Program) -> None:
    sizes = []
    for crf in (18, 35):
        document = ASKED.replace("crf: 18", f"crf: {crf}")
        outcome = program.run(media["plain.mp4"], program.profile(document))
        sizes.append(outcome.output.stat().st_size)
    assert sizes[1] < sizes[0] * 0.7


@pytest.mark.parametrize("name", ["odd.webm"])
def test_a_codec_that_can_not_hold_the_picture_is_refused(
    name: str, media: Corpus, program: Program
) -> None:
    # H.264's 4:2:0 has no odd sizes, and a line more or less would be another picture.
    with pytest.raises(UnsupportedError, match=r"deliver\.codec") as refusal:
        program.run(media[name], program.profile(ASKED), named="delivered.mp4")
    assert refusal.value.exit_code == 18


@pytest.mark.release
def test_transparency_stays(media: Corpus, program: Program) -> None:
    source = media["rgba.png"]
    delivered = program.run(source, program.profile(MARKED)).output
    before, after = (still(p)[..., 3] for p in (source, delivered))
    np.testing.assert_array_equal(after, before)
