"""What plugins of others say is in manifest and report: it may repeat nothing of the recording."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from cli.program import files, refused
from plugins.distributions import install, stage

from veilcast.errors import PluginOutputError, VeilcastError
from veilcast.pipeline import located
from veilcast.plugin import (
    Check,
    Findings,
    Item,
    Phase,
    Problem,
    Sound,
    SpokenWord,
    Stage,
    StageSettings,
    hookimpl,
)
from veilcast.profile import load_profile
from veilcast.testing import MediaMaker, make_host, run_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cli.program import Program
    from testmedia import Corpus

    from veilcast.extensions import Progress

OUTPUT = 32
SAID = (
    *(("my", ""), ("name", ""), ("is", ""), ("Rose", "person"), ("Gray", "person")),
    *(("of", ""), ("vantongeren's", "facility"), ("call", ""), ("six", "phone")),
    *(("one", "phone"), ("seven", "phone"), ("five", "phone"), ("about", ""), ("the", "")),
    *(("Zorblatt", ""), ("can't", ""), ("wristband", ""), ("and", "unintelligible")),
    *(("the", "unintelligible"), ("fizzwick", "unintelligible"), ("sound", "unintelligible")),
    ("was", ""),
)  # fmt: skip
KNOWN = "names: [Marguerite Okonkwo]\nmrn: '4471920'\ncities: Reading\nnicknames: Will\n"


class Nobody:
    """Is told nothing."""

    def phase(self, name: str) -> None: ...

    def warning(self, sentence: str) -> None: ...

    def stage(self, name: str) -> Progress:
        return lambda activity, done, total: None


def heard(context: Any) -> Findings:
    """What another stage heard, a tenth of a second for each word."""
    words = tuple(
        SpokenWord(
            text=text,
            start_us=number * 100_000,
            end_us=number * 100_000 + 90_000,
            confidence=0.9,
            stream=0,
            identifier=identifier,
        )
        for number, (text, identifier) in enumerate(SAID)
    )
    return Findings(stage="hears", words=words)


class Talks:
    """One stage that hears and one that talks; and a check that finds something."""

    def __init__(self, problem: str = "", **said: Any) -> None:
        self._said, self._problem = said, problem

    @hookimpl
    def veilcast_stages(self) -> Iterable[Stage]:
        common: Mapping[str, Any] = {"phase": Phase.SOUND, "settings": StageSettings}
        yield Stage(name="hears", summary="Hears the wristband", locate=heard, **common)
        yield Stage(name="talks", summary="What it likes", locate=self._talk, **common)

    @hookimpl
    def veilcast_checks(self) -> Iterable[Check]:
        problems = [Problem(sentence=self._problem)] if self._problem else []
        yield Check(name="frowns", summary="Never content", run=lambda context: problems)

    def _talk(self, context: Any) -> Findings:
        return Findings(stage="talks", **self._said)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Under a name of the user's, in a folder of the user's."""
    folder = tmp_path_factory.mktemp("Xanthopoulos")
    made = MediaMaker(folder).sound(np.sin(np.arange(48_000) / 9) / 3)
    return made.rename(folder / "visit_2 of Haverstock.wav")


def locate(recording: Path, folder: Path, plugin: Talks, known: str = KNOWN) -> Any:
    folder = Path(mkdtemp(dir=folder))  # what was located with other words is not taken from there
    (folder / "known.yaml").write_text(known)
    (folder / "profile.yaml").write_text("stages: [hears, talks, metadata]")
    host = make_host(plugin)
    profile = load_profile(host, str(folder / "profile.yaml"), known=folder / "known.yaml")
    return located(host, recording, profile, folder / "work", Nobody())


REPEATED = {
    "a located word": "The Vantongeren was unclear.",
    "a located word between signs": "See 'item:vantongeren'.",
    "two located words that are ordinary": "It was rose gray that could not be heard.",
    "a located number in figures": "Looked at 6175.",
    "a located number with signs": "Looked at 61-75 things.",
    "a word that was heard and not taken for a name": "Ask zorblatt.",
    "a known name": "It was said by okonkwo.",
    "a known name that another word is joined to": "See MargueriteOkonkwo.",
    "a known number": "There is 447-1920.",
    "the input's name": "In visit_2 of Haverstock.wav is nothing.",
    "its stem": "In Visit_2 of haverstock is nothing.",
    "a word of its name": "Nothing for Haverstock.",
    "what was not understood": "It may be fizzwick.",
}


@pytest.mark.quick(every=12)
@pytest.mark.parametrize("what", REPEATED)
@pytest.mark.parametrize("field", ["warnings", "nothing_to_do"])
def test_a_sentence_that_repeats(what: str, field: str, recording: Path, tmp_path: Path) -> None:
    sentence = REPEATED[what]
    said: Any = ("All is well.", sentence) if field == "warnings" else sentence
    with pytest.raises(PluginOutputError) as caught:
        locate(recording, tmp_path, Talks(**{field: said}))
    told = str(caught.value)
    assert "The plugin 'Talks-1' of not-installed 0" in told
    assert "'talks'" in told
    secrets = "vantongeren rose gray 61 zorblatt okonkwo marguerite 447 visit haverstock fizzwick"
    assert not any(secret in told.lower() for secret in secrets.split())


def test_a_path_of_the_user_is_in_no_sentence(recording: Path, tmp_path: Path) -> None:
    for path in (recording, recording.parent):
        with pytest.raises(PluginOutputError) as caught:
            locate(recording, tmp_path, Talks(warnings=(f"Wrote beside {path} some more.",)))
        assert "anthopoulos" not in str(caught.value)


