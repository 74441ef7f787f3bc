"""What is told on the way: lines for logs, events for programs, nothing when asked for nothing."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from cli.program import REDUCED, told

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Visit
    from cli.program import Program
    from testmedia import Corpus

PHASES = ["locate", "redact", "verify", "report", "publish"]


def test_plain_lines_for_a_log(visit: Visit) -> None:
    # The patient's name is in the file's name, and that is told.
    lines = [line for line in told(visit.answer.err) if not line.startswith("veilcast: warning:")]
    assert [line for line in lines if not line.startswith(" ")] == PHASES
    for line in lines:
        assert re.fullmatch(r"[a-z]+|  [a-z]+: [a-z ]+( \d+/\d+)?", line), line
    for stage, activity in (
        ("faces", "loading"),
        ("faces", "detecting"),
        ("speech", "listening with whisper"),
        ("speech", "listening with pocketsphinx"),
        ("deliver", "pixelating"),
        ("verify", "checking"),
    ):
        seen = [line for line in lines if line.startswith(f"  {stage}: {activity}")]
        assert 1 <= len(seen) <= 12, "now and then, not for every frame"
    assert "  deliver: pixelating 240/240" in lines


@pytest.mark.release
def test_events_for_programs(again: list[dict[str, Any]]) -> None:
    events = again
    assert all(event["input"] == 1 for event in events)
    assert [e["phase"] for e in events if e["event"] == "phase"] == PHASES
    assert events[-1]["event"] == "finished"
    pixelated = [e for e in events if e["event"] == "progress" and e["activity"] == "pixelating"]
    assert [e["done"] for e in pixelated] == list(range(1, 241))
    assert {e["total"] for e in pixelated} == {240}


def test_a_failure_is_an_event_too(
    veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    answer = veilcast("run", media["text.mp4"], "--json", "-p", light, "-o", bench / "o.mp4")
    assert answer.code == 10
    (event,) = [e for e in answer.events if e["event"] == "failed"]
    assert (event["exit_code"], event["input"]) == (10, 1)
    assert "not a media file" in event["message"]


@pytest.mark.release
def test_quiet_is_silent(veilcast: Program, media: Corpus, bench: Path, light: Path) -> None:
    answer = veilcast("run", media["no_audio.mp4"], "--quiet", "-p", light, "-o", bench / "o.mp4")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    checked = veilcast("verify", bench / "o.mp4", "--quiet", "-p", light)
    assert (checked.code, checked.out, checked.err) == (0, "", "")


@pytest.mark.release
def test_that_the_embedded_transcriber_listened_is_told(
    veilcast: Program, media: Corpus, tmp_path: Path
) -> None:
    """Quiet or not, on the screen and in the manifest: it misses more."""
    (tmp_path / "heard.yaml").write_text("stages: [speech, metadata]")
    arguments = (
        "run",
        media["speech.wav"],
        "-p",
        tmp_path / "heard.yaml",
        "-o",
        tmp_path / "o.wav",
    )
    quiet = veilcast(*arguments, "-qs", "speech.transcriber=pocketsphinx")
    assert quiet.err.splitlines()[0].startswith(f"veilcast: warning: {REDUCED}")
    assert told(quiet.err) == []
    manifest = json.loads((tmp_path / "o.manifest.json").read_text())
    warnings = {e["stage"]: e["warnings"] for e in manifest["entries"]}
    assert [w for w in warnings["speech"] if REDUCED in w]


@pytest.mark.release
def test_quiet_still_warns(veilcast: Program, bench: Path) -> None:
    """That no face was found is worth knowing: it may have been missed."""
    cv2.imwrite(str(bench / "wall.png"), np.full((240, 320, 3), 128, np.uint8))
    answer = veilcast("run", bench / "wall.png", "-q")
    assert answer.code == 0
    (line,) = answer.err.splitlines()
    assert line.startswith("veilcast: warning: No face was detected")


@pytest.mark.release
def test_bars_on_a_terminal(veilcast: Program, media: Corpus, bench: Path, light: Path) -> None:
    ours, theirs = pty.openpty()
    arguments = ("run", media["no_audio.mp4"], "-p", light, "-o", bench / "o.mp4")
    with subprocess.Popen(
        veilcast.line(*arguments),
        env={**veilcast.env, "TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
    os.close(ours)
    assert process.returncode == 0
    text = shown.decode()
    assert "metadata: writing" in text
    assert "\N{BOX DRAWINGS HEAVY HORIZONTAL}" in text
    assert "no_audio" not in text
