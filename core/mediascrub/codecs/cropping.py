"""Pictures that are larger than what is shown of them.

Codecs code whole blocks, so the last ones reach over the edge, and the stream says how much of them
is not shown (ITU-T H.264, 7.4.2.1.1; H.265, 7.4.3.2.1). Whoever trims a picture without coding it
anew says the same of more than that: people believe those parts gone, and they are all there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """How much of the coded picture is not shown, in luma samples.

    Attributes:
        left: columns at the left.
        right: columns at the right.
        top: lines above.
        bottom: lines below.
        block_width: of the codec's blocks.
        block_height: of the codec's blocks.
    """

    left: int
    right: int
    top: int
    bottom: int
    block_width: int
    block_height: int

    @property
    def hides(self) -> bool:
        """Whether more is not shown than coding whole blocks explains."""
        across, down = self.left + self.right, self.top + self.bottom
        return across >= self.block_width or down >= self.block_height
