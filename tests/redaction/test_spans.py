from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import PluginOutputError, SettingError
from veilcast.extensions import SoundTreatment
from veilcast.media.info import AudioInfo
from veilcast.redaction.spans import (
    Lane,
    SampleSpan,
    apply_lanes,
    apply_spans,
    lanes_of,
    merge_spans,
)
from veilcast.redaction.treatments import veilcast_treatments
from veilcast.types import Sound

if TYPE_CHECKING:
    from random import Random

    from numpy.typing import NDArray

TREATMENTS = {t.name: t for t in veilcast_treatments() if isinstance(t, SoundTreatment)}
DTYPES = ["u1", "i2", "i4", "f4", "f8"]

spans = st.builds(
    lambda start, length, treatment: SampleSpan(
        start=start, end=start + length, treatment=treatment
    ),
    st.integers(-300, 1500),
    st.integers(1, 400),
    st.sampled_from(["mute", "beep", "hum", "noise"]),
)


def sound(start_us: int, end_us: int, **changes: Any) -> Sound:
    values: dict[str, Any] = {
        "id": 1,
        "identifier": "name",
        "hipaa": "A",
        "detector": "t",
        **changes,
    }
    return Sound(start_us=start_us, end_us=end_us, **values)


def block_of(dtype: str, samples: int = 1200, channels: int = 2) -> NDArray[Any]:
    rng = np.random.default_rng(0)
    if np.dtype(dtype).kind == "f":
        return rng.uniform(-1.2, 1.2, (samples, channels)).astype(dtype)
    limits = np.iinfo(np.dtype(dtype))
    return rng.integers(limits.min, limits.max + 1, (samples, channels)).astype(dtype)


def marks(some: list[SampleSpan] | tuple[SampleSpan, ...]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for span in some:
        found.setdefault(span.treatment, set()).update(range(span.start, span.end))
    return found


@given(st.lists(spans, max_size=12))
def test_merging_keeps_every_sample_and_mute_wins(some: list[SampleSpan]) -> None:
    merged = merge_spans(some)
    for first, second in itertools.pairwise(merged):
        assert first.end <= second.start
        assert first.end < second.start or first.treatment != second.treatment
    wanted, got = marks(some), marks(merged)
    everything = set().union(*wanted.values())
    assert set().union(*got.values()) == everything
    muted = wanted.get("mute", set())
    assert got.get("mute", set()) == muted
    assert got.get("beep", set()) == wanted.get("beep", set()) - muted
    assert got.get("noise", set()) == wanted.get("noise", set()) - set().union(
        *(wanted.get(name, set()) for name in ("mute", "beep", "hum"))
    )


@given(st.lists(spans, max_size=12), st.randoms())
def test_merging_does_not_depend_on_order_and_is_done_once(
    some: list[SampleSpan], random: Random
) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)
    assert merge_spans(shuffled) == merge_spans(some)
    assert merge_spans(merge_spans(some)) == merge_spans(some)


@given(
    some=st.lists(spans.filter(lambda span: span.treatment != "hum"), max_size=6),
    dtype=st.sampled_from(DTYPES),
    size=st.integers(1, 700),
)
def test_blocks_of_any_size_give_the_same_and_outside_every_bit_stays(
    some: list[SampleSpan], dtype: str, size: int
) -> None:
    source = block_of(dtype)
    untouched = source.copy()
    merged = merge_spans(some)
    whole = apply_spans(source, 0, 8000, merged, TREATMENTS)
    assert (whole.shape, whole.dtype) == (source.shape, source.dtype)
    assert np.array_equal(source, untouched)
    parts = [
        apply_spans(source[at : at + size], at, 8000, merged, TREATMENTS)
        for at in range(0, len(source), size)
    ]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    inside = np.zeros(len(source), dtype=bool)
    for span in merged:
        inside[max(span.start, 0) : max(span.end, 0)] = True
    assert whole[~inside].tobytes() == source[~inside].tobytes()
    # Inside nothing depends on the source.
    other = apply_spans(source[::-1].copy(), 0, 8000, merged, TREATMENTS)
    assert other[inside].tobytes() == whole[inside].tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_mute_is_the_types_silence(dtype: str) -> None:
    span = SampleSpan(start=10, end=20, treatment="mute")
    got = apply_spans(block_of(dtype, 30), 0, 8000, [span], TREATMENTS)
    assert (got[10:20] == (128 if dtype == "u1" else 0)).all()


