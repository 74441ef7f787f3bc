"""Names, tags and paths stay out of everything but the findings, and those stay private."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from cli.conftest import PATIENT, TAGGED, WARD
from testmedia import seen

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Visit

MARKERS = (*WARD.split()[1:], *PATIENT.split(), *TAGGED)


@pytest.fixture(scope="module")
def again(visit: Visit) -> list[dict[str, object]]:
    """The events of a second run over the same clip."""
    answer = visit.program(
        "run", visit.source, "--regions", visit.regions, "--json", "-o", visit.output, "--force"
    )
    assert (answer.code, answer.err) == (0, "")
    return answer.events


def test_the_markers_are_there_to_be_found(visit: Visit) -> None:
    held = visit.source.read_bytes() + str(visit.source).encode()
    assert [marker for marker in MARKERS if marker.encode() not in held] == []


def test_nothing_of_them_is_in_what_is_published(visit: Visit) -> None:
    delivered = visit.output.read_bytes()
    manifest = visit.manifest.read_text()
    for marker in (*MARKERS, "/"):
        assert marker not in manifest.replace("veilcast.manifest/1", "").replace("veilcast/", "")
    for marker in MARKERS:
        assert marker.encode() not in delivered
    assert not any("Holloway" in str(value) for value in seen.tags(visit.output).values())


def test_nothing_of_them_is_in_the_log(visit: Visit) -> None:
    assert visit.answer.err
    for marker in (*MARKERS, str(visit.program.work.parent)):
        assert marker not in visit.answer.err
    # Where the results are is what a user wants to know.
    assert visit.answer.out.splitlines() == [str(visit.output), str(visit.manifest)]


def test_nothing_of_them_is_in_the_events(again: list[dict[str, object]], visit: Visit) -> None:
    *events, last = again
    for marker in (*MARKERS, str(visit.program.work.parent)):
        assert marker not in json.dumps(events)
    assert last == {
        "event": "finished",
        "input": 1,
        "output": str(visit.output),
        "manifest": str(visit.manifest),
    }


def test_what_is_kept_to_resume_from_names_no_one(visit: Visit) -> None:
    kept = [path for path in visit.program.work.rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} == {".json", ".i64"}
    for path in kept:
        for marker in MARKERS:
            assert marker not in str(path.relative_to(visit.program.work))
            assert marker.encode() not in path.read_bytes()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_work_folders_are_private(visit: Visit) -> None:
    assert _mode(visit.program.work) == 0o700
    inside = list(visit.program.work.rglob("*"))
    assert inside
    for path in inside:
        assert _mode(path) == (0o700 if path.is_dir() else 0o600), path.name


def test_published_files_are_like_the_users_others(visit: Visit) -> None:
    own = visit.source.with_name("own.txt")
    own.touch()
    assert _mode(visit.output) == _mode(visit.manifest) == _mode(own)


def test_located_findings_are_for_their_owner_alone(visit: Visit, tmp_path: Path) -> None:
    answer = visit.program(
        "locate", visit.source, "--regions", visit.regions, "-o", tmp_path / "findings.json"
    )
    assert answer.code == 0
    assert answer.out.strip() == str(tmp_path / "findings.json")
    assert _mode(tmp_path / "findings.json") == 0o600
    text = (tmp_path / "findings.json").read_text()
    for marker in (*MARKERS, str(visit.program.work.parent)):
        assert marker not in text
        assert marker not in answer.err
