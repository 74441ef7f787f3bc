"""What the user should know of what was located, beside the findings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.types import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.types import Track

_FEW = 3


def not_followed(stage: str, tracks: Sequence[Track], looks: int) -> tuple[str, ...]:
    """A sentence when most tracks were seen only once: nothing could be grouped with them.

    Args:
        stage: the stage's name.
        tracks: what it located.
        looks: in how many frames it looked; with one there is nothing to group.
    """
    once = sum(int((track.origins == Origin.DETECTED).sum()) == 1 for track in tracks)
    if looks < 2 or once < _FEW or 2 * once <= len(tracks):
        return ()
    return (
        f"{once} of {len(tracks)} tracks of '{stage}' were seen in one frame only and could not be "
        f"followed; raise {stage}.sample_rate, or {stage}.confidence if they are mistakes.",
    )
