"""ExifTool: which metadata a file holds, and the orientation of stills.

Listings give groups, names and counts. Values stay inside: only `list_values` returns them, for
code that has to judge a value (is this date zero?), and they never go into messages or records.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exiftool_wrapper import ExifToolWrapper

from veilcast.errors import InternalError, ToolMissingError, UnreadableError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_DEADLINE_S = 60.0
_SLOWEST_BYTES_PER_S = 5_000_000

_MOST_KIB = 1_200_000
_BOUNDED = ("/bin/sh", "-c", f'ulimit -v {_MOST_KIB}; exec "$0" "$@"')
"""A compressed tag may claim to be of any size, and ExifTool takes all the memory that it wants."""

# All copies of a tag (-a), unknown ones (-u), embedded ones down to SEI messages (-ee3), numbers
# as they are stored (-n), and group names in families 0, 1, 3 (sub-document) and 4 (copy), which
# together make each key unique: ExifTool's JSON drops entries with equal keys.
_LISTING = ("-a", "-u", "-ee3", "-n", "-G:0:1:3:4", "-api", "LargeFileSupport=1")


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A kind of tag in a file, and how often it occurs.

    Attributes:
        group0: ExifTool's general group, e.g. ``EXIF``, ``QuickTime``, ``PNG``.
        group1: its specific group, e.g. ``IFD0``, ``Track1``.
        name: ExifTool's name of the tag, e.g. ``Orientation``.
        count: how many there are.
    """

    group0: str
    group1: str
    name: str
    count: int = 1