INNOCENT = (
    "The sound was clipped 6 times and could not be heard well.",
    "What can't be heard can't be covered.",
    "About 617 of 4711 looks failed; the stream 0 is of 48000 Hz.",
    "One call of seven was about my name.",
    "Reading of the sound failed, and it will be covered.",
    "A wristband was seen for 0.5 s.",
    "Wristbands on the left hand; visit the page on tracking, and call six or seven.",
    "It is of the kind that is in no list.",
    "The detector was seldom sure; look at 0:01.20 to 0:03.00.",
)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("sentence", INNOCENT)
def test_ordinary_words_are_no_offence(sentence: str, recording: Path, tmp_path: Path) -> None:
    document = locate(recording, tmp_path, Talks(warnings=(sentence,)))
    assert document.stages[1].warnings == (sentence,)


@pytest.mark.release
def test_sizes_of_pictures_are_no_offence_where_a_name_has_them(
    recording: Path, tmp_path: Path
) -> None:
    named = tmp_path / "GOPR0042-1080p.wav"
    named.symlink_to(recording)
    sentence = "The picture of 1920x1080 (1080p) was looked at 42 times."
    assert locate(named, tmp_path, Talks(warnings=(sentence,))).stages[1].warnings == (sentence,)
    for sentence in ("See gopr0042.", "It is 0042 of GOPR.", "See GOPR0042-1080p.wav."):
        with pytest.raises(PluginOutputError):
            locate(named, tmp_path, Talks(warnings=(sentence,)))


@pytest.mark.release
def test_words_of_the_plugins_own_code_are_no_offence_where_they_were_only_heard(
    veilcast: Program, site: Path, recording: Path, tmp_path: Path, bench: Path
) -> None:
    """'haverstock' is in the file's name, 'Zorblatt' is in no module."""
    own = "return Findings(stage='stamp', warnings=('The haverstock filter was used.',))"
    install(site, stage(locate=own, redact="return context.file", phase="sound"))
    profile = tmp_path / "stamped.yaml"
    profile.write_text("stages: [stamp, metadata]")
    answer = veilcast("run", recording, "-qp", profile, "-o", bench / "out.wav")
    assert answer.code == 0, answer


@pytest.mark.parametrize(
    "said",
    [
        {"items": (Item(place="vantongeren", kind="comment"),)},
        {"items": (Item(place="stream 0", kind="okonkwo"),)},
        {
            "sounds": (
                Sound(
                    id=1,
                    identifier="voice of okonkwo",
                    hipaa="",
                    detector="talks",
                    start_us=0,
                    end_us=9,
                ),
            )
        },
    ],
    ids=["a place", "a kind", "a class"],
)
def test_so_it_is_with_classes_and_places(
    said: Mapping[str, Any], recording: Path, tmp_path: Path
) -> None:
    with pytest.raises(PluginOutputError, match="'Talks-1' of not-installed"):
        locate(recording, tmp_path, Talks(**said))


@pytest.mark.release
def test_a_check_may_not_repeat_them_either(recording: Path, tmp_path: Path) -> None:
    host = make_host(Talks(problem="The word vantongeren is still heard."))
    with pytest.raises(VeilcastError) as caught:
        run_pipeline(recording, tmp_path / "out", host, profile={"stages": ["hears", "metadata"]})
    assert isinstance(caught.value, PluginOutputError)
    assert "'Talks-1' of not-installed" in str(caught.value)
    assert "vantongeren" not in str(caught.value)
    host = make_host(Talks(problem="The sound is too loud."))
    with pytest.raises(VeilcastError, match="too loud"):
        run_pipeline(recording, tmp_path / "out", host, profile={"stages": ["hears", "metadata"]})


def test_the_run_stops_and_nothing_is_published(
    veilcast: Program, site: Path, media: Corpus, tmp_path: Path, bench: Path
) -> None:
    """Also the second time, when what was located is there from before."""
    told = "return Findings(stage='stamp', warnings=('Quixby was seen.',))"
    install(site, stage(locate=told))
    (tmp_path / "known.yaml").write_text("names: Joan Quixby")
    profile = tmp_path / "stamped.yaml"
    profile.write_text("stages: [stamp, metadata]")
    arguments = (media["gray.png"], "-qp", profile, "--known", tmp_path / "known.yaml")
    for _ in range(2):
        sentence = refused(veilcast("run", *arguments, "-o", bench / "out.png"), OUTPUT)
        assert "acme-stamp 1.2" in sentence
        assert "Quixby" not in sentence
    assert files(bench) == []


@pytest.mark.release
def test_a_reason_to_do_nothing_that_a_person_wrote_is_in_no_manifest(
    veilcast: Program, media: Corpus, light: Path, bench: Path
) -> None:
    found, target = bench / "found.json", bench / "out.png"
    arguments = (media["gray.png"], "-qp", light)
    assert veilcast("locate", *arguments, "-o", found).code == 0
    document = json.loads(found.read_bytes())
    assert document["stages"][0]["nothing_to_do"]
    document["stages"][0]["nothing_to_do"] = "Joan Quixby was asked."
    found.write_text(json.dumps(document))
    answer = veilcast("redact", *arguments, "--findings", found, "-o", target)
    assert answer.code == 0, answer
    manifest = (bench / "out.manifest.json").read_text()
    assert "Quixby" not in manifest
    assert "nothing to do" in manifest
