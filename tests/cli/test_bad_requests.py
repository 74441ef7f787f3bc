"""Requests that can't be met, on a sound input: one sentence that helps, a code of its own."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from cli.program import files, refused

from veilcast.errors import FindingsError
from veilcast.extensions import ModelFile
from veilcast.findings import document_from_bytes
from veilcast.host import Host
from veilcast.profile import load_profile
from veilcast.settings import ReadPictureSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

USAGE, EXISTS, PROFILE, STAGE, KEY, VALUE, REGIONS, FINDINGS = 2, 17, 20, 21, 22, 23, 24, 25
UNWRITABLE, MODEL_MISSING, MODEL_WRONG, TOOL_MISSING = 15, 40, 41, 50


@pytest.fixture
def refuse(veilcast: Program, media: Corpus, bench: Path) -> Callable[..., str]:
    """Runs on a sound clip, expects this code, and gives the sentence; nothing may be left."""

    def run(code: int, *arguments: object, env: dict[str, str] | None = None) -> str:
        source = bench / "Quixby.mp4"
        shutil.copy(media["no_audio.mp4"], source)
        before = files(bench)
        answer = veilcast("run", source, "-q", *arguments, env=env)
        sentence = refused(answer, code, unsaid=[source])
        assert files(bench) == before
        assert veilcast.scratch == []
        return sentence

    return run


PROFILES = {
    "an unknown stage": ("stages: [faces, regoins]", STAGE, "did you mean 'regions'?"),
    "an unknown setting": ("stages: [faces: {pading: 0.3}]", KEY, "did you mean 'padding'?"),
    "a value out of range": ("stages: [faces: {padding: 3}]", VALUE, "'padding'"),
    "no YAML": ("stages: [faces\nQuixby: ]", PROFILE, "line 2"),
}


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("what", PROFILES)
def test_a_profile_with(what: str, refuse: Callable[..., str], tmp_path: Path) -> None:
    text, code, said = PROFILES[what]
    path = tmp_path / "profile.yaml"
    path.write_text(text)
    assert said in refuse(code, "--profile", path)


def test_an_unknown_profile_and_one_that_is_not_there(
    refuse: Callable[..., str], tmp_path: Path
) -> None:
    assert "did you mean 'consultation'?" in refuse(PROFILE, "-p", "consultaton")
    for name in ("Quixby.yaml", "Quixby"):
        assert "Quixby" not in refuse(PROFILE, "-p", tmp_path / name)


def test_numbers_of_tracks_are_for_one_recording(refuse: Callable[..., str], media: Corpus) -> None:
    said = refuse(USAGE, media["plain.mp4"], "--set", "faces.keep=[1]", "-o", "out/")
    assert "one by one" in said


SETS = {
    "faces.detectors=plate-cascade": (VALUE, "choose one of blazeface-full"),
    "faces.mosaic_level=64": (VALUE, "'mosaic_level'"),
    "faces.blur_sigma=0.001": (VALUE, "'blur_sigma'"),
    "faces.pading=0.3": (KEY, "did you mean 'padding'?"),
    "fases.padding=0.3": (STAGE, "did you mean 'faces'?"),
    "deliver.presets=slow": (KEY, "did you mean 'preset'?"),
    "faces.sample_rate=0": (VALUE, "'sample_rate'"),
    # These two need what plugins provide.
    "faces.treatment=glitter": (VALUE, "mosaic"),
    "faces.detectors=[blazeface-ful]": (VALUE, "did you mean 'blazeface-full'?"),
}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("setting", SETS)
def test_a_setting_that_can_not_be(setting: str, refuse: Callable[..., str]) -> None:
    code, said = SETS[setting]
    assert said in refuse(code, "--set", setting)


def test_a_setting_of_a_stage_that_the_profile_does_not_run(
    refuse: Callable[..., str], light: Path
) -> None:
    sentence = refuse(KEY, "-p", light, "--set", "faces.padding=0.3")
    assert "regions" in sentence
    assert "metadata" in sentence


def test_malformed_regions_are_pointed_at(refuse: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "Quixby.yaml"
    path.write_text("regions:\n  - label: wristband\n    box: [1, 2, 3, 4]\n    shpae: ellipse\n")
    sentence = refuse(REGIONS, "--regions", path)
    assert "line 4" in sentence
    assert "'regions.0.shpae'" in sentence
    assert "Quixby" not in sentence
    assert "read" in refuse(REGIONS, "--regions", tmp_path / "none.yaml")


@pytest.mark.release
def test_a_region_that_is_never_in_the_picture(
    refuse: Callable[..., str], light: Path, tmp_path: Path
) -> None:
    path = tmp_path / "regions.yaml"
    path.write_text("regions: [{label: chart, box: [320, 0, 40, 40]}]")
    assert "Region 1 ('chart') is wholly outside" in refuse(REGIONS, "-p", light, "-r", path)
    path.write_text("regions: [{label: chart, box: [0, 0, 40, 40], from: 60}]")
    assert "Region 1 ('chart')" in refuse(REGIONS, "-p", light, "-r", path)
    path.write_text("regions: [{label: chart, box: [0, 0, 40, 40], treatment: glitter}]")
    assert "mosaic" in refuse(VALUE, "-p", light, "-r", path)


def test_models_that_are_not_here(refuse: Callable[..., str], tmp_path: Path) -> None:
    env = {"VEILCAST_MODELS": "", "VEILCAST_MODEL_CACHE": str(tmp_path / "models")}
    sentence = refuse(MODEL_MISSING, env=env)
    assert f"'veilcast models pull {' '.join(_models())}'" in sentence
    assert not (tmp_path / "models").exists()


def test_models_that_are_others(refuse: Callable[..., str], tmp_path: Path) -> None:
    host = Host()
    for name in _models():
        model = host.model(name)
        assert isinstance(model, ModelFile)
        (tmp_path / model.filename).write_bytes(b"not a model")
    env = {"VEILCAST_MODELS": str(tmp_path), "VEILCAST_MODEL_CACHE": str(tmp_path / "models")}
    assert f"'veilcast models pull {_models()[0]}" in refuse(MODEL_WRONG, env=env)


def _models() -> list[str]:
    """Those that the default profile needs, for faces and for text."""
    host = Host()
    faces, text = (planned.settings for planned in load_profile(host).stages[:2])
    detectors = host.stage("faces").detectors(faces)
    names = [model for name in detectors for model in host.detector(name).models]
    assert isinstance(text, ReadPictureSettings)
    for reader in text.readers:
        names += host.text_reader(reader.name).models(reader.own)
    return names


@pytest.mark.parametrize(
    ("missing", "package"), [("ffprobe", "ffmpeg"), ("exiftool", "libimage-exiftool-perl")]
)
def test_without_the_tools(
    missing: str, package: str, refuse: Callable[..., str], light: Path, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in {"ffprobe", "ffmpeg", "exiftool"} - {missing}:
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    assert package in refuse(TOOL_MISSING, "-p", light, env={"PATH": str(programs)})


def test_doctor_says_how_to_get_them(veilcast: Program, tmp_path: Path) -> None:
    answer = veilcast("doctor", env={"PATH": str(tmp_path)})
    assert answer.code == 1
    for name, package in (
        ("ffmpeg", "ffmpeg"),
        ("ffprobe", "ffmpeg"),
        ("exiftool", "libimage-exiftool-perl"),
    ):
        assert f"FAIL  {name}: " in answer.out
        assert f"apt-get install {package}" in answer.out


# Outputs


def test_what_is_there_is_kept_without_force(
    refuse: Callable[..., str], veilcast: Program, bench: Path, light: Path
) -> None:
    for ending in ("mp4", "manifest.json", "report.html", "report.json"):
        path = bench / f"Quixby.deid.{ending}"
        path.write_text("precious")
        assert "--force" in refuse(EXISTS, "-p", light)
        assert path.read_text() == "precious"
    assert veilcast("run", bench / "Quixby.mp4", "-qp", light, "--force").code == 0
    assert (bench / "Quixby.deid.mp4").stat().st_size > 10_000


def test_the_input_is_never_replaced(
    refuse: Callable[..., str], media: Corpus, bench: Path, light: Path
) -> None:
    for name in ("Quixby.mp4", "link.mp4"):
        (bench / "link.mp4").unlink(missing_ok=True)
        (bench / "link.mp4").symlink_to("Quixby.mp4")
        assert "the input" in refuse(USAGE, "-p", light, "--force", "-o", bench / name)
    assert (bench / "Quixby.mp4").read_bytes() == media["no_audio.mp4"].read_bytes()


def test_outputs_that_can_not_be(refuse: Callable[..., str], bench: Path, light: Path) -> None:
    assert "folder" in refuse(UNWRITABLE, "-p", light, "-o", bench / "none" / "out.mp4")
    assert "name" in refuse(UNWRITABLE, "-p", light, "-o", bench / ("x" * 249 + ".mp4"))
    assert "*.mp4" in refuse(USAGE, "-p", light, "-o", bench / "out.mkv")


def test_options_that_are_no_options(veilcast: Program, bench: Path) -> None:
    for arguments in (("run",), ("rnu", "x.mp4"), ("run", "x.mp4", "--jobs", "0"), ("run", "-x")):
        answer = veilcast(*arguments, cwd=bench)
        assert answer.code == USAGE
        assert "Traceback" not in answer.err
    assert files(bench) == []


# Findings


@pytest.fixture(scope="module")
def located(media: Corpus, light: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from cli.program import Program

    folder = tmp_path_factory.mktemp("located")
    (folder / "r.yaml").write_text("regions: [{box: [8, 8, 40, 30]}]")
    arguments = ("-qp", light, "-r", folder / "r.yaml", "-o", folder / "findings.json")
    assert Program(folder / "work")("locate", media["no_audio.mp4"], *arguments).code == 0
    return (folder / "findings.json").read_bytes()


def _track(document: dict[str, Any]) -> dict[str, Any]:
    track: dict[str, Any] = document["stages"][0]["tracks"][0]
    return track


NOT_FITTING = {"of another input", "without a stage", "with a stage more"}
"""Well-formed, but not for this input and profile."""

FINDING_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "of another schema": lambda d: d.update(schema="veilcast.findings/9"),
    "of another input": lambda d: d.update(input_sha256="0" * 64),
    "without a stage": lambda d: d["stages"].pop(),
    "with a stage more": lambda d: d["stages"].append({**d["stages"][0], "stage": "faces"}),
    "with falling times": lambda d: _track(d)["times_us"].reverse(),
    "with a box too few": lambda d: _track(d)["boxes"].pop(),
    "with an empty box": lambda d: _track(d)["boxes"].__setitem__(0, [1, 1, 0, 5]),
    "with a word for a number": lambda d: _track(d)["boxes"].__setitem__(0, ["Quixby", 1, 1, 1]),
    "with a word for a score": lambda d: _track(d)["scores"].__setitem__(0, "Quixby"),
    "with a word for a track": lambda d: d["stages"][0]["tracks"].append("Quixby"),
    "with a number too large": lambda d: _track(d).update(id=float("inf")),
    "without times": lambda d: _track(d).pop("times_us"),
    "with a HIPAA letter too far": lambda d: _track(d).update(hipaa="Z"),
}


@pytest.mark.parametrize("fault", FINDING_FAULTS)
def test_findings_read_as_a_document(fault: str, located: bytes) -> None:
    document = json.loads(located)
    FINDING_FAULTS[fault](document)
    if fault in NOT_FITTING:
        assert document_from_bytes(json.dumps(document).encode())
        return
    with pytest.raises(FindingsError) as caught:
        document_from_bytes(json.dumps(document).encode())
    assert "Quixby" not in str(caught.value)


@pytest.mark.parametrize("fault", [*sorted(NOT_FITTING), "with a word for a number"])
def test_findings(
    fault: str, veilcast: Program, media: Corpus, bench: Path, light: Path, located: bytes
) -> None:
    document = json.loads(located)
    FINDING_FAULTS[fault](document)
    edited = bench.parent / "findings.json"
    edited.write_text(json.dumps(document))
    answer = veilcast(
        "redact", media["no_audio.mp4"], "--findings", edited, "-qp", light, "-o", bench / "o.mp4"
    )
    refused(answer, FINDINGS, unsaid=["Quixby"])
    assert files(bench) == []
    assert veilcast.scratch == []


def test_findings_that_are_none(veilcast: Program, media: Corpus, bench: Path, light: Path) -> None:
    for content in (b"", b"Quixby", b"[1]", b"\xff\xfe", b"[" * 100_000):
        (bench / "findings.json").write_bytes(content)
        answer = veilcast(
            *("redact", media["no_audio.mp4"], "--findings", bench / "findings.json"),
            *("-qp", light, "-o", bench / "o.mp4"),
        )
        assert "veilcast locate" in refused(answer, FINDINGS, unsaid=["Quixby"])
    missing = veilcast("redact", media["no_audio.mp4"], "--findings", bench / "none", "-q")
    refused(missing, FINDINGS)
    assert files(bench) == ["findings.json"]


def test_an_option_of_a_track_that_can_not_be(
    veilcast: Program, media: Corpus, bench: Path, light: Path, located: bytes
) -> None:
    document = json.loads(located)
    _track(document)["options"] = {"glitter": "Quixby"}
    edited = bench.parent / "findings.json"
    edited.write_text(json.dumps(document))
    answer = veilcast(
        "redact", media["no_audio.mp4"], "--findings", edited, "-qp", light, "-o", bench / "o.mp4"
    )
    assert "padding" in refused(answer, VALUE, unsaid=["Quixby"])
    assert files(bench) == []
