"""The private work folder: located results to resume from, scratch, and publishing by rename."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from veilcast.errors import (
    DiskFullError,
    OutputExistsError,
    UnreadableError,
    UnwritableError,
    UsageError,
)
from veilcast.media.guard import DISK_FULL, media_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARGIN = 64 << 20
_EXISTS = "The output is there already; use --force to replace it."
_PARTIAL, _KEPT = "partial", "before"
_PATIENCE_S = 10.0
"""How long to wait for others that rename in the same folder: they need a moment."""


def default_root() -> Path:
    """Where work folders are, unless --work or VEILCAST_WORK say otherwise."""
    import platformdirs

    chosen = os.environ.get("VEILCAST_WORK")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_path("veilcast")) / "work"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hex.

    Raises:
        UnreadableError: it does not exist or may not be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise UnreadableError(
            "The input can't be read; check the path and its permissions."
        ) from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One input's work folder (`folder`, kept) and one run's scratch in it (`scratch`, removed)."""

    folder: Path
    scratch: Path

    def cached(self, name: str) -> bytes | None:
        """What an earlier run kept under this name."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def keep(self, name: str, data: bytes) -> None:
        """Keep for later runs, whole or not at all."""
        temporary = self.scratch / f"{name}.tmp"
        with media_errors(writing=True):
            temporary.touch(mode=0o600)
            temporary.write_bytes(data)
            temporary.replace(self.folder / name)

    def link(self, source: Path, suffix: str = "") -> Path:
        """A neutral name for a file: names hold PHI, and ffmpeg reads some as URLs or patterns."""
        link = self.scratch / f"input-{secrets.token_hex(4)}{suffix}"
        link.symlink_to(source.resolve())
        return link

    def folder_for(self, name: str) -> Path:
        """A fresh folder inside the scratch."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.scratch))


@contextlib.contextmanager
def open_workspace(root: Path, input_sha256: str) -> Iterator[Workspace]:
    """The work folder of an input, all of it private (0700).

    Scratch left behind by a killed run is removed.

    Raises:
        UnwritableError: the folder can't be made.
    """
    folder = root / input_sha256[:24]
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        for stale in folder.glob("run-*"):
            if not _alive(stale.name.split("-")[1]):
                shutil.rmtree(stale, ignore_errors=True)
        scratch = folder / f"run-{os.getpid()}-{secrets.token_hex(4)}"
        scratch.mkdir(mode=0o700)
    except OSError as exc:
        raise UnwritableError(
            "The work folder can't be written; choose another with --work."
        ) from exc
    try:
        yield Workspace(folder=folder, scratch=scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def check_room(folder: Path, needed: int) -> None:
    """Stop early when `needed` bytes will not fit.

    Raises:
        DiskFullError: they will not.
    """
    if shutil.disk_usage(folder).free < needed + min(_MARGIN, needed):
        raise DiskFullError(DISK_FULL)


def check_target(targets: Sequence[Path], *, force: bool, source: Path | None = None) -> None:
    """Stop early when the output can't be published.

    Args:
        targets: what is going to be published.
        force: whether existing targets may be replaced.
        source: the input, which may not be, even so.

    Raises:
        UsageError, OutputExistsError, UnwritableError: as their names say.
    """
    try:
        for target in targets:
            _check_target(target, force=force, source=source)
    except OSError as exc:
        # A folder that may not be searched, or a name that is too long.
        raise UnwritableError(
            "The output can't be written under that name; choose another with -o."
        ) from exc


def _check_target(target: Path, *, force: bool, source: Path | None) -> None:
    if target.is_dir():
        raise UnwritableError("The output is a folder; name a file, or use -o FOLDER/.")
    if target.exists():
        if source is not None and source.exists() and target.samefile(source):
            raise UsageError("The output would replace the input; choose another name with -o.")
        if not force:
            raise OutputExistsError(_EXISTS)
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK | os.X_OK):
        raise UnwritableError("The output folder does not exist or can't be written.")
    _beside(target, _PARTIAL).exists()  # raises when that name is too long


def _beside(target: Path, ending: str) -> Path:
    """A hidden name that no other run uses: several may publish to one target at once."""
    return target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.{ending}")


