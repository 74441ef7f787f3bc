"""What a reviewer accepts, and what is still told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from veilcast.errors import UnverifiableError, UsageError, VerificationError
from veilcast.extensions import Problem
from veilcast.types import Box
from veilcast.verification import Acceptance, Finding, Verification, load_acceptance

if TYPE_CHECKING:
    from pathlib import Path

FACE = Problem(
    sentence="A face may be uncovered.",
    kind="residual",
    identifier="face",
    from_us=12_500_000,
    to_us=13_000_000,
    box=Box(x=110, y=50, width=100, height=120),
    score=0.9,
)
BROKEN = Problem(sentence="The number of frames is not the source's.")


def accepted(tmp_path: Path, text: str) -> Acceptance:
    path = tmp_path / "reviewed.yaml"
    path.write_text(text)
    return load_acceptance(path)


@pytest.mark.parametrize(
    ("entry", "covers"),
    [
        ("{check: picture, sentence: A face may be uncovered.}", True),
        ("{check: picture, sentence: A face.}", False),
        ("{check: picture, identifier: face, why: a poster}", True),
        ("{check: picture, identifier: plate}", False),
        ("{check: speech, identifier: face}", False),
        ("{check: picture, from: 0:12.5, to: 0:13}", True),
        ("{check: picture, from: 12.6}", False),
        ("{check: picture, to: 12.9}", False),
        ("{check: picture, box: [100, 40, 120, 140]}", True),
        ("{check: picture, box: [100, 40, 60, 140]}", False),
    ],
)
def test_an_entry_accepts_what_lies_within_it(tmp_path: Path, entry: str, covers: bool) -> None:
    assert accepted(tmp_path, f"- {entry}").covers("picture", FACE) is covers


def test_what_is_broken_is_accepted_by_nobody(tmp_path: Path) -> None:
    assert not accepted(
        tmp_path, "- {check: playback, sentence: The number of frames is not the source's.}"
    ).covers("playback", BROKEN)


def test_what_is_not_a_matter_of_time_is_accepted_by_its_sentence_alone(tmp_path: Path) -> None:
    tag = Problem(sentence="A tag is left.", kind="residual")
    assert not accepted(tmp_path, "- {check: tags, from: 0, to: 9}").covers("tags", tag)
    assert accepted(tmp_path, "- {check: tags, sentence: A tag is left.}").covers("tags", tag)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "picture",
        "[]",
        "- {identifier: face}",
        "- {check: picture}",
        "- {check: picture, why: Quixby}",
        "- {check: picture, from: 2, to: 1}",
        pytest.param("[" * 600, id="nested"),
        "- {check: picture, box: [1, 2, 3]}",
        "- {check: picture, from: Quixby}",
        "- {check: picture, Quixby: 1}",
        "- Quixby",
        "- {check: picture",
    ],
)
def test_a_malformed_list_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as told:
        accepted(tmp_path, text)
    assert "Quixby" not in str(told.value)


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_acceptance(tmp_path / "none.yaml")


def test_the_verdict_and_what_may_be_published() -> None:
    residual = Finding(check="picture", problem=FACE)
    reviewed = Finding(check="picture", problem=FACE, accepted=True)
    broken = Finding(check="playback", problem=BROKEN)
    assert Verification(checks=("picture",)).verdict == "clean"
    assert Verification(checks=("picture",), findings=(reviewed,)).verdict == "clean"
    left = Verification(checks=("picture",), findings=(reviewed, residual))
    assert left.verdict == "residual"
    left.raise_for(allow_residual=True)
    with pytest.raises(VerificationError, match="A face may be uncovered"):
        left.raise_for()
    bad = Verification(checks=("picture", "playback"), findings=(broken, residual))
    assert bad.verdict == "unverifiable"
    with pytest.raises(UnverifiableError, match=r"frames.*\(and 1 more\)"):
        bad.raise_for(allow_residual=True)


def test_the_result_for_programs_has_time_and_whole_pixels() -> None:
    found = Finding(check="picture", problem=FACE).to_json()
    assert found["box"] == [110, 50, 100, 120]
    assert (found["from_us"], found["to_us"], found["score"]) == (12_500_000, 13_000_000, 0.9)
