"""Veilcast as its users run it: a program in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.forking import forked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIMIT_S = 300
AT_THE_START = ("PYTHONHASHSEED", "MALLOC_PERTURB_", "LD_PRELOAD", "LD_LIBRARY_PATH")
"""What Python, or the loader before it, reads when a process starts."""
REDUCED = "Speech was understood by the embedded transcriber"
"""The warning of every run that listens and has no better one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the program answered: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines of a run with ``--json``."""
        return [json.loads(line) for line in self.out.splitlines()]


class Program:
    """Runs `python -m veilcast` with a work folder of its own."""

    def __init__(self, work: Path, plugins: Path | None = None) -> None:
        """Nothing is run yet.

        Args:
            work: for its work folders.
            plugins: a folder with installed distributions that it should find.
        """
        self.work = work
        paths = [str(plugins)] if plugins else []
        # Tests may be run with a relative one, and from any folder.
        paths += [str(Path(p).resolve()) for p in os.environ.get("PYTHONPATH", "").split(":") if p]
        self.env = {**os.environ, "VEILCAST_WORK": str(work), "PYTHONPATH": ":".join(paths)}
        self.env.pop("VEILCAST_DEBUG", None)

    def line(self, *arguments: object, before: Sequence[str] = ()) -> list[str]:
        """The command line: `before` starts it in another way, as ``strace`` does."""
        return [*before, sys.executable, "-m", "veilcast", *map(str, arguments)]

    def __call__(
        self,
        *arguments: object,
        before: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Answer:
        """Run it to its end, in a process that was forked where it makes no difference."""
        environment = {**self.env, **(env or {})}
        if not before and all(os.environ.get(n) == environment.get(n) for n in AT_THE_START):
            code, out, err = forked([*map(str, arguments)], environment, cwd, LIMIT_S)
            return Answer(code=code, out=out, err=err)
        done = subprocess.run(
            self.line(*arguments, before=before),
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        return Answer(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Start it in a process group of its own, as a shell does."""
        return subprocess.Popen(
            self.line(*arguments),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def scratch(self) -> list[Path]:
        """What runs have left of their scratch."""
        return sorted(self.work.glob("*/run-*"))


def told(err: str) -> list[str]:
    """Lines of standard error, but for what is told of how well speech was understood."""
    return [line for line in err.splitlines() if not line.startswith("veilcast: warning: Speech")]


def files(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def refused(answer: Answer, code: int, *, unsaid: Sequence[object] = ()) -> str:
    """Checks that the program refused in one sentence, and gives that sentence.

    Args:
        answer: of a run with ``--quiet``.
        code: the exit code that belongs to the reason.
        unsaid: texts that may not be in it; paths neither whole nor in part.
    """
    assert (answer.code, answer.out) == (code, ""), answer
    (line,) = answer.err.splitlines()
    assert line.startswith("veilcast: ")
    sentence = line.removeprefix("veilcast: ")
    assert sentence.endswith((".", ")", "?")), sentence
    assert not re.search(r"[.!?] [A-Z]", sentence), f"more than one sentence: {sentence}"
    for text in unsaid:
        for part in (text.stem, text.parent) if isinstance(text, Path) else (text,):
            assert str(part) not in sentence
    return sentence
