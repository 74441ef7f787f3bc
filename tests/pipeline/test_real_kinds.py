"""Files of kinds that people really have, as the folder for development holds them."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from thorough import only

import veilcast
from veilcast import errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED = os.environ.get("VEILCAST_SHARED")
CASES = Path(SHARED or "not there") / "cases"


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Path:
    path = CASES / str(request.param)
    if not path.exists():
        pytest.skip("VEILCAST_SHARED names no folder with cases/" + path.name)
    return path


def samples(path: Path) -> NDArray[np.int16]:
    """Every sample of a WAV, as ffmpeg reads it."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-"]
    done = subprocess.run(command, check=True, capture_output=True)
    return np.frombuffer(done.stdout, np.int16)


@pytest.mark.release
@pytest.mark.parametrize("case", ["icc.jpg"], indirect=True)
def test_the_usual_profile_of_a_photo_is_no_reason_to_stop(case: Path, tmp_path: Path) -> None:
    from PIL import Image, ImageCms

    result = veilcast.run(case, tmp_path / "out.jpg", work=tmp_path / "work")
    assert result.verdict == "clean"
    assert not [warning for warning in result.warnings if "colour" in warning]
    with Image.open(result.output) as picture:
        profile = picture.info["icc_profile"]
    told = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    assert (told.profile_description, told.copyright) == ("sRGB", "CC0")


@pytest.mark.release
@pytest.mark.parametrize("case", ["hidden.png"], indirect=True)
def test_what_is_under_transparency_is_erased(case: Path, tmp_path: Path) -> None:
    from PIL import Image

    result = veilcast.run(case, tmp_path / "out.png", work=tmp_path / "work")
    assert result.verdict == "clean"
    with Image.open(case) as source, Image.open(result.output) as delivered:
        before, after = np.asarray(source.convert("RGBA")), np.asarray(delivered.convert("RGBA"))
    hidden = before[..., 3] == 0
    assert before[hidden][:, :3].any()
    assert not after[hidden][:, :3].any()
    assert np.array_equal(after[..., 3], before[..., 3])


