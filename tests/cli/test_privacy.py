"""Names, tags and paths stay out of everything but the findings, and those stay private."""

from __future__ import annotations

import hashlib
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
from cli.conftest import PATIENT, TAGGED, WARD
from testmedia import seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Visit
    from cli.program import Answer, Program
    from testmedia import Corpus

MARKERS = (*WARD.split()[1:], *PATIENT.split(), *TAGGED)


def test_the_markers_are_there_to_be_found(visit: Visit) -> None:
    held = visit.source.read_bytes() + str(visit.source).encode()
    assert [marker for marker in MARKERS if marker.encode() not in held] == []


def test_nothing_of_them_is_in_what_is_published(visit: Visit) -> None:
    delivered = visit.output.read_bytes()
    manifest = visit.manifest.read_text()
    for marker in MARKERS:
        assert marker not in visit.report.read_text()
        assert marker not in visit.report.with_suffix(".json").read_text()
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
    results = (visit.output, visit.manifest, visit.report)
    assert visit.answer.out.splitlines() == [str(path) for path in results]


@pytest.mark.release
def test_nothing_of_them_is_in_the_events(again: list[dict[str, Any]], visit: Visit) -> None:
    *events, last = again
    for marker in (*MARKERS, str(visit.program.work.parent)):
        assert marker not in json.dumps(events)
    assert last == {
        "event": "finished",
        "input": 1,
        "output": str(visit.output.with_name("again.mp4")),
        "manifest": str(visit.output.with_name("again.manifest.json")),
        "report": str(visit.output.with_name("again.report.html")),
    }


def test_what_is_kept_to_resume_from_names_no_one(visit: Visit) -> None:
    """But for what was heard, which holds names that are said."""
    kept = [path for path in visit.program.work.rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} == {".json", ".i64", ""}
    for path in kept:
        heard = "-speech-" in path.name
        for marker in MARKERS:
            assert marker not in str(path.relative_to(visit.program.work))
            assert heard or marker.encode() not in path.read_bytes()


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
        *("locate", visit.source, "--regions", visit.regions, "-p", visit.profile),
        *("-o", tmp_path / "findings.json"),
    )
    assert answer.code == 0
    assert answer.out.strip() == str(tmp_path / "findings.json")
    assert _mode(tmp_path / "findings.json") == 0o600
    document = json.loads((tmp_path / "findings.json").read_text())
    assert any(stage.pop("words", None) for stage in document["stages"]), "what was heard"
    for marker in (*MARKERS, str(visit.program.work.parent)):
        assert marker not in json.dumps(document)
        assert marker not in answer.err


# What is known of the people


KNOWN = {"names": "Margaret Holloway", "mrn": "4471902", "birth_dates": "1931-05-03"}
"""The first two are said in the recording."""
ALLOWED, DENIED = "Vantongeren Clinic", "the lighthouse keeper"


@pytest.fixture
def told_of(veilcast: Program, media: Corpus, bench: Path) -> Callable[..., Answer]:
    """A command on a spoken recording with what is known, and lists of phrases beside it."""
    folder = bench / WARD
    folder.mkdir()
    (folder / f"{PATIENT}.yaml").write_text(
        "".join(f'{key}: "{value}"\n' for key, value in KNOWN.items())
    )
    (folder / "allowed.txt").write_text(f"{ALLOWED}\n")
    (bench / "heard.yaml").write_text(
        f"stages:\n  - speech: {{deny: [{DENIED}], allow: {folder / 'allowed.txt'}}}\n"
        "  - metadata\n"
    )

    quickest = ("-s", "speech.transcriber=pocketsphinx")

    def run(command: str, *more: object) -> Answer:
        known = ("--profile", bench / "heard.yaml", "--known", folder / f"{PATIENT}.yaml")
        return veilcast(command, media["speech.wav"], *known, *quickest, *more)

    return run


