"""What the media libraries are allowed to open, and their errors in our words.

A hostile file can't make ffmpeg follow references to other files or to the network: only demuxers
of plain containers and only the `file` protocol are open to it.
"""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING

import mediascrub
from veilcast.errors import (
    DiskFullError,
    InternalError,
    StructureError,
    ToolMissingError,
    TruncatedError,
    UnreadableError,
    UnsupportedError,
    UnwritableError,
    VeilcastError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer

DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "mpegts",
    "mpeg",
    "asf",
    "flv",
    "nut",
    "wav",
    "w64",
    "aiff",
    "flac",
    "mp3",
    "ogg",
    "aac",
    "amr",
    "caf",
    "au",
    "mxf",
    "dv",
    "h264",
    "hevc",
    "ivf",
    "jpeg_pipe",
    "png_pipe",
    "webp_pipe",
    "tiff_pipe",
)
"""Plain containers only: no playlists, scripts, image patterns or devices."""

OPEN_OPTIONS = {"format_whitelist": ",".join(DEMUXERS), "protocol_whitelist": "file"}

DAMAGED = (
    "The input is damaged or ends early, so some of it can't be decoded; "
    "get a complete copy of the recording."
)
_SCRUB_ERRORS: dict[type[mediascrub.MediaScrubError], type[VeilcastError]] = {
    mediascrub.DamagedError: TruncatedError,
    mediascrub.StructureError: StructureError,
    mediascrub.UnreadableError: UnreadableError,
    mediascrub.UnsupportedError: UnsupportedError,
    mediascrub.LibraryMissingError: ToolMissingError,
}
"""Veilcast's errors for those of the package that takes files apart."""
DISK_FULL = "There is no room left on the disk; free some, or choose another --work folder or -o."


def open_input(path: Path, still_format: str | None = None) -> InputContainer:
    """Open for reading with PyAV, fenced in.

    Args:
        path: a neutral name inside a private folder: it reaches ffmpeg's URL parser.
        still_format: ``jpeg_pipe``, ``png_pipe`` and so on for stills, which have to be named.
    """
    import av

    # A tag that is not UTF-8 must not stop the run: tags are never kept.
    return av.open(
        str(path),
        format=still_format,
        container_options=dict(OPEN_OPTIONS),
        metadata_errors="replace",
    )


@contextlib.contextmanager
def media_errors(*, writing: bool = False) -> Iterator[None]:
    """Turn errors of PyAV, of mediascrub and of the system into Veilcast's."""
    import av

    try:
        yield
    except VeilcastError:
        raise
    except mediascrub.MediaScrubError as exc:
        raise _SCRUB_ERRORS[type(exc)](str(exc)) from exc
    except OSError as exc:
        # av.error.FFmpegError with an errno is an OSError too.
        if exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFullError(DISK_FULL) from exc
        # A muxer says EPERM of streams that it does not take.
        if exc.errno in (errno.EACCES, errno.EROFS) or (
            exc.errno == errno.EPERM and not isinstance(exc, av.error.FFmpegError)
        ):
            if writing:
                raise UnwritableError(
                    "The output folder can't be written; choose another."
                ) from exc
            raise UnreadableError("The input may not be read; check its permissions.") from exc
        if isinstance(exc, av.error.FFmpegError):
            raise _from_ffmpeg(writing) from exc
        raise
    except av.error.FFmpegError as exc:
        raise _from_ffmpeg(writing) from exc


def _from_ffmpeg(writing: bool) -> VeilcastError:
    if writing:
        return UnsupportedError(
            "The encoder or the container refused this stream; "
            "choose another with --set deliver.codec=... or --set deliver.container=..."
        )
    return TruncatedError(DAMAGED)


def fault(what: str) -> InternalError:
    """A fault of Veilcast, said as such."""
    return InternalError(f"{what}; this is a fault of Veilcast, please report it.")