@pytest.mark.parametrize(("dtype", "peak"), [("u1", 12), ("i2", 3277), ("i4", 2**31 / 10)])
def test_beep_is_as_loud_in_every_type(dtype: str, peak: float) -> None:
    span = SampleSpan(start=0, end=8000, treatment="beep")
    got = apply_spans(block_of(dtype, 8000), 0, 8000, [span], TREATMENTS)
    middle = got.astype(np.float64) - (128 if dtype == "u1" else 0)
    assert abs(middle).max() == pytest.approx(peak, rel=0.1)


def test_a_block_without_a_span_is_returned_as_it_is() -> None:
    block = block_of("i2")
    around = [
        SampleSpan(start=0, end=5000, treatment="mute"),
        SampleSpan(start=6200, end=6300, treatment="beep"),
    ]
    assert apply_spans(block, 5000, 8000, around, TREATMENTS) is block


def stream(rate_hz: int, channels: int = 2, index: int = 0) -> AudioInfo:
    return AudioInfo(
        index=index,
        type="audio",
        role="sound",
        codec="pcm_s16le",
        time_base=Fraction(1, rate_hz),
        start=Fraction(0),
        rate_hz=rate_hz,
        channels=channels,
        layout="",
        sample_fmt="s16",
        bits=16,
        bit_rate=None,
    )


def test_times_are_rounded_outward() -> None:
    (lane,) = lanes_of([sound(1, 22)], stream(44100))
    assert lane == Lane(channels=(0, 1), spans=(SampleSpan(start=0, end=1, treatment="beep"),))
    (lane,) = lanes_of([sound(1_000_010, 2_000_010)], stream(48000))
    assert lane.spans == (SampleSpan(start=48000, end=96001, treatment="beep"),)


@given(st.integers(0, 10**10), st.integers(1, 10**8), st.sampled_from([8000, 44100, 96000]))
def test_a_span_never_shrinks(start_us: int, length_us: int, rate: int) -> None:
    (lane,) = lanes_of([sound(start_us, start_us + length_us)], stream(rate))
    (span,) = lane.spans
    assert span.start * 1_000_000 <= start_us * rate < (span.start + 1) * 1_000_000
    end = (start_us + length_us) * rate
    assert (span.end - 1) * 1_000_000 < end <= span.end * 1_000_000


def test_streams_and_a_sounds_own_treatment() -> None:
    sounds = [
        sound(0, 1000),
        sound(5000, 6000, streams=(2,)),
        sound(8000, 9000, options={"treatment": "mute", "level_dbfs": -30}),
    ]
    (one,) = lanes_of(sounds, stream(1000, index=1))
    assert [(s.treatment, s.level_dbfs) for s in one.spans] == [("beep", -23), ("mute", -30)]
    (two,) = lanes_of(sounds, stream(1000, index=2))
    assert [s.start for s in two.spans] == [0, 5, 8]


def test_channels_that_are_covered_alike_are_done_together() -> None:
    sounds = [
        sound(0, 4000, options={"channels": [3, 0]}),
        sound(2000, 6000, options={"channels": [1], "treatment": "mute"}),
        sound(8000, 9000, options={"channels": [0, 1, 3]}),
    ]
    lanes = lanes_of(sounds, stream(1000, 6))
    assert [(lane.channels, [(s.start, s.end) for s in lane.spans]) for lane in lanes] == [
        ((0, 3), [(0, 4), (8, 9)]),
        ((1,), [(2, 6), (8, 9)]),
    ]


