"""The kit's fixtures: media, hosts of one plugin, whole runs, and what is in a manifest."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from testmedia import seen

from veilcast.errors import PluginFailedError, UnknownStageError
from veilcast.media.probe import probe
from veilcast.plugin import (
    Box,
    Detection,
    DetectorChoice,
    DetectSettings,
    Phase,
    Stage,
    VisualDetector,
    hookimpl,
    locate_visual,
)
from veilcast.testing import assert_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from veilcast.testing import MediaMaker, Ran
    from veilcast.testing.fixtures import MakeHost, RunPipeline

GREEN = (0, 255, 0)


class BandSettings(DetectSettings):
    detectors: tuple[DetectorChoice, ...] = (DetectorChoice(name="green"),)


class Green:
    def __init__(self, context: Any) -> None:
        self.least = context.least_score

    def detect(self, picture: Any) -> list[Detection]:
        wide = picture.astype(np.int16)
        green = (wide[..., 1] - np.maximum(wide[..., 0], wide[..., 2])) > 60
        rows, columns = np.flatnonzero(green.any(axis=1)), np.flatnonzero(green.any(axis=0))
        if not len(rows) or self.least > 0.8:
            return []
        box = Box(
            x=float(columns[0]),
            y=float(rows[0]),
            width=float(columns[-1] - columns[0] + 1),
            height=float(rows[-1] - rows[0] + 1),
        )
        return [Detection(box=box, score=0.8)]

    def close(self) -> None:
        pass


class Bands:
    """A detector and a stage that uses it."""

    load: Any = Green

    @hookimpl
    def veilcast_detectors(self) -> Iterable[VisualDetector]:
        yield VisualDetector(
            name="green", identifier="wristband", hipaa="R", summary="Green", load=self.load
        )

    @hookimpl
    def veilcast_stages(self) -> Iterable[Stage]:
        yield Stage(
            name="bands",
            phase=Phase.PICTURE,
            summary="Green bands",
            settings=BandSettings,
            locate=lambda context: locate_visual(context, "bands"),
            detectors=lambda settings: tuple(choice.name for choice in settings.detectors),
        )


@pytest.fixture
def ran(veilcast_media: MediaMaker, veilcast_run: RunPipeline) -> Ran:
    source = veilcast_media.video(0.6, things=[(GREEN, (60, 50, 48, 32))], speed=(4, 0))
    profile = {"stages": [{"bands": {"treatment": "fill"}}, "metadata"]}
    return veilcast_run(source, Bands(), profile=profile)


def _green(path: Path) -> int:
    worst = 0
    for frame in seen.frames(path):
        wide = frame.to_ndarray(format="rgb24").astype(np.int16)
        green = wide[..., 1] - np.maximum(wide[..., 0], wide[..., 2])
        worst = max(worst, int((green > 60).sum()))
    return worst


def test_a_whole_run_covers_what_the_plugin_finds_and_says_so(ran: Ran, tmp_path: Path) -> None:
    assert _green(ran.output) == 0
    assert tmp_path in ran.output.parents
    assert [found.stage for found in ran.findings] == ["bands", "metadata"]
    assert ran.verification.verdict == "clean"
    (change,) = assert_manifest(
        ran.manifest_path, what="wristband", kind="picture", count=15, at_us=0, stage="bands"
    )
    assert change["detector"] == "green"
    assert assert_manifest(ran.manifest, detector="green") == [change]
    (plugin,) = {
        entry["plugin"]["distribution"]
        for entry in ran.manifest["entries"]
        if entry["stage"] == "bands"
    }
    assert plugin == "not-installed"


ABSENT: list[tuple[dict[str, Any], str]] = [
    ({"what": "tattoo"}, "wristband (picture, bands)"),
    ({"kind": "sound"}, "no change is kind sound"),
    ({"what": "wristband", "at_us": 10_000_000}, "at 10000000 us"),
    ({"what": "wristband", "count": 3}, "count 15 and not 3"),
    ({"what": "wristband", "stage": "metadata"}, "stage metadata"),
]


def test_what_is_not_in_a_manifest_is_not_found_there(ran: Ran) -> None:
    for asked, said in ABSENT:
        with pytest.raises(AssertionError) as caught:
            assert_manifest(ran.manifest, **asked)
        assert said in str(caught.value)


def test_an_edited_manifest_does_not_hold(ran: Ran, tmp_path: Path) -> None:
    edited = json.loads(json.dumps(ran.manifest))
    edited["entries"][0]["changes"][0]["hipaa"] = "A"
    with pytest.raises(AssertionError, match="does not hold"):
        assert_manifest(edited)
    path = tmp_path / "none.json"
    path.write_text("{}")
    with pytest.raises(AssertionError, match="no manifest"):
        assert_manifest(path)


def test_a_fault_of_a_plugin_is_raised_and_nothing_is_delivered(
    veilcast_media: MediaMaker, veilcast_run: RunPipeline, tmp_path: Path
) -> None:
    class Broken(Bands):
        def load(self, context: Any) -> Any:
            raise KeyError("no model")

    with pytest.raises(PluginFailedError, match="KeyError"):
        veilcast_run(veilcast_media.still(), Broken(), profile={"stages": ["bands"]})
    assert not list(tmp_path.rglob("*.deid*"))


def test_a_run_has_no_network_and_the_test_keeps_its_own(
    veilcast_media: MediaMaker, veilcast_run: RunPipeline
) -> None:
    import socket

    class Calls(Bands):
        def load(self, context: Any) -> Any:
            socket.socket()

    with pytest.raises(PluginFailedError, match="PermissionError"):
        veilcast_run(veilcast_media.still(), Calls(), profile={"stages": ["bands"]})
    socket.socket().close()


def test_a_host_has_the_given_plugins_and_no_others(veilcast_host: MakeHost) -> None:
    host = veilcast_host(Bands())
    assert set(host.stages) == {"bands", "metadata"}
    assert set(host.detectors) == {"green"}
    assert {"playback", "tags"} <= host.checks.keys()
    assert "mosaic" in host.pixel_treatments
    with pytest.raises(UnknownStageError):
        host.stage("faces")
    assert "regions" in veilcast_host(also=["regions"]).stages
    with pytest.raises(ValueError, match="no built-in plugin 'faecs'"):
        veilcast_host(also=["faecs"])
    band = Bands()
    with pytest.raises(AssertionError, match=r"twice|registered"):
        veilcast_host(band, band)

    class Fails:
        @hookimpl
        def veilcast_stages(self) -> Any:
            raise OSError("no licence")

    with pytest.raises(AssertionError, match="no licence"):
        veilcast_host(Fails())


def test_media_are_what_was_asked_for(veilcast_media: MediaMaker) -> None:
    film = veilcast_media.video(
        0.5,
        (160, 120),
        [(GREEN, (10, 20, 40, 30))],
        rate=20,
        speed=(2, 0),
        sound=np.sin(np.arange(8000) / 9) / 2,
    )
    media = probe(film)
    assert media.video is not None
    assert (media.video.displayed_size, media.video.rate) == ((160, 120), Fraction(20))
    assert [audio.rate_hz for audio in media.audio] == [16_000]
    frames = list(seen.frames(film))
    assert len(frames) == 10
    for number, frame in enumerate(frames):
        picture = frame.to_ndarray(format="rgb24").astype(int)
        middle = picture[35, 10 + 20 + 2 * number]
        assert middle[1] > 200
        assert max(middle[0], middle[2]) < 100
    for ending in ("png", "jpg"):
        still = probe(veilcast_media.still((64, 48), ending=ending))
        assert still.kind == "still"
    wave = probe(veilcast_media.sound(np.zeros((1600, 2))))
    assert (wave.kind, wave.audio[0].channels) == ("audio", 2)
    assert (veilcast_media.picture(seed=1) == veilcast_media.picture(seed=1)).all()
    assert (veilcast_media.picture(seed=1) != veilcast_media.picture(seed=2)).any()


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_speech_is_heard_between_silence(veilcast_media: MediaMaker) -> None:
    said = veilcast_media.speech("room twelve", before_s=0.5, after_s=0.25)
    assert said.dtype == np.float32
    assert not said[:8000].any()
    assert not said[-4000:].any()
    assert abs(said[8000:-4000]).max() > 0.1


def test_loading_the_fixtures_loads_nothing_heavy() -> None:
    """pytest does it wherever Veilcast is installed, also for tests of something else."""
    program = (
        "import sys, pytest; before = set(sys.modules); import veilcast.testing.fixtures\n"
        "print(*sorted(m for m in set(sys.modules) - before if not m.startswith('veilcast')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert not {name.split(".")[0] for name in done.stdout.split()} & {
        "av",
        "cv2",
        "numpy",
        "openvino",
        "pluggy",
        "pydantic",
        "ruamel",
    }
