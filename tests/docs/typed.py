"""Commands that pages tell a reader to type, and a folder like the reader's to type them in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docs.reading import ROOT, Block, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

SHELLS = {"sh", "bash", "shell", "console"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_NOTE = re.compile(r"<!-- (not run|run by)(?: `([^`]+)`)?:? (.+?) -->")
_HEREDOC = re.compile(r"<<-?\s*'?(\w+)'?")
_FORCED = re.compile(r" (--force|-f)\b")
_IN_THE_WAY = {
    re.compile(r"\bveilcast (run|redact)\b"): "*.deid.*",
    re.compile(r"\bveilcast report\b"): "*.deid.report.*",
}
"""Files that these commands would not replace."""
_LIMIT_S = 300
_SCRIPT = """#!/bin/sh
[ "$1" = veilcast ] || exit 97
shift
exec {bin}/veilcast "$@"
"""
_WRITTEN = {
    "names": "patient.yaml",
    "regions": "visit.regions.yaml",
    "- check": "reviewed.yaml",
    "summary": "ward.yaml",
}
"""Files by the first key that a page gives them."""


@dataclass(frozen=True)
class Note:
    """What a comment above a block says: why it, or one line of it, is not run here.

    Attributes:
        kind: ``not run`` or ``run by``.
        line: which line of the block it is about; None for all of them.
        why: the reason, or the file of the test that runs it.
    """

    kind: str
    line: str | None
    why: str


@dataclass(frozen=True)
class Command:
    """What is typed at once: a line, with those that continue it."""

    block: Block
    number: int
    text: str
    note: Note | None

    @property
    def where(self) -> str:
        return f"{self.block.page}:{self.number}"


@dataclass(frozen=True)
class Done:
    code: int
    said: str


def notes(block: Block) -> list[Note]:
    found = [_NOTE.fullmatch(line.strip()) for line in block.above.splitlines()]
    return [Note(note[1], note[2], note[3]) for note in found if note]


def commands(page: Path) -> list[Command]:
    """Of every block of a page that is for a shell, and lines with a prompt in any other."""
    found = []
    for block in blocks(page):
        said = notes(block)
        for number, text in _typed(block):
            about = [note for note in said if note.line in (None, text)]
            found.append(Command(block, block.line + number, text, about[0] if about else None))
    return found


def _typed(block: Block) -> list[tuple[int, str]]:
    lines = list(enumerate(block.text.splitlines(), 1))
    if block.language not in SHELLS or any(line.startswith("$ ") for _, line in lines):
        return [(number, line[2:].strip()) for number, line in lines if line.startswith("$ ")]
    whole: list[tuple[int, str]] = []
    until = ""
    for number, line in lines:
        if until or (whole and whole[-1][1].endswith("\\")):
            whole[-1] = (whole[-1][0], f"{whole[-1][1]}\n{line}")
            until = "" if line.strip() == until else until
        elif line.strip() and not line.lstrip().startswith("#"):
            whole.append((number, re.sub(r"\s+# .*", "", line).strip()))
            heredoc = _HEREDOC.search(line)
            until = heredoc[1] if heredoc else ""
    return whole


class Desk:
    """A folder with what pages speak of: a recording named visit.mp4, files beside it, `./run`.

    A command may use what those above it on the page have made.
    """

    def __init__(self, folder: Path, recording: Path) -> None:
        """Lay everything out.

        Args:
            folder: where; it is made.
            recording: a video of 640x360 with speech; a short one is cut from it.
        """
        self.folder = folder
        self.bin = Path(sys.executable).parent
        folder.mkdir()
        self._written_as_pages_say()
        # The page marks spans up to the fifth second; listening to silence takes no time.
        spoken = ("-af", "atrim=0:1.4,apad")
        _cut(recording, folder / "visit.mp4", 5.2, "-r", "2", *spoken)
        (folder / "recordings" / "monday").mkdir(parents=True)
        small = ("-r", "3", "-s", "160x90", "-an")
        _cut(recording, folder / "recordings" / "first.mp4", 1, *small)
        _cut(recording, folder / "recordings" / "monday" / "second.mp4", 1, *small)
        (folder / "notes.txt").write_text("my name is jon\nborn on may third\n", encoding="utf-8")
        (folder / "run").write_text(_SCRIPT.format(bin=self.bin), encoding="utf-8")
        (folder / "run").chmod(0o755)

    def _written_as_pages_say(self) -> None:
        """YAML files, with the contents that the first page with such a file gives them."""
        for page in reversed(PAGES):
            for block in reversed(blocks(page)):
                name = _WRITTEN.get(block.text.partition(":")[0])
                if block.language == "yaml" and name:
                    (self.folder / name).write_text(block.text, encoding="utf-8")

    def type(self, command: str) -> Done:
        """Type it.

        A result that is in the way is put away first, as the program asks for, and a result that
        is spoken of and not there comes of a run, as the page takes for granted.
        """
        for told, files in _IN_THE_WAY.items():
            if told.search(command) and not _FORCED.search(command):
                for old in self.folder.glob(files):
                    old.unlink()
        if "visit.deid." in command and not (self.folder / "visit.deid.manifest.json").exists():
            ran = self._shell("veilcast run visit.mp4")
            if ran.code:
                return ran
        return self._shell(command)

    def _shell(self, command: str) -> Done:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=os.environ
            | {
                "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
                "VEILCAST_WORK": str(self.folder / "work"),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT_S,
        )
        return Done(done.returncode, f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}")

    def type_all(self, typed: Sequence[Command]) -> dict[str, Done]:
        """What comes of each, in order; by where it stands."""
        done = {one.where: self.type(one.text) for one in typed}
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        return done


def _cut(recording: Path, to: Path, seconds: float, *options: str) -> None:
    encoded = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", recording, "-t", str(seconds), *options, *encoded, to],
        check=True,
        stdin=subprocess.DEVNULL,
    )
