"""Third-party plugins that do what they should: their work is in the result and in the manifest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import pytest
from cli.program import files
from plugins.distributions import install, stage
from testmedia import seen
from testmedia.scene import texture
from testmedia.tools import write_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cli.program import Program
    from numpy.typing import NDArray
    from testmedia import Corpus

STAMP = """
def draw(frame):
    import numpy as np
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    rows[100:140, 60:120] = 235
return copy(context, draw=draw)
"""
STAMPED = (slice(100, 140), slice(60, 120))


def _sound(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0)]


def _entries(manifest: Path) -> dict[str, dict[str, Any]]:
    return {entry["stage"]: entry for entry in json.loads(manifest.read_text())["entries"]}


@pytest.mark.release
@pytest.mark.parametrize("order", ["stamp, regions", "regions, stamp"])
def test_a_stage_with_a_redact_of_its_own(
    order: str, veilcast: Program, site: Path, media: Corpus, bench: Path, tmp_path: Path
) -> None:
    install(site, stage(redact=STAMP.strip()))
    profile, regions = tmp_path / "profile.yaml", tmp_path / "regions.yaml"
    profile.write_text(f"stages: [{order}, metadata]")
    regions.write_text("regions: [{box: [200, 100, 60, 40], treatment: fill}]")
    source, output = media["plain.mp4"], bench / "out.mp4"
    arguments = ("-q", "-p", profile, "-r", regions, "--keep-intermediates")
    answer = veilcast("run", source, *arguments, "-o", output)
    assert (answer.code, answer.err) == (0, "")
    before, after = seen.greys(source), seen.greys(output)
    assert len(after) == len(before) == 75
    for old, new in zip(before, after, strict=True):
        assert new[STAMPED][4:-4, 4:-4].min() >= 220, "white"
        assert new[104:136, 204:256].max() <= 24, "filled with black"
        rest = np.abs(new - old)[150:200]
        assert rest.mean() < 4, "the rest is as it was"
    assert [f.pts for f in seen.frames(output)] == [f.pts for f in seen.frames(source)]
    mine, theirs = _sound(output), _sound(source)
    assert mine[1:] == theirs[1:], "packet for packet: no stage changed a sample"
    assert len(mine[0]) == len(theirs[0]), "the encoder's name in the first is set to zero"
    entries = _entries(bench / "out.manifest.json")
    assert entries["stamp"]["plugin"] == {"distribution": "acme-stamp", "version": "1.2"}
    first, second = order.split(", ")
    assert entries[first]["output_sha256"] == entries[second]["input_sha256"]
    assert list(entries) == [first, second, "deliver", "metadata", "verify"]
    kept = [name for name in files(bench) if name.endswith(".nut")]
    assert [name.split("-")[1] for name in kept] == [f"{first}.nut", f"{second}.nut"]
    assert veilcast("manifest", "check", bench / "out.manifest.json").code == 0
    assert veilcast("verify", output, "--source", source, "-qp", profile).code == 0


TATTOOS = """
from veilcast.plugin import (
    Box, Detection, DetectorChoice, DetectorSettings, DetectSettings, Phase, Stage,
    VisualDetector, hookimpl, locate_visual,
)


class SquareSettings(DetectorSettings):
    greenness: int = 60


class TattooSettings(DetectSettings):
    detectors: tuple[DetectorChoice, ...] = (DetectorChoice(name="squares"),)


class Squares:
    def __init__(self, context):
        self.least, self.greenness = context.least_score, context.settings.greenness

    def detect(self, picture):
        import numpy as np

        wide = picture.astype(np.int16)
        green = (wide[..., 1] - np.maximum(wide[..., 0], wide[..., 2])) > self.greenness
        rows, columns = np.flatnonzero(green.any(axis=1)), np.flatnonzero(green.any(axis=0))
        if not len(rows):
            return []
        box = Box(
            x=float(columns[0]),
            y=float(rows[0]),
            width=float(columns[-1] - columns[0] + 1),
            height=float(rows[-1] - rows[0] + 1),
        )
        return [Detection(box=box, score=0.75)] if self.least <= 0.75 else []

    def close(self):
        pass


class Plugin:
    @hookimpl
    def veilcast_detectors(self):
        yield VisualDetector(
            name="squares",
            identifier="tattoo",
            hipaa="R",
            summary="Green squares",
            load=Squares,
            settings=SquareSettings,
        )

    @hookimpl
    def veilcast_stages(self):
        yield Stage(
            name="tattoos",
            phase=Phase.PICTURE,
            summary="Green squares",
            settings=TattooSettings,
            locate=lambda context: locate_visual(context, "tattoos"),
            locate_settings=("sample_rate", "confidence", "min_size", "hold", "detectors"),
            detectors=lambda settings: tuple(choice.name for choice in settings.detectors),
        )


