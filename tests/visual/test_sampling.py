"""Which frames are looked at, whatever the frame rate."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.visual.sampling import Ticks


def looked(times_us: list[int], rate: float | str) -> list[int]:
    ticks = Ticks(rate)
    return [time for time in times_us if ticks.due(time)]


@pytest.mark.parametrize("start", [0, 40_000, 7_654_321])
def test_a_steady_clip(start: int) -> None:
    times = [start + n * 1_000_000 // 30 for n in range(60)]
    assert looked(times, 10) == times[::3]
    assert looked(times, 5) == times[::6]
    assert looked(times, "every_frame") == times


def test_a_clip_that_is_slower_than_the_looks_is_looked_at_as_a_whole() -> None:
    times = [n * 250_000 for n in range(20)]
    assert looked(times, 10) == times


@given(
    st.lists(st.integers(1_000, 900_000), max_size=80),
    st.integers(-(10**9), 10**12),
    st.sampled_from([1.0, 2.5, 7.5, 8.0, 10.0, 15.0]),
)
def test_any_clip(steps: list[int], start: int, rate: float) -> None:
    times = [start]
    for step in steps:
        times.append(times[-1] + step)
    chosen = looked(times, rate)
    assert chosen[0] == start
    period = 1e6 / rate
    # Never more often than that on average, and never later than the next frame after a tick.
    assert len(chosen) <= (times[-1] - start) / period + 1.001
    for one, other in pairwise(chosen):
        skipped = [time for time in times if one < time < other]
        assert not skipped or skipped[-1] - one < period + 1
    rest = [time for time in times if time > chosen[-1]]
    assert not rest or rest[-1] - chosen[-1] < period + 1
