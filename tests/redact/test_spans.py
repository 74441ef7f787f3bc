from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import PluginOutputError, SettingError
from veilcast.extensions import SoundTreatment
from veilcast.redact.spans import SampleSpan, apply_spans, merge_spans, spans_of
from veilcast.redact.treatments import veilcast_treatments
from veilcast.types import Sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

TREATMENTS = {t.name: t for t in veilcast_treatments() if isinstance(t, SoundTreatment)}
DTYPES = ["u1", "i2", "i4", "f4", "f8"]

spans = st.builds(
    lambda start, length, treatment: SampleSpan(
        start=start, end=start + length, treatment=treatment
    ),
    st.integers(-300, 1500),
    st.integers(1, 400),
    st.sampled_from(["mute", "beep", "hum"]),
)


def sound(start_us: int, end_us: int, **changes: object) -> Sound:
    values = {"id": 1, "identifier": "name", "hipaa": "A", "detector": "t", **changes}
    return Sound(start_us=start_us, end_us=end_us, **values)


def block_of(dtype: str, samples: int = 1200, channels: int = 2) -> NDArray:
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


@given(st.lists(spans, max_size=12), st.randoms())
def test_merging_does_not_depend_on_order_and_is_done_once(some, random) -> None:
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


def test_times_are_rounded_outward() -> None:
    found = spans_of([sound(1, 22)], 44100, 0, "beep")
    assert found == (SampleSpan(start=0, end=1, treatment="beep"),)
    found = spans_of([sound(1_000_010, 2_000_010)], 48000, 0, "beep")
    assert found == (SampleSpan(start=48000, end=96001, treatment="beep"),)


@given(st.integers(0, 10**10), st.integers(1, 10**8), st.sampled_from([8000, 44100, 96000]))
def test_a_span_never_shrinks(start_us: int, length_us: int, rate: int) -> None:
    (span,) = spans_of([sound(start_us, start_us + length_us)], rate, 0, "mute")
    assert span.start * 1_000_000 <= start_us * rate < (span.start + 1) * 1_000_000
    end = (start_us + length_us) * rate
    assert (span.end - 1) * 1_000_000 < end <= span.end * 1_000_000


def test_streams_and_a_sounds_own_treatment() -> None:
    sounds = [
        sound(0, 1000),
        sound(5000, 6000, streams=(2,)),
        sound(8000, 9000, options={"treatment": "mute"}),
    ]
    assert [s.treatment for s in spans_of(sounds, 1000, 1, "beep")] == ["beep", "mute"]
    assert [s.start for s in spans_of(sounds, 1000, 2, "beep")] == [0, 5, 8]


def test_wrong_treatments_are_errors() -> None:
    span = SampleSpan(start=0, end=10, treatment="hum")
    with pytest.raises(SettingError, match="beep, mute"):
        apply_spans(block_of("i2"), 0, 8000, [span], TREATMENTS)
    with pytest.raises(SettingError, match="not a name"):
        spans_of([sound(0, 1, options={"treatment": 5})], 8000, 0, "beep")
    for answer in (None, np.zeros((3, 2)), np.zeros((10, 2), dtype=np.int16)):
        hum = SoundTreatment(name="hum", summary="", apply=lambda *_, a=answer: a)
        with pytest.raises(PluginOutputError, match="hum"):
            apply_spans(block_of("i2"), 0, 8000, [span], {"hum": hum})


def test_a_loud_treatment_is_clipped_not_wrapped() -> None:
    shout = SoundTreatment(name="shout", summary="", apply=lambda s, *_: np.full_like(s, 7.0))
    span = SampleSpan(start=0, end=4, treatment="shout")
    for dtype in ("u1", "i2", "i4"):
        got = apply_spans(block_of(dtype, 4), 0, 8000, [span], {"shout": shout})
        assert (got == np.iinfo(np.dtype(dtype)).max).all()