plugin = Plugin()
"""


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a green square that crosses a wall."""

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for index in range(60):
            picture = texture(320, 240).copy()
            cv2.rectangle(picture, (20 + 4 * index, 90), (59 + 4 * index, 129), (0, 255, 0), -1)
            yield picture

    path = tmp_path_factory.mktemp("square") / "square.mp4"
    write_pictures(path, pictures())
    return path


def _green(path: Path) -> list[int]:
    """How many clearly green pixels each frame has."""
    counts = []
    for frame in seen.frames(path):
        picture = frame.to_ndarray(format="rgb24").astype(np.int16)
        green = picture[..., 1] - np.maximum(picture[..., 0], picture[..., 2])
        counts.append(int((green > 60).sum()))
    return counts


@pytest.mark.release
def test_a_detector_and_a_stage_that_uses_it(
    veilcast: Program, site: Path, square: Path, bench: Path, tmp_path: Path
) -> None:
    """Sampling, tracking, covering, delivery and the manifest come from Veilcast."""
    install(site, TATTOOS, distribution="acme-tattoos", entry="tattoos", attribute="plugin")
    profile = tmp_path / "profile.yaml"
    profile.write_text("stages: [tattoos: {treatment: fill, sample_rate: 4}, metadata]")
    assert min(_green(square)) > 1000
    output = bench / "out.mp4"
    answer = veilcast("run", square, "-q", "-p", profile, "-o", output)
    assert (answer.code, answer.err) == (0, "")
    assert max(_green(output)) == 0, "also in the frames between the looks"
    entry = _entries(bench / "out.manifest.json")["tattoos"]
    assert entry["plugin"] == {"distribution": "acme-tattoos", "version": "1.2"}
    (change,) = entry["changes"]
    assert (change["what"], change["hipaa"], change["detector"]) == ("tattoo", "R", "squares")
    assert change["count"] == 60
    assert change["frames"]["detected"] in range(8, 30), "at some looks a second"
    assert (change["score_min"], change["score_max"]) == (0.75, 0.75)
    assert change["how"]["treatment"] == "fill"
    # Its own settings are settings like any other.
    again = ("run", square, "-qp", profile, "-f", "-o", output, "-s")
    told = veilcast(*again, "tattoos.detectors=[{name: squares, greeness: 1}]")
    assert (told.code, "did you mean 'greenness'?" in told.err) == (22, True)
    for strict in (
        "tattoos.detectors=[{name: squares, greenness: 255}]",
        "tattoos.detectors=[{name: squares, min_size: 60}]",
        "tattoos.min_size=60",
    ):
        answer = veilcast(*again, strict)
        assert answer.code == 0
        assert "No tattoo was detected" in answer.err
    listed = veilcast("plugins").out
    assert "tattoos  (acme-tattoos 1.2)\n    stage tattoos\n    detector squares\n" in listed


@pytest.mark.release
def test_a_plugin_that_changed_locates_again(
    veilcast: Program, site: Path, square: Path, bench: Path, tmp_path: Path
) -> None:
    """Its version is the same, but what it finds may not be."""
    install(site, TATTOOS, distribution="acme-tattoos", entry="tattoos", attribute="plugin")
    profile = tmp_path / "profile.yaml"
    profile.write_text("stages: [tattoos, metadata]")
    command = ("run", square, "-p", profile, "--json", "--force", "-o", bench / "out.mp4")

    def detected() -> bool:
        answer = veilcast(*command)
        assert answer.code == 0
        return any(event.get("activity") == "detecting" for event in answer.events)

    assert detected()
    assert not detected()
    module = site / "acme_tattoos.py"
    module.write_text(module.read_text().replace("score=0.75", "score=0.70"))
    assert detected()


PROFILE = """
from veilcast.plugin import ProfileDocument, hookimpl


@hookimpl
def veilcast_profiles():
    yield ProfileDocument(name="dental", summary="Mouths", text="stages: [regions, metadata]")
"""


def test_a_profile(veilcast: Program, site: Path, media: Corpus, bench: Path) -> None:
    install(site, PROFILE, distribution="acme-dental")
    assert "dental" in veilcast("profiles").out
    answer = veilcast("run", media["gray.png"], "-q", "-p", "dental", "-o", f"{bench}/")
    assert (answer.code, answer.err) == (0, "")
    assert (
        json.loads((bench / "gray.deid.manifest.json").read_text())["profile"]["name"] == "dental"
    )
