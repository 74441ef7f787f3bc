"""Work in a thread of its own: off the network, told about in the caller's thread, and stoppable.

The kernel takes the network from a thread for good (`veilcast.offline`). So that a notebook or a
service keeps its own, what it calls here is done by a thread that was started for it and ends with
it. The caller's thread waits, and calls the progress callback: a callback may use the network, draw
in a notebook, or raise.
"""

from __future__ import annotations

import ctypes
import queue
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from veilcast.api.events import PhaseEvent, ProgressEvent, WarningEvent
from veilcast.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from veilcast.api.events import Event, ProgressCallback
    from veilcast.extensions import Progress

T = TypeVar("T")

_WAITING = 1_000
"""Events that may wait for the callback; then the work waits for it."""
_POLL_S = 0.1
_GRACE_S = 1.0
"""How long work may go on after it was stopped, to come to where it asks for that by itself."""
_STOPPED = "Interrupted; nothing was published."


class Listener:
    """What work reports to: a `veilcast.pipeline.Reporter`. Here a stop takes effect."""

    def __init__(
        self,
        tell: Callable[[Event], None],
        check: Callable[[], None],
        commit: Callable[[], None],
    ) -> None:
        self._tell, self._check, self._commit = tell, check, commit
        self.warnings: list[str] = []

    def phase(self, name: str) -> None:
        """A phase begins."""
        self._check()
        self._tell(PhaseEvent(phase=name))
        if name == "publish":
            self.commit()

    def commit(self) -> None:
        """The last moment at which a stop is heeded: call it before anything is written.

        It waits until the callback has taken every event.

        Raises:
            Interrupted: the work was stopped, or a callback raised. Nothing may be written then.
        """
        self._commit()

    def stage(self, name: str) -> Progress:
        """The progress callback of a stage."""

        def progress(activity: str, done: int, total: int | None) -> None:
            self._check()
            self._tell(ProgressEvent(stage=name, activity=activity, done=done, total=total))

        return progress

    def warning(self, sentence: str) -> None:
        """Something the user should know."""
        self.warnings.append(sentence)
        self._tell(WarningEvent(sentence=sentence))


def in_own_thread(
    task: Callable[[Listener], T],
    *,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
) -> T:
    """Do work in a thread that has no network, and wait for it.

    Args:
        task: the work; it tells the listener how far it is.
        progress: called with each event, in this thread. What it raises stops the work.
        stop: set by anybody, it stops the work.

    Returns:
        What the task returned.

    Raises:
        Interrupted: `stop` was set.
        NetworkError: the network can't be taken from a thread on this system.
        BaseException: whatever the task or the callback raised; KeyboardInterrupt too, when the
            work has ended. Not once the task has committed itself and was done: what was
            published is there, and its result is returned.
        UsageError: `progress` can't be called, or `stop` is no event.
    """
    if progress is not None and not callable(progress):
        raise UsageError("'progress' is a function that is called with each event.")
    if stop is not None and not callable(getattr(stop, "is_set", None)):
        raise UsageError("'stop' is a threading.Event, or anything else with is_set().")
    worker = _Worker(task, threading.Event() if stop is None else stop)
    worker.start()
    return worker.wait(progress)


class _Worker(Generic[T]):
    def __init__(self, task: Callable[[Listener], T], stop: threading.Event) -> None:
        self._task, self._stop = task, stop
        self._given_up = threading.Event()  # by the caller's thread: its callback failed, or Ctrl-C
        # An event of `threading` among them is set when those before it were taken; None ends.
        self._events: queue.Queue[Event | threading.Event | None] = queue.Queue(_WAITING)
        self._lock = threading.Lock()
        self._leaving = False
        self._committed = False
        self._stopped_at: float | None = None
        self._values: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="veilcast")

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        from veilcast.offline import cut_off

        try:
            try:
                cut_off()
                listener = Listener(self._events.put, self._check, self._commit)
                self._check()
                self._values.append(self._task(listener))
            finally:
                with self._lock:
                    self._leaving = True
        except BaseException as exc:  # noqa: BLE001 - raised anew in the caller's thread
            self._error = exc
        self._events.put(None)

    def _asked_to_stop(self) -> bool:
        # In this order: an `is_set` of the caller's own that raised is not asked again.
        return self._given_up.is_set() or self._stop.is_set()

    def _check(self) -> None:
        if not self._committed and self._asked_to_stop():
            with self._lock:
                self._leaving = True
            raise Interrupted(_STOPPED)

    def _commit(self) -> None:
        taken = threading.Event()
        self._events.put(taken)
        while not taken.wait(_POLL_S):
            self._check()
        with self._lock:
            # What interrupts this thread is sent under the lock, and only after a stop.
            stopped = self._asked_to_stop()
            self._leaving, self._committed = True, not stopped
        if stopped:
            raise Interrupted(_STOPPED)

    def wait(self, progress: ProgressCallback | None) -> T:
        failure: BaseException | None = None
        while True:
            try:
                self._attend(progress if failure is None else None)
                break
            except BaseException as exc:  # noqa: BLE001 - raised below, when the work has ended
                failure = failure or exc
                self._given_up.set()
        if self._values and (failure is None or self._committed):
            return self._values[0]
        if failure is not None:
            raise failure
        if self._error is None or isinstance(self._error, KeyboardInterrupt):
            raise Interrupted(_STOPPED) from self._error
        raise self._error

    def _attend(self, progress: ProgressCallback | None) -> None:
        """Hand on events until the work has ended; an interrupt may come at any point of this."""
        while True:
            if self._asked_to_stop():
                self._urge()
            try:
                event = self._events.get(timeout=_POLL_S)
            except queue.Empty:
                # What ended the wait before may have been lost to an interrupt.
                if self._thread.is_alive() or not self._events.empty():
                    continue
                break
            if event is None:
                break
            if isinstance(event, threading.Event):
                event.set()
            elif progress is not None:
                progress(event)
        self._thread.join()

    def _urge(self) -> None:
        """Interrupt work that tells nothing for long, as Ctrl-C does in a program's main thread.

        Not where it is about to leave by itself: what it has left to do then is to tidy up.
        """
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
        if time.monotonic() - self._stopped_at < _GRACE_S:
            return
        with self._lock:
            if self._leaving or self._thread.ident is None:
                return
            self._leaving = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(KeyboardInterrupt)
            )
