"""Events, stopping, threads and the network."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import veilcast
from veilcast import errors
from veilcast.api.working import in_own_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.host import Host


def can_speak() -> bool:
    """Whether this thread may open a socket."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except PermissionError:
        return False
    return True


@pytest.mark.release
def test_events_come_in_order_in_the_caller_s_thread(
    brief: Path, bench: Path, light: Path, corner: Path, host: Host
) -> None:
    events: list[veilcast.Event] = []
    threads: set[int] = set()

    def progress(event: veilcast.Event) -> None:
        events.append(event)
        threads.add(threading.get_ident())

    veilcast.run(
        brief, bench / "o.mp4", profile=light, regions=corner, host=host, progress=progress
    )
    assert threads == {threading.get_ident()}
    phases = [event.phase for event in events if isinstance(event, veilcast.PhaseEvent)]
    assert phases == ["locate", "redact", "verify", "report", "publish"]
    covered = [
        event
        for event in events
        if isinstance(event, veilcast.ProgressEvent) and event.activity == "pixelating"
    ]
    assert {event.stage for event in covered} == {"deliver"}
    assert [event.done for event in covered] == list(range(1, len(covered) + 1))
    redact = events.index(veilcast.PhaseEvent(phase="redact"))
    verify = events.index(veilcast.PhaseEvent(phase="verify"))
    assert all(redact < events.index(event) < verify for event in covered)


@pytest.mark.release
def test_warnings_are_events_and_are_in_the_result(
    media: Corpus, bench: Path, light: Path, host: Host
) -> None:
    events: list[veilcast.Event] = []
    named = bench / "Maria Lopez.png"
    named.write_bytes(media["gray.png"].read_bytes())
    result = veilcast.run(named, profile=light, report=False, host=host, progress=events.append)
    told = [event.sentence for event in events if isinstance(event, veilcast.WarningEvent)]
    assert result.warnings == tuple(told)
    assert len(told) == 1
    assert "Maria" not in told[0]


def test_the_work_has_no_network_and_the_caller_keeps_its_own(
    brief: Path, bench: Path, light: Path, with_check: Callable[[str], Host]
) -> None:
    import sys

    tried = with_check(
        "import socket\nrefused = []\n\ndef run(context):\n"
        "    try:\n        socket.socket().close()\n"
        "    except PermissionError:\n        refused.append(True)\n"
        "    return []\n"
    )
    spoke: list[bool] = []
    veilcast.run(
        brief,
        bench / "o.mp4",
        profile=light,
        report=False,
        host=tried,
        progress=lambda event: spoke.append(can_speak()),
    )
    assert sys.modules["thirdparty_check"].refused == [True]
    assert spoke
    assert all(spoke), "a callback may send something"
    assert can_speak()


@pytest.mark.release
def test_two_at_once_even_of_the_same_recording(
    brief: Path, bench: Path, light: Path, corner: Path, host: Host
) -> None:
    def run(name: str) -> bytes:
        result = veilcast.run(
            brief,
            bench / f"{name}.mp4",
            profile=light,
            regions=corner,
            report=False,
            host=host,
        )
        assert can_speak()
        return result.output.read_bytes()

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(run, ["one", "two"])
    assert one == two == run("alone")


def test_a_stop_is_heeded_and_nothing_is_written(
    brief: Path, bench: Path, work: Path, light: Path, corner: Path, host: Host
) -> None:
    stop = threading.Event()
    seen: list[veilcast.Event] = []

    def progress(event: veilcast.Event) -> None:
        seen.append(event)
        if isinstance(event, veilcast.ProgressEvent) and event.activity == "pixelating":
            stop.set()

    with pytest.raises(errors.Interrupted):
        veilcast.run(
            brief,
            bench / "o.mp4",
            profile=light,
            regions=corner,
            host=host,
            progress=progress,
            stop=stop,
        )
    assert veilcast.PhaseEvent(phase="verify") not in seen
    assert list(bench.iterdir()) == []
    assert list(work.glob("*/run-*")) == []


