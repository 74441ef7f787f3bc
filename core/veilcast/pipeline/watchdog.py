"""Watchdog for plugins: runs them side by side, and warns of one that is silent for long.

Python can't stop a thread from outside. So work that calls plugins is done in threads that may be
left behind: whoever waits for it can always be interrupted, and can give up. What is left behind
goes on until it next asks for something; it can't publish anything, since that is for who waited.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from veilcast.errors import Interrupted, PluginFailedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from veilcast.extensions import Progress
    from veilcast.host import Plugin

T = TypeVar("T")

WARN_VARIABLE = "VEILCAST_PLUGIN_WARN_S"
"""After so many silent seconds of a plugin the user is told which one it is; 0: never."""

LIMIT_VARIABLE = "VEILCAST_PLUGIN_LIMIT_S"
"""After so many silent seconds of a plugin the run fails; 0, the default: never."""

_WARN_S = 120.0
_POLL_S = 0.1
_GRACE_S = 5.0
"""How long threads may take to end once they are not waited for, before they are left behind."""


@dataclass(eq=False, slots=True)
class Call:
    """A plugin that is at work.

    Attributes:
        plugin: which.
        what: the stage, detector or other thing of it that was called.
        heard: when it last gave a sign of life, by the monotonic clock, seconds.
        inner: how many calls it waits for itself: then it is they that may be silent.
        told: after how many silent seconds the user is told (next).
    """

    plugin: Plugin
    what: str
    watch: Watch
    using: Call | None
    heard: float
    inner: int = 0
    told: float = 0.0

    def beating(self, progress: Progress) -> Progress:
        """A progress callback that is also a sign of life."""

        def report(activity: str, done: int, total: int | None) -> None:
            self.heard = time.monotonic()
            progress(activity, done, total)

        return report


def _ignore(sentence: str) -> None:
    """Nobody is told."""


@dataclass(eq=False, slots=True)
class Watch:
    """The calls of one run, and what is done about those that are silent."""

    warn: Callable[[str], None] = _ignore
    warn_s: float = 0.0
    limit_s: float = 0.0
    calls: set[Call] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        """Warn of calls that are silent.

        Raises:
            PluginFailedError: one is silent for longer than the limit.
        """
        now = time.monotonic()
        with self.lock:
            silent = [call for call in self.calls if not call.inner]
        for call in silent:
            for_s = now - call.heard
            who = f"The plugin '{call.plugin.name}' of {call.plugin.distribution} "
            who += f"{call.plugin.version}"
            if self.limit_s and for_s > self.limit_s:
                raise PluginFailedError(
                    f"{who} said nothing for {self.limit_s:g} s in '{call.what}', which is as long "
                    f"as {LIMIT_VARIABLE} allows; report this to its author, or allow more."
                )
            if self.warn_s and for_s > max(self.warn_s, call.told):
                call.told = 2 * for_s  # ever less often
                self.warn(
                    f"{who} has said nothing for {for_s:.0f} s in '{call.what}', and is waited "
                    "for; interrupt the run if that is too long."
                )


_WATCH: contextvars.ContextVar[Watch | None] = contextvars.ContextVar("watch", default=None)
_CALL: contextvars.ContextVar[Call | None] = contextvars.ContextVar("call", default=None)
_left_behind: list[threading.Thread] = []


def current_call() -> Call | None:
    """The plugin's call within which this is done, if there is one."""
    return _CALL.get()


@contextlib.contextmanager
def watching(warn: Callable[[str], None]) -> Iterator[None]:
    """What is called within this is watched, and `warn` is told about it.

    Raises:
        UsageError: a limit in the environment is no number.
    """
    watch = Watch(
        warn=warn,
        warn_s=_seconds(WARN_VARIABLE, _WARN_S),
        limit_s=_seconds(LIMIT_VARIABLE, 0.0),
    )
    token = _WATCH.set(watch)
    try:
        yield
    finally:
        _WATCH.reset(token)


def _seconds(variable: str, otherwise: float) -> float:
    said = os.environ.get(variable)
    if not said:
        return otherwise
    try:
        value = float(said)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise UsageError(f"{variable} is not a number of seconds; correct it or leave it out.")
    return value


@contextlib.contextmanager
def called(plugin: Plugin, what: str, using: Call | None = None) -> Iterator[Call]:
    """A plugin is at work for as long as this lasts.

    Args:
        plugin: which.
        what: what of it.
        using: the call of another plugin that waits for this one, where that is in another thread.
    """
    using = using or _CALL.get()
    watch = (using.watch if using is not None else _WATCH.get()) or Watch()
    call = Call(plugin, what, watch, using, time.monotonic())
    with watch.lock:
        watch.calls.add(call)
        if using is not None:
            using.inner += 1
    token = _CALL.set(call)
    try:
        yield call
    finally:
        _CALL.reset(token)
        with watch.lock:
            watch.calls.discard(call)
            if using is not None:
                using.inner -= 1
                using.heard = time.monotonic()


def together(jobs: Sequence[Callable[[], T]], stop: threading.Event | None = None) -> list[T]:
    """Do work side by side, each in a thread of its own, and wait for all of it.

    The threads inherit that there is no network. When one fails, or the wait is interrupted, the
    others have some seconds to end; then they are left behind (see `left_behind`).

    Args:
        jobs: the work.
        stop: set when it is not waited for any more, so that work can end early.

    Returns:
        What each gave, in the order of the jobs.

    Raises:
        BaseException: what one of them raised; one that failed by itself before those that were
            stopped for it.
        PluginFailedError: a plugin was silent for longer than the limit.
    """
    watch = _WATCH.get() or Watch()
    changed = threading.Condition()
    values: dict[int, T] = {}
    errors: dict[int, BaseException] = {}

    def work(number: int) -> None:
        try:
            values[number] = jobs[number]()
        except BaseException as exc:  # noqa: BLE001 - raised again by who waits
            errors[number] = exc
        with changed:
            changed.notify_all()

    threads = [
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(work, number),
            name=f"veilcast-{number}",
            daemon=True,
        )
        for number in range(len(jobs))
    ]
    try:
        for thread in threads:
            thread.start()
        while not errors and len(values) < len(jobs):
            with changed:
                changed.wait(_POLL_S)
            watch.look()
    finally:
        if stop is not None:
            stop.set()
        grace_s = min(_GRACE_S, watch.limit_s or _GRACE_S)
        until = time.monotonic() + grace_s
        # In short waits: only between them can an interrupt get through to this thread.
        while any(thread.is_alive() for thread in threads) and time.monotonic() < until:
            for thread in threads:
                if thread.ident is not None:
                    thread.join(_POLL_S)
        _left_behind.extend(thread for thread in threads if thread.is_alive())
    # The one that failed by itself before those that were stopped for it.
    for number in sorted(errors, key=lambda n: (isinstance(errors[n], Interrupted), n)):
        raise errors[number]
    return [values[number] for number in range(len(jobs))]


def left_behind() -> bool:
    """Whether any thread was left behind and is still at work: then a program can't just end."""
    _left_behind[:] = [thread for thread in _left_behind if thread.is_alive()]
    return bool(_left_behind)
