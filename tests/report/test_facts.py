"""The facts are those of the manifest, and belong to the delivered file."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from report.making import looked, manifest, sound, track

from veilcast.errors import ManifestError, TruncatedError, UnreadableError, UsageError
from veilcast.manifest import load, to_bytes
from veilcast.manifest.manifest_builder import manifest_hash, sha256_of
from veilcast.reporting import build_report, facts_json, schema, write_report
from veilcast.reporting.facts import facts_of
from veilcast.reporting.moments import moments
from veilcast.reporting.report_building import report_of
from veilcast.reporting.report_model import Sheet
from veilcast.reporting.times import DeliveredTime
from veilcast.types import Item

if TYPE_CHECKING:
    from report.making import Made

    from veilcast.reporting import ReportFacts

NO_SHEET = Sheet(frames=[], left_out=0)


def facts(record: dict[str, Any]) -> ReportFacts:
    return facts_of(record, duration_us=60_000_000, picture=None, sheet=NO_SHEET)


def test_the_json_has_what_the_manifest_has(made: Made) -> None:
    record = load(made.outcome.manifest.read_bytes())
    said = json.loads(made.json)
    for name in ("input", "output"):
        assert said[name]["sha256"] == record[name]["sha256"]
        assert said[name]["bytes"] == record[name]["bytes"]
    assert said["manifest_sha256"] == record["manifest_sha256"]
    assert said["profile_sha256"] == record["profile"]["sha256"]
    changes = [change for entry in record["entries"] for change in entry["changes"]]
    covered = [c for c in changes if c["kind"] != "container"]
    assert [
        (one["what"], one["hipaa"], one["from_us"], one["to_us"]) for one in said["covers"]
    ] == [(c["what"], c["hipaa"], c["from_us"], c["to_us"]) for c in covered]
    removed = [c for c in changes if c["kind"] == "container"]
    assert [(one["place"], one["what"], one["count"]) for one in said["removed"]] == [
        (c["where"]["place"], c["what"], c["count"]) for c in removed
    ]
    assert said["warnings"] == [
        {"stage": entry["stage"], "sentence": sentence}
        for entry in record["entries"]
        for sentence in entry["warnings"]
    ]
    # Overlapping spans of sound are one stretch of covered sound.
    assert said["silenced"] == [{"from_us": 500_000, "to_us": 1_500_000}]


def test_the_json_keeps_its_published_schema(made: Made) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(made.json), schema())


def test_a_report_made_later_says_the_same_but_for_what_a_manifest_lacks(
    made: Made, tmp_path: Path
) -> None:
    html, facts_file = tmp_path / "report.html", tmp_path / "report.json"
    write_report(build_report(made.outcome.manifest), html, facts_file)
    assert html.read_text(encoding="utf-8") == made.html
    assert facts_file.read_text(encoding="utf-8") == made.json


def test_the_statement_says_what_was_looked_for_and_what_was_not(made: Made) -> None:
    rows = {row["letter"]: row for row in json.loads(made.json)["statement"]}
    assert "".join(rows) == "ABCDEFGHIJKLMNOPQR"
    assert rows["H"]["pixels"] == {"state": "marked", "by": ["regions"], "covered": 1}
    assert rows["A"]["pixels"]["state"] == "not"
    assert rows["Q"]["pixels"]["state"] == "not"
    assert rows["A"]["speech"] == {"state": "marked", "by": ["regions"], "covered": 1}
    assert rows["D"]["speech"]["state"] == "not"
    assert all(row["metadata"]["state"] == "whole" for row in rows.values())
    assert rows["A"]["metadata"]["covered"] > 0  # the name in the title
    assert rows["A"]["text"]["state"] == "whole"  # subtitles are dropped


def test_what_stays_is_said_as_plainly(made: Made) -> None:
    listed = " ".join(one["what"] for one in json.loads(made.json)["not_looked_for"]).lower()
    for word in (
        "voice",
        "gait",
        "tattoo",
        "background",
        "text that could not be read",
        "anything in",
    ):
        assert word in listed


def test_what_a_stage_of_somebody_else_looks_for_is_in_the_statement() -> None:
    looks = [looked("tattoo", "R", "pixels"), looked("clinic room", "", "speech")]
    said = facts(manifest(tracks=[track(1, 0, 50)], looked_for=looks))
    row = next(one for one in said.statement if one.letter == "R")
    assert (row.pixels.state, row.pixels.by) == ("sought", ["faces"])
    assert said.others == ["clinic room (speech)"]
    stays = {one.what: one.why for one in said.not_looked_for}
    assert stays["Tattoos, scars and birthmarks"].endswith("Only tattoo was looked for.")
    assert "Only" not in stays["Backgrounds and rooms"]  # a room that is said is none that is seen


def test_what_a_stage_found_it_looked_for_though_it_does_not_say_so() -> None:
    said = facts(manifest(tracks=[track(1, 0, 50)], sounds=[sound(1, 0, "person", "A")]))
    rows = {row.letter: row for row in said.statement}
    assert (rows["Q"].pixels.state, rows["Q"].pixels.covered) == ("sought", 1)
    assert (rows["A"].speech.state, rows["A"].speech.covered) == ("sought", 1)
    assert rows["A"].pixels.state == "not"


def test_nothing_is_there_to_look_at_in_a_medium_that_the_source_does_not_have() -> None:
    record = manifest(looked_for=[looked("face", "Q", "pixels")], kind="audio")
    rows = {row.letter: row for row in facts(record).statement}
    assert rows["Q"].pixels.state == "absent"
    assert rows["A"].text.state == "absent"
    assert rows["A"].speech.state == "not"
    stays = {one.what for one in facts(record).not_looked_for}
    assert "Voice prints" in stays
    assert not any("Tattoo" in what or "picture" in what for what in stays)


def test_a_stage_that_had_nothing_to_do_did_not_look() -> None:
    record = manifest(looked_for=[looked("face", "Q", "pixels")])
    record["entries"][0]["nothing_to_do"] = "Its file was empty."
    row = next(one for one in facts(record).statement if one.letter == "Q")
    assert row.pixels.state == "not"


def test_times_are_those_of_the_delivered_file_where_something_was_cut_out() -> None:
    cut = (10_000_000, 14_000_000)
    sounds = [sound(1, 2_000_000, "person", "A"), sound(2, 20_000_000, "date", "C")]
    said = facts(manifest(sounds=sounds, cuts_us=[cut], kind="audio"))
    assert [one.from_us for one in said.covers] == [2_000_000, 16_000_000]


def test_the_verdict_never_claims_more_than_was_looked_at() -> None:
    found = {
        "check": "picture", "kind": "residual", "sentence": "A face is uncovered.",
        "identifier": "face", "from_us": 1_000_000, "to_us": 1_200_000, "box": [1, 2, 30, 40],
        "score": 0.8, "accepted": False,
    }  # fmt: skip
    clean, residual = facts(manifest()), facts(manifest(findings=[found]))
    accepted = facts(manifest(findings=[{**found, "accepted": True}]))
    assert [one.verdict.word for one in (clean, residual, accepted)] == [
        "clean",
        "residual",
        "accepted",
    ]
    for one in (clean, residual, accepted):
        assert one.verdict.sentence.endswith(".")
        assert ". " not in one.verdict.sentence  # one sentence
        assert "complian" not in one.verdict.sentence.lower()
    assert "A face is uncovered" in residual.tasks[0].sentence
    assert residual.tasks[0].from_us == 1_000_000


def test_risky_frames_come_first() -> None:
    record = manifest(tracks=[track(1, 0, 200), track(2, 20_000_000, 1500)])
    found = {
        "check": "picture", "kind": "residual", "sentence": "A face.", "identifier": "face",
        "from_us": 55_000_000, "to_us": 55_100_000, "box": [1, 2, 30, 40], "score": 0.8,
        "accepted": False,
    }  # fmt: skip
    record["entries"][-1]["settings"]["findings"] = [found]
    frames = moments(record, DeliveredTime(record))
    assert frames[0].at_us == 55_000_000
    assert frames[0].reasons[0].risk == "left"
    risks = [frame.reasons[0].risk for frame in frames]
    assert {"first", "last", "largest", "least sure", "flow", "held"} <= {
        reason.risk for frame in frames for reason in frame.reasons
    }
    # A long stretch without a sighting before the ends of a track.
    assert risks.index("held") < risks.index("first")
    shown = {(r.track, r.risk) for frame in frames for r in frame.reasons}
    assert {(n, risk) for n in (1, 2) for risk in ("first", "last", "largest")} <= shown


def test_long_unseen_stretches_are_tasks() -> None:
    said = facts(manifest(tracks=[track(1, 0, 1500)]))
    assert any("held in its place" in task.sentence for task in said.tasks)
    assert said.tasks[-1].sentence.startswith("Watch and listen")


def test_models_have_licences_and_old_manifests_none() -> None:
    record = manifest(tracks=[track(1, 0, 50)])
    (model,) = facts(record).models
    assert (model.name, model.licence, model.origin) == ("yunet", "MIT", "OpenCV Zoo")
    del record["software"]["models"]
    for entry in record["entries"]:
        for later in ("looked_for", "cuts", "retimed"):
            del entry[later]
        for change in entry["changes"]:
            del change["inferred"], change["least_us"]
    load(to_bytes(record))
    (model,) = facts(record).models
    assert model.licence == "not recorded"


def test_what_plugins_write_can_not_turn_or_break_a_line() -> None:
    nasty = "up\u202edown\x07\n<script>alert(1)</script> " + "x" * 999
    said = facts(manifest(warnings=[nasty], items=[Item(place="a\u2066b", kind="k\x00")]))
    (note,) = said.warnings
    assert note.sentence.startswith("up down <script>")
    assert len(note.sentence) <= 300
    assert said.removed[0].place == "a b"


def test_another_file_is_refused(made: Made, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(made.outcome.output.read_bytes() + b"\0")
    with pytest.raises(ManifestError, match="not the one"):
        build_report(made.outcome.manifest, other)


def test_an_edited_manifest_is_refused(made: Made, tmp_path: Path) -> None:
    record = load(made.outcome.manifest.read_bytes())
    record["entries"][0]["warnings"] = ["All is well."]
    edited = tmp_path / "edited.json"
    edited.write_bytes(to_bytes(record))
    with pytest.raises(ManifestError):
        build_report(edited, made.outcome.output)


def test_missing_files_are_told(made: Made, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        build_report(tmp_path / "none.manifest.json")
    alone = tmp_path / "alone.manifest.json"
    shutil.copy(made.outcome.manifest, alone)
    with pytest.raises(UsageError, match="--output"):
        build_report(alone)
    with pytest.raises(UnreadableError):
        build_report(alone, tmp_path / "gone.mp4")


def test_a_delivered_file_that_does_not_decode_gives_no_report(made: Made, tmp_path: Path) -> None:
    data = bytearray(made.outcome.output.read_bytes())
    middle = data.index(b"mdat") + 40
    data[middle : middle + 3000] = b"\xff" * 3000
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    record = load(made.outcome.manifest.read_bytes())
    assert hashlib.sha256(data).hexdigest() != record["output"]["sha256"]
    with pytest.raises(TruncatedError):
        report_of(record, damaged)


@pytest.mark.parametrize("findings", [7, [{}], [{"from_us": "soon"}]])
def test_values_that_veilcast_does_not_write_are_refused(findings: object) -> None:
    record = manifest()
    record["entries"][-1]["settings"]["findings"] = findings
    with pytest.raises(ManifestError, match="does not write"):
        report_of(record, Path("nowhere"))


def closed(record: dict[str, Any]) -> dict[str, Any]:
    """An edited manifest whose hashes hold, as a forger would leave it."""
    record = json.loads(json.dumps(record))
    head = {key: record[key] for key in ("schema", "input", "profile", "software")}
    previous = sha256_of(head)
    for entry in record["entries"]:
        entry["previous"] = previous
        entry["entry_sha256"] = sha256_of({k: v for k, v in entry.items() if k != "entry_sha256"})
        previous = entry["entry_sha256"]
    record["manifest_sha256"] = manifest_hash(record)
    return load(to_bytes(record))


FOUND = {
    "check": "picture", "kind": "residual", "sentence": "A face is uncovered.",
    "identifier": "face", "from_us": 1_000_000, "to_us": 1_200_000, "box": [1, 2, 30, 40],
    "score": 0.8, "accepted": False,
}  # fmt: skip


@pytest.mark.parametrize("number", [10**16, 10**30, -(10**400)])
@pytest.mark.parametrize("place", ["path", "box", "span", "finding", "found box", "cut", "size"])
def test_numbers_that_no_recording_has_are_refused(made: Made, number: int, place: str) -> None:
    record = load(made.outcome.manifest.read_bytes())
    first = next(e for e in record["entries"] if e["changes"])["changes"][0]
    if place == "path":
        first["where"]["path"][-1] = f"{number} 1 2 3 4"
    elif place == "box":
        first["where"]["path"][0] = f"0 {number} 2 3 4"
    elif place == "span":
        first["to_us"] = number
    elif place == "finding":
        record["entries"][-1]["settings"]["findings"] = [{**FOUND, "from_us": number}]
    elif place == "found box":
        record["entries"][-1]["settings"]["findings"] = [{**FOUND, "box": [1, 2, number, 4]}]
    elif place == "cut":
        record["entries"][-2]["cuts"] = [f"0 {number}"]
    else:
        record["input"]["bytes"] = abs(number)
    with pytest.raises(ManifestError, match="does not write"):
        report_of(closed(record), made.outcome.output)


def test_a_stage_may_number_its_tracks_as_it_likes(made: Made) -> None:
    record = load(made.outcome.manifest.read_bytes())
    next(e for e in record["entries"] if e["changes"])["changes"][0]["track"] = 2**63 - 1
    report_of(closed(record), made.outcome.output)


def test_a_time_after_the_end_is_no_traceback(made: Made) -> None:
    record = load(made.outcome.manifest.read_bytes())
    record["entries"][-1]["settings"]["findings"] = [{**FOUND, "from_us": 10**13, "to_us": 10**13}]
    report_of(closed(record), made.outcome.output)


@pytest.mark.parametrize("checks", [[], "tags", [1], [""], None, {"tags": 1}])
def test_an_examination_without_checks_is_none(made: Made, checks: object) -> None:
    record = load(made.outcome.manifest.read_bytes())
    record["entries"][-1]["settings"]["checks"] = checks
    with pytest.raises(ManifestError):
        report_of(closed(record), made.outcome.output)


def uncovered(record: dict[str, Any], *, count: int = 50, more: int = 0) -> dict[str, Any]:
    """With a face that somebody asked to leave as it is, and more of them."""
    one = {
        "what": "face", "hipaa": "Q", "track": 1, "why": ["keep"], "from_us": 0,
        "to_us": 2_000_000, "path": ["0 1 2 3 4"], "count": count, "of": 50,
    }  # fmt: skip
    record["entries"][0]["uncovered"] = [{**one, "track": n + 1} for n in range(1 + more)]
    return record


def test_a_face_left_uncovered_is_in_the_verdict() -> None:
    said = facts(uncovered(manifest())).verdict
    assert said.word == "uncovered"
    assert "1 face is left uncovered, as was asked" in said.sentence
    part = facts(uncovered(manifest(), count=7, more=2)).verdict
    assert "3 faces are left uncovered, wholly or in part, as was asked" in part.sentence
    accepted = facts(uncovered(manifest(findings=[{**FOUND, "accepted": True}]))).verdict
    assert accepted.word == "uncovered"
    assert "1 thing that a reviewer had accepted" in accepted.sentence
    residual = facts(uncovered(manifest(findings=[FOUND]))).verdict
    assert residual.word == "residual"
    assert "1 face is left uncovered" in residual.sentence


def with_subtitles(record: dict[str, Any], *, delivered: bool) -> dict[str, Any]:
    stream = {"index": 2, "type": "subtitle", "codec": "mov_text"}
    record["input"]["streams"].append(stream)
    if delivered:
        record["output"]["streams"].append(stream)
    return record


def test_without_a_stage_for_tags_it_is_said_that_nobody_looked_at_them() -> None:
    said = facts(with_subtitles(manifest(tracks=[track(1, 0, 50)]), delivered=True))
    rows = {row.letter: row for row in said.statement}
    assert (rows["A"].metadata.state, rows["A"].text.state) == ("not", "not")
    stays = [one.what for one in said.not_looked_for]
    assert "Anything in tags" in stays
    assert "Anything in subtitles" in stays
    assert said.container_stages == []


def test_subtitles_that_delivery_left_behind_are_removed_whole() -> None:
    said = facts(with_subtitles(manifest(tracks=[track(1, 0, 50)]), delivered=False))
    rows = {row.letter: row for row in said.statement}
    assert rows["A"].text.model_dump() == {"state": "whole", "by": ["deliver"], "covered": 0}
    assert "Anything in subtitles" not in {one.what for one in said.not_looked_for}


def test_a_stage_for_tags_is_no_reason_to_say_that_nobody_looked(made: Made) -> None:
    said = json.loads(made.json)
    assert said["container_stages"] == ["metadata"]
    stays = {one["what"] for one in said["not_looked_for"]}
    assert not {"Anything in tags", "Anything in subtitles"} & stays


def test_the_delivered_file_is_known_by_its_hash_among_others(made: Made, tmp_path: Path) -> None:
    for path in (made.outcome.manifest, made.outcome.output):
        shutil.copy(path, tmp_path)
    for ending in (".html", ".json", ".txt"):
        (tmp_path / f"{made.outcome.output.stem}{ending}").write_text("mine")
    report = build_report(tmp_path / made.outcome.manifest.name)
    assert facts_json(report) == made.json
