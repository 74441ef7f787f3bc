"""One sharper picture from the frames of a track, as an attacker would make it.

Every covered frame says something else about the same face when the blocks lie elsewhere on it. The
attacker sees where the blocks are, and is given where the face is in each frame exactly (from the
shoulders, the hair and the room around it, he can estimate that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from veilcast.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from irreversibility_covers import Covered
    from irreversibility_faces import Face
    from numpy.typing import NDArray

    Matrix = NDArray[np.floating[Any]]

FINE = (56, 70)
"""Cells across and down of the restored face box and what is `RIM` around it."""
RIM = 0.15
SMOOTH = 2e-3
"""How much a difference between neighbouring cells costs, against a wrong block."""
STEPS = 40


def _overlaps(edges: Matrix, cells: int) -> Matrix:
    """Each block's average as shares of the cells from 0 to `cells`; outside is the last cell."""
    clamped = np.clip(edges, 0, cells)
    whole = np.arange(cells)
    inside = np.minimum(clamped[1:, None], whole + 1) - np.maximum(clamped[:-1, None], whole)
    inside = np.maximum(inside, 0)
    inside[:, 0] += np.maximum(np.minimum(edges[1:], 0) - np.minimum(edges[:-1], 0), 0)
    inside[:, -1] += np.maximum(np.maximum(edges[1:], cells) - np.maximum(edges[:-1], cells), 0)
    return np.asarray(inside / np.diff(edges)[:, None])


def _stacked(parts: Sequence[Matrix]) -> Matrix:
    """To one array; blocks that a frame lacks are rows of zeros."""
    shape = tuple(max(part.shape[axis] for part in parts) for axis in range(2))
    result = np.zeros((len(parts), *shape))
    for at, part in enumerate(parts):
        result[at, : part.shape[0], : part.shape[1]] = part
    return result


def restore_mosaic(track: Sequence[Covered], truth: Sequence[Face]) -> NDArray[np.uint8]:
    """The face whose mosaics over all frames are nearest to those seen (least squares).

    Back-projection as M. Irani and S. Peleg, "Improving Resolution by Image Registration" (1991)
    have it, by conjugate gradients on the normal equations.
    """
    across, down, seen, known = [], [], [], []
    for covered, face in zip(track, truth, strict=True):
        area, columns, rows = covered.cover, covered.columns, covered.rows
        assert columns is not None
        assert rows is not None
        middle_x, middle_y = (columns[1:] + columns[:-1]) // 2, (rows[1:] + rows[:-1]) // 2
        seen.append(covered.picture[np.ix_(middle_y, middle_x)].astype(np.float64))
        reach = ((middle_x - area.x - area.width / 2) / (area.width / 2)) ** 2
        reach_y = ((middle_y - area.y - area.height / 2) / (area.height / 2)) ** 2
        known.append((reach_y[:, None] + reach[None] < 0.98).astype(np.float64))
        grown = face.box.grown(RIM)
        across.append(_overlaps((columns - grown.x) / grown.width * FINE[0], FINE[0]))
        down.append(_overlaps((rows - grown.y) / grown.height * FINE[1], FINE[1]))
    right_of, left_of = _stacked(across), _stacked(down)
    blocks, weights = _stacked(seen), _stacked(known)
    weights /= len(track)

    def normal(cells: Matrix) -> Matrix:
        forward = left_of @ cells @ right_of.swapaxes(1, 2)
        back = (left_of.swapaxes(1, 2) @ (weights * forward) @ right_of).sum(axis=0)
        rough = np.zeros_like(cells)
        for axis in (0, 1):
            step = np.diff(cells, axis=axis)
            head = [(0, 0), (0, 0)]
            head[axis] = (1, 1)
            rough -= np.diff(np.pad(step, head), axis=axis)
        return np.asarray(back + SMOOTH * rough)

    found: Matrix = np.full((FINE[1], FINE[0]), (weights * blocks).sum() / weights.sum())
    rest = (left_of.swapaxes(1, 2) @ (weights * blocks) @ right_of).sum(axis=0) - normal(found)
    towards, left_over = rest.copy(), float((rest**2).sum())
    for _ in range(STEPS):
        if left_over < 1e-9:
            break
        moved = normal(towards)
        length = left_over / float((towards * moved).sum())
        found += length * towards
        rest -= length * moved
        fresh = float((rest**2).sum())
        towards = rest + fresh / left_over * towards
        left_over = fresh
    return np.asarray(np.clip(found, 0, 255).round().astype(np.uint8))


def restore_blur(track: Sequence[Covered], truth: Sequence[Face]) -> NDArray[np.uint8]:
    """The aligned frames' average, sharpened by a Wiener filter for the blur that was applied."""
    total = np.zeros((FINE[1] * 2, FINE[0] * 2))
    for covered, face in zip(track, truth, strict=True):
        box = face.box.grown(RIM)
        scale_x, scale_y = total.shape[1] / box.width, total.shape[0] / box.height
        move = np.array([[scale_x, 0, -box.x * scale_x], [0, scale_y, -box.y * scale_y]])
        total += cv2.warpAffine(
            covered.picture.astype(np.float64), move, total.shape[::-1], flags=cv2.INTER_LINEAR
        )
    average = total / len(track)
    sigma = float(track[0].params["sigma_px"]) * total.shape[1] / truth[0].box.grown(RIM).width
    pad = round(min(2 * sigma, 100))
    wide = cv2.copyMakeBorder(average, pad, pad, pad, pad, cv2.BORDER_REFLECT)
    down, across = (np.fft.fftfreq(size) for size in wide.shape)
    passed = np.exp(-2 * (np.pi * sigma) ** 2 * (down[:, None] ** 2 + across[None] ** 2))
    noise = 1e-2
    sharp = np.fft.ifft2(np.fft.fft2(wide) * passed / (passed**2 + noise)).real
    inner = sharp[pad : pad + total.shape[0], pad : pad + total.shape[1]]
    return np.asarray(np.clip(inner, 0, 255).round().astype(np.uint8))


def restored_box(picture: NDArray[np.uint8]) -> Box:
    """Where the face is in a restored picture."""
    height, width = picture.shape
    share = RIM / (1 + 2 * RIM)
    return Box(
        x=width * share,
        y=height * share,
        width=width * (1 - 2 * share),
        height=height * (1 - 2 * share),
    )
