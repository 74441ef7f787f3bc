"""Progress on a terminal, in logs, and as events for programs."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from types import TracebackType

    from veilcast.api.events import Event, ProgressCallback
    from veilcast.api.results import RunResult


class Screen(Protocol):
    """Where the events of a command go. Inputs are told apart by number: names may hold PHI."""

    def __enter__(self) -> Screen: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def progress(
        self, number: int, stage: str, activity: str, done: int, total: int | None
    ) -> None:
        """Some of a stage's work is done."""

    def phase(self, number: int, name: str) -> None:
        """A phase of an input begins."""

    def warning(self, number: int, sentence: str) -> None:
        """Something the user should know."""

    def failed(self, number: int, code: int, sentence: str) -> None:
        """An input failed."""

    def finished(self, number: int, result: RunResult) -> None:
        """An input was published."""


def teller(screen: Screen, number: int) -> ProgressCallback:
    """One input's events, sent to the screen."""
    from veilcast.api.events import PhaseEvent, ProgressEvent

    def tell(event: Event) -> None:
        if isinstance(event, PhaseEvent):
            screen.phase(number, event.phase)
        elif isinstance(event, ProgressEvent):
            screen.progress(number, event.stage, event.activity, event.done, event.total)
        else:
            screen.warning(number, event.sentence)

    return tell


class _Base:
    def __init__(self, count: int) -> None:
        self._count = count

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: object) -> None:
        return None

    def _which(self, number: int) -> str:
        return f"input {number} of {self._count}: " if self._count > 1 else ""

    def phase(self, number: int, name: str) -> None:
        """Not shown here."""

    def progress(
        self, number: int, stage: str, activity: str, done: int, total: int | None
    ) -> None:
        """Not shown here."""

    def warning(self, number: int, sentence: str) -> None:
        """A line."""
        _line(f"veilcast: {self._which(number)}warning: {sentence}")

    def failed(self, number: int, code: int, sentence: str) -> None:
        """A line."""
        _line(f"veilcast: {self._which(number)}{sentence}")

    def finished(self, number: int, result: RunResult) -> None:
        """The results' paths, on standard output."""
        for path in _paths(result):
            print(path)  # noqa: T201 - the result


def _paths(result: RunResult) -> list[Path]:
    """For people to look at, in that order."""
    report = [] if result.report is None else [result.report]
    return [_shown(path) for path in (result.output, result.manifest, *report)]


def _shown(path: Path) -> Path:
    """As one would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _line(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the program's own output


class QuietScreen(_Base):
    """Errors and warnings only."""

    def finished(self, number: int, result: RunResult) -> None:
        """Nothing: the exit code says it."""


class PlainScreen(_Base):
    """Lines for logs: one for each phase and activity, and one for every tenth part."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self._last: dict[tuple[int, str, str], int] = {}

    def phase(self, number: int, name: str) -> None:
        """A line."""
        _line(f"{self._which(number)}{name}")

    def progress(
        self, number: int, stage: str, activity: str, done: int, total: int | None
    ) -> None:
        """A line now and then."""
        tenth = done * 10 // total if total else 0
        key = (number, stage, activity)
        if self._last.get(key) != tenth:
            self._last[key] = tenth
            of = f" {done}/{total}" if total else ""
            _line(f"{self._which(number)}  {stage}: {activity}{of}")


class JsonScreen(_Base):
    """One JSON object a line on standard output, for programs."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self._lock = threading.Lock()

    def _event(self, event: str, number: int, **more: object) -> None:
        with self._lock:
            print(  # noqa: T201 - the program's own output
                json.dumps({"event": event, "input": number, **more}), flush=True
            )

    def phase(self, number: int, name: str) -> None:
        """An event."""
        self._event("phase", number, phase=name)

    def progress(
        self, number: int, stage: str, activity: str, done: int, total: int | None
    ) -> None:
        """An event."""
        self._event("progress", number, stage=stage, activity=activity, done=done, total=total)

    def warning(self, number: int, sentence: str) -> None:
        """An event."""
        self._event("warning", number, message=sentence)

    def failed(self, number: int, code: int, sentence: str) -> None:
        """An event."""
        self._event("failed", number, exit_code=code, message=sentence)

    def finished(self, number: int, result: RunResult) -> None:
        """An event with the results' paths."""
        report = None if result.report is None else str(_shown(result.report))
        self._event(
            "finished",
            number,
            output=str(_shown(result.output)),
            manifest=str(_shown(result.manifest)),
            report=report,
        )


class RichScreen(_Base):
    """Bars with the time left."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
        )
        self._tasks: dict[tuple[int, str], tuple[str, Any]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> RichScreen:
        self._bars.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._bars.stop()

    def progress(
        self, number: int, stage: str, activity: str, done: int, total: int | None
    ) -> None:
        """One bar for each stage's present activity; stages may work side by side."""
        text = f"{self._which(number)}{stage}: {activity}"
        with self._lock:
            shown, task = self._tasks.get((number, stage), ("", None))
            if shown != text:
                if task is not None:
                    self._bars.remove_task(task)
                task = self._bars.add_task(text, total=total)
                self._tasks[number, stage] = (text, task)
            self._bars.update(task, completed=done, total=total)

    def phase(self, number: int, name: str) -> None:
        """The bars of the phase before go away."""
        self._end(number)

    def _end(self, number: int) -> None:
        with self._lock:
            for key in [key for key in self._tasks if key[0] == number]:
                self._bars.remove_task(self._tasks.pop(key)[1])

    def warning(self, number: int, sentence: str) -> None:
        """A line above the bars."""
        self._say(f"{self._which(number)}warning: {sentence}", "yellow")

    def failed(self, number: int, code: int, sentence: str) -> None:
        """A line above the bars."""
        self._end(number)
        self._say(f"veilcast: {self._which(number)}{sentence}", "red")

    def finished(self, number: int, result: RunResult) -> None:
        """The results' paths."""
        self._end(number)
        if sys.stdout.isatty():
            output, manifest, *report = _paths(result)
            lines = [f"{self._which(number)}done: {output}", f"  manifest: {manifest}"]
            lines += [f"  report: {path}" for path in report]
            self._say("\n".join(lines), "green")
        else:
            super().finished(number, result)

    def _say(self, text: str, style: str) -> None:
        self._bars.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def choose_screen(count: int, *, quiet: bool, as_json: bool) -> Screen:
    """The screen that fits: `--json`, `--quiet`, a terminal, or a log."""
    if as_json:
        return JsonScreen(count)
    if quiet:
        return QuietScreen(count)
    return RichScreen(count) if sys.stderr.isatty() else PlainScreen(count)
