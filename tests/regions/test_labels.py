"""Labels are in findings, manifest and report: one that says what is known of somebody is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("cli.program")

from cli.program import Program, files, refused  # noqa: E402 - rewritten first

from veilcast.errors import SettingError  # noqa: E402
from veilcast.host import Host  # noqa: E402
from veilcast.pipeline import located  # noqa: E402
from veilcast.profile import load_profile  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.extensions import Progress
    from veilcast.profile import Profile

HOST = Host()
SETTING, FINDINGS = 23, 25
KNOWN = """
names: [Marguerite Okonkwo]
mrn: "4471920"
facilities: Oakfield
"""
NAMING = [
    "okonkwo",
    "bed of mrs okonkwo",
    "okonkwo-wristband",
    "marguerite_bag",
    "peggy s chart",
    "ukonkwo",
    "mrn4471920",
    "chart 447-1920",
    "oakfield sign",
]
NEUTRAL = ["wristband", "wall monitor", "name badge", "whiteboard 2", "region", "plate", "mrn"]


class Nobody:
    """Is told nothing."""

    def phase(self, name: str) -> None: ...

    def warning(self, sentence: str) -> None: ...

    def stage(self, name: str) -> Progress:
        return lambda activity, done, total: None


@pytest.fixture
def veilcast(tmp_path: Path) -> Program:
    return Program(tmp_path / "work")


@pytest.fixture
def folder(tmp_path: Path, media: Corpus) -> Path:
    """With a picture, a profile that reads text, and what is known."""
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "profile.yaml").write_text("stages: [regions, metadata]")
    (folder / "known.yaml").write_text(KNOWN)
    return folder


BOX = "regions: [{{box: [9, 9, 30, 20], label: {}}}]"


def given(folder: Path, label: str, line: str = BOX) -> tuple[object, ...]:
    """Marks something, and gives the arguments of a command that say so and what is known."""
    (folder / "marks.yaml").write_text(line.format(label))
    known = ("--known", folder / "known.yaml")
    return "-qp", folder / "profile.yaml", "-r", folder / "marks.yaml", *known


def told_of(folder: Path, profile: str = "stages: [regions, metadata]") -> Profile:
    """A profile with the marks and what is known."""
    (folder / "profile.yaml").write_text(profile)
    marks, known = folder / "marks.yaml", folder / "known.yaml"
    return load_profile(HOST, str(folder / "profile.yaml"), files={"regions": marks}, known=known)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("label", NAMING)
def test_one_that_names_somebody_is_refused_without_repeating_it(
    label: str, folder: Path, media: Corpus
) -> None:
    given(folder, label)
    with pytest.raises(SettingError) as caught:
        located(HOST, media["gray.png"], told_of(folder), folder / "work", Nobody())
    sentence = str(caught.value)
    assert "regions" in sentence
    assert "'wristband'" in sentence, "what one would write instead"
    told = sentence.lower()
    assert not any(part in told for part in ("okonkwo", "marguerite", "peggy", "447", "oakfield"))


def test_so_it_is_with_sound(folder: Path, media: Corpus) -> None:
    given(folder, "okonkwo", "mute: [{{from: 0.5, to: 1, label: voice of {}}}]")
    with pytest.raises(SettingError, match="1 of the 1 labels of stage 'regions'"):
        located(HOST, media["plain.mp4"], told_of(folder), folder / "work", Nobody())


def test_phrases_that_always_count_are_known_too(folder: Path, media: Corpus) -> None:
    given(folder, "the lighthouse keeper")
    profile = told_of(folder, "stages: [regions, metadata: {deny: [the lighthouse keeper]}]")
    with pytest.raises(SettingError):
        located(HOST, media["gray.png"], profile, folder / "work", Nobody())


def test_a_run_stops_before_it_begins(veilcast: Program, folder: Path, media: Corpus) -> None:
    arguments = given(folder, "okonkwo")
    before = files(folder)
    answer = veilcast("run", media["gray.png"], *arguments, "-o", folder / "o.png")
    assert "okonkwo" not in refused(answer, SETTING)
    assert files(folder) == before
    assert veilcast.scratch == []


@pytest.mark.release
def test_classes_of_things_are_labels(veilcast: Program, folder: Path, media: Corpus) -> None:
    marks = "}, {box: [9, 9, 30, 20], label: ".join(NEUTRAL)
    arguments = given(folder, marks)
    answer = veilcast("run", media["gray.png"], *arguments, "-o", folder / "o.png")
    assert answer.code == 0, answer
    text = (folder / "o.manifest.json").read_text()
    assert all(f'"what": "{label}"' in text for label in NEUTRAL)


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("label", ["mrs okonkwo", "ukonkwo"])
def test_edited_findings_may_not_bring_one_in(
    label: str, veilcast: Program, folder: Path, media: Corpus
) -> None:
    arguments = given(folder, "chart")
    found, target = folder / "findings.json", folder / "o.png"
    assert veilcast("locate", media["gray.png"], *arguments, "-o", found).code == 0
    document = json.loads(found.read_bytes())
    document["stages"][0]["tracks"][0]["identifier"] = label
    found.write_text(json.dumps(document))
    answer = veilcast("redact", media["gray.png"], "--findings", found, *arguments, "-o", target)
    sentence = refused(answer, FINDINGS)
    assert "okonkwo" not in sentence
    assert "regions" in sentence
    assert not target.exists()
