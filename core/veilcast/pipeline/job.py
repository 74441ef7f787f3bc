"""Opens an input: its work folder, what it holds, and the times of its frames."""

from __future__ import annotations

import contextlib
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from veilcast.errors import (
    EmptyInputError,
    TruncatedError,
    UnreadableError,
    UnsupportedError,
    VeilcastError,
)
from veilcast.media.codecs import DeliverSettings
from veilcast.media.conform import Look, Wanted, conform, silent
from veilcast.media.conform.by_pillow import pillow_family, read_by_pillow
from veilcast.media.frames import FrameIndex
from veilcast.media.guard import media_errors
from veilcast.media.heif import is_heif
from veilcast.media.heif_picture import as_png
from veilcast.media.info import Conformed
from veilcast.media.memory import keep_freed_pictures
from veilcast.media.probe import probe
from veilcast.pipeline.watchdog import watching
from veilcast.redaction.delivery import Delivery, delivery
from veilcast.types import Phase
from veilcast.workspace import file_sha256, open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.host import Host
    from veilcast.media.info import MediaInfo
    from veilcast.profile import Profile
    from veilcast.workspace import Workspace


Ready = TypeVar("Ready")
Done = TypeVar("Done")


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

    Attributes:
        source: what stages read: the user's own file, or what it was conformed to.
        original: the user's own file.
        media: what `source` holds.
        recorded: what container stages read: the user's own file, but for stills that ffmpeg can't
            read.
        recorded_media: what that holds.
        sha256: of the user's own file.
        workspace: where it is worked on.
        frames: the times of the frames of `source`.
        seconds: how long each phase took.
        deliver: what is asked for of the delivered file.
        covers: something in picture or sound may be covered.
    """

    source: Path
    original: Path
    media: MediaInfo
    recorded: Path
    recorded_media: MediaInfo
    sha256: str
    workspace: Workspace
    frames: FrameIndex
    seconds: dict[str, float]
    deliver: DeliverSettings
    covers: bool

    @property
    def delivery(self) -> Delivery:
        """Container and codecs of the delivered file.

        Raises:
            SettingError, UnsupportedError: there can't be one as it is asked for.
        """
        return delivery(self.media, self.deliver, covers=self.covers)

    @property
    def conformed(self) -> tuple[Conformed, ...]:
        """How what is delivered differs from the user's own file, beside what is covered."""
        return tuple(dict.fromkeys((*self.media.conformed, *self.delivery.conformed)))

    @contextmanager
    def timed(self, reporter: Reporter, phase: str) -> Iterator[None]:
        reporter.phase(phase)
        began = time.monotonic()
        with watching(reporter.warning), media_errors(writing=True):
            yield
        self.seconds[phase] = round(time.monotonic() - began, 3)


@contextmanager
def opened(
    host: Host,
    source: Path,
    work: Path,
    profile: Profile | None = None,
    *,
    look: Look = "doubtful",
    progress: Progress = silent,
) -> Iterator[Job]:
    """An input, for as long as its scratch is needed.

    Args:
        host: provides the plugins.
        source: the input.
        work: the root of work folders.
        profile: what is to be done with it: the input is conformed to that. Without one, it is
            taken as it is.
        look: which streams are decoded to be judged, for `conform`.
        progress: told while the input is conformed.

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
        recorded, recorded_media = _readable(link, workspace)
        readable, media = recorded, recorded_media
        deliver = DeliverSettings() if profile is None else profile.deliver
        covers = profile is not None and any(
            planned.stage.phase is not Phase.CONTAINER for planned in profile.stages
        )
        if profile is not None and deliver.fidelity != "exact":
            readable, media = conform(
                recorded,
                recorded_media,
                workspace.folder_for("source"),
                _wanted(recorded_media, deliver, covers=covers, look=look),
                progress,
            )
        # Kept by the code that made it, as findings are.
        digest = host.code_digest(host.owner("check", "playback"))[:32]
        changed = "".join(sorted({f"-{told.rule}" for told in media.conformed}))
        kept_as = f"frames-{digest}{changed}.i64"
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
            recorded=recorded,
            recorded_media=recorded_media,
            sha256=sha256,
            workspace=workspace,
            frames=frames,
            seconds={},
            deliver=deliver,
            covers=covers,
        )


def patiently(
    opening: Callable[..., AbstractContextManager[Job]],
    prepare: Callable[[Job], Ready],
    work: Callable[[Job, Ready], Done],
    reporter: Reporter,
) -> Done:
    """Work on an input as it is; where that can't be, on what decoding it with patience gives.

    Only decoding shows that a picture changes its size, or that a frame is broken; and what can't
    be examined in coded streams is not in decoded ones.

    Args:
        opening: `opened` for one input; takes `look`.
        prepare: what is checked before the work.
        work: what is done.
        reporter: told when patience is needed.

    Raises:
        VeilcastError: what stopped it at first, where patience does not help.
    """
    with opening() as job:
        try:
            return work(job, prepare(job))
        except (TruncatedError, UnsupportedError) as error:
            if job.deliver.fidelity == "exact" or job.media.kind == "still":
                raise
            failed, before = error, job.media.conformed
    # What is damaged stays so, however it is coded anew.
    looks: tuple[Look, ...] = ("thorough", "every")
    for look in looks if isinstance(failed, UnsupportedError) else looks[:1]:
        with opening(look=look) as job:
            if job.media.conformed == before:
                continue
            ready = prepare(job)
            reporter.warning(
                "It could not be worked on as it is, so all of it was decoded and mended first."
            )
            try:
                return work(job, ready)
            except UnsupportedError:
                continue
    raise failed


def _wanted(media: MediaInfo, settings: DeliverSettings, *, covers: bool, look: Look) -> Wanted:
    look = "every" if settings.fidelity == "conformed" else look
    wanted = Wanted(covers=covers, look=look, accept_loss=settings.accept_loss)
    with contextlib.suppress(VeilcastError):  # preflight says what is wrong with it
        target = delivery(media, settings, covers=covers)
        wanted = replace(wanted, pix_fmt=target.pix_fmt, opaque=target.opaque)
    return wanted


def _readable(link: Path, workspace: Workspace) -> tuple[Path, MediaInfo]:
    """A file that ffmpeg reads and that can be delivered, and what it holds."""
    with link.open("rb") as file:
        head = file.read(4096)
    folder = workspace.folder_for("source")
    if is_heif(head):
        converted = folder / "source.png"
        as_png(link, converted)
        family = "avif" if head[:12].endswith(b"avif") else "heic"
        told = Conformed(
            rule="still-format",
            sentence="HEIC and AVIF can't be written anew safely; "
            "the picture is delivered as PNG, with every sample that was decoded.",
        )
        media = probe(converted)
    elif (read_here := pillow_family(head, link)) is not None:
        family = read_here
        converted, media, told = read_by_pillow(link, family, folder)
    else:
        return link, probe(link)
    return converted, replace(
        media, size=link.stat().st_size, converted_from=family, conformed=(told,)
    )
