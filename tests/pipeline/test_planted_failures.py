"""A delivered file with one thing wrong with it, as an accident or a forger would leave it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from pipeline.program import Quiet

from veilcast.manifest import load
from veilcast.pipeline import verified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.program import Consultation, Program
    from testmedia import Corpus

    from veilcast.verification import Verification

pytestmark = pytest.mark.release

LOSSLESS = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-fps_mode", "passthrough")
BITEXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact")


def ffmpeg(*arguments: object) -> None:
    command = ["ffmpeg", "-v", "error", "-y", *(str(argument) for argument in arguments)]
    subprocess.run(command, check=True, capture_output=True)


def manifest_of(consultation: Consultation) -> dict[str, Any]:
    return load(consultation.outcome.manifest.read_bytes())


@pytest.fixture(scope="module")
def look(
    program: Program, consultation: Consultation, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Verification]:
    """Verify a file as `veilcast verify FILE --source --manifest` does.

    Detectors and transcriber only look again where they are asked to: that takes seconds.
    """
    work = tmp_path_factory.mktemp("work")
    scrub = program.profile("stages: [metadata]")

    def verify(
        path: Path,
        *,
        source: bool = True,
        known: bool = True,
        manifest: dict[str, Any] | None = None,
        looking: bool = False,
    ) -> Verification:
        return verified(
            program.host,
            path,
            consultation.source if source else None,
            work,
            Quiet(),
            profile=consultation.profile if looking else scrub,
            manifest=(manifest or manifest_of(consultation)) if known else None,
        )

    return verify


def said_by(result: Verification, check: str) -> list[str]:
    return [f.problem.sentence for f in result.findings if f.check == check]


def test_the_file_as_it_was_delivered_is_clean(
    look: Callable[..., Verification], consultation: Consultation
) -> None:
    result = look(consultation.outcome.output, looking=True)
    assert result.findings == ()
    assert result.verdict == "clean"
    assert {"manifest", "picture", "playback", "speech", "strings", "sync"} < set(result.checks)


def test_a_chapter_title(
    look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    titles = tmp_path / "titles.txt"
    titles.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=Quixby Ward\n"
    )
    path = tmp_path / "chapter.mp4"
    ffmpeg("-i", consultation.outcome.output, "-i", titles, "-map_chapters", 1, "-c", "copy", path)
    result = look(path)
    assert "Chapters are left in the delivered file." in said_by(result, "tags")
    assert said_by(result, "structure")
    assert "Quixby" not in json.dumps(result.to_json())


def test_a_subtitle(
    look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:01,000 --> 00:00:02,000\nMaria Quixby, record 4711902\n")
    path = tmp_path / "subtitle.mp4"
    inputs = ("-i", consultation.outcome.output, "-i", words)
    ffmpeg(*inputs, "-map", 0, "-map", 1, "-c", "copy", "-c:s", "mov_text", path)
    result = look(path)
    assert any("neither picture nor sound" in sentence for sentence in said_by(result, "tags"))
    assert said_by(result, "subtitles")
    assert "Quixby" not in json.dumps(result.to_json())


def test_trailing_bytes(
    look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    path = tmp_path / "trailing.mp4"
    path.write_bytes(consultation.outcome.output.read_bytes() + b"PK\x03\x04 Quixby")
    assert said_by(look(path), "structure")


def test_another_file_in_its_place(
    look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    path = tmp_path / "swapped.mp4"
    source = ("-i", consultation.outcome.output)
    ffmpeg(*source, *LOSSLESS, "-c:a", "copy", *BITEXACT, path)
    result = look(path)
    assert result.verdict == "unverifiable"
    assert any("not the one" in sentence for sentence in said_by(result, "manifest"))


def test_an_edited_manifest(look: Callable[..., Verification], consultation: Consultation) -> None:
    edited = manifest_of(consultation)
    entry = next(entry for entry in edited["entries"] if entry["changes"])
    entry["changes"].pop()
    result = look(consultation.outcome.output, manifest=edited)
    assert result.verdict == "unverifiable"
    assert any("edited" in sentence for sentence in said_by(result, "manifest"))


def test_a_dropped_frame(
    look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    path = tmp_path / "dropped.mp4"
    ffmpeg(
        *("-i", consultation.outcome.output, "-vf", "select='not(eq(n,50))'"),
        *(*LOSSLESS, "-c:a", "copy", *BITEXACT, path),
    )
    result = look(path)
    assert result.verdict == "unverifiable"
    assert "The number of frames is not the source's." in said_by(result, "playback")


@pytest.mark.parametrize("how", ["another picture", "a picture that stands still"])
def test_what_is_not_shown_in_the_source(
    how: str, look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    path, output = tmp_path / "other.mp4", consultation.outcome.output
    other = "geq=lum='mod(X*3+Y,255)':cb=128:cr=128"
    still = "select='not(between(n,90,119))',loop=30:1:89,setpts=N/30/TB"
    picture = other if how == "another picture" else still
    ffmpeg("-i", output, "-vf", picture, *LOSSLESS, "-c:a", "copy", *BITEXACT, path)
    assert said_by(look(path), "likeness")


@pytest.mark.parametrize("how", ["time stamps", "samples"])
def test_sound_that_is_40_ms_late(
    how: str, look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    path, output = tmp_path / "late.mp4", consultation.outcome.output
    if how == "time stamps":
        inputs = ("-i", output, "-itsoffset", "0.04", "-i", output)
        ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", *BITEXACT, path)
    else:
        ffmpeg("-i", output, "-c:v", "copy", "-af", "adelay=40:all=1", *BITEXACT, path)
    result = look(path)
    assert result.verdict == "unverifiable"
    assert said_by(result, "sync")


@pytest.fixture(scope="module")
def truth(media: Corpus) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(media["consultation.truth.json"].read_text())
    return document


def test_a_face_that_is_bare_for_three_frames(
    look: Callable[..., Verification],
    consultation: Consultation,
    truth: dict[str, Any],
    tmp_path: Path,
) -> None:
    frames = truth["frames"]
    first = next(
        n
        for n in range(len(frames))
        if all(f["visible"] and f["inside"] > 0.95 for f in frames[n : n + 3])
    )
    path = tmp_path / "bare.mp4"
    picture = f"[0:v][1:v]overlay=enable='between(n,{first},{first + 2})'"
    inputs = ("-i", consultation.outcome.output, "-i", consultation.source)
    ffmpeg(
        *(*inputs, "-filter_complex", f"{picture}[v]", "-map", "[v]", "-map", "0:a?"),
        *(*LOSSLESS, "-c:a", "copy", *BITEXACT, path),
    )
    # Once with the manifest, which says that the face is covered there, and once without.
    for known in (True, False):
        result = look(path, source=known, known=known, looking=True)
        faces = [f.problem for f in result.findings if f.check == "picture"]
        assert {problem.identifier for problem in faces} == {"face"}
        (seen,) = faces
        assert seen.from_us is not None
        assert seen.to_us is not None
        assert seen.from_us < frames[first + 3]["pts_us"]
        assert seen.to_us > frames[first]["pts_us"]


def test_a_name_that_is_not_beeped(
    look: Callable[..., Verification], consultation: Consultation, tmp_path: Path
) -> None:
    spans = sorted(
        (sound.start_us, sound.end_us)
        for findings in consultation.findings.stages
        for sound in findings.sounds
        if sound.identifier in {"person", "name"}
    )
    start, end = spans[0][0] / 1e6, max(end for _, end in spans) / 1e6
    path = tmp_path / "heard.mp4"
    within = f"between(t,{start - 0.1},{end + 0.1})"
    mixed = (
        f"[0:a]volume=0:enable='{within}'[out];[1:a]volume=0:enable='not({within})'[in];"
        "[out][in]amix=inputs=2:normalize=0[a]"
    )
    inputs = ("-i", consultation.outcome.output, "-i", consultation.source)
    ffmpeg(
        *(*inputs, "-filter_complex", mixed, "-map", "0:v", "-map", "[a]", "-c:v", "copy"),
        *(*BITEXACT, path),
    )
    beside = look(path, looking=False)
    assert "Sound that was to be covered is heard in sound stream 1." in said_by(beside, "covers")
    # Without source and manifest it has to be understood.
    alone = look(path, source=False, known=False, looking=True)
    assert said_by(alone, "speech")
