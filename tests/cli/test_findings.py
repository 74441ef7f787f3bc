"""`veilcast findings`: files for other programs, which are as private as findings are."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from cli.program import files, refused

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

EXISTS, USAGE, FINDINGS = 17, 2, 25


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    from cli.program import Program

    return Program(tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def located(
    program: Program, media: Corpus, light: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("Quixby")
    marks, path = folder / "marks.yaml", folder / "visit.findings.json"
    marks.write_text(
        "regions: [{label: patch, box: [40, 40, 80, 60], from: 0.5, to: 1}]\n"
        "mute: [{from: 0.5, to: 1}]\n"
    )
    answer = program("locate", media["plain.mp4"], "-qp", light, "-r", marks, "-o", path)
    assert answer.code == 0, answer
    return path


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    ("form", "ending"), [("csv", ".csv"), ("coco", ".coco.json"), ("mot", ".mot.txt")]
)
def test_export_writes_a_private_file_beside(
    form: str, ending: str, program: Program, located: Path, tmp_path: Path
) -> None:
    findings = tmp_path / "visit.findings.json"
    findings.write_bytes(located.read_bytes())
    export = ("findings", "export", findings, "--format", form)
    answer = program(*export)
    target = tmp_path / f"visit.findings{ending}"
    assert (answer.code, answer.err, answer.out) == (0, "", f"{target}\n")
    assert target.stat().st_mode & 0o777 == 0o600
    first = target.read_bytes()
    assert program(*export, "-o", "-").out == first.decode().replace("\r\n", "\n")
    refused(program(*export), EXISTS, unsaid=[target])
    target.write_text("")
    assert program(*export, "--force").code == 0
    assert target.read_bytes() == first
    assert target.stat().st_mode & 0o777 == 0o600
    assert len(files(tmp_path)) == 2


def test_frames_have_the_numbers_of_the_recording(
    program: Program, located: Path, media: Corpus
) -> None:
    export = ("findings", "export", located, "--format", "mot", "-o", "-")
    alone, real = program(*export), program(*export, "--media", media["plain.mp4"])
    # 30 frames a second, marked from 0.5 s to 1 s.
    assert [int(line.split(",")[0]) for line in real.out.split()] == list(range(16, 31))
    assert [int(line.split(",")[0]) for line in alone.out.split()] == list(range(1, 16))
    coco = program("findings", "export", located, "--format", "coco", "-o", "-", "--media",
                   media["plain.mp4"])  # fmt: skip
    images = json.loads(coco.out)["images"]
    assert len(images) == 75
    assert (images[0]["width"], images[0]["height"]) == (320, 240)


def test_the_table_is_that_of_the_findings(program: Program, located: Path) -> None:
    answer = program("findings", "export", located, "--format", "csv", "-o", "-")
    lines = list(csv.DictReader(io.StringIO(answer.out)))
    (track,) = json.loads(located.read_bytes())["stages"][0]["tracks"]
    assert [int(line["time_us"]) for line in lines] == track["times_us"]
    assert {line["identifier"] for line in lines} == {"patch"}


def test_what_does_not_fit_is_refused(
    program: Program, located: Path, media: Corpus, tmp_path: Path
) -> None:
    export = ("findings", "export", located, "--format", "mot")
    refused(program(*export, "--media", media["vfr.mp4"]), FINDINGS, unsaid=[located])
    refused(program(*export, "--stage", "faces"), FINDINGS)
    refused(program(*export, "-o", located, "--force"), USAGE)
    broken = tmp_path / "broken.json"
    broken.write_text('{"schema": "Quixby"}')
    refused(program("findings", "export", broken, "--format", "csv"), FINDINGS, unsaid=["Quixby"])
    assert files(tmp_path) == ["broken.json"]
    refused(program("findings", "export", tmp_path / "none", "--format", "csv"), FINDINGS)


def test_the_schema_is_published(program: Program, located: Path) -> None:
    answer = program("findings", "schema")
    assert answer.code == 0
    jsonschema.validate(json.loads(located.read_bytes()), json.loads(answer.out))