@given(
    some=st.lists(
        st.tuples(
            st.integers(0, 900),
            st.integers(1, 300),
            st.sampled_from(["beep", "mute", "noise"]),
            st.one_of(st.none(), st.lists(st.integers(0, 3), min_size=1, max_size=4)),
        ),
        max_size=6,
    ),
    size=st.integers(1, 700),
)
def test_only_the_channels_that_are_named_are_touched(
    some: list[tuple[int, int, str, list[int] | None]], size: int
) -> None:
    source = block_of("i2", channels=4)
    sounds = [
        sound(
            at * 1000,
            (at + length) * 1000,
            options={"treatment": how} if which is None else {"treatment": how, "channels": which},
        )
        for at, length, how, which in some
    ]
    lanes = lanes_of(sounds, stream(1000, 4))
    got = np.concatenate(
        [
            apply_lanes(source[at : at + size], at, 1000, lanes, TREATMENTS)
            for at in range(0, len(source), size)
        ]
    )
    covered = np.zeros(source.shape, dtype=bool)
    for at, length, _, which in some:
        covered[at : at + length, [0, 1, 2, 3] if which is None else which] = True
    assert np.array_equal(got[~covered], source[~covered])
    other = apply_lanes(source[::-1].copy(), 0, 1000, lanes, TREATMENTS)
    assert np.array_equal(got[covered], other[covered])


def test_wrong_treatments_are_errors() -> None:
    span = SampleSpan(start=0, end=10, treatment="hum")
    with pytest.raises(SettingError, match="beep, excise, mute, noise"):
        apply_spans(block_of("i2"), 0, 8000, [span], TREATMENTS)
    with pytest.raises(SettingError, match="not a name"):
        lanes_of([sound(0, 1, options={"treatment": 5})], stream(8000))
    for answer in (None, np.zeros((3, 2)), np.zeros((10, 2), dtype=np.int16)):
        hum = SoundTreatment(name="hum", summary="", apply=lambda *_, a=answer: a)
        with pytest.raises(PluginOutputError, match="hum"):
            apply_spans(block_of("i2"), 0, 8000, [span], {"hum": hum})


@pytest.mark.parametrize(
    "options",
    [
        {"channels": []},
        {"channels": [2]},
        {"channels": [-1]},
        {"channels": [True]},
        {"channels": "01"},
        {"channels": 0},
        {"level_dbfs": 3},
        {"level_dbfs": "loud"},
        {"level_dbfs": float("nan")},
    ],
)
def test_what_can_not_be_done_is_no_reason_to_leave_a_sound_uncovered(
    options: dict[str, Any],
) -> None:
    with pytest.raises(SettingError):
        lanes_of([sound(0, 1000, options=options)], stream(8000))


@given(st.lists(spans, max_size=8), st.lists(st.sampled_from([-40.0, -23.0, -12.0]), min_size=8))
def test_a_span_has_one_level(some: list[SampleSpan], levels: list[float]) -> None:
    loud = [replace(span, level_dbfs=level) for span, level in zip(some, levels, strict=False)]
    merged = merge_spans(loud)
    shape = [(s.start, s.end, s.treatment) for s in merged]
    assert shape == [(s.start, s.end, s.treatment) for s in merge_spans(some)]
    assert {s.level_dbfs for s in merged} <= set(levels)
    assert merge_spans(reversed(loud)) == merged


def test_a_loud_treatment_is_clipped_not_wrapped() -> None:
    shout = SoundTreatment(name="shout", summary="", apply=lambda s, *_: np.full_like(s, 7.0))
    span = SampleSpan(start=0, end=4, treatment="shout")
    for dtype in ("u1", "i2", "i4"):
        got = apply_spans(block_of(dtype, 4), 0, 8000, [span], {"shout": shout})
        assert (got == np.iinfo(np.dtype(dtype)).max).all()
