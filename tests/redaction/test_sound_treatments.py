"""What takes the place of sound: one tone or noise for all of it, nothing of what was there."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.extensions import SoundPart, SoundTreatment
from veilcast.redaction.treatments import veilcast_treatments

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOUND = {t.name: t for t in veilcast_treatments() if isinstance(t, SoundTreatment)}
RATES = [8000, 11025, 16000, 22050, 44100, 48000, 96000]
LOUD = ["beep", "noise"]


def part(length: int, position: int = 0, **changes: Any) -> SoundPart:
    values: dict[str, Any] = {"rate_hz": 48000, "start": 1000, "level_dbfs": -23.0, **changes}
    return SoundPart(length=length, position=position, **values)


def made(name: str, length: int, **changes: Any) -> NDArray[np.float64]:
    return SOUND[name].apply(np.ones((length, 1)), part(length, **changes))


def rms_dbfs(samples: NDArray[np.float64]) -> float:
    return float(10 * np.log10((samples**2).mean()))


@pytest.mark.parametrize("rate", RATES)
def test_beep_is_1_khz_on_every_channel(rate: int) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (rate, 2))
    tone = SOUND["beep"].apply(samples, part(rate, rate_hz=rate))
    assert tone.shape == samples.shape
    assert np.array_equal(tone[:, 0], tone[:, 1])
    power = abs(np.fft.rfft(tone[:, 0])) ** 2
    # A span is faded, so a second of it is the tone and next to nothing beside it.
    assert power[900:1101].sum() > 0.9999 * power.sum()
    assert abs(tone).max() == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("name", LOUD)
@pytest.mark.parametrize("rate", RATES)
def test_ends_are_soft_for_10_ms_inside_the_span(name: str, rate: int) -> None:
    wave = made(name, rate, rate_hz=rate)
    edge = rate // 100
    for end in (wave[: edge // 10], wave[-(edge // 10) :]):
        assert abs(end).max() <= 0.11 * abs(wave).max()
    inner = wave[edge:-edge]
    assert abs(rms_dbfs(inner[: len(inner) // 2]) - rms_dbfs(inner[len(inner) // 2 :])) < 0.2


@pytest.mark.parametrize("name", LOUD)
@pytest.mark.parametrize("level", [-40.0, -23.0, -6.0])
def test_the_level_is_the_one_asked_for(name: str, level: float) -> None:
    wave = made(name, 48000, level_dbfs=level)
    assert rms_dbfs(wave[480:-480]) == pytest.approx(level, abs=0.1)
    assert abs(wave).max() <= 1


@given(
    name=st.sampled_from(LOUD),
    rate=st.sampled_from(RATES),
    length=st.integers(1, 40000),
    cuts=st.lists(st.integers(0, 40000), max_size=5),
)
def test_a_span_is_the_same_in_blocks_of_any_size(
    name: str, rate: int, length: int, cuts: list[int]
) -> None:
    whole = made(name, length, rate_hz=rate)
    edges = sorted({0, length, *(cut for cut in cuts if cut < length)})
    parts = [
        SOUND[name].apply(np.zeros((end - start, 1)), part(length, start, rate_hz=rate))
        for start, end in itertools.pairwise(edges)
    ]
    assert np.array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("name", ["beep", "mute", "noise", "excise"])
def test_nothing_of_the_sound_is_left(name: str) -> None:
    loud = np.random.default_rng(0).uniform(-1, 1, (4410, 3))
    loud[5] = np.nan
    got = SOUND[name].apply(loud, part(9000, 100))
    assert np.array_equal(got, SOUND[name].apply(np.zeros((4410, 3)), part(9000, 100)))


@pytest.mark.parametrize("name", ["mute", "excise"])
def test_mute_is_silence_from_the_first_sample_to_the_last(name: str) -> None:
    assert not SOUND[name].apply(np.ones((100, 2)), part(100)).any()


def test_noise_is_the_same_again_and_another_for_another_place() -> None:
    here, again, there = (made("noise", 48000, start=at) for at in (5, 5, 6))
    assert np.array_equal(here, again)
    assert abs(np.corrcoef(here[:, 0], there[:, 0])[0, 1]) < 0.02
    # Nothing comes round again within a span, and no pitch stands out.
    power = abs(np.fft.rfft(made("noise", 1 << 17)[:, 0])) ** 2
    shares = power.reshape(-1)[1:].reshape(64, -1).sum(axis=1) / power.sum()
    assert shares.max() < 1.25 / 64
    assert shares.min() > 0.75 / 64
    assert power.max() < 1e-3 * power.sum()


def test_a_span_may_begin_before_the_sound_does() -> None:
    assert rms_dbfs(made("noise", 48000, start=-7)[480:-480]) == pytest.approx(-23, abs=0.1)
