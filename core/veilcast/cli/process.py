"""The process around a command: native chatter, signals, exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING, NoReturn

from veilcast.errors import Interrupted, VeilcastError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from typer import Typer

DEBUG = "VEILCAST_DEBUG"
"""Set to see native libraries' output and tracebacks; they may show names of files."""


class UnprintableError(VeilcastError):
    """What a command has to say could not be written to standard output."""


class _Output(io.TextIOWrapper):
    """Standard output whose failures can be told from those of other files."""

    def write(self, text: str, /) -> int:
        """Write.

        Raises:
            UnprintableError: it can't be, as on a full disk.
            BrokenPipeError: nobody reads.
        """
        try:
            return super().write(text)
        except OSError as exc:
            raise self._failure(exc) from None

    def flush(self) -> None:
        """Write what was held back; raises what `write` does."""
        try:
            super().flush()
        except OSError as exc:
            raise self._failure(exc) from None

    def _failure(self, exc: OSError) -> Exception:
        # What waits to be written would fail again when Python ends, with a code of its own.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if isinstance(exc, BrokenPipeError):
            return exc
        return UnprintableError("Cannot write to standard output; see where it is sent.")


def run_program(load: Callable[[], Typer]) -> NoReturn:
    """Run a command line and exit with the code of its error, or 0.

    Args:
        load: gives the commands; what goes wrong in loading them is told as well.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding, errors = sys.stdout.encoding, sys.stdout.errors
        lines = sys.stdout.line_buffering
        sys.stdout = _Output(sys.stdout.detach(), encoding, errors, line_buffering=lines)
    if not os.environ.get(DEBUG):
        _quieten_native_code()
        # What libraries and plugins warn of is for programmers, and may name files. A filter would
        # not do: whoever catches warnings in another thread puts the filters back.
        warnings.showwarning = _tell_nobody
    try:
        # In this mode `typer.Exit` is not raised but returned as its code.
        code = load()(standalone_mode=False)
        if code == Interrupted.exit_code:
            raise KeyboardInterrupt  # which typer has turned into its code, without a word
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as exc:  # noqa: BLE001 - the last stop before the user
        _leave(report(exc))
    _leave(code if isinstance(code, int) else 0)


def _tell_nobody(*_: object, **__: object) -> None:
    """In the place of `warnings.showwarning`."""


def _leave(code: int) -> NoReturn:
    """End, also when a plugin does not: Python would wait for what it is at work on."""
    waiting = sys.modules.get("veilcast.pipeline.watchdog")
    if waiting is not None and waiting.left_behind():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def report(exc: BaseException) -> int:
    """Say what went wrong in one sentence on standard error.

    Returns:
        The exit code.
    """
    import typer

    if isinstance(exc, SystemExit):
        return exc.code if isinstance(exc.code, int) else 1
    if isinstance(exc, typer.exceptions.TyperException):
        # Usage errors know how to show themselves, with the command's usage line.
        getattr(exc, "show", lambda: None)()
        return 2
    code, sentence = explain(exc)
    if sentence:
        print(f"veilcast: {sentence}", file=sys.stderr)  # noqa: T201 - the program's own output
    return code


def explain(exc: BaseException) -> tuple[int, str]:
    """Exit code and sentence of an error, without what foreign messages may hold."""
    import typer

    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(exc)
    if isinstance(exc, VeilcastError):
        return exc.exit_code, str(exc)
    if isinstance(exc, (KeyboardInterrupt, typer.Abort)):
        return Interrupted.exit_code, "Interrupted; nothing unfinished was published."
    if isinstance(exc, BrokenPipeError):
        return 1, ""
    return 70, (
        f"Something unexpected happened ({type(exc).__name__}) and nothing was published; "
        f"please report it (set {DEBUG}=1 to see more)."
    )


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _quieten_native_code() -> None:
    """Leave standard error to Veilcast: native libraries write to descriptor 2 at will."""
    ours = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = os.fdopen(ours, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
