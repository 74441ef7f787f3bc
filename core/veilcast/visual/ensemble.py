"""Detector ensemble for the residual check: others than located, as far as there are any."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from veilcast.errors import ModelMissingError, SettingError
from veilcast.visual.chosen import Chosen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.extensions import CheckContext, LoadedDetector, Treated, VisualDetector
    from veilcast.settings import DetectSettings

WANTED_PX = 24
"""Things this wide should be seen, in source pixels, where the profile does not say otherwise."""

_FINE = 24 / 640
"""What a detector's smallest may be, as share of its picture, to be worth asking at all."""
_SHARP = 16 / 640
"""The same, to be enough by itself."""
_SMALLER, _LARGER, _UNLIKE = 0.75, 1.25, 1.12
_WIDEST, _ENLARGED, _WORTH = 2, 2, 1.4
_SURE_TOGETHER, _SURE_EACH = 0.9, 0.7
_SURE_OF_THREE = 0.72


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A detector that is ready.

    Attributes:
        chosen: what is said of it.
        loaded: the detector.
        sides: the longer sides of the pictures it is given in every look; none: it is asked only
            about what others saw.
    """

    chosen: Chosen
    loaded: LoadedDetector
    sides: tuple[int, ...] = ()


class Panel:
    """The detectors that look again for one stage. To be used from one thread, as a context."""

    def __init__(self, context: CheckContext, treated: Treated) -> None:
        """Find out who is there; nothing is loaded yet.

        Raises:
            SettingError: the stage names no detector, or one that is not there.
        """
        self.treated = treated
        self.settings: DetectSettings = treated.settings
        located = _located(context, treated)
        self.identifier = located[0].detector.identifier
        # Who asked for more than a detector's own confidence means that of the others too.
        stricter = max(1.0, *(one.confidence / one.detector.confidence for one in located))
        names = {one.detector.name for one in located}
        others = [
            _as_sure(detector, stricter)
            for _, detector in sorted(context.detectors.items())
            if detector.identifier == self.identifier and detector.name not in names
        ]
        self._models: dict[str, Path] = {}
        self._weights: dict[str, int] = {}
        self._located = sorted(self._present(context, located), key=self._weight)
        self._others = sorted(self._present(context, others), key=self._rank)
        self._needed = partial(
            context.models, [name for one in located for name in one.detector.models]
        )
        self.members: list[Member] = []
        self._stack = ExitStack()

    def __enter__(self) -> Panel:
        return self

    def __exit__(self, *args: object) -> None:
        self._stack.close()

    def load(self, longer: int) -> None:
        """Load those who look at every picture, for frames whose longer side is `longer` px.

        Raises:
            ModelMissingError: no detector of this class has its models on this machine.
        """
        other = self._first_other(longer)
        if other is not None:
            self.members.append(other)
        lightest = self._located[0] if self._located else None
        if lightest is not None and (
            other is None
            or (_share(other.chosen) > _SHARP and _share(lightest) < _share(other.chosen))
        ):
            self.members.append(self._loaded(lightest, self._sides(lightest, longer, located=True)))
        if not self.members:
            self._needed()
            raise ModelMissingError(
                f"No detector that finds a {self.identifier} can be used on this machine; "
                "'veilcast models list' shows what is missing."
            )

    def judges(self) -> list[Member]:
        """All who are asked about what some of them saw; loads the rest of those who located."""
        names = {member.chosen.detector.name for member in self.members}
        for one in self._located:
            if one.detector.name not in names:
                self.members.append(self._loaded(one, ()))
        self._located = []
        return self.members

    @property
    def confidence(self) -> list[float]:
        """What is sure for each member."""
        return [member.chosen.confidence for member in self.members]

    def is_sure(self, first: Mapping[int, float], again: Mapping[int, float]) -> bool:
        """Whether scores prove that something is there.

        Two detectors that were trained apart see it in the enlarged cut-out, both clearly; or three
        do, none of them clearly. Where there is only one detector, it is sure both times.

        Args:
            first: scores in the whole picture, by the number of the member.
            again: scores in the cut-out.
        """
        shares = sorted((self._shares(again)).values(), reverse=True)
        if len(self.members) == 1:
            return bool(shares) and min(shares[0], *self._shares(first).values()) >= 1
        if len(shares) >= 2 and sum(shares[:2]) / 2 >= _SURE_TOGETHER and shares[1] >= _SURE_EACH:
            return True
        return len(shares) >= 3 and sum(shares[:3]) / 3 >= _SURE_OF_THREE

    def _shares(self, scores: Mapping[int, float]) -> dict[int, float]:
        return {n: score / self.members[n].chosen.confidence for n, score in scores.items()}

    def _present(self, context: CheckContext, several: Sequence[Chosen]) -> list[Chosen]:
        """Those whose models are here."""
        here = []
        for one in several:
            try:
                files = context.models(one.detector.models)
            except ModelMissingError:
                continue
            self._models.update(files)
            self._weights[one.detector.name] = sum(map(_size, files.values()))
            here.append(one)
        return here

    def _weight(self, one: Chosen) -> int:
        """What its models weigh, bytes: as good a measure of what a look costs as there is."""
        return self._weights[one.detector.name]

    def _rank(self, one: Chosen) -> tuple[bool, float, str]:
        coarse = _share(one) > _FINE
        return coarse, _share(one) if coarse else self._weight(one), one.detector.name

    def _first_other(self, longer: int) -> Member | None:
        """The best one that did not locate."""
        for one in self._others:
            try:
                return self._loaded(one, self._sides(one, longer, located=False))
            except SettingError:
                continue  # it needs to be told more, such as where its model is
        return None

    def _loaded(self, one: Chosen, sides: tuple[int, ...]) -> Member:
        loaded = one.load(self._models)
        self._stack.callback(loaded.close)
        return Member(chosen=one, loaded=loaded, sides=sides)

    def _sides(self, one: Chosen, longer: int, *, located: bool) -> tuple[int, ...]:
        """The sizes of the pictures that it looks at: not that in which it located."""
        base = one.settings.input_size or min(one.detector.input_side, longer)
        wanted = max(WANTED_PX, one.settings.min_size or self.settings.min_size)
        fine = min(
            -(-longer * one.detector.smallest // wanted),
            _WIDEST * one.detector.input_side,
            _ENLARGED * longer,
        )
        if located and _share(one) > _FINE:
            return (round(_LARGER * base),)
        if located:
            side = max(round(_SMALLER * base), fine)
            # Near the size in which it located it would see the same again.
            alike = base / _UNLIKE < side < base * _UNLIKE
            return (round(_LARGER * base) if alike else side,)
        # Large things are lost where small ones are found.
        return (base, fine) if _share(one) <= _SHARP and fine > _WORTH * base else (base,)


def _located(context: CheckContext, treated: Treated) -> list[Chosen]:
    """Those who located: by the settings, and by what they found."""
    settings: DetectSettings = treated.settings
    own = {choice.name: choice.own for choice in settings.detectors}
    missing = [name for name in own if name not in context.detectors]
    if missing or not own:
        named = f"There is no detector '{missing[0]}'" if missing else "No detector is named"
        raise SettingError(f"{named}; 'veilcast plugins' lists them.")
    chosen = []
    for name in own | dict.fromkeys(n for n in treated.detectors if n not in own):
        detector = context.detectors.get(name)
        if detector is not None:
            said = own.get(name) or detector.settings()
            one = Chosen.of(detector, said, settings.confidence)
            # What is to stop a delivery is as sure as the detector can say by itself.
            chosen.append(replace(one, confidence=max(one.confidence, detector.confidence)))
    return chosen


def _as_sure(detector: VisualDetector, stricter: float) -> Chosen:
    sure = min(1.0, detector.confidence * stricter)
    return Chosen.of(detector, detector.settings(), sure)


def _share(one: Chosen) -> float:
    return one.detector.smallest / one.detector.input_side


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
