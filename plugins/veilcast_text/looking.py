"""Text readers at work: lines are found in each picture looked at, and read where they are new."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from veilcast.plugin import Box, Detection, TextReaderContext
from veilcast_text.blocks import are_near
from veilcast_text.codes import find_codes, find_patterns, looks_printed
from veilcast_text.cutting import (
    SIGN,
    cut,
    looks_of,
    same_looks,
    sign_of,
    size_of,
    turned_over,
)
from veilcast_text.strips import find_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.plugin import (
        LineReading,
        LoadedTextReader,
        Picture,
        Pictures,
        Pursuit,
        TextReader,
        TextReaderSettings,
    )

    Floats = NDArray[np.float64]

WIDE_PX, GLANCE_PX = 1280, 640
"""The longer side of the picture that lines are found in, between closer looks."""
STILL_PX = 16_384
"""The same of a still: nothing comes after it that could be looked at."""
_QUIET = 4
READABLE = 0.7
"""How sure a reader is of a line that counts as read."""
WHOLE_PX = 2560
_WHOLE_EVERY_US = 4_000_000
_MOST_THREADS = 4
_RECENT, _CANDIDATES, _LIKELY = 3, 5, 0.6
_BETTER = 1.25
_DOUBTFUL, _DOUBTFUL_LOOKS = 0.8, 4
_UPRIGHT = 0.5
_LEAST_HEIGHT_PX = 4.0
_MOST_PATTERNS = 40
_PROOF = float("inf")
"""A line that was found is followed at once, whatever it says."""


@dataclass(slots=True)
class Reading:
    """What was read of a line, once.

    Attributes:
        line: what the reader said.
        height_px: how high the line was then.
        turned: whether it was read the other way round than it was found.
        tried: how often it was tried.
        confirmed: another reader was shown the same line, and `line` is what that one said.
    """

    line: LineReading
    height_px: float
    turned: bool = False
    tried: int = 1
    confirmed: bool = False

    @property
    def sure(self) -> float:
        """How sure the reader was, 0 to 1."""
        return float(np.mean(self.line.confidences)) if self.line.confidences else 0.0


@dataclass(slots=True)
class SeenLine:
    """A line in one picture: where it is, and what is known of its text."""

    quad: Floats
    reading: Reading
    looks: NDArray[np.float32] = field(repr=False)

    @property
    def as_read(self) -> Floats:
        """Its corners from the top left of the text as it is read."""
        return turned_over(self.quad) if self.reading.turned else self.quad


@dataclass(slots=True)
class Sight:
    """What was seen in one picture.

    Attributes:
        time_us: of the frame.
        lines: of text.
        codes: float64, corners (4, 2) of each.
        patterns: the same of what looks like a code and stands near a line.
    """

    time_us: int
    lines: list[SeenLine]
    codes: list[Floats]
    patterns: list[Floats]


class TextLooks:
    """Asks a text reader what a picture says (see `veilcast.plugin.Looker`)."""

    hasty = False

    def __init__(
        self,
        readers: Sequence[tuple[TextReader, TextReaderSettings]],
        models: Mapping[str, Path],
        size: tuple[int, int],
        *,
        codes: bool,
        whole_px: int = WHOLE_PX,
        glances: bool = True,
    ) -> None:
        """Nothing is loaded yet.

        Args:
            readers: who reads, with what the profile says of it; and who finds the lines, where
                that is another.
            models: the files of their models, by name.
            size: of the displayed frames, px.
            codes: look for QR codes and their like too.
            whole_px: the longer side of the picture in closer looks.
            glances: look at a small picture every second time while there is no text.
        """
        self._readers, self._models = readers, models
        self._size, self._codes, self._whole_px = size, codes, whole_px
        self._may_glance = glances
        self._loaded: list[LoadedTextReader] = []
        self._whole_us: int | None = None
        self._glances = 0
        self.sights: list[Sight] = []

    @property
    def threads(self) -> int:
        """How many a reader may use."""
        return max(1, min(_MOST_THREADS, (os.cpu_count() or 1) // 2))

    def load(self) -> None:
        for reader, settings in self._readers:
            models = {name: self._models[name] for name in reader.models(settings)}
            context = TextReaderContext(settings=settings, models=models, threads=self.threads)
            self._loaded.append(reader.load(context))

    def close(self) -> None:
        with ExitStack() as stack:
            for loaded in self._loaded:
                stack.callback(loaded.close)

    def afresh(self) -> None:
        self._whole_us = None

    def look(
        self, time_us: int, pictures: Pictures, pursuit: Pursuit | None
    ) -> list[tuple[Detection, float]]:
        """Every line that is found."""
        closely = self._whole_us is None or time_us - self._whole_us >= _WHOLE_EVERY_US
        if closely:
            self._whole_us = time_us
        picture = pictures.colour(min(self._side(closely=closely), pictures.side))
        scale = np.asarray(
            (self._size[0] / picture.shape[1], self._size[1] / picture.shape[0]), np.float64
        )
        lines = []
        before = _Recent(self.sights[-_RECENT:])
        for found in find_lines(self._loaded[-1], picture):
            if size_of(found)[1] < _LEAST_HEIGHT_PX:
                continue
            quad = found * scale
            looks = looks_of(cut(picture, found))
            reading = self._read(pictures, quad, before.reading(looks))
            lines.append(SeenLine(quad, reading, looks))
        sight = Sight(time_us, lines, [], [])
        if self._codes:
            sure, doubtful = find_codes(picture, closely=closely)
            sight.codes += [corners * scale for corners in sure]
            own = [line.quad / scale for line in lines]
            sight.patterns += [
                patch * scale
                for patch in (*doubtful, *(find_patterns(picture, own) if own else ()))
                if any(are_near(patch, line) for line in own) and looks_printed(picture, patch)
            ][:_MOST_PATTERNS]
        self.sights.append(sight)
        quads = [*(line.quad for line in lines), *sight.codes, *sight.patterns]
        return [(Detection(box=box_of(quad), score=1.0), _PROOF) for quad in quads]

    def _side(self, *, closely: bool) -> int:
        """The longer side to find lines in, px."""
        self._glances = 0 if closely else self._glances + 1
        if closely:
            return self._whole_px
        # Where there was nothing to read for a while every second look is a glance.
        quiet = not any(
            line.reading.sure >= READABLE for sight in self.sights[-_QUIET:] for line in sight.lines
        )
        return GLANCE_PX if quiet and self._may_glance and self._glances % 2 else WIDE_PX

    def _read(self, pictures: Pictures, quad: Floats, known: Reading | None) -> Reading:
        """What a line says: as known where nothing is better now."""
        height = size_of(quad)[1]
        if known is not None:
            doubtful = known.sure < _DOUBTFUL and known.tried < _DOUBTFUL_LOOKS
            if not doubtful and height < _BETTER * known.height_px:
                return known
        reading = self._best(pictures.colour(pictures.side), quad)
        if known is not None:
            known.tried += 1
            if reading.sure < known.sure:
                return known
            reading.tried = known.tried
        return reading

    def _best(self, picture: Picture, quad: Floats) -> Reading:
        """Read it; where that is doubtful, or it stands upright, the other way round too."""
        height = size_of(quad)[1]
        first = Reading(self._loaded[0].read(cut(picture, quad)), height)
        across = quad[1] - quad[0]
        upright = abs(across[1]) > _UPRIGHT * abs(across[0])
        if first.sure >= _DOUBTFUL and not upright:
            return first
        other = Reading(self._loaded[0].read(cut(picture, turned_over(quad))), height, turned=True)
        return other if _worth(other) > _worth(first) else first


def _worth(reading: Reading) -> float:
    return reading.sure * min(4, len(reading.line.text))


def box_of(quad: Floats) -> Box:
    """The rectangle around a line."""
    low, high = quad.min(axis=0), quad.max(axis=0)
    width, height = np.maximum(high - low, 1e-3)
    return Box(x=float(low[0]), y=float(low[1]), width=float(width), height=float(height))


class _Recent:
    """The lines of the last pictures, to know one again wherever it is now."""

    def __init__(self, sights: Sequence[Sight]) -> None:
        self._lines = [line for sight in reversed(sights) for line in sight.lines]
        signs = [sign_of(line.looks) for line in self._lines]
        self._signs = np.stack(signs) if signs else np.zeros((0, SIGN), np.float32)

    def reading(self, looks: NDArray[np.float32]) -> Reading | None:
        """What the line said that looks the same."""
        likeness = self._signs @ sign_of(looks)
        for number in map(int, np.argsort(-likeness, kind="stable")[:_CANDIDATES]):
            if likeness[number] < _LIKELY:
                return None
            if same_looks(self._lines[number].looks, looks):
                return self._lines[number].reading
        return None
