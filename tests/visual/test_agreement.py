"""What several detectors say of one picture, put together."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.plugin import Box, Detection
from veilcast.visual.agreement import agreement, evidence, loudness, together

BOTH = (0.8, 0.5)
"""How sure is sure for each of two detectors."""


def seen(x: float, score: float, *, size: float = 40, y: float = 50) -> Detection:
    return Detection(box=Box(x=x, y=y, width=size, height=size), score=score)


def test_one_thing_that_both_see_is_one() -> None:
    (both,) = together({0: [seen(100, 0.7)], 1: [seen(110, 0.9)]})
    assert both.scores == {0: 0.7, 1: 0.9}
    assert (both.box.x, both.box.right) == (100, 150), "their union"
    assert both.detection().score == 0.9


def test_neighbours_are_two_and_what_one_detector_says_twice_stays_two() -> None:
    assert len(together({0: [seen(100, 0.7)], 1: [seen(130, 0.9)]})) == 2
    assert len(together({0: [seen(100, 0.7), seen(104, 0.6)]})) == 2
    (first, second) = together({0: [seen(100, 0.7), seen(104, 0.6)], 1: [seen(101, 0.5)]})
    assert first.scores == {0: 0.7, 1: 0.5}
    assert second.scores == {0: 0.6}


def test_nothing_and_nothing_is_nothing() -> None:
    assert together({0: [], 1: []}) == []


@given(
    st.dictionaries(
        st.integers(0, 2),
        st.lists(
            st.builds(
                seen,
                st.floats(0, 300),
                st.floats(0.05, 1),
                size=st.floats(5, 200),
                y=st.floats(0, 200),
            ),
            max_size=4,
        ),
    ),
    st.randoms(use_true_random=False),
)
def test_the_union_counts_whoever_is_asked_first(
    found: dict[int, list[Detection]], random: st.DataObject
) -> None:
    merged = together(found)
    for number, several in found.items():
        for one in several:
            assert any(
                candidate.box.x <= one.box.x
                and candidate.box.y <= one.box.y
                and candidate.box.right >= one.box.right - 1e-9
                and candidate.box.bottom >= one.box.bottom - 1e-9
                and candidate.scores.get(number, 0) >= one.score - 1e-9
                for candidate in merged
            )
    assert sum(len(candidate.scores) for candidate in merged) == sum(map(len, found.values()))
    scores = [max(candidate.scores.values()) for candidate in merged]
    assert scores == sorted(scores, reverse=True)
    for order in permutations(found):
        mixed = {number: found[number][::-1] for number in order}
        same = together(mixed)
        assert sorted((c.box.x, c.box.y, c.box.width) for c in same) == sorted(
            (c.box.x, c.box.y, c.box.width) for c in merged
        )


@pytest.mark.parametrize(
    ("scores", "proof"),
    [
        pytest.param({0: 0.8}, 1.0, id="one that is just sure"),
        pytest.param({0: 0.79}, 0.0, id="one alone that is not"),
        pytest.param({1: 0.5}, 1.0, id="the other, by its own measure"),
        pytest.param({0: 0.96, 1: 0.1}, 1.2, id="one that is very sure needs no other"),
    ],
)
def test_what_one_sighting_proves(scores: dict[int, float], proof: float) -> None:
    assert evidence(scores, BOTH) == pytest.approx(proof)


def test_two_that_are_unsure_prove_together_what_neither_does_alone() -> None:
    assert evidence({0: 0.7, 1: 0.45}, BOTH) >= 1
    assert 0 < evidence({0: 0.3, 1: 0.2}, BOTH) < 1
    assert evidence({0: 0.3, 1: 0.2}, BOTH) > evidence({0: 0.25, 1: 0.2}, BOTH)


def test_a_detector_that_is_the_only_one_is_heard_when_unsure() -> None:
    assert evidence({0: 0.4}, (0.8,)) == pytest.approx(0.5)


def test_scores_of_different_detectors_are_compared_by_their_own_measures() -> None:
    assert loudness({0: 0.4, 1: 0.4}, BOTH) == pytest.approx(0.8)
    assert agreement({0: 0.4}, BOTH) == 0
    three = (0.8, 0.5, 0.5)
    # The two surest count: a third that is unsure takes nothing away.
    assert agreement({0: 0.4, 1: 0.4, 2: 0.1}, three) == agreement({0: 0.4, 1: 0.4}, three)
