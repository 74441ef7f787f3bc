"""Each rule for treatments stops a treatment that breaks it."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pytest
from testing.broken import rules_broken

from veilcast.plugin import PixelTreatment, SoundTreatment
from veilcast.testing import (
    PIXEL_TREATMENT_RULES,
    SOUND_TREATMENT_RULES,
    PixelTreatmentCase,
    RuleBroken,
    SoundTreatmentCase,
    check_treatment,
)

TIMES = count()


def level(samples: Any, plane: Any, params: Any) -> Any:
    return np.full_like(samples, int(samples.mean()))


PIXELS = {
    "rows are cut off": (lambda s, p, n: level(s, p, n)[:, :1], "like-given"),
    "as floats": (lambda s, p, n: level(s, p, n).astype(float), "like-given"),
    "as a list": (lambda s, p, n: level(s, p, n).tolist(), "like-given"),
    "too large for ten bits": (
        lambda s, p, n: np.full_like(s, np.iinfo(s.dtype).max),
        "like-given",
    ),
    "not one pixel": (lambda s, p, n: level(s, p, n) if s.size > 1 else 1 / 0, "like-given"),
    "as they were": (lambda s, p, n: s, "leaves-nothing"),
    "mirrored": (lambda s, p, n: s[:, ::-1], "leaves-nothing"),
    "upside down": (lambda s, p, n: s[::-1], "leaves-nothing"),
    "turned": (lambda s, p, n: s[::-1, ::-1], "leaves-nothing"),
    "inverted": (lambda s, p, n: (1 << p.depth) - 1 - s, "leaves-nothing"),
    "darker": (lambda s, p, n: s // 2, "leaves-nothing"),
    "by chance": (lambda s, p, n: np.full_like(s, next(TIMES) % 200), "same-again"),
}


@pytest.mark.parametrize("what", PIXELS)
def test_pixels_that_come_back(what: str) -> None:
    apply, rule = PIXELS[what]
    treatment = PixelTreatment(name="glitter", summary="Glitter", apply=apply)
    assert rules_broken(PIXEL_TREATMENT_RULES, PixelTreatmentCase(treatment))[0] == rule
    with pytest.raises(RuleBroken, match=rule):
        check_treatment(treatment)


def test_pixels_that_are_gone_pass() -> None:
    check_treatment(PixelTreatment(name="level", summary="Level", apply=level))


def tone(samples: Any, part: Any) -> Any:
    at = np.arange(part.position, part.position + len(samples))
    return np.repeat(np.sin(at / 9)[:, None] / 2, samples.shape[1], axis=1)


SOUNDS = {
    "one is missing": (lambda s, p: tone(s, p)[:-1], "like-given"),
    "as integers": (lambda s, p: np.zeros(s.shape, int), "like-given"),
    "too loud": (lambda s, p: tone(s, p) * 4, "like-given"),
    "no numbers": (lambda s, p: tone(s, p) * np.nan, "like-given"),
    "softer": (lambda s, p: s / 100, "leaves-nothing"),
    "backwards": (lambda s, p: s[::-1], "leaves-nothing"),
    "as loud as they were": (
        lambda s, p: np.full_like(s, float((s**2).mean() ** 0.5)),
        "leaves-nothing",
    ),
    "another tone for each block": (
        lambda s, p: np.repeat(np.sin(np.arange(len(s)))[:, None], s.shape[1], axis=1),
        "any-blocks",
    ),
}


@pytest.mark.parametrize("what", SOUNDS)
def test_sound_that_comes_back(what: str) -> None:
    apply, rule = SOUNDS[what]
    treatment = SoundTreatment(name="hush", summary="Hush", apply=apply)
    assert rules_broken(SOUND_TREATMENT_RULES, SoundTreatmentCase(treatment))[0] == rule


def test_sound_that_is_another_each_time() -> None:
    treatment = SoundTreatment(
        name="hush",
        summary="Hush",
        apply=lambda samples, part: np.full_like(samples, next(TIMES) % 7 / 10),
    )
    assert "same-again" in rules_broken(SOUND_TREATMENT_RULES, SoundTreatmentCase(treatment))


def test_sound_that_is_gone_passes() -> None:
    check_treatment(SoundTreatment(name="tone", summary="Tone", apply=tone))


@pytest.mark.parametrize("said", [{"name": "my hush"}, {"summary": ""}, {"cuts": "no"}], ids=str)
def test_one_that_says_something_wrong_of_itself(said: Any) -> None:
    treatment = SoundTreatment(**{"name": "tone", "summary": "Tone", "apply": tone, **said})
    assert rules_broken(SOUND_TREATMENT_RULES, SoundTreatmentCase(treatment)) == ["says-what-it-is"]
