"""The program in processes that are forked from one that has loaded everything already.

Loading takes a second or two of processor time, refusing a command a tenth of one. A forked
process is as much a process of its own as one that was started: it has its own environment,
folder, streams, exit code and limits, and runs `veilcast.__main__` to the end of the interpreter.
What it can't show is how the program starts, and what is set before Python runs; `Program` starts
those in the usual way.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import resource
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PACKAGES = """
    veilcast veilcast_faces veilcast_identifiers veilcast_metadata veilcast_plates
    veilcast_regions veilcast_speech
""".split()
OTHERS = """
    ahocorasick_rs av cv2 exiftool_wrapper ffmpeg jellyfish jinja2 nicknames numpy openvino
    phonenumbers pocketsphinx presidio_analyzer pydantic pysubs2 rapidfuzz rich ruamel.yaml spacy
    tldextract turbojpeg typer
""".split()
"""What Veilcast imports only when it needs it."""


class Forking:
    """Asks for commands to be run, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[str] | None = None
        self.processor_s = 0.0
        """Of all that was run, and of loading."""

    def __call__(
        self, arguments: Sequence[str], env: Mapping[str, str], cwd: Path | None, limit_s: float
    ) -> tuple[int, str, str]:
        """Run a command to its end.

        Returns:
            Exit code, or the negative number of the signal that ended it; both outputs.

        Raises:
            subprocess.TimeoutExpired: it took longer than `limit_s`, and was killed.
        """
        with self._lock, tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            answer = self._ask(
                arguments=list(arguments),
                env=dict(env),
                cwd=str(cwd or Path.cwd()),
                out=str(out),
                err=str(err),
                limit_s=limit_s,
            )
            if answer["code"] is None:
                raise subprocess.TimeoutExpired(list(arguments), limit_s)
            return answer["code"], out.read_text(), err.read_text()

    def _ask(self, **request: Any) -> dict[str, Any]:
        if self._server is None or self._server.poll() is not None:
            self._server = subprocess.Popen(
                [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            atexit.register(self._server.communicate)
            self._heard()
        assert self._server.stdin
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        assert self._server
        assert self._server.stdout
        answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        self.processor_s += answer["processor_s"]
        return answer


forked = Forking()
"""One for each process that runs tests."""


def _serve(requests: TextIO, answers: TextIO) -> None:
    """Run what is asked for until nobody asks any more."""
    for name in (*_modules(), *OTHERS):
        importlib.import_module(name)
    gc.freeze()  # else each child's collector would copy all that is shared
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"processor_s": usage.ru_utime + usage.ru_stime}), file=answers, flush=True)
    for line in requests:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
        code, took = _waited(child, request["limit_s"])
        print(json.dumps({"code": code, "processor_s": took}), file=answers, flush=True)


def _modules() -> Iterator[str]:
    """Veilcast's own, but for those that only tests and new plugins need."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        yield package
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if not {"testing", "scaffold", "training", "__main__"} & set(found.name.split(".")):
                yield found.name


def _waited(child: int, limit_s: float) -> tuple[int | None, float]:
    """Exit code, None after the limit; processor seconds of it and of its children."""
    watch = os.pidfd_open(child)
    ended, _, _ = select.select([watch], [], [], limit_s)
    os.close(watch)
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status) if ended else None
    return code, usage.ru_utime + usage.ru_stime


def _become(request: dict[str, Any]) -> None:
    """Make a fork what a started process would be, and run the program; it ends with SystemExit."""
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    writing = os.O_WRONLY | os.O_CREAT
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["out"], writing),
        (2, request["err"], writing),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    # As Python keeps them: whoever puts another in the place of one must not close it by that.
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)
    sys.path[:0] = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    importlib.invalidate_caches()
    sys.argv = ["veilcast", *request["arguments"]]
    runpy.run_module("veilcast", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.path.pop(0)  # this folder
    # Whatever else writes to standard output would be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _serve(sys.stdin, answers)
