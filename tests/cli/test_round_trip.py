"""Locate, edit, redact; verify; check: what each command says of a file and of a changed one."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from cli.program import files, refused
from testmedia import seen
from testmedia.consultation import WRISTBAND
from testmedia.tools import exiftool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Visit

VERIFICATION, MANIFEST, UNVERIFIABLE, UNREADABLE = 60, 61, 62, 14
NEAR = 120
"""At this frame the face is 172 px high."""


def _likeness(path: Path) -> float:
    return seen.likeness(seen.bgr(seen.frames(path)[NEAR]), 172)


@pytest.mark.release
def test_locate_edit_redact(visit: Visit, tmp_path: Path) -> None:
    """A track that a person removed is found again; allowed, it alone stays uncovered."""
    program, findings = visit.program, tmp_path / "findings.json"
    regions = ("--regions", visit.regions, "-p", visit.profile)
    assert program("locate", visit.source, *regions, "-q", "-o", findings).code == 0
    document = json.loads(findings.read_bytes())
    assert [stage["stage"] for stage in document["stages"]] == [
        *("faces", "regions", "speech", "metadata")
    ]
    faces = document["stages"][0]
    assert faces["tracks"], "the clip has a face"
    faces["tracks"] = []
    findings.write_text(json.dumps(document))
    output = tmp_path / "edited.mp4"
    command = ("redact", visit.source, "--findings", findings, *regions, "-q", "-o", output)
    answer = program(*command)
    assert answer.code == VERIFICATION
    assert "A face can be seen" in answer.err
    assert not output.exists()
    assert program(*command, "--allow-residual").code == 0
    assert _likeness(visit.source) > 0.9
    assert _likeness(output) > 0.9
    assert _likeness(visit.output) < 0.75
    for path in (visit.output, output):
        x, y, width, height = WRISTBAND
        band = seen.greys(path)[NEAR][y : y + height, x : x + width]
        assert np.ptp(band) <= 8, "the wristband is filled in both"
    entries = {e["stage"]: e for e in json.loads(
        output.with_name("edited.manifest.json").read_text()
    )["entries"]}  # fmt: skip
    assert entries["faces"]["changes"] == []
    assert entries["regions"]["changes"] == visit.entries["regions"]["changes"]


@pytest.mark.release
def test_unedited_findings_give_what_a_run_gives(visit: Visit, tmp_path: Path) -> None:
    findings, output = tmp_path / "findings.json", tmp_path / "out.mp4"
    regions = ("--regions", visit.regions, "-p", visit.profile)
    assert visit.program("locate", visit.source, *regions, "-q", "-o", findings).code == 0
    answer = visit.program(
        "redact", visit.source, "--findings", findings, *regions, "-q", "-o", output
    )
    assert answer.code == 0
    assert output.read_bytes() == visit.output.read_bytes()


def test_locate_publishes_findings_and_nothing_else(visit: Visit, tmp_path: Path) -> None:
    program, target = visit.program, tmp_path / "findings.json"
    target.write_text("precious")
    refused(program("locate", visit.source, "-q", "-o", target), 17)
    assert target.read_text() == "precious"
    assert program("locate", visit.source, "-qp", visit.profile, "-o", target, "--force").code == 0
    assert files(tmp_path) == ["findings.json"]
    refused(program("locate", visit.source, "-q", "-o", visit.source, "--force"), 2)
    assert files(visit.source.parent).count(visit.source.name) == 1


# Verify


@pytest.fixture
def copy(visit: Visit, tmp_path: Path) -> Path:
    path = tmp_path / "delivered.mp4"
    shutil.copy(visit.output, path)
    return path


@pytest.mark.release
def test_a_delivered_file_passes(visit: Visit) -> None:
    answer = visit.program(
        "verify", visit.output, "--source", visit.source, "--manifest", visit.manifest
    )
    assert (answer.code, answer.out.splitlines()[-1].split(":")[0]) == (0, "clean")
    alone = visit.program("verify", visit.output, "-q")
    assert (alone.code, alone.out, alone.err) == (0, "", "")


def test_an_original_does_not_pass(visit: Visit, light: Path) -> None:
    answer = visit.program("verify", visit.source, "-qp", light)
    refused(answer, VERIFICATION, unsaid=["Holloway"])


def test_a_tag_is_noticed(visit: Visit, copy: Path, light: Path) -> None:
    exiftool(copy, "-QuickTime:Title=Quixby")
    answer = visit.program("verify", copy, "-p", light)
    assert answer.code == VERIFICATION
    assert "Title" in answer.out
    assert "Quixby" not in answer.out + answer.err


def _drop_a_frame(source: Path, target: Path) -> None:
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        writer.flags |= 0x0400  # AVFMT_FLAG_BITEXACT: no tag of its own
        copies = {s.index: writer.add_stream_from_template(s) for s in reader.streams}
        packets = [packet for packet in reader.demux() if packet.dts is not None]
        last = max(n for n, packet in enumerate(packets) if packet.stream.type == "video")
        for packet in packets[:last] + packets[last + 1 :]:
            packet.stream = copies[packet.stream_index]
            writer.mux(packet)


def _frames(path: Path) -> int:
    return int(seen.stream(path, "video", "-count_packets")["nb_read_packets"])


@pytest.mark.release
def test_a_dropped_frame_is_noticed(visit: Visit, light: Path, tmp_path: Path) -> None:
    shorter = tmp_path / "shorter.mp4"
    _drop_a_frame(visit.output, shorter)
    assert _frames(shorter) == _frames(visit.output) - 1
    assert seen.complaints(shorter) == ""
    answer = visit.program("verify", shorter, "--source", visit.source, "-qp", light)
    assert "number of frames" in refused(answer, UNVERIFIABLE)
    answer = visit.program("verify", shorter, "--manifest", visit.manifest, "-qp", light)
    assert "not the one" in refused(answer, UNVERIFIABLE)


@pytest.mark.release
def test_another_file_is_noticed(visit: Visit, media: Any, light: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    assert visit.program("run", media["no_audio.mp4"], "-qp", light, "-o", other).code == 0
    for option, file in (("--source", visit.source), ("--manifest", visit.manifest)):
        refused(visit.program("verify", other, option, file, "-qp", light), UNVERIFIABLE)
    refused(visit.program("manifest", "check", visit.manifest, "--output", other), MANIFEST)
    beside = ("manifest", "check", visit.manifest, "--source")
    refused(visit.program(*beside, media["no_audio.mp4"]), MANIFEST)
    refused(visit.program(*beside, tmp_path / "none"), UNREADABLE)


# Manifests


def test_a_manifest_holds(visit: Visit) -> None:
    for more in ((), ("--source", visit.source)):
        answer = visit.program("manifest", "check", visit.manifest, *more)
        assert (answer.code, answer.err) == (0, "")


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a setting": lambda m: m["entries"][0]["settings"].update(padding=0.9),
    "a change taken out": lambda m: m["entries"][0]["changes"].pop(),
    "an entry taken out": lambda m: m["entries"].pop(1),
    "another output": lambda m: m["output"].update(sha256="0" * 64),
    "a new key": lambda m: m.update(comment="Quixby"),
    "a missing key": lambda m: m.pop("entries"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_manifest_is_noticed(edit: str, visit: Visit, tmp_path: Path) -> None:
    manifest = json.loads(visit.manifest.read_text())
    EDITS[edit](manifest)
    path = tmp_path / "edited.manifest.json"
    path.write_text(json.dumps(manifest))
    answer = visit.program("manifest", "check", path, "--output", visit.output)
    refused(answer, MANIFEST, unsaid=["Quixby"])


def test_what_is_no_manifest(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text("Quixby")
    check = ("manifest", "check", tmp_path / "m.json", "--output", visit.output)
    refused(visit.program(*check), MANIFEST, unsaid=["Quixby"])
    (tmp_path / "m.json").unlink()
    refused(visit.program(*check), UNREADABLE)


def test_the_schema_is_published(visit: Visit) -> None:
    import jsonschema

    schema = json.loads(visit.program("manifest", "schema").out)
    jsonschema.validate(json.loads(visit.manifest.read_text()), schema)
