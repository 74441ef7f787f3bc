"""From the source's time, which a manifest speaks in, to the delivered file's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class DeliveredTime:
    """What was cut out moves everything behind it; nothing else does, as far as a manifest says."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        """Reads the cuts of the delivery."""
        deliveries = [entry for entry in manifest["entries"] if entry["phase"] == "deliver"]
        self._cuts: list[tuple[int, int]] = []
        for entry in deliveries:
            for cut in entry.get("cuts", ()):
                start, end = cut.split()
                self._cuts.append((int(start), int(end)))
        self.retimed = any(entry.get("retimed", False) for entry in deliveries)
        """Times can't be told by the delivered file: a stage changed them."""

    def at(self, time_us: int) -> int:
        """When it is in the delivered file."""
        return time_us - self.removed(0, time_us) if self._cuts else time_us

    def removed(self, from_us: int, to_us: int) -> int:
        """How much of a span was cut out."""
        return sum(max(0, min(to_us, end) - max(from_us, start)) for start, end in self._cuts)


def merged(spans: Iterable[tuple[int, int]], gap_us: int = 0) -> list[tuple[int, int]]:
    """Spans in order, those that touch or are within `gap_us` as one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + gap_us:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        elif end > start:
            result.append((start, end))
    return result
