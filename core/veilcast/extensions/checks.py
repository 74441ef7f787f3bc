"""Checks: what the delivered file must pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from veilcast.extensions.stages import Progress
    from veilcast.media.frames import FrameIndex
    from veilcast.media.info import MediaInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """What a check gets: the delivered file, and the source when it is at hand."""

    delivered: Path
    delivered_media: MediaInfo
    source: Path | None
    source_media: MediaInfo | None
    source_frames: FrameIndex | None
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Examines the delivered file afresh. Any failure sentence stops the publication.

    Attributes:
        name: one word for the manifest.
        summary: one line for people.
        run: gives one sentence for each thing that is wrong (no values, no paths); none is a pass.
    """

    name: str
    summary: str
    run: Callable[[CheckContext], Sequence[str]]
