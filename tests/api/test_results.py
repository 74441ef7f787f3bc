"""What calls give back, and how they take what they are given."""

from __future__ import annotations

import dataclasses
import json
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from testmedia import seen

import veilcast
from veilcast import errors
from veilcast.api import prepare
from veilcast.api.preparing import overrides
from veilcast.manifest import check, load
from veilcast.profile import load_profile

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.host import Host


@pytest.fixture(scope="module")
def result(
    brief: Path, tmp_path_factory: pytest.TempPathFactory, light: Path, corner: Path, host: Host
) -> veilcast.RunResult:
    """Alone in its folder."""
    bench, work = tmp_path_factory.mktemp("result"), tmp_path_factory.mktemp("work")
    return veilcast.run(
        brief, bench / "out.mp4", profile=light, regions=corner, host=host, work=work
    )


def test_a_run_says_all_that_a_caller_needs(result: veilcast.RunResult, brief: Path) -> None:
    assert sorted(result.output.parent.iterdir()) == sorted(
        path for path in (result.output, result.manifest, result.report, result.report_json) if path
    )
    assert result.transcript is None
    assert (result.verdict, result.verification.findings) == ("clean", ())
    assert result.covered == {"wristband": 1}
    assert result.removed["texts"] >= 1
    assert result.warnings == ()
    assert {"locate", "redact", "verify", "publish"} <= set(result.seconds)
    assert check(load(result.manifest.read_bytes()), result.output, brief) == []
    stages = [entry.stage for entry in result.record.entries]
    assert stages == ["regions", "deliver", "metadata", "verify"]
    assert not any("Quixby" in str(value) for value in seen.tags(result.output).values())


def test_results_are_frozen(result: veilcast.RunResult) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.output = result.manifest  # type: ignore[misc]


def test_without_a_report(brief: Path, bench: Path, light: Path, host: Host) -> None:
    done = veilcast.run(brief, bench, profile=light, report=False, host=host)
    assert (done.report, done.report_json) == (None, None)
    assert sorted(path.name for path in bench.iterdir()) == [
        "brief.deid.manifest.json",
        "brief.deid.mp4",
    ]


def test_paths_may_be_texts_and_the_result_goes_beside_the_source(
    brief: Path, bench: Path, light: Path, host: Host
) -> None:
    source = shutil.copy(brief, bench / "visit.mp4")
    done = veilcast.run(str(source), profile=str(light), report=False, host=host)
    assert done.output == bench / "visit.deid.mp4"
    neutral = veilcast.run(source, profile=light, name="neutral", report=False, host=host)
    assert neutral.output.name == f"recording-{done.record.input.sha256[:12]}.deid.mp4"


@pytest.mark.parametrize(
    "settings",
    [
        {"faces": {"padding": 0.4, "treatment": "fill"}, "deliver": {"crf": 20}},
        {"faces.padding": 0.4, "faces.treatment": "fill", "deliver.crf": 20},
        ("faces.padding=0.4", "faces.treatment=fill", "deliver.crf=20"),
    ],
    ids=["nested", "dotted", "texts"],
)
def test_settings_mean_the_same_in_each_form(settings: Any, host: Host) -> None:
    profile = load_profile(host, overrides=overrides(settings))
    stages: dict[str, Any] = {planned.stage.name: planned.settings for planned in profile.stages}
    assert stages["faces"].padding == 0.4
    assert stages["faces"].treatment == "fill"
    assert profile.deliver.crf == 20


@pytest.mark.parametrize("value", ["a: b # c", "ü 'q' \"r\" \\ 😀", "", "null", "1e-05", [1, "2"]])
def test_a_text_stays_what_it_is_on_its_way(value: object) -> None:
    from veilcast.yamlfile import load_yaml

    (text,) = overrides({"speech": {"deny": value}})
    assert load_yaml(text.removeprefix("speech.deny=")) == value


def test_findings_go_from_one_call_to_the_next(
    brief: Path, bench: Path, light: Path, corner: Path, host: Host
) -> None:
    located = veilcast.locate(brief, profile=light, regions=corner, host=host)
    assert located.located == {"wristband": 1}
    assert list(bench.iterdir()) == [], "nothing is written unless that is asked for"
    path = located.save(bench / "findings.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(errors.OutputExistsError):
        located.save(path)
    direct = veilcast.redact(
        brief, located, bench / "a.mp4", profile=light, regions=corner, report=False, host=host
    )
    data = json.loads(path.read_text())
    for stage in data["stages"]:
        stage["tracks"] = []
    path.write_text(json.dumps(data))
    edited = veilcast.redact(
        brief, path, bench / "b.mp4", profile=light, regions=corner, report=False, host=host
    )
    assert (direct.covered, edited.covered) == ({"wristband": 1}, {})


def test_a_file_is_examined_again(
    result: veilcast.RunResult, brief: Path, light: Path, host: Host
) -> None:
    again = veilcast.verify(
        result.output, source=brief, manifest=result.manifest, profile=light, host=host
    )
    assert again.verdict == "clean"
    before = veilcast.verify(brief, profile=light, host=host)
    assert before.verdict == "residual"
    assert any(finding.check == "tags" for finding in before.open)
    with pytest.raises(errors.VerificationError):
        before.raise_for()


def test_a_report_is_made_afterwards_too(
    result: veilcast.RunResult, brief: Path, bench: Path
) -> None:
    facts = veilcast.report(result.manifest, write=False)
    assert (facts.html, facts.json) == (None, None)
    with pytest.raises(errors.OutputExistsError):
        veilcast.report(result.manifest)
    made = veilcast.report(str(result.manifest), result.output, html=bench / "page.html")
    assert (made.html, made.json) == (bench / "page.html", bench / "page.json")
    assert result.report_json
    assert made.json
    assert made.json.read_text() == result.report_json.read_text()
    with pytest.raises(errors.ManifestError):
        veilcast.report(result.manifest, brief, html=bench / "other.html")
    assert not (bench / "other.html").exists()


@pytest.mark.release
def test_what_is_prepared_once_serves_many(
    brief: Path, bench: Path, media: Corpus, light: Path, corner: Path, host: Host
) -> None:
    batch = prepare(profile=light, regions=corner, report=False, host=host)
    names = [batch.run(source, bench).output.name for source in (brief, media["gray.png"])]
    assert names == ["brief.deid.mp4", "gray.deid.png"]


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, veilcast\n"
        "print(*sorted(m for m in sys.modules if m.partition('.')[0] in "
        "('veilcast', 'numpy', 'av', 'cv2', 'pydantic', 'typer', 'rich')))\n"
        "veilcast.run, veilcast.errors.VeilcastError, veilcast.Inspection\n"
        "print('cv2' in sys.modules, 'av' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["veilcast", "False False"]


def test_every_name_is_there_and_no_other() -> None:
    for name in veilcast.__all__:
        assert getattr(veilcast, name) is not None
    assert callable(veilcast.report)
    assert callable(veilcast.inspect)
    with pytest.raises(AttributeError):
        veilcast.redaktion  # noqa: B018
