"""What looks at pictures, and what becomes of what it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from veilcast.tracking.flow_tracker import Pursuit
    from veilcast.types import Detection, Track
    from veilcast.visual.pictures import Pictures


class Looker(Protocol):
    """What looks at pictures for things that are then followed. Used from one thread at a time."""

    @property
    def hasty(self) -> bool:
        """Whether it is quick enough to be asked at any picture, where things move fast or came.

        One that is not is asked some times a second at most.
        """

    def load(self) -> None:
        """Have everything ready."""

    def close(self) -> None:
        """Let go of it, also where `load` failed."""

    def afresh(self) -> None:
        """The next picture may show another scene."""

    def look(
        self, time_us: int, pictures: Pictures, pursuit: Pursuit | None
    ) -> list[tuple[Detection, float]]:
        """What is seen in a picture, in displayed pixels, and how much each sighting proves.

        Args:
            time_us: of the frame.
            pictures: of it, in the sizes that are asked for.
            pursuit: what is followed so far; None at the first picture.
        """


class Watched(NamedTuple):
    """What became of watching a recording.

    Attributes:
        tracks: of what was seen.
        looks: how many pictures were looked at.
    """

    tracks: tuple[Track, ...]
    looks: int
