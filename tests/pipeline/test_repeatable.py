"""Equal runs give equal bytes; the way there makes no difference; an edit changes what it names."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from cli.program import Program as CommandLine
from pipeline.decoded import heard, pictures, tracks
from pipeline.program import one_by_one
from redaction.pictures import per_sample

from veilcast.manifest import equal_apart_from_volatile, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Consultation, Program
    from testmedia import Corpus

    from veilcast.types import Track

pytestmark = pytest.mark.release

REGIONS = """
regions:
  - {label: mark, box: ["25%", "20%", "25%", "30%"], treatment: fill}
  - {label: other, box: ["55%", "40%", "30%", "45%"], treatment: mosaic, shape: ellipse}
"""
SPANS = """
mute:
  - {from: 0.3, to: 0.7, treatment: beep}
  - {from: 0.8, to: 0.9}
"""
STAGES = "stages: [regions, metadata]"

SEEN = [
    "interlaced.mp4",  # H.264
    "yuv444.mkv",
    "odd.webm",  # VP9
    "hdr10.mp4",  # HEVC
    "hdr10.mkv",  # AV1
    "gray.jpg",
    "avi_mpeg4.avi",
    "yuv422.mov",  # ProRes
]
HEARD = ["speech24.wav", "speech.flac", "speech.mp3", "speech.m4a", "speech.opus"]
OTHERWISE = {
    # What Python hashes strings with, and what fresh memory is full of.
    "PYTHONHASHSEED": "12345",
    "MALLOC_PERTURB_": "77",
}


def assert_equal(first: Path, second: Path) -> None:
    """The delivered files byte for byte, and the manifests but for date and seconds."""
    assert first.read_bytes() == second.read_bytes()
    manifests = [
        load(path.with_name(f"{path.stem}.manifest.json").read_bytes()) for path in (first, second)
    ]
    assert equal_apart_from_volatile(*manifests)
    assert manifests[0]["volatile"]["created_at"]


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("names", "marks"),
    [
        (["interlaced.mp4", "gray.jpg"], REGIONS),
        (["speech.mp3"], SPANS),
        pytest.param(SEEN, REGIONS, marks=pytest.mark.release),
        pytest.param(HEARD, SPANS, marks=pytest.mark.release),
    ],
    ids=["some pictures", "some sound", "pictures", "sound"],
)
def test_another_process_gives_the_same_bytes(
    names: list[str], marks: str, media: Corpus, program: Program, tmp_path: Path
) -> None:
    here = program.profile(STAGES, marks)
    profile, regions = tmp_path / "profile.yaml", tmp_path / "regions.yaml"
    profile.write_text(STAGES)
    regions.write_text(marks)
    sources = [tmp_path / f"{number}{media[name].suffix}" for number, name in enumerate(names)]
    for link, name in zip(sources, names, strict=True):
        link.symlink_to(media[name])
    answer = CommandLine(tmp_path / "work")(
        *("run", *sources, "--profile", profile, "--regions", regions), env=OTHERWISE
    )
    assert answer.code == 0, answer.err
    for source in sources:
        mine = program.run(source, here).output
        assert mine.read_bytes() != source.read_bytes()
        assert_equal(mine, source.with_name(f"{source.stem}.deid{source.suffix}"))


@pytest.mark.release
def test_the_same_findings_give_the_same_as_a_whole_run_elsewhere(
    consultation: Consultation, program: Program, tmp_path: Path
) -> None:
    delivered = tmp_path / "consultation.mp4"
    answer = CommandLine(tmp_path / "work")(
        *("run", consultation.source, "-o", delivered, "--regions", consultation.regions),
        env=OTHERWISE,
    )
    assert answer.code == 0, answer.err
    assert consultation.outcome.output.read_bytes() == delivered.read_bytes()
    # What locating warned of is not repeated with findings: a person may have edited them.
    assert _done(consultation.outcome.output) == _done(delivered)
    again = program.run(consultation.source, consultation.profile, findings=consultation.findings)
    assert_equal(consultation.outcome.output, again.output)


def _done(output: Path) -> list[tuple[Any, ...]]:
    """What the manifest says of each step but for warnings and hashes."""
    manifest = load(output.with_name(f"{output.stem}.manifest.json").read_bytes())
    return [(e["stage"], e["settings"], e["models"], e["changes"]) for e in manifest["entries"]]


@pytest.mark.release
def test_stages_one_by_one_give_the_frames_of_one_pass(
    consultation: Consultation, stepwise: list[Path]
) -> None:
    delivered, *steps = stepwise
    assert [path.name.split("-")[1] for path in steps] == [
        *("faces.nut", "regions.nut", "speech.nut")
    ]
    _assert_same_pictures(consultation.outcome.output, delivered)
    assert_same_sound(consultation.outcome.output, delivered)


def _assert_same_pictures(first: Path, second: Path) -> None:
    for one, other in zip(pictures(first), pictures(second), strict=True):
        assert one.time == other.time
        for mine, theirs in zip(one.components, other.components, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def assert_same_sound(first: Path, second: Path) -> None:
    for track in range(tracks(first)):
        one, other = heard(first, track), heard(second, track)
        assert one.time == other.time
        np.testing.assert_array_equal(one.samples, other.samples)


@pytest.mark.release
@pytest.mark.parametrize(
    "name",
    [
        "rotated.mp4",
        "fullrange.mp4",
        "interlaced.mp4",
        "bframes_edit.mp4",
        "vfr.mkv",
        "negative_start.webm",
        "hdr10.mp4",
        "nv12.nut",
        "rotated.jpg",
    ],
)
def test_an_intermediate_is_the_source_with_the_cover_on_it(
    name: str, media: Corpus, program: Program
) -> None:
    source = media[name]
    profile = program.profile(STAGES, REGIONS)
    fused = program.run(source, profile).output
    outcome = program.run(source, profile, keep_intermediates=True)
    (step,) = outcome.output.parent.glob("*.1-regions.nut")
    _assert_same_pictures(fused, outcome.output)
    assert_same_sound(fused, outcome.output)
    before, after = list(pictures(source)), list(pictures(step))
    assert [f.time - after[0].time for f in after] == [f.time - before[0].time for f in before]
    for old, new in zip(before, after, strict=True):
        changed = [a != b for a, b in zip(old.components, new.components, strict=True)]
        share = np.mean(changed[0])
        # The rectangle is 7.5 % of the picture and the ellipse's box 13.5 %, of which pi/4 and,
        # where it is drawn around the box's corners, up to twice that.
        assert 0.1 < share < 0.4
        assert not any(part[:, :2].any() or part[:2].any() for part in changed)


@pytest.mark.release
def test_without_a_face_only_what_it_covered_is_bare(
    consultation: Consultation, stepwise: list[Path], program: Program
) -> None:
    faces, *others = consultation.findings.stages
    removed, *kept = sorted(faces.tracks, key=lambda track: -len(track.times_us))
    edited = replace(consultation.findings, stages=(replace(faces, tracks=tuple(kept)), *others))
    fewer = one_by_one(program, consultation, edited)
    assert fewer[0].read_bytes() != stepwise[0].read_bytes()
    bare = 0
    for source, full, now in _frames(consultation.source, stepwise[1], fewer[1]):
        at_us, shape = int(source.time * 1_000_000), source.components[0].shape
        differs = [a != b for a, b in zip(full.components, now.components, strict=True)]
        (own,) = _areas([removed], at_us, shape) or [np.zeros(shape, dtype=bool)]
        # A mosaic averages what an earlier one has left: where covers overlap, both are concerned.
        over = [area for area in _areas(kept, at_us, shape) if (area & own).any()]
        concerned = np.any([own, *over], axis=0)
        alone = own & ~np.any([~own, *over], axis=0)
        for part, old, new in zip(differs, source.components, now.components, strict=True):
            assert not part[~per_sample(concerned, part.shape)].any()
            uncovered = part & ~per_sample(~alone, part.shape)
            np.testing.assert_array_equal(new[uncovered], old[uncovered])
            bare += int(uncovered.sum())
    assert bare > 100_000


def _areas(tracks: list[Track], at_us: int, shape: tuple[int, int]) -> list[NDArray[np.bool_]]:
    """Where the faces that are covered at this time may be covered: padded by a quarter."""
    found = []
    for track in tracks:
        times = track.times_us.tolist()
        if at_us in times:
            found.append(_grown(track.boxes[times.index(at_us)].tolist(), 0.25, shape))
    return found


THREE = """
regions:
  - {label: fixed, box: [10, 10, 60, 50], treatment: fill, from: 0.5, to: 2}
  - label: moving
    keyframes: [{at: 0.3, box: [90, 100, 40, 40]}, {at: 3, box: [260, 180, 50, 50]}]
    from: 0.3
    to: 3
    shape: ellipse
  - {label: other, box: [200, 20, 100, 60]}
