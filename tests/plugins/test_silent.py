"""Plugins that do not come back: the user learns whose fault it is, and always gets away."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cli.program import files, refused
from plugins.distributions import install, stage
from plugins.test_misbehaving import DETECTOR

from veilcast.errors import Interrupted, PluginFailedError
from veilcast.host import Plugin
from veilcast.pipeline.watchdog import called, together, watching

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

    from veilcast.pipeline.watchdog import Call

FAILED, INTERRUPTED, USAGE = 31, 130, 2
LIMIT = {"VEILCAST_PLUGIN_LIMIT_S": "1"}
FOREVER = "import time\ntime.sleep(10_000)"
SPINNING = "while True:\n    pass"


@pytest.mark.quick(every=3)
@pytest.mark.parametrize(
    "functions",
    [{"locate": FOREVER}, {"locate": SPINNING}, {"redact": FOREVER}],
    ids=["waits in locate", "spins in locate", "waits in redact"],
)
def test_a_stage_that_does_not_come_back_ends_the_run_where_a_limit_is_set(
    functions: dict[str, str],
    veilcast: Program,
    site: Path,
    media: Corpus,
    bench: Path,
    stamped: Path,
) -> None:
    install(site, stage(**functions))
    arguments = ("run", media["gray.png"], "-qp", stamped, "-o", bench / "out.png")
    sentence = refused(veilcast(*arguments, env=LIMIT), FAILED)
    assert "'stamp'" in sentence
    assert "acme-stamp 1.2" in sentence
    assert "VEILCAST_PLUGIN_LIMIT_S" in sentence
    assert files(bench) == []
    assert veilcast.scratch == []


def test_the_detector_is_named_and_not_the_stage_that_waits_for_it(
    veilcast: Program, site: Path, media: Corpus, bench: Path, tmp_path: Path
) -> None:
    hangs = {"load": "pass", "detect": "__import__('time').sleep(10_000)", "close": "pass"}
    install(site, DETECTOR.format(**hangs), distribution="acme-badges", entry="badges")
    profile = tmp_path / "badges.yaml"
    profile.write_text("stages: [faces: {detectors: badges}, metadata]")
    arguments = ("run", media["gray.png"], "-qp", profile, "-o", bench / "out.png")
    sentence = refused(veilcast(*arguments, env=LIMIT), FAILED)
    assert "acme-badges 1.2" in sentence
    assert "'badges'" in sentence
    assert files(bench) == []


@pytest.mark.release
def test_one_that_is_slow_is_named_and_waited_for(
    veilcast: Program, site: Path, media: Corpus, bench: Path, stamped: Path
) -> None:
    install(site, stage(locate="import time\ntime.sleep(2)\nreturn Findings(stage='stamp')"))
    arguments = ("run", media["gray.png"], "-qp", stamped, "-o", bench / "out.png")
    answer = veilcast(*arguments, env={"VEILCAST_PLUGIN_WARN_S": "0.5"})
    assert answer.code == 0
    told = [line for line in answer.err.splitlines() if "acme-stamp 1.2" in line]
    assert 1 <= len(told) <= 3, "ever less often"
    assert "'stamp'" in told[0]
    assert "warning" in told[0]
    assert "out.png" in files(bench)


PLUGIN = Plugin(name="badges", distribution="acme-badges", version="1.2")


def test_one_that_tells_how_far_it_is_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEILCAST_PLUGIN_LIMIT_S", "0.5")

    def work(*, tells: bool) -> str:
        with called(PLUGIN, "badges") as call:
            progress = call.beating(lambda activity, done, total: None)
            for done in range(12):
                time.sleep(0.1)
                if tells:
                    progress("looking", done, 12)
        return "done"

    with watching(lambda sentence: None):
        assert together([partial(work, tells=True)]) == ["done"]
        with pytest.raises(PluginFailedError, match=r"acme-badges 1\.2"):
            together([partial(work, tells=False)])


def test_one_that_waits_for_another_is_not_the_silent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it asks the other from a thread of its own."""
    monkeypatch.setenv("VEILCAST_PLUGIN_LIMIT_S", "0.3")
    other = Plugin(name="eye", distribution="acme-eye", version="3.0")

    def work() -> None:
        with called(PLUGIN, "badges") as call, ThreadPoolExecutor() as pool:
            pool.submit(look, call).result()

    def look(call: Call) -> None:
        with called(other, "eye", call):
            time.sleep(1)

    with (
        watching(lambda sentence: None),
        pytest.raises(PluginFailedError, match=r"acme-eye 3\.0"),
    ):
        together([work])


def test_what_fails_by_itself_is_told_and_not_what_was_stopped_for_it() -> None:
    stop = threading.Event()

    def stopped() -> None:
        assert stop.wait(30)
        raise Interrupted("stopped for the other")

    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together([stopped, fails, stopped], stop)


def test_ctrl_c_gets_away_from_one_that_does_not_come_back(
    veilcast: Program, site: Path, media: Corpus, bench: Path, stamped: Path
) -> None:
    install(site, stage(locate=f"context.progress('stamping', 0, 1)\n{FOREVER}"))
    process = veilcast.start(
        "run", media["gray.png"], "--json", "-p", stamped, "-o", bench / "out.png"
    )
    try:
        assert process.stdout
        for line in process.stdout:
            if json.loads(line).get("activity") == "stamping":
                break
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == INTERRUPTED, err
    assert err == "veilcast: Interrupted; nothing unfinished was published.\n"
    assert time.monotonic() - began < 30
    assert files(bench) == []
    assert veilcast.scratch == []


@pytest.mark.parametrize("said", ["soon", "-1", "nan", "inf"])
def test_a_limit_is_a_number_of_seconds(
    said: str, veilcast: Program, media: Corpus, bench: Path, light: Path
) -> None:
    arguments = ("run", media["gray.png"], "-qp", light, "-o", bench / "out.png")
    sentence = refused(veilcast(*arguments, env={"VEILCAST_PLUGIN_LIMIT_S": said}), USAGE)
    assert "VEILCAST_PLUGIN_LIMIT_S" in sentence
