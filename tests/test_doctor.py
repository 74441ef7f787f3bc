from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import shutil
import socket
from pathlib import Path

import pytest

from veilcast.doctor import Finding, examine
from veilcast.extensions import HubRepository, ModelFile, ModelFolder

CONTENT = b"a model"
MODEL = ModelFile(
    name="tiny",
    filename="tiny.tflite",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    licence="Apache-2.0",
    origin="Somebody",
    sources=(),
)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEILCAST_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("VEILCAST_MODEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("VEILCAST_WORK", str(tmp_path / "work"))
    return tmp_path


def examined(*models: ModelFile | ModelFolder) -> dict[str, Finding]:
    findings = examine(models)
    assert all(finding.ok == (finding.fix == "") for finding in findings), "a fix for each fault"
    return {finding.name: finding for finding in findings}


def test_a_machine_that_runs_these_tests_is_well_and_the_doctor_changes_nothing(
    folders: Path,
) -> None:
    findings = examined()
    assert {name for name, finding in findings.items() if not finding.ok} <= {"disk space"}
    assert findings["Python"].detail == platform.python_version()
    assert findings["MediaPipe"].detail == importlib.metadata.version("mediapipe")
    assert importlib.metadata.version("pocketsphinx") in findings["transcriber"].detail
    assert importlib.metadata.version("presidio-analyzer") in findings["recognisers"].detail
    assert importlib.metadata.version("zxing-cpp") in findings["text in the picture"].detail
    assert importlib.metadata.version("av") in findings["PyAV"].detail
    assert importlib.metadata.version("opencv-contrib-python") in findings["OpenCV"].detail
    for tool in ("ffmpeg", "ffprobe", "exiftool"):
        assert findings[tool].detail[0].isdigit()
    assert list(folders.iterdir()) == []


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    ("tool", "package"),
    [("ffmpeg", "ffmpeg"), ("ffprobe", "ffmpeg"), ("exiftool", "libimage-exiftool-perl")],
)
def test_a_missing_tool_is_named_with_the_package_that_brings_it(
    folders: Path, monkeypatch: pytest.MonkeyPatch, tool: str, package: str
) -> None:
    monkeypatch.setenv("PATH", str(folders))
    finding = examined()[tool]
    assert not finding.ok
    assert finding.detail == "not found"
    assert finding.fix == f"sudo apt-get install {package}"


def test_without_the_library_that_reads_jpeg_the_fix_is_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert importlib.metadata.version("PyTurboJPEG") in examined()["libjpeg-turbo"].detail
    monkeypatch.setattr("mediascrub.stills.jpeg_scans.LIBRARY", "libturbojpeg-not-there.so.0")
    finding = examined()["libjpeg-turbo"]
    assert not finding.ok
    assert finding.fix == "sudo apt-get install libturbojpeg0"


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("script", ["exit 3", "echo something else", "kill -9 $$"])
def test_a_tool_that_does_not_work_is_not_taken_for_one(
    folders: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    for tool in ("ffmpeg", "exiftool"):
        (folders / tool).write_text(f"#!{shutil.which('sh')}\n{script}\n")
        (folders / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(folders))
    findings = examined()
    for tool in ("ffmpeg", "exiftool"):
        assert not findings[tool].ok
        assert findings[tool].detail == "found, but does not run"


def test_a_second_owner_of_cv2_is_a_fault_and_the_fix_leaves_one(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = folders / "site" / "opencv_python-4.11.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: opencv-python\nVersion: 4.11.0\n")
    (info / "top_level.txt").write_text("cv2\n")
    monkeypatch.syspath_prepend(folders / "site")
    finding = examined()["OpenCV"]
    assert not finding.ok
    assert "opencv-python 4.11.0" in finding.detail
    assert "uninstall --yes opencv-contrib-python opencv-python &&" in finding.fix
    assert "install --force-reinstall --no-deps 'opencv-contrib-python" in finding.fix


def test_models_are_missing_wrong_or_right(folders: Path) -> None:
    missing = examined(MODEL)["model tiny"]
    assert (missing.ok, missing.fix) == (False, "veilcast models pull tiny")

    (folders / "models").mkdir()
    file = folders / "models" / MODEL.filename
    file.write_bytes(CONTENT[::-1])
    wrong = examined(MODEL)["model tiny"]
    assert (wrong.ok, wrong.fix) == (False, "veilcast models pull tiny")
    assert wrong.detail != missing.detail

    file.write_bytes(CONTENT)
    assert examined(MODEL)["model tiny"].ok


WHISPER = ModelFolder(
    name="whisper-tiny",
    files=("model.bin", "config.json"),
    licence="MIT",
    origin="Somebody",
    source=HubRepository(repository="somebody/whisper-tiny"),
)


def test_without_a_better_model_speech_is_heard_with_reduced_recall(folders: Path) -> None:
    findings = examined(WHISPER)
    assert "model whisper-tiny" not in findings, "a run does without it"
    assert findings["transcriber"].ok
    assert "recall is reduced" in findings["transcriber"].detail
    assert "veilcast models pull whisper" in findings["transcriber"].detail

    folder = folders / "models" / WHISPER.name
    folder.mkdir(parents=True)
    for name in WHISPER.files:
        (folder / name).write_bytes(CONTENT)
    findings = examined(WHISPER)
    assert findings["model whisper-tiny"].ok
    assert "reduced" not in findings["transcriber"].detail
    assert "whisper-tiny" in findings["transcriber"].detail


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    ("lost", "name"),
    [
        *(("presidio-analyzer", "recognisers"), ("jellyfish", "recognisers"), ("", "transcriber")),
        ("zxing-cpp", "text in the picture"),
    ],
)
def test_what_hears_and_reads_may_not_be_installed(
    lost: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {lost} if lost else {"pocketsphinx", "faster-whisper"}
    version = importlib.metadata.version

    def installed(distribution: str) -> str:
        if distribution in gone:
            raise importlib.metadata.PackageNotFoundError(distribution)
        return version(distribution)

    monkeypatch.setattr(importlib.metadata, "version", installed)
    finding = examined()[name]
    assert not finding.ok
    assert finding.fix.startswith("python -m pip install '")
    assert all(lost in text for text in (finding.detail, finding.fix))


@pytest.mark.parametrize(
    ("name", "variable"),
    [("work folder", "VEILCAST_WORK"), ("model cache", "VEILCAST_MODEL_CACHE")],
)
def test_a_folder_that_can_not_be_made_is_a_fault(
    folders: Path, monkeypatch: pytest.MonkeyPatch, name: str, variable: str
) -> None:
    (folders / "file").touch()
    monkeypatch.setenv(variable, str(folders / "file" / "folder"))
    finding = examined()[name]
    assert not finding.ok
    assert finding.fix.startswith(f"export {variable}=")


def test_what_it_says_can_be_shown_to_anyone(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [*examine([MODEL])]
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("VEILCAST_WORK", str(folders / "missing"))
    said += examine([MODEL])
    for secret in (str(folders), str(Path.home()), str(Path.cwd()), socket.gethostname()):
        assert not [finding for finding in said if secret in finding.detail + finding.fix]
