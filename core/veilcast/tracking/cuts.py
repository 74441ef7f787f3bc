"""Where a new scene begins.

A false cut ends held covers too early and may expose a face; a missed one only covers a little too
much. So a cut must be proved: the picture changes at once and everywhere, nothing moves like
that just before or after, no part of the old picture is left, also not displaced, and the old
picture does not come back within two seconds. Flashes, lights that are switched, fast pans, people
who walk past the camera, dissolves and fades all fail one of these.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Luma = NDArray[np.uint8] | NDArray[np.uint16]
    Small = NDArray[np.float32]

_ROWS, _COLUMNS = 36, 64
_TILE_ROWS, _TILE_COLUMNS = 9, 16
_STEADY = 4
_SUDDEN = 2.5
_LEAST_CHANGE = 0.05
_LEAST_TEXTURE = 0.03
_TILE_TEXTURE = 0.02
_ALIKE = 0.7
_TILES_KEPT = 0.10
_TILES_BACK = 0.2
_RETURN_US = 2_000_000
_MEMORY_US = 500_000
_MEMORY = 4
_PAUSE = 3.0
_LOOK_BACK_US = 200_000
_SHIFTED_ALIKE = 0.8
_SHIFTED_COMMON = 0.3


class _Picture(NamedTuple):
    time_us: int
    small: Small
    change: float
    """Mean absolute difference from the picture before."""


@dataclass(slots=True)
class _Suspect:
    """A cut that stands as long as nothing of the old scene comes back."""

    time_us: int
    old: tuple[Small, ...]
    searched_us: int
    """When displaced pictures were last looked for."""


class CutDetector:
    """Finds the frames that begin a new scene. Feed every frame, then call `finish`.

    Cuts are known late, since what follows may refute them.
    """

    def __init__(self) -> None:
        self._recent: deque[_Picture] = deque(maxlen=2 * _STEADY + 1)
        self._memory: deque[_Picture] = deque(maxlen=_MEMORY)
        self._suspects: list[_Suspect] = []
        self._cuts: list[int] = []
        self._grid: tuple[tuple[int, ...], NDArray[np.intp], NDArray[np.intp]] | None = None

    @property
    def cuts_us(self) -> list[int]:
        """The times of the frames that begin a new scene, rising. Complete after `finish`."""
        return list(self._cuts)

    def feed(self, time_us: int, luma: Luma, depth: int = 8) -> bool:
        """Take the next frame in.

        Returns:
            Whether the picture changed suddenly. That may be a cut or not, but it is known at once.

        Args:
            time_us: its time; must rise.
            luma: its luma samples, shape (height, width), any size.
            depth: bits per sample.
        """
        small = self._reduce(luma, depth)
        change = float(np.abs(small - self._recent[-1].small).mean()) if self._recent else 0.0
        picture = _Picture(time_us, small, change)
        usual = float(np.median([p.change for p in self._recent])) if self._recent else 0.0
        sudden = change >= max(_LEAST_CHANGE, _SUDDEN * usual)
        self._recent.append(picture)
        self._suspects = [s for s in self._suspects if not self._settle(s, picture)]
        self._examine()
        if not self._memory or time_us - self._memory[-1].time_us >= _MEMORY_US:
            self._memory.append(picture)
        return sudden

    def finish(self) -> None:
        """The clip is over: what was not refuted is a cut."""
        self._cuts += [suspect.time_us for suspect in self._suspects]
        self._suspects = []
        self._recent.clear()
        self._memory.clear()

    def _reduce(self, luma: Luma, depth: int) -> Small:
        """A small picture, 0 to 1: every nth sample, then means of 2 x 2."""
        if self._grid is None or self._grid[0] != luma.shape:
            rows = np.arange(2 * _ROWS) * luma.shape[0] // (2 * _ROWS)
            columns = np.arange(2 * _COLUMNS) * luma.shape[1] // (2 * _COLUMNS)
            self._grid = (luma.shape, rows[:, None], columns)
        samples = luma[self._grid[1], self._grid[2]].astype(np.float32)
        mean = samples[::2, ::2] + samples[1::2, ::2] + samples[::2, 1::2] + samples[1::2, 1::2]
        return np.asarray(mean / np.float32(4 * ((1 << depth) - 1)), dtype=np.float32)

    def _settle(self, suspect: _Suspect, picture: _Picture) -> bool:
        """True when this picture decides about the suspect."""
        if any(_alike(old, picture.small, _TILES_BACK) for old in suspect.old):
            return True
        if picture.time_us - suspect.searched_us >= _LOOK_BACK_US:
            suspect.searched_us = picture.time_us
            if any(_shifted(old, picture.small) for old in suspect.old):
                return True
        if picture.time_us - suspect.time_us <= _RETURN_US:
            return False
        self._cuts.append(suspect.time_us)
        return True

    def _examine(self) -> None:
        """Suspect the picture in the middle of the recent ones."""
        pictures = list(self._recent)
        if len(pictures) <= 2 * _STEADY or not _sudden(pictures):
            return
        before, new = pictures[_STEADY - 1], pictures[_STEADY]
        if _alike(before.small, new.small, _TILES_KEPT):
            return
        memory = [p.small for p in self._memory if p.time_us < new.time_us]
        old = (before.small, pictures[0].small, *memory)
        suspect = _Suspect(new.time_us, old, before.time_us - _LOOK_BACK_US)
        if not any(self._settle(suspect, picture) for picture in pictures[_STEADY:]):
            self._suspects.append(suspect)


def _sudden(pictures: list[_Picture]) -> bool:
    """Whether a textured picture changes at once in the middle, with calm on both sides."""
    before, new = pictures[_STEADY - 1], pictures[_STEADY]
    rest = [p.change for p in pictures[1:_STEADY] + pictures[_STEADY + 1 :]]
    steps = np.diff([p.time_us for p in pictures])
    return (
        new.change >= max(_LEAST_CHANGE, _SUDDEN * max(rest))
        # Over a pause in the recording anything may have moved.
        and bool(steps[_STEADY - 1] <= _PAUSE * np.median(steps))
        and min(float(p.small.std()) for p in (before, new)) >= _LEAST_TEXTURE
    )


def _tiles(small: Small) -> Small:
    """Shape (tiles, samples of a tile)."""
    split = small.reshape(_ROWS // _TILE_ROWS, _TILE_ROWS, _COLUMNS // _TILE_COLUMNS, _TILE_COLUMNS)
    return split.transpose(0, 2, 1, 3).reshape(-1, _TILE_ROWS * _TILE_COLUMNS)


def _alike(first: Small, second: Small, share: float) -> bool:
    """Whether more than this share of the tiles, or the whole, show the same structure.

    Normalised correlation: a change of light or exposure does not matter. Tiles without texture say
    nothing.
    """
    one, other = _tiles(first), _tiles(second)
    one = one - one.mean(axis=1, keepdims=True)
    other = other - other.mean(axis=1, keepdims=True)
    spread, other_spread = one.std(axis=1), other.std(axis=1)
    textured = (spread > _TILE_TEXTURE) & (other_spread > _TILE_TEXTURE)
    product = (one * other).mean(axis=1)
    same = textured & (product > _ALIKE * spread * other_spread)
    if same.sum() > share * len(same):
        return True
    one, other = first - first.mean(), second - second.mean()
    return bool((one * other).mean() > _ALIKE * one.std() * other.std())


def _shifted(first: Small, second: Small) -> bool:
    """Whether the second picture is the first one displaced, as by a jolt of the camera.

    The best normalised cross-correlation over all displacements that leave enough of the picture in
    common, on pictures of half the size.
    """
    rows, columns = _ROWS // 2, _COLUMNS // 2
    shape = (2 * rows, 2 * columns)

    def spectrum(small: Small) -> NDArray[np.complex128]:
        return np.asarray(np.fft.rfft2(small, shape))

    def correlate(a: NDArray[np.complex128], b: NDArray[np.complex128]) -> NDArray[np.float64]:
        return np.asarray(np.fft.irfft2(a * np.conj(b), shape))

    halves = [p.reshape(rows, 2, columns, 2).mean(axis=(1, 3)) for p in (first, second)]
    one, other = (half - half.mean() for half in halves)
    one_f, other_f, all_f = spectrum(one), spectrum(other), spectrum(np.ones_like(one))
    count = np.maximum(np.rint(correlate(all_f, all_f)), 1.0)
    one_sum, other_sum = correlate(one_f, all_f), correlate(all_f, other_f)
    spread = correlate(spectrum(one**2), all_f) - one_sum**2 / count
    other_spread = correlate(all_f, spectrum(other**2)) - other_sum**2 / count
    product = correlate(one_f, other_f) - one_sum * other_sum / count
    common = (np.minimum(spread, other_spread) > count * _LEAST_TEXTURE**2) & (
        count >= _SHIFTED_COMMON * one.size
    )
    power = np.sqrt(np.where(common, spread * other_spread, 1.0))
    return bool((product[common] > _SHIFTED_ALIKE * power[common]).any())
