"""A check that finds something: nothing is published, unless a person decides otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cli.program import files
from plugins.distributions import install

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

TATTOOS = """
from veilcast.plugin import Box, Check, Problem, hookimpl


def look(context):
    return [
        Problem(
            sentence="A tattoo may be uncovered.",
            kind="KIND",
            identifier="tattoo",
            from_us=0,
            to_us=40_000,
            box=Box(x=10, y=10, width=20, height=20),
            score=0.8,
        )
    ]


@hookimpl
def veilcast_checks():
    yield Check(name="tattoos", summary="Looks for tattoos", run=look)
"""
RESIDUAL, UNVERIFIABLE = 60, 62


def last_entry(manifest: Path) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(manifest.read_text())["entries"][-1]
    return entry


@pytest.fixture
def tattooed(veilcast: Program, site: Path) -> Program:
    install(site, TATTOOS.replace("KIND", "residual"))
    return veilcast


def test_a_residual_stops_the_run(
    tattooed: Program, media: Corpus, bench: Path, light: Path
) -> None:
    answer = tattooed("run", media["gray.png"], "-qp", light, "-o", bench / "out.png")
    assert answer.code == RESIDUAL
    assert "A tattoo may be uncovered." in answer.err
    assert files(bench) == []


def test_what_is_allowed_is_told_and_written_down(
    tattooed: Program, media: Corpus, bench: Path, light: Path
) -> None:
    arguments = ("-qp", light, "-o", bench / "out.png", "--allow-residual")
    answer = tattooed("run", media["gray.png"], *arguments)
    assert answer.code == 0
    assert "you allowed that" in answer.err
    said = last_entry(bench / "out.manifest.json")["settings"]
    assert (said["verdict"], said["allow_residual"]) == ("residual", True)
    (finding,) = said["findings"]
    assert finding["box"] == [10, 10, 20, 20]
    assert (finding["from_us"], finding["to_us"], finding["accepted"]) == (0, 40_000, False)


def test_what_a_reviewer_accepted_is_clean_and_written_down(
    tattooed: Program, media: Corpus, bench: Path, light: Path, tmp_path: Path
) -> None:
    reviewed = tmp_path / "reviewed.yaml"
    reviewed.write_text("- {check: tattoos, box: [0, 0, 40, 40], why: a sleeve of Mrs Quixby}\n")
    arguments = ("-qp", light, "-o", bench / "out.png", "--accept", reviewed)
    assert tattooed("run", media["gray.png"], *arguments).code == 0
    said = last_entry(bench / "out.manifest.json")["settings"]
    assert (said["verdict"], said["allow_residual"]) == ("clean", False)
    assert [finding["accepted"] for finding in said["findings"]] == [True]
    assert "Quixby" not in (bench / "out.manifest.json").read_text()


def test_what_is_broken_nobody_can_allow(
    veilcast: Program, site: Path, media: Corpus, bench: Path, light: Path
) -> None:
    install(site, TATTOOS.replace("KIND", "broken"))
    arguments = ("-qp", light, "-o", bench / "out.png", "--allow-residual")
    assert veilcast("run", media["gray.png"], *arguments).code == UNVERIFIABLE
    assert files(bench) == []


def test_alone_the_result_is_for_people_and_for_programs(
    tattooed: Program, media: Corpus, light: Path
) -> None:
    told = tattooed("verify", media["gray.png"], "-p", light)
    assert told.code == RESIDUAL
    assert "tattoos: 0.00-0.04 s: A tattoo may be uncovered." in told.out
    assert told.out.splitlines()[-1].startswith("residual: ")
    answer = tattooed("verify", media["gray.png"], "-p", light, "--json")
    assert answer.code == RESIDUAL
    result = json.loads(answer.out)
    assert (result["schema"], result["verdict"]) == ("veilcast.verification/1", "residual")
    assert "tattoos" in result["checks"]
    assert [f["identifier"] for f in result["findings"] if f["check"] == "tattoos"] == ["tattoo"]
