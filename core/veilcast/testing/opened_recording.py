"""Opening a recording for something that is tried outside of a run."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.media.frames import FrameIndex
    from veilcast.media.info import MediaInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A recording under a neutral name, what it holds, and a folder for scratch."""

    path: Path
    media: MediaInfo
    frames: FrameIndex
    scratch: Path


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress for nobody."""


_KEPT: dict[tuple[Path, int, int], MediaInfo] = {}
_MOST_KEPT = 64


def _probed(copy: Path, size: int, changed_ns: int, recording: Path) -> MediaInfo:
    """What a recording holds; asked once, since each rule opens it anew."""
    from veilcast.media.probe import probe

    key = recording.resolve(), size, changed_ns
    if key not in _KEPT:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        _KEPT[key] = probe(copy)
    return _KEPT[key]


@contextmanager
def opened(recording: Path, name: str = "recording") -> Iterator[Opened]:
    """A copy of a recording: whatever is tried on it, the original stays as it is.

    Args:
        recording: what is copied.
        name: of the copy, without its ending.

    Raises:
        VeilcastError: it can't be read.
    """
    import shutil

    from veilcast.media.frames import FrameIndex

    with TemporaryDirectory(prefix="veilcast-testing-") as folder:
        path = Path(folder) / f"{name}{recording.suffix}"
        shutil.copyfile(recording, path)
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        media = _probed(path, recording.stat().st_size, recording.stat().st_mtime_ns, recording)
        frames = FrameIndex(path, media, load=lambda: None, store=lambda _: None)
        yield Opened(path=path, media=media, frames=frames, scratch=scratch)
