"""Opens an input: its work folder, what it holds, and the times of its frames."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from veilcast.errors import EmptyInputError, UnreadableError
from veilcast.media.frames import FrameIndex
from veilcast.media.guard import media_errors
from veilcast.media.heif import is_heif
from veilcast.media.heif_picture import as_png
from veilcast.media.memory import keep_freed_pictures
from veilcast.media.probe import probe
from veilcast.pipeline.watchdog import watching
from veilcast.workspace import file_sha256, open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.host import Host
    from veilcast.media.info import MediaInfo
    from veilcast.workspace import Workspace


class Reporter(Protocol):
    """Where progress goes."""

    def phase(self, name: str) -> None:
        """A phase begins: locate, redact, verify, publish."""

    def stage(self, name: str) -> Progress:
        """The progress of a stage within the phase."""

    def warning(self, sentence: str) -> None:
        """Something the user should know."""


@dataclass(slots=True)
class Job:
    """An opened input in its workspace.

    `source` is what stages read. It is the user's own file, `original`, but for formats that are
    converted first.
    """

    source: Path
    original: Path
    media: MediaInfo
    sha256: str
    workspace: Workspace
    frames: FrameIndex
    seconds: dict[str, float]

    @contextmanager
    def timed(self, reporter: Reporter, phase: str) -> Iterator[None]:
        reporter.phase(phase)
        began = time.monotonic()
        with watching(reporter.warning), media_errors(writing=True):
            yield
        self.seconds[phase] = round(time.monotonic() - began, 3)


@contextmanager
def opened(host: Host, source: Path, work: Path) -> Iterator[Job]:
    """An input, for as long as its scratch is needed.

    Raises:
        PluginLoadError: a plugin could not be loaded.
        UnreadableError, EmptyInputError, NotMediaError, UnwritableError: as their names say.
    """
    host.check_loaded()
    try:
        size = source.stat().st_size
        if not source.is_file():
            raise UnreadableError("The input is not a file.")
    except OSError as exc:
        raise UnreadableError("The input does not exist or may not be read.") from exc
    if size == 0:
        raise EmptyInputError("The input is empty (0 bytes).")
    keep_freed_pictures()
    sha256 = file_sha256(source)
    with open_workspace(work, sha256) as workspace:
        link = workspace.link(source)
        readable, media = _readable(link, workspace)
        # Kept by the code that made it, as findings are.
        kept_as = f"frames-{host.code_digest(host.owner('check', 'playback'))[:32]}.i64"
        frames = FrameIndex(
            readable,
            media,
            load=lambda: workspace.cached(kept_as),
            store=lambda data: workspace.keep(kept_as, data),
        )
        yield Job(
            source=readable,
            original=link,
            media=media,
            sha256=sha256,
            workspace=workspace,
            frames=frames,
            seconds={},
        )


def _readable(link: Path, workspace: Workspace) -> tuple[Path, MediaInfo]:
    """A file that ffmpeg reads and that can be delivered, and what it holds."""
    with link.open("rb") as file:
        head = file.read(12)
    if not is_heif(head):
        return link, probe(link)
    converted = workspace.folder_for("source") / "source.png"
    as_png(link, converted)
    family = "avif" if head.endswith(b"avif") else "heic"
    return converted, replace(probe(converted), size=link.stat().st_size, converted_from=family)