def _tidy(target: Path, ending: str) -> None:
    """Remove what killed runs left beside a target."""
    start, end = f".{target.name}.", f".{ending}"
    for path in target.parent.glob(f"{glob.escape(start)}*{end}"):
        token = re.fullmatch(r"(\d+)-[0-9a-f]{8}", path.name[len(start) : -len(end)])
        if token and not _alive(token[1]):
            path.unlink(missing_ok=True)


def publish(files: Sequence[tuple[Path, Path]], *, force: bool, private: bool = False) -> None:
    """Make finished files appear under their names, all or none.

    Each is first brought beside its target under a hidden name, then all are renamed. What is
    replaced is kept under a hidden name until then, and comes back when one of them can't be.

    Args:
        files: (finished file, target) pairs.
        force: whether existing targets may be replaced.
        private: readable by their owner only.

    Raises:
        OutputExistsError, UnwritableError, DiskFullError: as their names say.
    """
    check_target([target for _, target in files], force=force)
    staged: list[tuple[Path, Path]] = []
    try:
        with media_errors(writing=True):
            for finished, target in files:
                _tidy(target, _PARTIAL)
                partial = _beside(target, _PARTIAL)
                staged.append((partial, target))
                _bring(finished, partial, private=private)
            with _alone(staged[0][1].parent):
                _rename_all(staged, force=force)
    except FileExistsError as exc:
        raise OutputExistsError(_EXISTS) from exc
    except OSError as exc:
        raise UnwritableError(
            "The output can't be written under that name; choose another with -o."
        ) from exc
    finally:
        for partial, _ in staged:
            partial.unlink(missing_ok=True)


def _rename_all(staged: Sequence[tuple[Path, Path]], *, force: bool) -> None:
    done: list[tuple[Path, Path | None]] = []
    try:
        for partial, target in staged:
            kept = _keep(target) if force else None
            # Before the renaming: an interruption may come between any two steps.
            done.append((target, kept))
            try:
                _appear(partial, target, force=force)
            except BaseException:
                if partial.exists():  # it has not appeared, and what is there is not ours
                    done.pop()
                    if kept is not None and not target.exists():
                        kept.replace(target)
                    elif kept is not None:
                        kept.unlink(missing_ok=True)
                raise
    except BaseException:
        for target, kept in reversed(done):
            if kept is None:
                target.unlink(missing_ok=True)
            else:
                kept.replace(target)
        raise
    for target, kept in done:
        if kept is not None:
            kept.unlink(missing_ok=True)
        _tidy(target, _KEPT)


def _keep(target: Path) -> Path | None:
    """What is there under a second, hidden name; it stays under its own where links exist."""
    kept = _beside(target, _KEPT)
    try:
        try:
            kept.hardlink_to(target)
        except FileNotFoundError:
            raise
        except OSError:
            if target.is_dir():
                raise
            target.rename(kept)  # FAT and its kin have no links
    except FileNotFoundError:
        return None
    return kept


def _appear(partial: Path, target: Path, *, force: bool) -> None:
    """Rename; without `force` only where nothing has come to be there in the meantime.

    Raises:
        OSError: it can't be; FileExistsError when something is there.
    """
    if not force:
        try:
            target.hardlink_to(partial)
        except FileExistsError:
            raise
        except OSError:
            if os.path.lexists(target):
                raise FileExistsError from None
        else:
            partial.unlink()
            return
    partial.replace(target)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While others rename in this folder, wait: a mixture of two results would be neither."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # it may be written but not read
        yield
        return
    try:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:  # a file system without locks
                break
        yield
    finally:
        os.close(handle)


def _bring(finished: Path, partial: Path, *, private: bool) -> None:
    try:
        finished.replace(partial)
    except OSError:
        shutil.copyfile(finished, partial)  # another file system
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    if private:
        partial.chmod(0o600)
        return
    # As the user's other files: the work folder's privacy is not the output's.
    partial.chmod(0o666 & ~_umask())


def _umask() -> int:
    # os.umask() would tell it only by setting it, for all threads.
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    line = next(line for line in status.splitlines() if line.startswith("Umask:"))
    return int(line.split()[1], 8)
