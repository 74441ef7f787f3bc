"""What stages look for is said by themselves or by what they use, and a plugin's own is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from report.making import REGIONS

from veilcast.errors import PluginFailedError, PluginOutputError
from veilcast.extensions import LookedFor
from veilcast.pipeline.search_scope import looked_for
from veilcast.profile import load_profile

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.profile import PlannedStage


def planned(host: Host, stage: str, *overrides: str, **more: Any) -> PlannedStage:
    profile = load_profile(host, "default", overrides=overrides, **more)
    return next(one for one in profile.stages if one.stage.name == stage)


def said(host: Host, stage: str, *overrides: str, **more: Any) -> set[tuple[str, str, str, str]]:
    return {
        (one.identifier, one.hipaa, one.where, one.how)
        for one in looked_for(host, planned(host, stage, *overrides, **more))
    }


def test_a_stage_with_detectors_looks_for_what_they_find(host: Host) -> None:
    assert said(host, "faces") == {("face", "Q", "pixels", "sought")}


def test_speech_looks_for_what_its_policy_and_settings_count(host: Host) -> None:
    usual = said(host, "speech")
    assert ("person", "A", "speech", "sought") in usual
    assert ("mrn", "H", "speech", "sought") in usual
    named = {identifier for identifier, *_ in usual}
    assert not {"room", "age under 90"} & named
    assert "room" in {one for one, *_ in said(host, "speech", "speech.policy=gdpr")}
    assert "room" in {one for one, *_ in said(host, "speech", "speech.identifiers={room: true}")}
    assert "person" not in {
        one for one, *_ in said(host, "speech", "speech.identifiers={person: false}")
    }
    only = {one for one, *_ in said(host, "speech", "speech.policy=names-only")}
    assert only <= {"person", "unintelligible"}


def test_recognisers_that_do_not_know_the_language_are_not_counted(host: Host) -> None:
    kept = "metadata.subtitles=redact"
    english, welsh = (
        said(host, "metadata", kept, f"metadata.language={code}") for code in ("en", "cy")
    )
    assert welsh < english


def test_regions_look_for_nothing_but_what_is_marked(host: Host, tmp_path: Path) -> None:
    assert said(host, "regions") == set()
    file = tmp_path / "regions.yaml"
    file.write_text(REGIONS)
    assert said(host, "regions", files={"regions": file}) == {
        ("wristband", "H", "pixels", "marked"),
        ("screen", "", "pixels", "marked"),
        ("name", "A", "speech", "marked"),
        ("number", "H", "speech", "marked"),
    }


def test_tags_go_whole_and_subtitles_are_read_where_they_are_kept(host: Host) -> None:
    dropped = said(host, "metadata")
    assert {how for *_, how in dropped} == {"whole"}
    assert {(letter, where) for _, letter, where, _ in dropped} == {
        (letter, where) for letter in "ABCDEFGHIJKLMNOPQR" for where in ("metadata", "text")
    }
    kept = said(host, "metadata", "metadata.subtitles=redact")
    assert ("person", "A", "text", "sought") in kept
    assert not any(where == "text" and how == "whole" for *_, where, how in kept)


def test_a_stage_may_say_it_itself_and_is_held_to_the_form(host: Host) -> None:
    faces = planned(host, "faces")

    def with_(looks: Any) -> PlannedStage:
        return replace(faces, stage=replace(faces.stage, looks_for=looks))

    own = LookedFor(identifier="tattoo", hipaa="R", where="pixels")
    assert looked_for(host, with_(lambda settings, counted: [own, own])) == (own,)
    for wrong in ("tattoo", LookedFor(identifier="tattoo", hipaa="RR", where="pixels")):
        with pytest.raises(PluginOutputError, match="looks for"):
            looked_for(host, with_(lambda settings, counted, wrong=wrong: [wrong]))
    with pytest.raises(PluginFailedError, match="faces"):
        looked_for(host, with_(lambda settings, counted: 1 // 0))
