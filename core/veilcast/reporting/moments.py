"""Which frames a reviewer should see, and which of them first."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veilcast.reporting.report_model import Frame, Reason
from veilcast.reporting.words import lasting, plain
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.reporting.report_model import Risk
    from veilcast.reporting.times import DeliveredTime

_TOGETHER_US = 20_000
"""Moments of several tracks that are so close are shown in one frame."""
_TOLD_US = 100_000
"""A shorter stretch has no length worth telling."""
_AFTER_US = 1
"""A track's end is just after its last frame."""

_RANK: dict[str, float] = {
    "left": 100,
    "uncovered": 90,
    "least sure": 30,
    "last": 26,
    "first": 25,
    "flow": 24,
    "held": 22,
    "largest": 15,
}
_ACCEPTED = 15.0
"""What somebody has looked at already comes after what nobody has."""
_BY_SCORE = 30.0
_BY_SECONDS, _MOST = 12.0, 45.0
"""What a low score and a long stretch add; a tenth of a second of either is hardly a risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time in the delivered file at which something is worth a look, and how much so."""

    at_us: int
    rank: float
    reason: Reason


def moments(manifest: Mapping[str, Any], time: DeliveredTime) -> list[Frame]:
    """The frames worth a look, the riskiest first, moments that share a frame together.

    In order of risk: what looking again found, what was left uncovered, long stretches in which a
    box was followed or held, frames where the detector was least sure, then each track's last,
    first and largest.
    """
    found = sorted(_all(manifest, time), key=lambda moment: moment.at_us)
    groups: list[list[Moment]] = []
    for moment in found:
        if groups and moment.at_us - groups[-1][0].at_us <= _TOGETHER_US:
            groups[-1].append(moment)
        else:
            groups.append([moment])
    groups.sort(key=lambda group: (-max(m.rank for m in group), group[0].at_us))
    return [_frame(group) for group in groups]


def _frame(group: Sequence[Moment]) -> Frame:
    ordered = sorted(group, key=lambda moment: -moment.rank)
    return Frame(at_us=ordered[0].at_us, reasons=[moment.reason for moment in ordered])


def _all(manifest: Mapping[str, Any], time: DeliveredTime) -> Iterator[Moment]:
    for entry in manifest["entries"]:
        if entry["phase"] == "verify":
            yield from _left(entry)
        for left in entry["uncovered"]:
            if left["track"] is not None:
                yield from _uncovered(entry["stage"], left, time)
        for change in entry["changes"]:
            if change["kind"] == "picture":
                yield from _track(entry["stage"], change, time)


def _left(entry: Mapping[str, Any]) -> Iterator[Moment]:
    """What looking again found, by the delivered file's own time."""
    for finding in entry["settings"].get("findings", ()):
        if finding["from_us"] is not None and finding["box"] is not None:
            accepted = finding["accepted"]
            yield Moment(
                at_us=finding["from_us"],
                rank=_RANK["left"] - (_ACCEPTED if accepted else 0),
                reason=Reason(
                    risk="left",
                    stage="verify",
                    what=plain(finding["identifier"] or "something", 60),
                    track=None,
                    box=finding["box"],
                    detail="accepted by a reviewer" if accepted else "",
                ),
            )


def _uncovered(stage: str, left: Mapping[str, Any], time: DeliveredTime) -> Iterator[Moment]:
    way = Way(left["path"])
    for at_us in sorted({way.first_us, way.largest_us, way.last_us}):
        yield _moment(
            "uncovered", stage, left, way, at_us, time, f"asked by: {', '.join(left['why'])}"
        )


def _track(stage: str, change: Mapping[str, Any], time: DeliveredTime) -> Iterator[Moment]:
    way = Way(change["where"]["path"])
    ends = ((way.first_us, "first"), (way.last_us, "last"), (way.largest_us, "largest"))
    for at_us, risk in ends if way.last_us > way.first_us else ends[:1]:
        yield _moment(risk, stage, change, way, at_us, time, "")  # type: ignore[arg-type]
    least_us, score = change.get("least_us"), change["score_min"]
    if least_us is not None and score is not None:
        yield _moment(
            "least sure",
            stage,
            change,
            way,
            least_us,
            time,
            f"score {score:.2f}",
            _BY_SCORE * (1 - score),
        )
    for stretch in change.get("inferred", ()):
        start, end, how = stretch.split()
        from_us, to_us = int(start), int(end) - _AFTER_US
        more = min(_MOST, (to_us - from_us) / US * _BY_SECONDS)
        detail = f"for {lasting(to_us - from_us)}" if to_us - from_us >= _TOLD_US else ""
        yield _moment(how, stage, change, way, (from_us + to_us) // 2, time, detail, more)


def _moment(
    risk: Risk,
    stage: str,
    of: Mapping[str, Any],
    way: Way,
    at_us: int,
    time: DeliveredTime,
    detail: str,
    more: float = 0.0,
) -> Moment:
    return Moment(
        at_us=time.at(at_us),
        rank=_RANK[risk] + more,
        reason=Reason(
            risk=risk,
            stage=plain(stage, 40),
            what=plain(of["what"], 60),
            track=of["track"],
            box=way.box_at(at_us),
            detail=detail,
        ),
    )


class Way:
    """Where a track went, by the key frames of its manifest (`veilcast.manifest.paths`)."""

    def __init__(self, path: Sequence[str]) -> None:
        """Each key frame is ``time_us x y width height``."""
        self._keys = [[int(part) for part in key.split()] for key in path]
        self._times = [key[0] for key in self._keys]
        self.first_us, self.last_us = self._times[0], self._times[-1]
        self.largest_us = max(self._keys, key=lambda key: (key[3] * key[4], -key[0]))[0]

    def box_at(self, at_us: int) -> list[int]:
        """x, y, width, height, to within 5 % of its size."""
        after = min(max(bisect_right(self._times, at_us), 1), len(self._keys) - 1)
        first, last = self._keys[max(after - 1, 0)], self._keys[after]
        length = last[0] - first[0]
        share = min(max((at_us - first[0]) / length, 0.0), 1.0) if length else 0.0
        return [round(a + (b - a) * share) for a, b in zip(first[1:], last[1:], strict=True)]
