"""What third-party plugins may do wrong: it is told whose fault it is, and nothing is published."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from cli.program import files, refused
from plugins.distributions import install, stage

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

LOAD, FAILED, OUTPUT, FRAMES, UNVERIFIABLE = 30, 31, 32, 33, 62

FAULTS = {
    "raises in redact": ({"redact": "raise ValueError('Quixby in /etc')"}, FAILED),
    "raises in locate": ({"locate": "raise KeyError('Quixby')"}, FAILED),
    "leaves": ({"redact": "raise SystemExit(0)"}, FAILED),
    "needs what is not there": ({"redact": "import quixby"}, LOAD),
    "returns nothing": ({"redact": "pass"}, OUTPUT),
    "returns a missing file": ({"redact": "return context.scratch / 'Quixby.nut'"}, OUTPUT),
    "returns a name": ({"redact": "return str(copy(context))"}, OUTPUT),
    "returns a folder": ({"redact": "return context.scratch"}, OUTPUT),
    "returns text": (
        {"redact": "p = context.scratch / 'a.nut'\np.write_text('Quixby')\nreturn p"},
        OUTPUT,
    ),
    "returns an empty file": (
        {"redact": "p = context.scratch / 'a.nut'\np.touch()\nreturn p"},
        OUTPUT,
    ),
    "returns half a file": (
        {
            "redact": "p = copy(context)\n"
            "p.write_bytes(p.read_bytes()[: p.stat().st_size // 2])\nreturn p"
        },
        (OUTPUT, FRAMES),
    ),
    "drops a frame": ({"redact": "return copy(context, keep=lambda n: n != 30)"}, FRAMES),
    "drops the last frame": ({"redact": "return copy(context, keep=lambda n: n != 74)"}, FRAMES),
    "moves the frames": ({"redact": "return copy(context, shift=512)"}, FRAMES),
    "makes them smaller": ({"redact": "return copy(context, size=(160, 120))"}, FRAMES),
    "drops the sound": ({"redact": "return copy(context, sound=False)"}, FRAMES),
    "returns no findings": ({"locate": "return []"}, OUTPUT),
    "returns another stage's findings": ({"locate": "return Findings(stage='faces')"}, OUTPUT),
    "returns findings that can't be kept": (
        {"locate": "return Findings(stage='stamp', warnings=(object(),), examined=float('nan'))"},
        OUTPUT,
    ),
    "returns text as a container": (
        {
            "phase": "container",
            "redact": "p = context.scratch / 'a.mp4'\np.write_text('Quixby')\nreturn p",
        },
        OUTPUT,
    ),
    "drops a frame in the container": (
        {
            "phase": "container",
            "redact": "return copy(context, keep=lambda n: n != 30)",
        },
        UNVERIFIABLE,
    ),
}


@pytest.mark.release
@pytest.mark.parametrize("fault", FAULTS)
def test_a_stage_that(
    fault: str, veilcast: Program, site: Path, media: Corpus, bench: Path, stamped: Path
) -> None:
    functions, code = FAULTS[fault]
    install(site, stage(**functions))
    # What is wrong with every file is wrong with a small one.
    name = "plain.mp4" if code in (FRAMES, UNVERIFIABLE) or isinstance(code, tuple) else "gray.png"
    source = media[name]
    answer = veilcast("run", source, "-qp", stamped, "-o", bench / f"out{source.suffix}")
    codes = code if isinstance(code, tuple) else (code,)
    assert answer.code in codes, answer
    sentence = refused(answer, answer.code, unsaid=["Quixby", "/"])
    if answer.code != UNVERIFIABLE:
        assert "'stamp'" in sentence
    if code == FAILED:
        assert "acme-stamp 1.2" in sentence
    assert files(bench) == []
    assert veilcast.scratch == []


def test_a_stage_that_overwrites_what_it_is_given_leaves_the_recording_alone(
    veilcast: Program, site: Path, media: Corpus, bench: Path, stamped: Path
) -> None:
    install(site, stage(redact="context.file.write_bytes(b'')\nreturn context.file"))
    before = media["gray.png"].read_bytes()
    source = bench / "gray.png"
    source.write_bytes(before)
    refused(veilcast("run", source, "-qp", stamped), OUTPUT)
    assert source.read_bytes() == before
    assert files(bench) == [source.name]


def test_a_stage_that_wants_a_network_gets_none(
    veilcast: Program, site: Path, media: Corpus, bench: Path, stamped: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        body = f"import socket\nsocket.create_connection(('127.0.0.1', {port}))"
        install(site, stage(redact=body))
        answer = veilcast("run", media["gray.png"], "-qp", stamped, "-o", bench / "o.png")
        assert "PermissionError" in refused(answer, FAILED)
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert files(bench) == []


DETECTOR = """
from veilcast.plugin import Box, Detection, VisualDetector, hookimpl


