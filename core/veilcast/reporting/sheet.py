"""The contact sheet: small JPEG pictures of frames of the delivered file, within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.errors import UnsupportedError
from veilcast.reporting.report_model import Frame, Picture, Sheet
from veilcast.reporting.seeking import frames_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from av import VideoFrame

    from veilcast.extensions import Progress
    from veilcast.media.info import MediaInfo

BUDGET = 1_500_000
"""Bytes of all pictures together; the page holds them in base64, a third larger."""
MOST = 240
"""Pictures: more than that nobody looks at, and each costs a seek."""
_SIZES = ((4, 960, 82), (24, 640, 80), (60, 480, 76), (110, 384, 72), (MOST, 320, 66))
"""Up to so many pictures: their longer side in pixels, and the JPEG quality."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A picture of a frame."""

    width: int
    height: int
    jpeg: bytes


def contact_sheet(
    path: Path, media: MediaInfo, wanted: Sequence[Frame], progress: Progress
) -> tuple[Sheet, tuple[Thumbnail, ...]]:
    """Decode the frames that are wanted, the riskiest first in line for the budget.

    Args:
        path: the delivered file, under a neutral name.
        media: what it holds.
        wanted: by risk.
        progress: told after each frame.

    Returns:
        The frames that fit, by risk, and a picture for each.

    Raises:
        TruncatedError: a frame can't be decoded.
    """
    video = media.video
    if video is None or not wanted:
        return Sheet(frames=[], left_out=0), ()
    chosen = list(wanted[:MOST])
    side, quality = next((s, q) for most, s, q in _SIZES if len(chosen) <= most)
    order = sorted(range(len(chosen)), key=lambda n: chosen[n].at_us)
    made: dict[int, Thumbnail] = {}
    for place, decoded in frames_at(path, media, [chosen[n].at_us for n in order], progress):
        made[order[place]] = thumbnail(decoded, media, side, quality)
    frames, pictures, spent = [], [], 0
    for number, frame in enumerate(chosen):
        spent += len(made[number].jpeg)
        if spent > BUDGET:
            break
        frames.append(frame)
        pictures.append(made[number])
    return Sheet(frames=frames, left_out=len(wanted) - len(frames)), tuple(pictures)


def without(
    sheet: Sheet, pictures: Sequence[Thumbnail], octets: int
) -> tuple[Sheet, tuple[Thumbnail, ...]]:
    """Without as many of the least risky frames as take so many bytes of a page, in base64."""
    kept = len(pictures)
    while kept and octets > 0:
        kept -= 1
        octets -= len(pictures[kept].jpeg) * 4 // 3
    gone = len(pictures) - kept
    return (
        Sheet(frames=sheet.frames[:kept], left_out=sheet.left_out + gone),
        tuple(pictures[:kept]),
    )


def displayed_size(media: MediaInfo) -> Picture | None:
    """The delivered picture's size as displayed."""
    if media.video is None:
        return None
    width, height = media.video.displayed_size
    return Picture(width=width, height=height)


def thumbnail(frame: VideoFrame, media: MediaInfo, side: int, quality: int) -> Thumbnail:
    """A frame, turned as it is displayed, as a JPEG (ITU-T T.81) without any metadata."""
    import cv2
    import numpy as np
    from av.video.reformatter import VideoReformatter

    video = media.video
    if video is None:
        raise TypeError("a thumbnail needs a picture stream")
    scale = min(1.0, side / max(frame.width, frame.height))
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    stored = VideoReformatter().reformat(frame, *size, "bgr24", interpolation="AREA").to_ndarray()
    shown = np.ascontiguousarray(video.orientation.to_displayed(stored))
    done, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise UnsupportedError("A frame of the delivered file can't be shown in the report.")
    return Thumbnail(width=shown.shape[1], height=shown.shape[0], jpeg=data.tobytes())
