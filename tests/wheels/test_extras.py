"""What is said when a package is missing that a plugin needs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import ffmpeg
import pytest
from testmedia.tools import AAC, H264, encode

from veilcast.errors import PluginFailedError, PluginLoadError
from veilcast.extras import remedy
from veilcast.host import Plugin
from veilcast.pipeline.plugin_calls import guarded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    info = tmp_path / "acme_gait-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme-gait\nVersion: 2.0\n"
        "Requires-Dist: veilcast>=0.1\n"
        "Requires-Dist: Poses_Kit<3,>=2\n"
        'Requires-Dist: fast-flow[gpu]>=1; extra == "fast"\n'
        'Requires-Dist: fast-flow>=1; extra == "gait"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "acme-gait"


@pytest.mark.parametrize(
    ("module", "plugin", "told"),
    [
        ("spacy", "identifiers", "install veilcast[identifiers]"),
        ("presidio_analyzer.nlp_engine", "identifiers", "install veilcast[identifiers]"),
        ("faster_whisper", "speech", "install veilcast[speech]"),
        ("openvino", "plates", "install veilcast[plates]"),
        ("openvino", "faces", "install veilcast[faces]"),
        ("openvino", "text", "install veilcast[text]"),
        ("zxingcpp", "text", "install veilcast[text]"),
        ("openvino", "", "install veilcast[plates]"),
    ],
)
def test_an_extra_of_ours_is_named(module: str, plugin: str, told: str) -> None:
    assert remedy(module, "veilcast", plugin) == told


def test_an_extra_of_somebody_else_is_named(acme: str) -> None:
    assert remedy("fast_flow.core", acme) == "install acme-gait[fast]"
    assert remedy("fast_flow", acme, "gait") == "install acme-gait[gait]"


def test_what_was_to_be_there_is_installed_again(acme: str) -> None:
    assert remedy("poses_kit", acme) == "install acme-gait again, with all that it needs"


def test_what_nobody_declared_is_the_authors_fault(acme: str) -> None:
    wanted = "install it, or report this to the author of acme-gait"
    assert remedy("undeclared", acme) == wanted
    assert remedy("undeclared", "no-such-thing") == wanted.replace(acme, "no-such-thing")


def test_a_plugin_that_lacks_a_package_is_named_with_what_to_install() -> None:
    plugin = Plugin(name="speech", distribution="veilcast", version="1.0")
    with pytest.raises(PluginLoadError) as told, guarded(plugin, "whisper"):
        raise ModuleNotFoundError("No module named 'faster_whisper'", name="faster_whisper")
    assert str(told.value) == (
        "The plugin 'speech' of veilcast 1.0 needs the package faster_whisper, which is not "
        "installed, for 'whisper': install veilcast[speech]."
    )


@pytest.mark.parametrize("name", [None, "", "a b", "Jane/Doe", "x" * 101])
def test_nothing_but_the_name_of_a_module_is_told(name: str | None) -> None:
    plugin = Plugin(name="gait", distribution="acme-gait", version="2.0")
    with pytest.raises(PluginFailedError) as told, guarded(plugin, "gait"):
        raise ModuleNotFoundError("No module", name=name)
    assert "failed in 'gait' with ModuleNotFoundError" in str(told.value)


WITHOUT = """
import sys
sys.argv = sys.argv[1:]
for name in sys.argv[0].split(","):
    sys.modules[name] = None  # as if it were not installed
sys.argv[0] = "veilcast"
from veilcast.cli import main
main()
"""


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """A recording with a name in its tags, and somebody who may have spoken."""
    path = tmp_path / "visit.mp4"
    noise = ffmpeg.input("anoisesrc=d=1:a=0.1", f="lavfi")
    picture = ffmpeg.input("testsrc2=size=96x64:rate=10:duration=1", f="lavfi")
    encode(path, picture, noise, **H264, **AAC, metadata="title=Margaret Holloway")
    return path


def without(packages: str, *arguments: object, work: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, packages, *map(str, arguments)],
        env={**os.environ, "VEILCAST_WORK": str(work)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.release
def test_tags_are_removed_without_the_extra_identifiers(tagged: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("stages: [metadata]")
    output = tmp_path / "out.mp4"
    run = ("run", tagged, "-q", "-p", profile, "-o", output)
    told = without("spacy,presidio_analyzer", *run, work=tmp_path / "work")
    assert told.returncode == 0, told.stderr
    assert "was not looked for" in told.stderr
    assert "install veilcast[identifiers]" in told.stderr
    assert b"Holloway" in tagged.read_bytes()
    assert b"Holloway" not in output.read_bytes()


@pytest.mark.release
@pytest.mark.parametrize(
    ("packages", "stage", "extra"),
    [
        ("openvino", "faces", "faces"),
        ("pocketsphinx", "speech: {transcriber: pocketsphinx}", "speech"),
        ("spacy", "metadata: {subtitles: redact}", "identifiers"),
        ("openvino", "text", "text"),
        ("zxingcpp", "text", "text"),
    ],
)
def test_a_stage_without_its_packages_stops_with_one_sentence(
    packages: str, stage: str, extra: str, tagged: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"stages: [{stage}]")
    run = ("run", tagged, "-q", "-p", profile, "-o", tmp_path / "out.mp4")
    told = without(packages, *run, work=tmp_path / "work")
    assert told.returncode == 30
    (line,) = told.stderr.splitlines()
    assert line.endswith(f"install veilcast[{extra}].")
    assert not (tmp_path / "out.mp4").exists()