class Badges:
    def __init__(self, context):
        {load}

    def detect(self, picture):
        {detect}

    def close(self):
        {close}


@hookimpl
def veilcast_detectors():
    yield VisualDetector(
        name="badges", identifier="face", hipaa="Q", summary="Badges", load=Badges
    )
"""
SOMETHING = "Box(x=1.0, y=1.0, width=9.0, height=9.0)"
NO_NUMBER = "gave a box or score that is not a number"
DETECTORS = {
    "leaves as it is loaded": ({"load": "raise SystemExit(0)"}, "SystemExit"),
    "raises as it looks": ({"detect": "raise ValueError('Quixby in /etc')"}, "ValueError"),
    "raises as it goes": ({"close": "raise KeyError('Quixby')"}, "KeyError"),
    "says something else": ({"detect": "return [7]"}, "gave a int among its detections"),
    "gives no score": (
        {"detect": f"return [Detection(box={SOMETHING}, score=float('nan'))]"},
        NO_NUMBER,
    ),
    "gives no place": (
        {"detect": "return [Detection(box=Box(x=float('nan'), y=1, width=9, height=9), score=1)]"},
        NO_NUMBER,
    ),
    "gives no size": (
        {"detect": "return [Detection(box=Box(x=1, y=1, width=0, height=9), score=1)]"},
        "ValueError",
    ),
}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("fault", DETECTORS)
def test_a_detector_that(
    fault: str, veilcast: Program, site: Path, media: Corpus, bench: Path, tmp_path: Path
) -> None:
    """It is its own plugin's fault, not that of the stage that uses it."""
    bodies, said = DETECTORS[fault]
    install(
        site, DETECTOR.format(**{"load": "pass", "detect": "return []", "close": "pass"} | bodies)
    )
    profile = tmp_path / "badges.yaml"
    profile.write_text("stages: [faces: {detectors: badges}, metadata]")
    answer = veilcast("run", media["gray.png"], "-qp", profile, "-o", bench / "out.png")
    sentence = refused(answer, FAILED, unsaid=["Quixby", "/"])
    assert said in sentence
    assert "'badges'" in sentence
    assert said == NO_NUMBER or "acme-stamp 1.2" in sentence
    assert files(bench) == []


TEXT_READER = """
import numpy as np
from veilcast.plugin import LineReading, TextReader, TextReaderContext, hookimpl


class Badges:
    def __init__(self, context):
        {load}

    def find(self, picture):
        {find}

    def read(self, picture):
        {read}

    def close(self):
        {close}


def look(context):
    reader = context.text_readers["badges"]
    loaded = reader.load(TextReaderContext(settings=reader.settings(), models={{}}, threads=1))
    loaded.find(np.zeros((48, 64, 3), np.uint8))
    loaded.read(np.zeros((8, 32, 3), np.uint8))
    loaded.close()
    return Findings(stage="stamp")


@hookimpl
def veilcast_text_readers():
    yield TextReader(name="badges", summary="Badges", load=Badges)
"""
TEXT_READERS = {
    "leaves as it is loaded": ({"load": "raise SystemExit(0)"}, "SystemExit"),
    "raises as it looks": ({"find": "raise ValueError('Quixby in /etc')"}, "ValueError"),
    "raises as it reads": ({"read": "raise KeyError('Quixby')"}, "KeyError"),
    "raises as it goes": ({"close": "raise OSError('Quixby')"}, "OSError"),
    "says something else": ({"find": "return [7]"}, "gave a int among its lines"),
    "gives a box": ({"find": "return [np.zeros(4)]"}, "gave corners that are not four points"),
    "gives no place": (
        {"find": "return [np.full((4, 2), np.nan)]"},
        "gave corners outside of the picture",
    ),
    "gives a place elsewhere": (
        {"find": "return [np.full((4, 2), 4000.0)]"},
        "gave corners outside of the picture",
    ),
    "reads nothing at all": ({"read": "return None"}, "where a reading of a line is due"),
    "reads more than it is sure of": (
        {"read": "return LineReading(text='Quixby', confidences=(0.9,), middles=(0.5,) * 6)"},
        "gave not one number from 0 to 1 for each character",
    ),
}