"""


@pytest.mark.release
def test_without_a_region_only_that_region_is_bare(media: Corpus, program: Program) -> None:
    source = media["vfr.mp4"]
    profile = program.profile(STAGES, THREE)
    findings = program.locate(source, profile)
    regions, metadata = findings.stages
    (moving,) = [track for track in regions.tracks if track.identifier == "moving"]
    others = tuple(track for track in regions.tracks if track is not moving)
    edited = replace(findings, stages=(replace(regions, tracks=others), metadata))
    steps: list[Path] = []
    for document in (findings, edited):
        outcome = program.run(source, profile, findings=document, keep_intermediates=True)
        steps += outcome.output.parent.glob("*.1-regions.nut")
    boxes = dict(zip(moving.times_us.tolist(), moving.boxes.tolist(), strict=True))
    times = [float(frame.time) for frame in pictures(source)]
    # A frame is shown until the next: the one on screen at 0.3 s is the first, and none after 3 s.
    shown = [t for t, until in zip(times, [*times[1:], 9.0], strict=True) if until > 0.3 and t < 3]
    assert [us / 1e6 for us in boxes] == pytest.approx(shown, abs=1e-6)
    for before, full, fewer in _frames(source, *steps):
        box = boxes.pop(int(before.time * 1_000_000), None)
        differs = [a != b for a, b in zip(full.components, fewer.components, strict=True)]
        assert differs[0].any() == (box is not None)
        for part, old, now in zip(differs, before.components, fewer.components, strict=True):
            if box is not None:
                area = _grown(box, 0.25, differs[0].shape)
                assert not part[~per_sample(area, part.shape)].any()
            else:
                assert not part.any()
            np.testing.assert_array_equal(now[part], old[part])
    assert not boxes


def _frames(*paths: Path) -> Iterator[tuple[Any, ...]]:
    yield from zip(*(pictures(path) for path in paths), strict=True)


def _grown(box: list[float], padding: float, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels that a box, grown on every side by a share of its own size, touches."""
    x, y, width, height = box
    area = np.zeros(shape, dtype=bool)
    left, top = floor(x - padding * width), floor(y - padding * height)
    right, bottom = ceil(x + width * (1 + padding)), ceil(y + height * (1 + padding))
    area[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    return area
