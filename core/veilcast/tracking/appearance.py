"""What a marked thing looks like: taken, compared, aligned with and searched for.

Alignment: G. Evangelidis, E. Psarakis, "Parametric Image Alignment Using Enhanced Correlation
Coefficient Maximization" (PAMI 2008). Several looks are kept, the first for ever, as in Z. Kalal,
K. Mikolajczyk, J. Matas, "Tracking-Learning-Detection" (PAMI 2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from veilcast.tracking.poses import (
    angle_of,
    at_centres,
    from_centres,
    inverse,
    nearest_similarity,
    scale_of,
    similarity,
    then,
    view,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from veilcast.tracking.poses import View

    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

_AROUND, _ALONE = 1.25, 10.0
_MIDDLE = 0.7
_SIDE, _LEAST_SIDE = 48, 12
_CELLS, _LEAST_PART, _SHOWN, _TRUST = 3, 8, 4, 0.8
_LOOKS = 8
_LEARN_FROM, _KNOWN_FROM = 0.8, 0.93
_CELL_ALIKE = 0.3
_VISIBLE = 0.2
_FLAT = 2.0
_MOST_STEPS, _LEAST_GAIN = 20, 1e-3
_MOST_SHIFT, _MOST_TURN, _MOST_STRETCH = 0.2, 0.25, 1.2
_SEARCHED_SIDE, _MOST_ENLARGED = 24.0, 1.5
_COARSE, _APART = 0.55, 0.1
_UPRIGHT = 0.05
_SCENE_SIDE, _SAME_SCENE = (64, 36), 0.5


class Look(NamedTuple):
    """What a mark showed; `weight` is 0 where that was outside the picture."""

    picture: Floats
    weight: Floats


def _likeness(first: Look, second: Look) -> float:
    """Normalised correlation, -1 to 1, of what both show; 0 where that is next to nothing."""
    weight = np.minimum(first.weight, second.weight)
    total = float(weight.sum())
    if total < _VISIBLE * weight.size:
        return 0.0
    one, other = (look.picture - (look.picture * weight).sum() / total for look in (first, second))
    power = float(np.sqrt((weight * one * one).sum() * (weight * other * other).sum()))
    return float((weight * one * other).sum()) / power if power > 0 else 0.0


def _in_parts(first: Look, second: Look) -> list[float]:
    """The likeness of each part by itself, as far as it has texture."""
    rows, columns = first.picture.shape
    found = []
    for down in range(_CELLS):
        for across in range(_CELLS):
            cell = np.s_[
                rows * down // _CELLS : rows * (down + 1) // _CELLS,
                columns * across // _CELLS : columns * (across + 1) // _CELLS,
            ]
            one, other = (Look(look.picture[cell], look.weight[cell]) for look in (first, second))
            if one.picture.std() >= 2 * _FLAT:
                found.append(_likeness(one, other))
    return found


class Appearance:
    """The looks of one marked thing."""

    def __init__(self, seen: View, pose: Floats, size: Floats) -> None:
        """What the mark shows in this picture is the first look."""
        side = _SIDE * size / size.max()
        self.size = size
        self._shape = np.maximum(np.round(side), _LEAST_SIDE).astype(int)
        across, down = (np.cos(np.linspace(-1, 1, n) * np.pi / 2) for n in self._shape.tolist())
        # People draw their rectangles a little too large: the middle counts more.
        self._weight = 1 - _MIDDLE + _MIDDLE * np.sqrt(down[:, None] * across)
        self._around = 1.0
        first = self._take(seen, pose)
        if first.picture.std() < _ALONE:
            # It has no face of its own: its outline against what is next to it must do.
            self._around = _AROUND
            first = self._take(seen, pose)
        self._looks = [first]
        self.textured = float(first.picture.std()) >= _FLAT

    def _take(self, seen: View, pose: Floats) -> Look:
        import cv2

        to_view = then(self._grid(), then(pose, seen.placed))
        picture = cv2.warpAffine(
            seen.picture,
            at_centres(to_view),
            self._shape.tolist(),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        across, down = np.meshgrid(*(np.arange(n) + 0.5 for n in self._shape.tolist()))
        x, y = np.tensordot(to_view[:, :2], np.stack((across, down)), 1) + to_view[:, 2, None, None]
        rows, columns = seen.picture.shape
        inside = (x >= 0) & (y >= 0) & (x <= columns) & (y <= rows)
        return Look(np.asarray(picture, dtype=np.float64), self._weight * inside)

    def _grid(self) -> Floats:
        """From pixels of a look to points of the mark."""
        step = self.size * self._around / self._shape
        return np.asarray(
            [
                [step[0], 0, -self.size[0] * self._around / 2],
                [0, step[1], -self.size[1] * self._around / 2],
            ]
        )

    def alike(self, seen: View, pose: Floats) -> float:
        """How like one of the looks it is what is there, -1 to 1."""
        here = self._take(seen, pose)
        return max(_likeness(look, here) for look in self._looks)

    def shown(self, seen: View, pose: Floats) -> float:
        """How like one of the looks the best parts are: what is half hidden is still there.

        Parts of small things are too small to be told from others: 0.
        """
        if (self.size * scale_of(pose)).min() < _CELLS * _LEAST_PART:
            return 0.0
        here = self._take(seen, pose)
        best = 0.0
        for look in self._looks:
            parts = sorted(_in_parts(look, here))[-_SHOWN:]
            if len(parts) == _SHOWN:
                best = max(best, _TRUST * float(np.mean(parts)))
        return best

    def same(self, one: View, other: View, pose: Floats) -> float:
        """How alike two pictures are at a place, -1 to 1."""
        return _likeness(self._take(one, pose), self._take(other, pose))

    def learn(self, seen: View, pose: Floats) -> None:
        """Keep this look too, if it is surely the thing, unhidden, and not known yet."""
        here = self._take(seen, pose)
        known = [_likeness(look, here) for look in self._looks]
        best = self._looks[int(np.argmax(known))]
        new = _LEARN_FROM <= max(known) < _KNOWN_FROM
        if new and here.weight.all() and min(_in_parts(best, here), default=1) >= _CELL_ALIKE:
            self._looks = [self._looks[0], *self._looks[1:][-(_LOOKS - 2) :], here]

    def aligned(self, seen: View, pose: Floats) -> Floats:
        """The pose moved a little to where it fits the most similar look best."""
        import cv2

        here = self._take(seen, pose)
        look = max(self._looks, key=lambda look: _likeness(look, here))
        start = at_centres(then(self._grid(), then(pose, seen.placed))).astype(np.float32)
        criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _MOST_STEPS, _LEAST_GAIN)
        everywhere = np.full(seen.picture.shape, 255, dtype=np.uint8)
        try:
            _, found = cv2.findTransformECC(
                look.picture.astype(np.uint8),
                seen.picture,
                start,
                cv2.MOTION_AFFINE,
                criteria,
                everywhere,
                5,
            )
        except cv2.error:
            return pose  # it does not converge: nothing better is known
        to_mark = then(inverse(self._grid()), from_centres(np.asarray(found)))
        fitted = nearest_similarity(then(to_mark, inverse(seen.placed)))
        return fitted if self._is_near(pose, fitted) else pose

    def _is_near(self, pose: Floats, other: Floats) -> bool:
        scale = scale_of(pose)
        shift = np.hypot(*(other[:, 2] - pose[:, 2])) / (scale * self.size.max())
        turn = abs((angle_of(other) - angle_of(pose) + np.pi) % (2 * np.pi) - np.pi)
        stretch = scale_of(other) / scale
        return bool(
            shift <= _MOST_SHIFT
            and turn <= _MOST_TURN
            and 1 / _MOST_STRETCH <= stretch <= _MOST_STRETCH
        )

    def search(
        self, picture: Bytes, edges: Floats, pose: Floats, ways: Sequence[tuple[float, float]]
    ) -> Floats | None:
        """Look for it within edges of a picture.

        Args:
            picture: the whole.
            edges: where to look, (4,).
            pose: of about its scale and angle.
            ways: the stretches and turns (radians) of the pose to try.

        Returns:
            A rough pose, or None where it is not, or where several places look like it.
        """
        best, found = _COARSE, None
        for look in (self._looks[0], self._looks[-1])[: len(self._looks)]:
            for stretch, turn in ways:
                tried = similarity(scale_of(pose) * stretch, angle_of(pose) + turn, pose[:, 2])
                score, place = self._match(picture, edges, tried, look)
                if place is not None and score > best:
                    best, found = score, place
        return found

    def _match(
        self, picture: Bytes, edges: Floats, pose: Floats, look: Look
    ) -> tuple[float, Floats | None]:
        import cv2

        whole = self.size * scale_of(pose) * self._around
        scale = min(_MOST_ENLARGED, _SEARCHED_SIDE / float(np.sqrt(whole.prod())))
        wanted = np.maximum(np.round(whole * scale), 4).astype(int)
        seen = view(picture, edges, scale)
        shown, upright = seen.picture, seen.placed
        angle = angle_of(pose)
        if abs(angle) > _UPRIGHT:
            middle = np.asarray(shown.shape[::-1]) / 2
            turned = similarity(1.0, -angle, np.zeros(2))
            turned[:, 2] = middle - turned[:, :2] @ middle
            size = shown.shape[1], shown.shape[0]
            turned_picture = cv2.warpAffine(
                shown, at_centres(turned), size, borderMode=cv2.BORDER_REPLICATE
            )
            shown = np.asarray(turned_picture, dtype=np.uint8)
            upright = then(upright, turned)
        if (np.asarray(shown.shape[::-1]) < wanted + 1).any():
            return 0.0, None
        template = cv2.resize(
            look.picture.astype(np.uint8), wanted.tolist(), interpolation=cv2.INTER_AREA
        )
        scores = cv2.matchTemplate(shown, template, cv2.TM_CCOEFF_NORMED)
        scores[~np.isfinite(scores)] = 0
        _, score, _, (x, y) = cv2.minMaxLoc(scores)
        across, down = np.maximum(wanted // 2, 2).tolist()
        scores[max(0, y - down) : y + down + 1, max(0, x - across) : x + across + 1] = -1
        if score - float(scores.max()) < _APART:
            return 0.0, None
        middle = then(np.asarray([[1.0, 0, 0], [0, 1.0, 0]]), inverse(upright)) @ (
            x + wanted[0] / 2,
            y + wanted[1] / 2,
            1.0,
        )
        return float(score), similarity(scale_of(pose), angle, middle)


def is_one_scene(first: Bytes, second: Bytes) -> bool:
    """Whether two pictures show about the same, whatever the light. In doubt they do not."""
    import cv2

    one, other = (
        cv2.resize(picture, _SCENE_SIDE, interpolation=cv2.INTER_AREA).astype(np.float64)
        for picture in (first, second)
    )
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).mean()) >= _SAME_SCENE * float(one.std() * other.std())