def test_what_was_stopped_before_does_nothing(bench: Path, work: Path, brief: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(errors.Interrupted):
        veilcast.run(brief, bench / "o.mp4", stop=stop)
    assert not work.exists()


def test_work_that_tells_nothing_is_stopped_too() -> None:
    def task(listener: object) -> None:
        while time.monotonic() < began + 60:
            time.sleep(0.01)

    began = time.monotonic()
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(errors.Interrupted):
        in_own_thread(task, stop=stop)
    assert time.monotonic() - began < 20


def test_what_a_callback_raises_comes_out(
    brief: Path, bench: Path, work: Path, light: Path, host: Host
) -> None:
    def progress(event: veilcast.Event) -> None:
        raise LookupError("of the caller's own")

    with pytest.raises(LookupError, match="of the caller's own"):
        veilcast.run(brief, bench / "o.mp4", profile=light, host=host, progress=progress)
    assert list(bench.iterdir()) == []
    assert list(work.glob("*/run-*")) == []


def test_a_slow_callback_gets_every_event() -> None:
    def task(listener: object) -> str:
        tell = listener.stage("counting")  # type: ignore[attr-defined]
        for number in range(3_000):
            tell("counting", number, 3_000)
        return "done"

    seen: list[int] = []

    def progress(event: veilcast.Event) -> None:
        assert isinstance(event, veilcast.ProgressEvent)
        seen.append(event.done)
        if event.done % 500 == 0:
            time.sleep(0.05)

    assert in_own_thread(task, progress=progress) == "done"
    assert len(seen) == 3_000
    assert all(one < two for one, two in pairwise(seen))


@pytest.mark.parametrize("wrong", [{"stop": 3}, {"stop": False}, {"progress": 3}])
def test_what_is_no_event_and_no_function_is_refused(
    wrong: dict[str, object], brief: Path, bench: Path, work: Path
) -> None:
    with pytest.raises(errors.UsageError):
        veilcast.run(brief, bench / "o.mp4", **wrong)  # type: ignore[arg-type]
    assert not work.exists()


def test_a_stop_that_breaks_ends_the_work() -> None:
    class Broken(threading.Event):
        asked = 0

        def is_set(self) -> bool:
            if threading.current_thread() is not threading.main_thread():
                return False
            Broken.asked += 1
            raise LookupError("of the caller's own")

    def task(listener: object) -> None:
        while time.monotonic() < began + 60:
            time.sleep(0.01)

    began = time.monotonic()
    with pytest.raises(LookupError, match="of the caller's own"):
        in_own_thread(task, stop=Broken())
    assert time.monotonic() - began < 20
    assert Broken.asked == 1


def raises(event: veilcast.Event) -> None:
    raise LookupError("of the caller's own")


def test_the_publish_event_can_still_keep_everything_back(
    brief: Path, bench: Path, light: Path, host: Host
) -> None:
    def progress(event: veilcast.Event) -> None:
        if event == veilcast.PhaseEvent(phase="publish"):
            time.sleep(0.5)  # the work would be done with publishing by then
            raises(event)

    with pytest.raises(LookupError):
        veilcast.run(brief, bench / "o.mp4", profile=light, host=host, progress=progress)
    assert list(bench.iterdir()) == []


def test_a_stop_at_the_publish_event_keeps_everything_back(
    brief: Path, bench: Path, light: Path, host: Host
) -> None:
    stop = threading.Event()

    def progress(event: veilcast.Event) -> None:
        if event == veilcast.PhaseEvent(phase="publish"):
            stop.set()

    with pytest.raises(errors.Interrupted):
        veilcast.run(brief, bench / "o.mp4", profile=light, host=host, progress=progress, stop=stop)
    assert list(bench.iterdir()) == []


def test_a_late_error_of_a_callback_keeps_findings_back_too(
    brief: Path, bench: Path, light: Path, corner: Path, host: Host
) -> None:
    arguments: dict[str, Any] = {"profile": light, "regions": corner, "host": host}
    veilcast.locate(brief, **arguments)

    def progress(event: veilcast.Event) -> None:
        time.sleep(0.5)  # what was located before is only written now
        raises(event)

    with pytest.raises(LookupError):
        veilcast.locate(brief, bench / "f.json", **arguments, progress=progress)
    assert list(bench.iterdir()) == []


def test_what_was_begun_to_be_published_is_returned(tmp_path: Path) -> None:
    """A stop then would leave the caller with an error and a published file."""
    stop = threading.Event()

    def task(listener: object) -> str:
        listener.phase("publish")  # type: ignore[attr-defined]
        stop.set()
        time.sleep(1.5)  # longer than work is left to itself after a stop
        listener.stage("x")("writing", 1, 1)  # type: ignore[attr-defined]
        (tmp_path / "published").touch()
        return "done"

    assert in_own_thread(task, stop=stop) == "done"
    assert (tmp_path / "published").exists()
