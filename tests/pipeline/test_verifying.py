"""Several checks on one file: what is told does not depend on which of them is first."""

from __future__ import annotations

import importlib.metadata
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from veilcast.api.working import in_own_thread
from veilcast.errors import Interrupted, PluginFailedError, VerificationError
from veilcast.host import Host
from veilcast.pipeline import verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from testmedia import Corpus

    from veilcast.verification import Verification

SOURCE = """
import time
from veilcast.plugin import Check, Problem, hookimpl


def patient(context):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        context.progress("waiting", 0, None)
        time.sleep(0.01)
    return []


def slow(context):
    time.sleep(0.3)
    return [Problem(sentence="The slow one says no.", kind="residual")]


def quick(context):
    return [Problem(sentence="The quick one says no.", kind="residual")]


def rash(context):
    raise ValueError("Quixby")


@hookimpl
def veilcast_checks():
    for name, run in {checks}:
        yield Check(name=name, summary="Says no", run=run)
"""
LONG_S = 30


@pytest.fixture
def with_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Host]]:
    """A host with further checks: pairs of a name and a function of `SOURCE`."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(*checks: tuple[str, str]) -> Host:
        listed = ", ".join(f"({name!r}, {run})" for name, run in checks)
        (tmp_path / "thirdparty_checks.py").write_text(SOURCE.replace("{checks}", f"[{listed}]"))
        point = importlib.metadata.EntryPoint("checks", "thirdparty_checks", "veilcast")
        return Host([*importlib.metadata.entry_points(group="veilcast"), point])

    yield make
    sys.modules.pop("thirdparty_checks", None)


def verify(host: Host, path: Path, work: Path, stop: threading.Event) -> Verification:
    return in_own_thread(lambda listener: verified(host, path, None, work, listener), stop=stop)


def test_the_first_by_name_is_told_whichever_is_done_first(
    with_checks: Callable[..., Host], media: Corpus, tmp_path: Path
) -> None:
    host = with_checks(("aaa", "slow"), ("aab", "quick"))
    result = verify(host, media["gray.png"], tmp_path / "work", threading.Event())
    assert result.verdict == "residual"
    with pytest.raises(VerificationError, match=r"The slow one says no\. \(and \d+ more\)"):
        result.raise_for()


def test_one_that_fails_ends_the_others(
    with_checks: Callable[..., Host], media: Corpus, tmp_path: Path
) -> None:
    host = with_checks(("aaa", "patient"), ("zzz", "rash"))
    began = time.monotonic()
    with pytest.raises(PluginFailedError, match="'zzz' with ValueError") as told:
        verify(host, media["gray.png"], tmp_path / "work", threading.Event())
    assert time.monotonic() - began < LONG_S
    assert "Quixby" not in str(told.value)


def test_an_interrupt_ends_them_all(
    with_checks: Callable[..., Host], media: Corpus, tmp_path: Path
) -> None:
    host = with_checks(("aaa", "patient"), ("aab", "patient"))
    stop = threading.Event()
    timer = threading.Timer(1, stop.set)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        verify(host, media["gray.png"], tmp_path / "work", stop)
    timer.join()
    assert time.monotonic() - began < LONG_S