class _OneCommand(ExifToolWrapper):  # type: ignore[misc]  # publishes no types
    """One ExifTool process for one command.

    The wrapper keeps a process open. That process would outlive us if we were killed (it polls its
    closed input for ever), and the wrapper would wait for ever if *it* died; so each process is
    told in the same breath to work and to leave, and gets a deadline.
    """

    def __init__(self, deadline_s: float) -> None:
        super().__init__()
        self._deadline_s = deadline_s

    def process(self, *args: str, encoding: str = "utf-8") -> bytes:
        """Standard output of one command.

        Raises:
            ToolMissingError: ExifTool is not there, dies, or takes too long.
            UsageError: an argument can't be handed over.
        """
        if any(char in arg for arg in args for char in "\n\r\0"):
            raise UsageError(
                "A file or folder name holds a line break, which ExifTool can't take; rename it."
            )
        if shutil.which(self.PROGRAM) is None:
            raise ToolMissingError(
                "ExifTool is not installed; install the Debian package libimage-exiftool-perl."
            )
        lines = [*args, "-execute", "-stay_open", "False", ""]
        try:
            done = subprocess.run(
                # The empty -config keeps a user's own ExifTool settings out.
                [*_BOUNDED, self.PROGRAM, "-config", "", "-stay_open", "True", "-@", "-"],
                input=b"\n".join(self._encode_args(lines, encoding=encoding)),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._deadline_s,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired as exc:
            raise ToolMissingError(
                "ExifTool did not answer in time; see whether 'exiftool -ver' works, and try again."
            ) from exc
        except OSError as exc:
            raise ToolMissingError(
                "ExifTool can't be started; reinstall the Debian package libimage-exiftool-perl."
            ) from exc
        output: bytes = done.stdout.rstrip()
        if not output.endswith(self.SENTINEL):
            raise ToolMissingError(
                "ExifTool stopped before it answered: the file needs more memory than it may have, "
                "or the Debian package libimage-exiftool-perl has to be reinstalled."
            )
        return output.removesuffix(self.SENTINEL)


def list_tags(path: Path) -> list[Tag]:
    """Every kind of tag in a file, sorted.

    What only the file system knows (name, size, dates, permissions) is left out. ExifTool's own
    ``Warning`` and ``Error`` are in, in the group ``ExifTool``.

    Raises:
        ToolMissingError: ExifTool is not there or does not answer.
        UnreadableError: the file is not there.
    """
    return sorted(tag for tag, _ in list_values(path))


def list_values(path: Path) -> list[tuple[Tag, tuple[object, ...]]]:
    """As `list_tags`, each with its values: for judging them, never for telling them.

    Raises:
        ToolMissingError: ExifTool is not there or does not answer.
        UnreadableError: the file is not there.
    """
    found: dict[tuple[str, str, str], list[object]] = {}
    for key, value in _LISTINGS.of(path).items():
        if key == "SourceFile":
            continue
        group0, group1, _document, _copy, name = key.split(":", 4)
        if group1 == "System" or name == "ExifToolVersion":
            continue
        found.setdefault((group0, group1, name), []).append(value)
    return [(Tag(*key, len(values)), tuple(values)) for key, values in found.items()]


class _Listings:
    """The last listings, by what tells one state of a file from another.

    Locating and the checks ask for those of the same two files, some at the same time, and each
    costs a process. They hold what identifies people, so few are kept, and only in memory.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, ...], Future[dict[str, Any]]] = {}

    def of(self, path: Path) -> dict[str, Any]:
        try:
            state = path.stat()
        except OSError as exc:
            raise UnreadableError("The file to examine is not there or may not be read.") from exc
        key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        with self._lock:
            listing = self._kept.get(key)
            ours = listing is None
            if listing is None:
                listing = self._kept[key] = Future()
                for oldest in list(self._kept)[: -self._most]:
                    del self._kept[oldest]
        if ours:
            try:
                listing.set_result(_read(path, *_LISTING))
            except BaseException as exc:
                with self._lock:
                    self._kept.pop(key, None)
                listing.set_exception(exc)
                raise
        return listing.result()


_LISTINGS = _Listings(most=4)


def payload(path: Path, group: str, name: str) -> bytes:
    """The bytes of every tag of a group and name, one after the other: as `list_values`.

    Raises:
        ToolMissingError: ExifTool is not there or does not answer.
        UnreadableError: the file is not there.
    """
    command = _OneCommand(_deadline_s(path))
    return command.process("-b", "-a", "-u", f"-{group}:{name}", _argument(path))


def orientation(path: Path) -> int | None:
    """The EXIF orientation of a still, 1 to 8, or None when it has none that is valid.

    Raises:
        ToolMissingError: ExifTool is not there or does not answer.
        UnreadableError: the file is not there.
    """
    value = _read(path, "-n", "-IFD0:Orientation").get("Orientation")
    return value if isinstance(value, int) and 1 <= value <= 8 else None


def set_orientation(path: Path, value: int) -> None:
    """Write the EXIF orientation of a still in place.

    Raises:
        ToolMissingError: ExifTool is not there or does not answer.
        UsageError: `value` is not 1 to 8.
        InternalError: ExifTool could not write.
    """
    if value not in range(1, 9):
        raise UsageError("An orientation is a whole number from 1 to 8.")
    if orientation(path) == value:
        return
    write_tags(path, "-n", f"-IFD0:Orientation={value}")


def write_tags(path: Path, *assignments: str) -> None:
    """Change a file's tags in place, by ExifTool's own write syntax.

    Raises:
        ToolMissingError: ExifTool is not there or does not answer.
        InternalError: ExifTool could not write.
    """
    name = _argument(path)
    output = _OneCommand(_deadline_s(path)).process(*assignments, "-overwrite_original", name)
    counts = Counter(
        {
            what: int(line.split()[0])
            for line in output.decode("utf-8", errors="replace").splitlines()
            for what in ("updated", "unchanged")
            if line.endswith(what)
        }
    )
    if counts.total() != 1:
        raise InternalError(
            "ExifTool could not rewrite the file's metadata; nothing was published."
        )


def _read(path: Path, *options: str) -> dict[str, Any]:
    name = _argument(path)
    output = _OneCommand(_deadline_s(path)).process("-j", *options, name)
    try:
        (tags,) = json.loads(output.decode("utf-8", errors="replace"))
        return dict(tags)
    except (TypeError, ValueError) as exc:
        raise ToolMissingError(
            "ExifTool gave no readable answer; see whether 'exiftool -ver' works, and try again."
        ) from exc


def _argument(path: Path) -> str:
    """The path as an argument that can't be taken for an option, a comment or a pipe."""
    if path.name.startswith("-") or path.name.endswith("|"):
        raise UsageError("A file name starts with a hyphen or ends with a bar; rename it.")
    return str(path.absolute())


def _deadline_s(path: Path) -> float:
    try:
        return _DEADLINE_S + path.stat().st_size / _SLOWEST_BYTES_PER_S
    except OSError as exc:
        raise UnreadableError("The file to examine is not there or may not be read.") from exc