def _unsaid(text: str, folder: Path) -> None:
    """That nothing of what is known is in a text, nor what it could be guessed from."""
    values = [*KNOWN.values(), ALLOWED, DENIED]
    words = [*values, *(word for value in values for word in value.split()), *WARD.split()]
    words += PATIENT.split()
    data = [path.read_bytes() for path in folder.rglob("*") if path.suffix in (".txt", ".yaml")]
    sums = [hashlib.sha256(it).hexdigest() for it in (*data, *(v.encode() for v in values))]
    for secret in [word for word in words if word.lower() not in ("the", "ward")] + sums:
        assert secret.lower() not in text.lower()


@pytest.mark.release
def test_what_is_known_is_covered_and_named_nowhere(
    told_of: Callable[..., Answer], bench: Path
) -> None:
    output = bench / "out.wav"
    plain = told_of("run", "-o", output, "--transcript", "json")
    assert plain.code == 0, plain
    manifest = (bench / "out.manifest.json").read_text()
    events = told_of("run", "--json", "--force", "-o", output)
    assert events.code == 0, events
    published = manifest + (bench / "out.transcript.json").read_text()
    for text in (published, plain.err, events.err, events.out.replace(str(bench), "")):
        _unsaid(text, bench)
    (speech,) = [e for e in json.loads(manifest)["entries"] if e["stage"] == "speech"]
    assert "known" in {change["detector"] for change in speech["changes"]}
    said = speech["settings"]
    assert said["known"] == "given"
    assert (said["allow"], said["deny"]) == ({"phrases": 1}, {"phrases": 1})
    stages = json.loads(manifest)["profile"]["stages"]
    assert {"known": "given"}.items() <= json.loads(json.dumps(stages))["speech"].items()


@pytest.mark.release
def test_findings_do_not_hold_what_is_known(told_of: Callable[..., Answer], bench: Path) -> None:
    answer = told_of("locate", "-q", "-o", bench / "findings.json")
    assert answer.code == 0, answer
    document = json.loads((bench / "findings.json").read_text())
    for stage in document["stages"]:
        stage.pop("words", None)
    _unsaid(json.dumps(document) + answer.err, bench)


def test_a_profile_with_phrases_is_shown_without_them(
    told_of: Callable[..., Answer], veilcast: Program, bench: Path
) -> None:
    answer = veilcast("profiles", bench / "heard.yaml")
    assert answer.code == 0, answer
    _unsaid(answer.out.replace(str(bench), ""), bench)


@pytest.mark.parametrize(
    "wrong",
    [
        "name: Zorblatt Quixby",
        "Zorblatt Quixby",
        "names: [Zorblatt Quixby",
        "birth_dates: Zorblatt Quixby",
        "names: {Zorblatt: Quixby}",
        "Zorblatt Quixby: names",
        "names: Zorblatt\nnames: Quixby",
    ],
)
def test_a_mistake_in_what_is_known_is_told_without_it(
    wrong: str, veilcast: Program, media: Corpus, light: Path, bench: Path
) -> None:
    (bench / "known.yaml").write_text(wrong)
    command = ("run", media["speech.wav"], "-q", "--known", bench / "known.yaml")
    answer = veilcast(*command, "-o", bench / "out.wav")
    assert answer.code == 23, answer
    assert answer.err.startswith("veilcast: ")
    for word in ("zorblatt", "quixby", str(bench).lower()):
        assert word not in (answer.out + answer.err).lower()


@pytest.mark.parametrize(
    "setting", ["allow=[[Zorblatt]]", "deny={Zorblatt: 1}", "allow=Zorblatt.txt", "known=Zorblatt"]
)
def test_a_mistake_in_a_list_of_phrases_is_told_without_it(
    setting: str, veilcast: Program, media: Corpus, bench: Path
) -> None:
    command = ("run", media["speech.wav"], "-q", "--set", f"speech.{setting}")
    answer = veilcast(*command, "-o", bench / "out.wav")
    assert answer.code == 23, answer
    assert "zorblatt" not in (answer.out + answer.err).lower()
