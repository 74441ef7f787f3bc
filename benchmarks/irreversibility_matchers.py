"""Who is this? Matchers, from a comparison of pixels to a face embedding, and their scores.

Each matcher turns chips (the face's box, cut out by the place of the cover) into vectors of length
1 whose product says how alike two are. None is shown anything outside the cover: clothes, hair and
the room identify people too, and no treatment of a face changes that.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from skimage.feature import hog, local_binary_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from veilcast.types import Box

    Vectors = NDArray[np.float64]
    Chips = list[NDArray[np.uint8]]

CHIP = (64, 80)
"""Width and height of what a matcher is given."""


def chip(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The part of the picture in the box, brought to the size of a chip."""
    # The ellipse may touch the box's corners, and the blur below reaches some pixels further.
    box = box.grown(-0.03)
    scale_x, scale_y = CHIP[0] / box.width, CHIP[1] / box.height
    # A slight blur first, as the chip has fewer pixels; cv2's area method takes no fractions.
    soft = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale_x)
    move = np.array([[scale_x, 0, -box.x * scale_x], [0, scale_y, -box.y * scale_y]])
    cut = cv2.warpAffine(soft, move, CHIP, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cut.astype(np.uint8)


def _unit(vectors: Vectors) -> Vectors:
    """Of length 1; a vector of zeros (a chip of one colour) stays one and is like nothing."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-9))


def pixels(chips: Chips) -> Vectors:
    """Normalised cross-correlation."""
    small = [cv2.resize(one, (32, 40), interpolation=cv2.INTER_AREA) for one in chips]
    flat = np.array(small, dtype=np.float64).reshape(len(chips), -1)
    return _unit(flat - flat.mean(axis=1, keepdims=True))


def patterns(chips: Chips) -> Vectors:
    """Histograms of uniform local binary patterns in 5 x 4 cells.

    T. Ahonen, A. Hadid, M. Pietikainen, "Face Description with Local Binary Patterns", TPAMI 2006.
    The square roots' product is the Bhattacharyya coefficient, which orders as chi squared does.
    """
    result = []
    for one in chips:
        found = local_binary_pattern(one, 8, 2, "nri_uniform")  # type: ignore[no-untyped-call]
        codes = found.astype(int)
        cells = codes.reshape(5, 16, 4, 16).swapaxes(1, 2).reshape(20, -1)
        result.append(np.concatenate([np.bincount(cell, minlength=59) for cell in cells]))
    return _unit(np.sqrt(np.array(result, dtype=np.float64)))


def gradients(chips: Chips) -> Vectors:
    """Histograms of oriented gradients (N. Dalal, B. Triggs, CVPR 2005)."""
    found = [hog(one, 8, (8, 8), (2, 2), feature_vector=True) for one in chips]
    return _unit(np.array(found, dtype=np.float64))


class Embedding:
    """dlib's ResNet: 128 numbers; 99.38 % on LFW's verification by its author (D. King, 2017).

    Needs the distributions `dlib-bin` (or `dlib`) and `face_recognition_models`.
    """

    def __init__(self) -> None:
        dlib: Any = import_module("dlib")
        # Only its files are wanted: to be imported, it needs the setuptools of old.

        spec = find_spec("face_recognition_models")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("face_recognition_models")
        folder = spec.submodule_search_locations[0]
        self._net: Any = dlib.face_recognition_model_v1(
            f"{folder}/models/dlib_face_recognition_resnet_model_v1.dat"
        )
        self._known: dict[bytes, NDArray[np.float64]] = {}

    def __call__(self, chips: Chips) -> Vectors:
        return _unit(np.array([self._vector(one) for one in chips]))

    def _vector(self, one: NDArray[np.uint8]) -> NDArray[np.float64]:
        if one.min() == one.max():
            return np.zeros(128)
        name = one.tobytes()
        if name not in self._known:
            tall = cv2.resize(one, (112, 140), interpolation=cv2.INTER_CUBIC)
            square = cv2.copyMakeBorder(tall, 5, 5, 19, 19, cv2.BORDER_REPLICATE)
            colour = cv2.cvtColor(square, cv2.COLOR_GRAY2RGB)
            self._known[name] = np.array(self._net.compute_face_descriptor(colour))
        return self._known[name]


def discriminant(
    train: Vectors, people: NDArray[np.intp], test: Vectors
) -> tuple[Vectors, Vectors]:
    """Fisherfaces: train and test in the space that tells the people of the training apart best.

    P. Belhumeur, J. Hespanha, D. Kriegman, "Eigenfaces vs. Fisherfaces", TPAMI 1997, with the
    scatter within people shrunk towards a multiple of the identity.
    """
    mean = train.mean(axis=0)
    _, values, axes = np.linalg.svd(train - mean, full_matrices=False)
    if values[0] < 1e-9:
        return np.zeros((len(train), 1)), np.zeros((len(test), 1))
    kept = min(int((values > values[0] * 1e-4).sum()), 80)
    low, low_test = (train - mean) @ axes[:kept].T, (test - mean) @ axes[:kept].T
    centres = np.array([low[people == one].mean(axis=0) for one in range(people.max() + 1)])
    within = (low - centres[people]).T @ (low - centres[people]) / len(low)
    within = 0.9 * within + 0.1 * np.trace(within) / kept * np.eye(kept)
    whiten = np.linalg.inv(np.linalg.cholesky(within)).T
    return _unit(low @ whiten), _unit(low_test @ whiten)


# -- scores --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """How well covered faces were matched.

    Attributes:
        matcher: which one.
        rank1: the share of probes whose own person came first.
        rank1_low: the lower end of its 95 % interval (bootstrap over people).
        rank1_high: the upper end.
        auc: how often a probe's own person scores above another one.
        auc_low: as for rank 1.
        auc_high: as for rank 1.
        tpr: the share of probes accepted as their own person where 1 % of others are.
        chance: what guessing gives at rank 1.
    """

    matcher: str
    rank1: float
    rank1_low: float
    rank1_high: float
    auc: float
    auc_low: float
    auc_high: float
    tpr: float
    chance: float


def judge(
    matcher: str, scores: NDArray[np.float64], own: NDArray[np.intp], rng: np.random.Generator
) -> Match:
    """Scores (probes x people) against the truth; ties count as guesses."""
    rows = np.arange(len(own))
    scores = np.round(scores, 9)
    genuine = scores[rows, own][:, None]
    others = np.ones(scores.shape, bool)
    others[rows, own] = False
    above = ((scores > genuine) & others).sum(axis=1)
    level = ((scores == genuine) & others).sum(axis=1)
    hit = np.where(above == 0, 1 / (1 + level), 0.0)
    people = scores.shape[1]
    better = 1 - (above + level / 2) / (people - 1)
    limit = np.quantile(scores[others], 0.99)
    # Where scores tie at the limit, as many of them are let through as 1 % needs.
    beyond, at = (scores[others] > limit).mean(), (scores[others] == limit).mean()
    share = (0.01 - beyond) / at if at else 0.0
    tpr = (genuine > limit).mean() + share * (genuine == limit).mean()

    sums = np.array([[hit[own == one].mean(), better[own == one].mean()] for one in set(own)])
    draws = sums[rng.integers(0, len(sums), (2000, len(sums)))].mean(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    return Match(
        matcher,
        *(float(sums[:, 0].mean()), float(low[0]), float(high[0])),
        *(float(sums[:, 1].mean()), float(low[1]), float(high[1])),
        float(tpr),
        1 / people,
    )


def by_person(alike: NDArray[np.float64], people: NDArray[np.intp]) -> NDArray[np.float64]:
    """Likeness to each person: that of their most alike picture."""
    return np.stack([alike[:, people == one].max(axis=1) for one in range(people.max() + 1)], 1)


CLASSICAL: dict[str, Callable[[Chips], Vectors]] = {
    "pixels": pixels,
    "patterns": patterns,
    "gradients": gradients,
}


def matches(
    gallery: Chips,
    gallery_people: NDArray[np.intp],
    probes: Chips,
    own: NDArray[np.intp],
    matchers: Mapping[str, Callable[[Chips], Vectors]],
    rng: np.random.Generator,
    *,
    learn: bool,
) -> list[Match]:
    """Every matcher by itself and, with `learn`, a discriminant trained on the gallery."""
    results = []
    for name, features in matchers.items():
        have, seen = features(gallery), features(probes)
        results.append(judge(name, by_person(seen @ have.T, gallery_people), own, rng))
        if learn:
            fitted, seen_fitted = discriminant(have, gallery_people, seen)
            scores = by_person(seen_fitted @ fitted.T, gallery_people)
            results.append(judge(f"{name}, trained", scores, own, rng))
    return results