@pytest.mark.release
@pytest.mark.parametrize("case", ["stream.wav"], indirect=True)
def test_a_wav_out_of_a_pipe_is_read_to_its_end(case: Path, tmp_path: Path) -> None:
    """Its sizes were never written; the copy has them, and every sample."""
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [regions, metadata]\n")
    marks = tmp_path / "marks.yaml"
    marks.write_text("mute: [{from: 1, to: 2}]\n")
    for regions in (None, marks):
        result = veilcast.run(
            case,
            tmp_path / "out.wav",
            profile=profile,
            regions=regions,
            work=tmp_path / "work",
            force=True,
        )
        assert result.verdict == "clean"
        written = result.output.read_bytes()
        assert int.from_bytes(written[4:8], "little") == len(written) - 8
        before, after = samples(case), samples(result.output)
        assert len(after) == len(before)
        changed = np.flatnonzero(before != after)
        assert (len(changed) > 0) == (regions is not None)
        assert not len(changed) or (changed[0] >= 15_900 and changed[-1] <= 32_100)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A recording, what is asked for, and what is to come of it.

    Attributes:
        case: its name.
        ending: of what is delivered.
        rules: what is said to differ from the source.
        codecs: of what is delivered, picture first.
        ask: settings.
        frames: how many the delivered picture has; 0 without one.
    """

    case: str
    ending: str
    rules: tuple[str, ...] = ()
    codecs: tuple[str, ...]
    ask: tuple[str, ...] = ()
    frames: int = 0


KINDS = (
    Kind(
        case="jit8.webm",
        ending=".webm",
        rules=("sound-times",),
        codecs=("vp8", "opus"),
        frames=120,
    ),
    Kind(
        case="gap_opus.webm",
        ending=".webm",
        rules=("sound-gap",),
        codecs=("vp8", "opus"),
        frames=191,
    ),
    Kind(
        case="iphone16_apac.mov",
        ending=".mov",
        rules=("unknown-track",),
        codecs=("h264", "aac"),
        frames=96,
    ),
    Kind(
        case="xvid_bf.avi",
        ending=".mp4",
        rules=("picture-times", "picture-codec", "container"),
        codecs=("h264", "mp3float"),
        frames=70,
    ),
    Kind(
        case="h263_only.3gp",
        ending=".mp4",
        rules=("picture-codec", "container"),
        codecs=("h264",),
        frames=75,
    ),
    Kind(case="memo.3gp", ending=".m4a", rules=("sound-codec", "container"), codecs=("aac",)),
    Kind(case="memo.amr", ending=".m4a", rules=("sound-codec", "container"), codecs=("aac",)),
    Kind(
        case="webcam_alpha.webm",
        ending=".webm",
        rules=("transparency",),
        codecs=("vp9", "opus"),
        frames=72,
    ),
    Kind(case="dash48.avi", ending=".avi", codecs=("mjpeg", "pcm_s16le"), frames=48),
    Kind(
        case="dash48.avi",
        ask=("deliver.codec=h264", "deliver.container=mp4"),
        ending=".mp4",
        rules=("sound-codec",),
        codecs=("h264", "aac"),
        frames=48,
    ),
    Kind(
        case="pcm.mov",
        ask=("deliver.container=mp4",),
        ending=".mp4",
        rules=("sound-codec",),
        codecs=("h264", "aac"),
        frames=50,
    ),
    Kind(case="alpha.mov", ending=".mov", codecs=("prores",), frames=8),
    Kind(
        case="alpha.mov",
        ask=("deliver.codec=ffv1",),
        ending=".mkv",
        rules=("pixel-format", "container"),
        codecs=("ffv1",),
        frames=8,
    ),
    Kind(
        case="base.mp4",
        ask=("deliver.container=webm",),
        ending=".webm",
        rules=("picture-codec", "sound-codec"),
        codecs=("vp9", "opus"),
        frames=191,
    ),
    Kind(
        case="base.mp4",
        ask=("deliver.codec=vp9",),
        ending=".mp4",
        codecs=("vp9", "aac"),
        frames=191,
    ),
    Kind(case="emptyaudio.mp4", ending=".mp4", rules=("empty-track",), codecs=("h264",), frames=74),
    Kind(case="call_gsm.wav", ending=".wav", rules=("sound-codec",), codecs=("pcm_s16le",)),
    Kind(
        case="rescale_vp8.webm",
        ending=".webm",
        rules=("picture-size",),
        codecs=("vp8", "opus"),
        frames=120,
    ),
    Kind(
        case="vfr_dup.mkv",
        ending=".mkv",
        rules=("picture-times",),
        codecs=("h264", "aac"),
        frames=60,
    ),
    Kind(
        case="obs_crash.mkv",
        ask=("deliver.accept_loss=true",),
        ending=".mkv",
        rules=("early-end",),
        codecs=("h264", "aac"),
        frames=120,
    ),
    Kind(
        case="skydio.mp4",
        ending=".mp4",
        rules=("other-picture",),
        codecs=("h264", "aac"),
        frames=98,
    ),
)
QUICK = ("xvid_bf.avi", "memo.amr")
MUTED_S = (1.0, 1.5)
RATE_HZ = 16_000


def heard(path: Path) -> NDArray[np.float64]:
    """What a player plays, from the file's time 0 on: gaps are silent."""
    # Not Veilcast's reading: ffmpeg's own, and its own idea of what to do with time stamps.
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-af"]
    command += ["aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le"]
    done = subprocess.run([*command, "-"], check=True, capture_output=True)
    samples = np.frombuffer(done.stdout, np.int16) / 32768
    # It counts from the first packet of the file on, which may hold an encoder's delay.
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0"]
    said = subprocess.run([*asked, str(path)], check=True, capture_output=True, text=True).stdout
    first = round(float(said.strip().replace("N/A", "0")) * RATE_HZ)
    return np.concatenate([np.zeros(max(0, first)), samples[max(0, -first) :]])


