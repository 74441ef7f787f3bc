"""Stopping a run: nothing is published, and the next run picks up where it was."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ffmpeg
import pytest
from cli.program import LIMIT_S, files
from testmedia import seen
from testmedia.tools import encode

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

INTERRUPTED = 130
TIMES = 6


@pytest.fixture(scope="module")
def long(media: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """15 s of sound and picture with a face."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    again = ffmpeg.input(str(media["plain.mp4"]), stream_loop=TIMES - 1)
    # There would be a hole in the sound where its end meets its beginning.
    encode(path, again, **{"c:v": "copy", "c:a": "aac", "af": "aresample=async=1"})
    assert int(seen.stream(path, "video")["nb_frames"]) == TIMES * 75
    return path


@contextmanager
def _started(program: Program, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    process = program.start(*arguments)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _wait_for(process: subprocess.Popen[str], wanted: Callable[[dict[str, Any]], bool]) -> None:
    assert process.stdout
    for line in process.stdout:
        if wanted(json.loads(line)):
            return
    raise AssertionError("the run ended before it came to that")


def _doing(activity: str, done: int = 1) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event.get("activity") == activity and event["done"] >= done


MOMENTS = {
    "while starting": lambda event: event.get("phase") == "locate",
    "while detecting": _doing("detecting", 20),
    "while listening": _doing("listening with whisper", 10),
    "while pixelating": _doing("pixelating", 100),
    "while checking": _doing("checking", 100),
}


def _signal_and_see(process: subprocess.Popen[str], number: int) -> None:
    # To the whole group, as a terminal does with Ctrl-C.
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == INTERRUPTED, err
    assert err == "veilcast: Interrupted; nothing unfinished was published.\n"
    assert "finished" not in out


@pytest.mark.quick(every=5)
@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c(
    moment: str, veilcast: Program, long: Path, bench: Path, light: Path, unheard: Path
) -> None:
    # Without marks the picture is copied, and soon there is something to check.
    profile = {"while checking": light, "while pixelating": unheard}.get(moment, "default")
    command = ("run", long, "--json", "-p", profile, "-o", bench / "out.mp4")
    with _started(veilcast, *command) as process:
        _wait_for(process, MOMENTS[moment])
        _signal_and_see(process, signal.SIGINT)
    assert files(bench) == []
    assert veilcast.scratch == []


def test_termination(veilcast: Program, long: Path, bench: Path, light: Path, corner: Path) -> None:
    arguments = ("run", long, "--json", "-p", light, "-r", corner, "-o", bench / "out.mp4")
    with _started(veilcast, *arguments) as process:
        _wait_for(process, MOMENTS["while pixelating"])
        _signal_and_see(process, signal.SIGTERM)
    assert files(bench) == []
    assert veilcast.scratch == []


@pytest.mark.release
def test_ctrl_c_stops_all_of_several(
    veilcast: Program, long: Path, media: Corpus, bench: Path, light: Path, corner: Path
) -> None:
    inputs = []
    for number in range(3):
        inputs.append(bench.parent / f"{number}.mp4")
        inputs[-1].symlink_to(long)
    arguments = ("-p", light, "-r", corner, "-o", f"{bench}/", "--jobs", 2, "--json")
    with _started(veilcast, "run", *inputs, *arguments) as process:
        _wait_for(process, MOMENTS["while pixelating"])
        _signal_and_see(process, signal.SIGINT)
    assert files(bench) == []
    assert veilcast.scratch == []


@pytest.mark.release
def test_after_a_kill_the_same_command_goes_on_with_what_was_located(
    veilcast: Program, long: Path, bench: Path, unheard: Path
) -> None:
    command = ("run", long, "--json", "-p", unheard, "-o", bench / "out.mp4", "--no-report")
    with _started(veilcast, *command) as process:
        _wait_for(process, MOMENTS["while pixelating"])
        os.killpg(process.pid, signal.SIGKILL)
    assert files(bench) == []
    assert len(veilcast.scratch) == 1, "a killed run can't tidy up"
    answer = veilcast(*command)
    assert (answer.code, answer.err) == (0, "")
    done = [e for e in answer.events if e["event"] == "progress"]
    seen = {e["activity"] for e in done}
    assert {"pixelating", "writing", "checking", "examining tags"} <= seen
    assert not seen & {"detecting", "tracking", "reading tags"}
    assert files(bench) == ["out.manifest.json", "out.mp4"]
    assert veilcast.scratch == [], "the next run does"
    entries = {
        e["stage"]: e for e in json.loads((bench / "out.manifest.json").read_text())["entries"]
    }
    assert entries["faces"]["changes"], "what was located before is covered"


@pytest.mark.release
def test_other_settings_locate_again(
    veilcast: Program, media: Corpus, bench: Path, unheard: Path
) -> None:
    """How faces are covered may change without looking for them again; how they are found not."""

    def detected(*settings: str) -> bool:
        more = [word for setting in settings for word in ("--set", setting)]
        command = ("run", media["gray.png"], "-p", unheard, "--json", "--force", "--no-report")
        answer = veilcast(*command, "-o", bench / "out.png", *more)
        assert answer.code == 0
        return any(e.get("activity") == "detecting" for e in answer.events)

    assert detected()
    assert not detected()
    assert not detected("faces.padding=0.6", "faces.treatment=fill")
    assert detected("faces.confidence=0.6")


@pytest.mark.release
def test_damaged_findings_of_an_earlier_run_are_located_again(
    veilcast: Program, media: Corpus, bench: Path, light: Path, corner: Path
) -> None:
    command = ("run", media["gray.png"], "-qp", light, "-r", corner, "--force", "-o", f"{bench}/")
    assert veilcast(*command).code == 0
    before = (bench / "gray.deid.png").read_bytes()
    kept = list(veilcast.work.rglob("findings-*.json"))
    assert len(kept) == 2
    for path in kept:
        path.write_bytes(path.read_bytes()[:-20])
    assert veilcast(*command).code == 0
    assert (bench / "gray.deid.png").read_bytes() == before
