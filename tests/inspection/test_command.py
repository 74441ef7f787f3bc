"""`veilcast inspect` as it is typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from cli.program import Program

from veilcast.inspection import schema

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus


@pytest.fixture
def veilcast(tmp_path: Path) -> Program:
    return Program(tmp_path / "work")


@pytest.fixture
def light(tmp_path: Path) -> Path:
    path = tmp_path / "light.yaml"
    path.write_text("stages: [regions, metadata]\n")
    return path


def test_tables_for_people(veilcast: Program, visit: Path, light: Path) -> None:
    answer = veilcast("inspect", visit, "-p", light)
    assert (answer.code, answer.err) == (0, "")
    for text in ("h264, 640x360", "subtitle stream", "locations", "removed", "Scratch space"):
        assert text in answer.out
    for value in ("Holloway", visit.stem):
        assert value not in answer.out
    assert not veilcast.work.exists()


def test_values_for_those_who_ask(veilcast: Program, visit: Path, light: Path) -> None:
    answer = veilcast("inspect", visit, "--show", "-p", light)
    assert answer.code == 0
    assert "Holloway" in answer.out


def test_json_for_programs(veilcast: Program, visit: Path, light: Path) -> None:
    answer = veilcast("inspect", visit, "--json", "-p", light)
    assert (answer.code, answer.err) == (0, "")
    jsonschema.validate(json.loads(answer.out), schema())


def test_a_bad_input(veilcast: Program, media: Corpus, light: Path) -> None:
    answer = veilcast("inspect", media["text.mp4"], "-p", light)
    assert (answer.code, answer.out) == (10, "")
    assert answer.err.startswith("veilcast: The input is not a media file")