def shown(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """The time of each frame, from the file's time 0 on, and its luma."""
    command = ["ffprobe", "-v", "error", "-select_streams", "V:0", "-show_entries"]
    command += ["frame=best_effort_timestamp_time", "-of", "csv=p=0", str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    times = [float(line.strip(",")) for line in said.split() if line.strip(",") != "N/A"]
    with av.open(str(path)) as container:
        luma: list[Any] = [f.to_ndarray(format="gray") for f in container.decode(video=0)]
    assert len(times) == len(luma)
    return list(zip(times, luma, strict=True))


def late_s(mine: NDArray[np.float64], theirs: NDArray[np.float64], from_s: float) -> float:
    """How much later than in `theirs` two seconds of `mine` are heard."""
    near = round(0.1 * RATE_HZ)
    first = round(from_s * RATE_HZ)
    own = mine[first + near : first + 2 * RATE_HZ - near]
    products = [
        float(own @ theirs[first + near - shift : first + near - shift + len(own)])
        for shift in range(-near, near + 1, 8)
    ]
    return (int(np.argmax(products)) * 8 - near) / RATE_HZ


@pytest.mark.parametrize(
    "kind",
    only([kind for kind in KINDS if kind.case in QUICK], KINDS),
    ids=lambda kind: "-".join((kind.case, *kind.ask)),
)
def test_a_kind_that_people_have_is_delivered(kind: Kind, tmp_path: Path) -> None:
    """Covered, in step with what is heard and seen in the source, and what differs is said."""
    if not (CASES / kind.case).exists():
        pytest.skip("VEILCAST_SHARED names no folder with cases/" + kind.case)
    source = tmp_path / kind.case
    shutil.copy(CASES / kind.case, source)
    marks = tmp_path / "marks.yaml"
    box = 'regions: [{label: badge, box: ["0%", "0%", "50%", "100%"], treatment: fill}]'
    silent = "mute: [{{from: {}, to: {}}}]".format(*MUTED_S)
    sounds, pictures = len(kind.codecs) > bool(kind.frames), bool(kind.frames)
    marks.write_text("\n".join([box] * pictures + [silent] * sounds))
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [regions, metadata]\n")
    result = veilcast.run(
        source,
        profile=profile,
        regions=marks,
        settings=list(kind.ask),
        work=tmp_path / "work",
    )
    assert (result.verdict, result.output.suffix) == ("clean", kind.ending)
    said = json.loads(result.manifest.read_bytes())["input"]["conformed"]
    assert tuple(one["rule"] for one in said) == kind.rules
    assert {one["sentence"] for one in said} <= set(result.warnings)
    with av.open(str(result.output)) as container:
        assert tuple(s.codec_context.name for s in container.streams) == kind.codecs
    if pictures:
        frames = shown(result.output)
        assert len(frames) == kind.frames
        assert np.diff([time for time, _ in frames]).min() > 0
        for _, luma in frames:
            half = luma.shape[1] // 2
            assert luma[:, : half - 8].max() < 40
            assert luma[:, half + 8 :].max() > 100
    if sounds:
        before, after = heard(source), heard(result.output)
        first, last = (round(at * RATE_HZ) for at in MUTED_S)
        assert np.abs(before[first:last]).max() > 0.05
        assert np.abs(after[first + 320 : last - 320]).max() < 0.01
        assert abs(len(after) - len(before)) < 0.1 * RATE_HZ
        for from_s in np.arange(1.5, len(before) / RATE_HZ - 2.2, 2):
            if np.abs(before[round(from_s * RATE_HZ) :][: 2 * RATE_HZ]).max() > 0.05:
                assert abs(late_s(after, before, float(from_s))) <= 0.02


@pytest.mark.release
@pytest.mark.parametrize("case", ["webcam_alpha.webm"], indirect=True)
def test_who_is_transparent_is_not_shown(case: Path, tmp_path: Path) -> None:
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [metadata]\n")
    result = veilcast.run(case, tmp_path / "out.webm", profile=profile, work=tmp_path / "work")
    with av.open(str(result.output)) as container:
        assert "alpha_mode" not in container.streams.video[0].metadata
        for frame in container.decode(video=0):
            picture = frame.to_ndarray(format="gray")
            assert picture[:, :300].max() < 40, "the half that was transparent is black"
            assert picture[:, 360:].max() > 120


@pytest.mark.release
@pytest.mark.parametrize("case", ["obs_crash.mkv"], indirect=True)
def test_what_is_lost_is_asked_about(case: Path, tmp_path: Path) -> None:
    """A sixth of this recording is missing: nobody is to find that out afterwards."""
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [regions, metadata]\n")
    with pytest.raises(errors.TruncatedError, match=r"1\.0 s .* --accept-loss"):
        veilcast.run(case, tmp_path / "out.mkv", profile=profile, work=tmp_path / "work")
    assert not list(tmp_path.glob("out*"))


@pytest.mark.quick(every=4)
@pytest.mark.parametrize(
    "case", ["jit8.webm", "xvid_bf.avi", "skydio.mp4", "h263_only.3gp"], indirect=True
)
def test_who_wants_it_exact_is_told_that_it_can_not_be(case: Path, tmp_path: Path) -> None:
    options: Any = {
        "profile": tmp_path / "quick.yaml",
        "regions": tmp_path / "marks.yaml",
        "work": tmp_path / "work",
    }
    options["profile"].write_text("stages: [regions, metadata]\n")
    sound = "" if case.suffix in (".3gp", ".avi") else "\nmute: [{from: 1, to: 2}]"
    options["regions"].write_text(f"regions: [{{label: a, box: [0, 0, 64, 64]}}]{sound}")
    with pytest.raises((errors.UnsupportedError, errors.TruncatedError)):
        veilcast.run(
            shutil.copy(case, tmp_path / case.name), settings=["deliver.fidelity=exact"], **options
        )


@pytest.mark.parametrize("case", ["cmyk.jpg"], indirect=True)
def test_a_printer_s_colours_become_a_screen_s(case: Path, tmp_path: Path) -> None:
    from PIL import Image

    marks = tmp_path / "marks.yaml"
    marks.write_text("regions: [{label: a, box: [0, 0, 64, 64], treatment: fill}]")
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [regions, metadata]\n")
    result = veilcast.run(
        case, tmp_path / "out.png", profile=profile, regions=marks, work=tmp_path / "work"
    )
    assert (result.verdict, result.output.suffix) == ("clean", ".png")
    assert any("printer" in warning for warning in result.warnings)
    with Image.open(case) as source, Image.open(result.output) as delivered:
        before, after = np.asarray(source.convert("RGB")), np.asarray(delivered.convert("RGB"))
    assert after[:64, :64].max() < 40
    assert np.abs(before[80:].astype(int) - after[80:]).mean() < 12


@pytest.mark.release
@pytest.mark.parametrize("case", ["skydio.mp4"], indirect=True)
def test_the_report_says_what_was_left_behind(case: Path, tmp_path: Path) -> None:
    profile = tmp_path / "quick.yaml"
    profile.write_text("stages: [metadata]\n")
    result = veilcast.run(case, tmp_path / "out.mp4", profile=profile, work=tmp_path / "work")
    assert result.report is not None
    facts = json.loads(result.report.with_suffix(".json").read_bytes())
    assert [note["stage"] for note in facts["warnings"]] == ["source"]
    assert "left behind" in facts["warnings"][0]["sentence"]
