"""Errors have types, name no one, and leave nothing behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

import veilcast
from veilcast import errors
from veilcast.api import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.host import Host

CASES: dict[str, tuple[type[errors.VeilcastError], dict[str, Any]]] = {
    "not there": (errors.UnreadableError, {"source": "Quixby.mp4"}),
    "not media": (errors.NotMediaError, {"media": "text.mp4"}),
    "empty": (errors.EmptyInputError, {"media": "zero.mp4"}),
    "damaged": (errors.TruncatedError, {"media": "truncated.mp4"}),
    "no such profile": (errors.ProfileError, {"profile": "exams"}),
    "no such setting": (errors.UnknownKeyError, {"settings": {"regions": {"padded": 1}}}),
    "no such stage": (errors.UnknownStageError, {"settings": {"feces.padding": 1}}),
    "wrong value": (errors.SettingError, {"settings": {"deliver.crf": "low"}}),
    "settings as one text": (errors.UsageError, {"settings": "deliver.crf=20"}),
    "settings that can't be written": (errors.UsageError, {"settings": {"deliver.crf": object()}}),
    "no such name": (errors.UsageError, {"name": "hashed"}),
    "no such transcript": (errors.SettingError, {"transcript": "pdf"}),
    "nothing to transcribe": (errors.ProfileError, {"transcript": "vtt"}),
    "no such regions": (errors.RegionsError, {"regions": "Quixby.yaml"}),
    "no such findings": (errors.FindingsError, {"findings": "Quixby.json"}),
    "no such list": (errors.UsageError, {"accept": "Quixby.yaml"}),
    "wrong ending": (errors.UsageError, {"output": "out.mkv"}),
    "no such folder": (errors.UnwritableError, {"output": "Quixby/out.mp4"}),
}


@pytest.mark.quick(every=6)
@pytest.mark.parametrize("case", CASES)
def test_each_has_its_type(
    case: str, media: Corpus, brief: Path, bench: Path, work: Path, light: Path, host: Host
) -> None:
    wanted, given = CASES[case]
    source = bench / given["source"] if "source" in given else brief
    if "media" in given:
        source = media[given["media"]]
    arguments: dict[str, Any] = {"profile": light, "host": host}
    for key, value in given.items():
        if key in ("regions", "findings", "accept"):
            arguments[key] = bench / value
        elif key not in ("source", "media", "output"):
            arguments[key] = value
    with pytest.raises(errors.VeilcastError) as caught:
        veilcast.run(source, bench / given.get("output", "out.mp4"), **arguments)
    assert type(caught.value) is wanted
    for text in ("Quixby", str(bench), str(light.parent)):
        assert text not in str(caught.value)
    assert list(bench.iterdir()) == []
    assert list(work.glob("*/run-*")) == []


def test_what_is_there_is_kept(brief: Path, bench: Path, light: Path, host: Host) -> None:
    for name in ("o.mp4", "o.manifest.json", "o.report.html", "o.report.json"):
        (bench / name).write_text("precious")
        with pytest.raises(errors.OutputExistsError):
            veilcast.run(brief, bench / "o.mp4", profile=light, host=host)
        assert [(p.name, p.read_text()) for p in bench.iterdir()] == [(name, "precious")]
        (bench / name).unlink()


def test_other_calls_raise_the_same(media: Corpus, brief: Path, bench: Path, host: Host) -> None:
    missing = bench / "Quixby.mp4"
    for call in (veilcast.locate, veilcast.verify, veilcast.inspect):
        with pytest.raises(errors.UnreadableError):
            call(missing, profile="fast", host=host)
        with pytest.raises(errors.NotMediaError):
            call(media["text.mp4"], profile="fast", host=host)
    with pytest.raises(errors.UnreadableError):
        veilcast.report(missing)
    with pytest.raises(errors.ManifestError):
        veilcast.verify(brief, manifest=media["text.mp4"], host=host)
    assert list(bench.iterdir()) == []


def test_what_can_be_no_path_is_a_mistake(brief: Path, host: Host) -> None:
    wrong = "Quixby\0.mp4"
    given: list[dict[str, Any]] = [{}, {"known": wrong}, {"work": wrong}, {"profile": wrong}]
    for call in (veilcast.run, veilcast.locate, veilcast.verify, veilcast.inspect):
        for more in given:
            with pytest.raises(errors.UsageError):
                call(brief if more else wrong, host=host, **more)
    with pytest.raises(errors.UsageError):
        veilcast.run(brief, 3, host=host)  # type: ignore[arg-type]


def test_a_keyword_that_there_is_not_is_refused_at_once(brief: Path, host: Host) -> None:
    for call in (veilcast.run, veilcast.locate, veilcast.inspect):
        with pytest.raises(TypeError, match="'regoins'"):
            call(brief, regoins="marks.yaml", host=host)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'report'"):
        veilcast.locate(brief, report=False, host=host)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"prepare\(\)"):
        prepare(regoins="marks.yaml", host=host)  # type: ignore[call-arg]


@pytest.mark.release
def test_a_callback_may_change_the_folder(
    brief: Path, bench: Path, light: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench / "visit.mp4").write_bytes(brief.read_bytes())
    elsewhere = bench.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(bench)
    batch = prepare(profile=light, settings=None, work="wk", report=False, host=host)  # type: ignore[arg-type]
    result = batch.run("visit.mp4", "o.mp4", progress=lambda _: os.chdir(elsewhere))
    assert result.output == bench / "o.mp4"
    assert sorted(one.name for one in bench.iterdir()) == [
        "o.manifest.json",
        "o.mp4",
        "visit.mp4",
        "wk",
    ]
    assert list(elsewhere.iterdir()) == []