@pytest.mark.quick(every=5)
@pytest.mark.parametrize("fault", TEXT_READERS)
def test_a_text_reader_that(
    fault: str, veilcast: Program, site: Path, media: Corpus, bench: Path, stamped: Path
) -> None:
    bodies, said = TEXT_READERS[fault]
    right = {"load": "pass", "find": "return []", "read": "return LineReading(text='')"}
    source = TEXT_READER.format(**{**right, "close": "pass"} | bodies)
    install(site, stage(locate="return look(context)") + source)
    answer = veilcast("run", media["gray.png"], "-qp", stamped, "-o", bench / "out.png")
    sentence = refused(answer, FAILED, unsaid=["Quixby", "/"])
    assert said in sentence
    assert "'badges'" in sentence
    assert files(bench) == []


TREATMENT = """
from veilcast.plugin import PixelTreatment, hookimpl

@hookimpl
def veilcast_treatments():
    yield PixelTreatment(name="glitter", summary="Glitter", apply=lambda pixels, *more: {})
"""


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("gives", "code", "said"),
    [
        ("1 / 0", FAILED, "acme-stamp 1.2"),
        ("pixels[:1]", OUTPUT, "glitter"),
        ("7", OUTPUT, "glit"),
        ("pixels", OUTPUT, "back what it should have destroyed"),
    ],
)
def test_a_treatment_that_fails(
    gives: str,
    code: int,
    said: str,
    veilcast: Program,
    site: Path,
    media: Corpus,
    bench: Path,
    light: Path,
    tmp_path: Path,
) -> None:
    install(site, TREATMENT.format(gives))
    regions = tmp_path / "regions.yaml"
    regions.write_text("regions: [{box: [8, 8, 40, 30], treatment: glitter}]")
    answer = veilcast("run", media["gray.png"], "-qp", light, "-r", regions, "-o", f"{bench}/")
    assert said in refused(answer, code)
    assert files(bench) == []


BROKEN = {
    "a missing dependency": "import quixby",
    "an exit": "raise SystemExit(0)",
    "a hook of a later Veilcast": (
        "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_oracles(): return []"
    ),
}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("why", BROKEN)
def test_a_plugin_that_can_not_be_loaded(
    why: str,
    veilcast: Program,
    site: Path,
    media: Corpus,
    bench: Path,
    stamped: Path,
    light: Path,
) -> None:
    # Its name comes before those of Veilcast's own, so that it could spoil them.
    install(site, BROKEN[why], entry="aaa")
    command = ("run", media["gray.png"], "-q", "--force", "-o", bench / "out.png")
    needed = refused(veilcast(*command, "-p", stamped), LOAD)
    assert "acme-stamp 1.2" in needed
    assert files(bench) == []
    # What it would have looked for, nobody knows; so nothing else is done without it either.
    without = refused(veilcast(*command, "-p", light), LOAD)
    assert "acme-stamp 1.2" in without
    assert "veilcast plugins" in without
    assert files(bench) == []
    refused(veilcast("verify", media["gray.png"], "-q", "-p", light), LOAD)
    assert veilcast("doctor").out.count("FAIL  plugin aaa of acme-stamp 1.2") == 1
    listed = veilcast("plugins")
    assert listed.code == 0
    assert "aaa  (acme-stamp 1.2)\n    FAILED: " in listed.out
    assert listed.out.count("FAILED") == 1
    assert "stage faces" in listed.out


