"""How boxes move: a bank of Kalman filters, short predictions, and how alike two boxes are.

A box is followed as a *state*: centre x, centre y, log width, log height. In that form a face that
comes nearer at a steady pace changes linearly, and no prediction can have a negative size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ACCELERATION = 8.0
"""Spectral density of the unknown acceleration, sizes^2 / s^3: velocity wanders by 2.8 sizes/s in
a second, which is a head that turns back and forth."""

SAME_SIZE = math.log(1.6)
"""The most that a thing's log size changes between sightings when it surely is the same."""

FAR = 3.0
"""The most sizes that a thing may have moved within `SHORT_US` or one look."""

SHORT_US = 500_000

_MEASUREMENT = 0.05**2
_FIRST_VELOCITY = 2.0**2
_LOG_SIZE_STEP = 0.5
_SETTLING_S = 2.0
_SLOPE_S = 1.0
_SLOPE_SIGHTINGS = 4
_DENSE_US = 60_000


def to_states(edges: Floats) -> Floats:
    """Edges (..., 4) as states (..., 4)."""
    low, high = edges[..., :2], edges[..., 2:]
    return np.concatenate(((low + high) / 2, np.log(high - low)), axis=-1)


def to_edges(states: Floats) -> Floats:
    """States (..., 4) as edges (..., 4)."""
    centre, half = states[..., :2], np.exp(states[..., 2:]) / 2
    return np.concatenate((centre - half, centre + half), axis=-1)


def overlap(first: Floats, second: Floats) -> Floats:
    """Intersection over union of edges (n, 1, 4) and (m, 4), or alike: shape (n, m)."""
    shared = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(
        first[..., :2], second[..., :2]
    )
    shared_area = np.prod(np.maximum(shared, 0.0), axis=-1)
    area = np.prod(first[..., 2:] - first[..., :2], axis=-1)
    other = np.prod(second[..., 2:] - second[..., :2], axis=-1)
    return np.asarray(shared_area / (area + other - shared_area))


def distance(first: Floats, second: Floats) -> Floats:
    """Centre distance of states in units of their size (1: side by side)."""
    size = np.exp((first[..., 2:] + second[..., 2:]) / 2)
    return np.asarray(np.hypot(*np.moveaxis((first[..., :2] - second[..., :2]) / size, -1, 0)))


def size_change(first: Floats, second: Floats) -> Floats:
    """By how much the sizes of two states differ: the absolute log of their ratio."""
    return np.asarray(np.abs((first[..., 2:] - second[..., 2:]).mean(axis=-1)))


def reach(seconds: Floats) -> Floats:
    """How far one unit of velocity carries in this time; it settles, as heads do."""
    return np.asarray(_SETTLING_S * -np.expm1(-seconds / _SETTLING_S))


class Motion(NamedTuple):
    """State and velocity at one end of a run of sightings, both (4,) or (n, 4)."""

    state: Floats
    velocity: Floats


def motion_at_end(
    times_us: Ints, edges: Floats, *, start: bool = False, count: int = _SLOPE_SIGHTINGS
) -> Motion:
    """Motion at the last sighting (or the first), by least squares over the nearest few.

    Where sightings are dense more of them count: over a short time jitter looks like motion.
    """
    order = slice(None) if start else slice(None, None, -1)
    times_us, edges = times_us[order], edges[order]
    far = int(np.abs(times_us - times_us[0]).searchsorted(count * _DENSE_US, side="right"))
    times_us, edges = times_us[: max(count, far)], edges[: max(count, far)]
    seconds = (times_us - times_us[0]) / 1e6
    states = to_states(edges)
    near = np.abs(seconds) <= _SLOPE_S
    if near.sum() < 2:
        return Motion(states[0], np.zeros(4))
    seconds = seconds[near] - seconds[near].mean()
    return Motion(states[0], seconds @ states[near] / (seconds @ seconds))


def moved(motion: Motion, seconds: Floats) -> Floats:
    """The states after these seconds (negative: before), shape (n, 4)."""
    carried = np.sign(seconds) * reach(np.abs(seconds))
    change = carried[:, None] * motion.velocity
    change[:, 2:] = np.clip(change[:, 2:], -_LOG_SIZE_STEP, _LOG_SIZE_STEP)
    return np.asarray(motion.state + change)


class MotionBank:
    """Constant-velocity Kalman filters, one for each live track.

    Source: R. E. Kalman, "A New Approach to Linear Filtering and Prediction Problems" (1960), with
    white-noise acceleration. Both noises are relative to the size of the box, so that one gain
    serves the four parts of a state and a track needs one 2 x 2 covariance only.
    """

    def __init__(self) -> None:
        self.states: Floats = np.zeros((0, 4))
        self.times_us: Ints = np.zeros(0, dtype=np.int64)
        self._velocities: Floats = np.zeros((0, 4))
        self._covariances: Floats = np.zeros((0, 3))

    def add(self, states: Floats, velocities: Floats, known: NDArray[np.bool_], now: int) -> None:
        """New tracks; the velocity counts as measured where it is `known`."""
        count = len(states)
        self.states = np.concatenate((self.states, states))
        self.times_us = np.concatenate((self.times_us, np.full(count, now, dtype=np.int64)))
        self._velocities = np.concatenate((self._velocities, velocities))
        covariances = np.empty((count, 3))
        covariances[:, 0], covariances[:, 1] = _MEASUREMENT, 0.0
        covariances[:, 2] = np.where(known, _FIRST_VELOCITY / 4, _FIRST_VELOCITY)
        self._covariances = np.concatenate((self._covariances, covariances))

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Forget the other tracks."""
        self.states, self.times_us = self.states[rows], self.times_us[rows]
        self._velocities, self._covariances = self._velocities[rows], self._covariances[rows]

    def predict(self, now: int) -> Floats:
        """The states at this time, shape (n, 4)."""
        change = self._velocities * ((now - self.times_us) / 1e6)[:, None]
        np.clip(change[:, 2:], -_LOG_SIZE_STEP, _LOG_SIZE_STEP, out=change[:, 2:])
        return np.asarray(self.states + change)

    def update(self, rows: Ints, predicted: Floats, measured: Floats, now: int) -> None:
        """Take in a sighting for each of these tracks."""
        passed = (now - self.times_us[rows]) / 1e6
        place, mixed, speed = self._covariances[rows].T
        place = place + passed * (2 * mixed + passed * speed) + ACCELERATION * passed**3 / 3
        mixed = mixed + passed * speed + ACCELERATION * passed**2 / 2
        speed = speed + ACCELERATION * passed
        gain = place / (place + _MEASUREMENT)
        speed_gain = mixed / (place + _MEASUREMENT)
        surprise = measured - predicted
        self.states[rows] = predicted + gain[:, None] * surprise
        self._velocities[rows] += speed_gain[:, None] * surprise
        self._covariances[rows] = np.column_stack(
            ((1 - gain) * place, (1 - gain) * mixed, speed - speed_gain * mixed)
        )
        self.times_us[rows] = now