@pytest.mark.release
def test_what_a_plugin_warns_programmers_of_is_not_told(
    veilcast: Program, site: Path, media: Corpus, bench: Path, stamped: Path
) -> None:
    warns = "import warnings\nwarnings.warn('Quixby')\nreturn Findings(stage='stamp')"
    install(site, stage(locate=warns))
    answer = veilcast("run", media["plain.mp4"], "-qp", stamped, "-o", bench / "out.mp4")
    assert (answer.code, answer.err) == (0, "")


CLASHES = {
    "stage": (
        "faces",
        "from veilcast.plugin import Findings, Phase, Stage, StageSettings, hookimpl\n"
        "@hookimpl\ndef veilcast_stages():\n"
        "    yield Stage(name='faces', phase=Phase.PICTURE, summary='none', "
        "settings=StageSettings, locate=lambda context: Findings(stage='faces'))",
    ),
    "check": (
        "tags",
        "from veilcast.plugin import Check, hookimpl\n"
        "@hookimpl\ndef veilcast_checks():\n"
        "    yield Check(name='tags', summary='all is well', run=lambda context: [])",
    ),
    "treatment": (
        "mosaic",
        "from veilcast.plugin import PixelTreatment, hookimpl\n"
        "@hookimpl\ndef veilcast_treatments():\n"
        "    yield PixelTreatment(name='mosaic', summary='n', apply=lambda pixels, *more: pixels)",
    ),
    "profile": (
        "default",
        "from veilcast.plugin import ProfileDocument, hookimpl\n"
        "@hookimpl\ndef veilcast_profiles():\n"
        "    yield ProfileDocument(name='default', summary='none', text='stages: [metadata]')",
    ),
}


@pytest.mark.parametrize("kind", CLASHES)
def test_a_name_that_is_taken(
    kind: str, veilcast: Program, site: Path, media: Corpus, bench: Path
) -> None:
    """Neither may win silently: one of the two would not do what the other promises."""
    name, source = CLASHES[kind]
    install(site, source)
    sentence = refused(veilcast("run", media["gray.png"], "-q", "-o", bench / "o.png"), LOAD)
    assert f"{kind} '{name}'" in sentence
    assert "acme-stamp" in sentence
    assert "veilcast" in sentence.split("both")[1]
    assert files(bench) == []


NO_PROFILES = {"no YAML": "stages: [", "no mapping": "- regions", "a tab": "stages:\\n\\t- regions"}


@pytest.mark.parametrize("what", NO_PROFILES)
def test_a_profile_that_is(
    what: str, veilcast: Program, site: Path, media: Corpus, bench: Path
) -> None:
    source = PROFILE.replace("TEXT", NO_PROFILES[what])
    install(site, source, distribution="acme-dental", entry="dental")
    arguments = ("run", media["gray.png"], "-qp", "dental", "-o", bench / "out.png")
    sentence = refused(veilcast(*arguments), 20)
    assert "'dental' of acme-dental 1.2" in sentence
    assert files(bench) == []


PROFILE = """
from veilcast.plugin import ProfileDocument, hookimpl


@hookimpl
def veilcast_profiles():
    yield ProfileDocument(name="dental", summary="Mouths", text="TEXT")
"""


@pytest.mark.parametrize(
    ("api", "todo"), [("2.0", "upgrade Veilcast"), ("0.1", "upgrade the plugin")]
)
def test_a_plugin_for_another_api(
    api: str,
    todo: str,
    veilcast: Program,
    site: Path,
    media: Corpus,
    bench: Path,
    stamped: Path,
) -> None:
    install(site, f"veilcast_api = {api!r}\n" + stage())
    command = ("run", media["gray.png"], "-qp", stamped, "-o", bench / "out.png")
    assert "acme-stamp 1.2" in refused(veilcast(*command), LOAD)
    listed = veilcast("plugins").out
    assert f"version {api} of the plugin API" in listed
    assert todo in listed
