"""The demonstration against the truth about it: what identifies is gone, the rest is as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from pipeline.decoded import heard, pictures
from testmedia.consultation import CHAPTERS, SUBTITLES, TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Consultation
    from testmedia import Corpus

pytestmark = pytest.mark.release

Frame = dict[str, Any]


@pytest.fixture(scope="module")
def truth(media: Corpus) -> Frame:
    document: Frame = json.loads(media["consultation.truth.json"].read_text())
    return document


@pytest.fixture(scope="module")
def covered(consultation: Consultation, stepwise: list[Path]) -> list[NDArray[np.bool_]]:
    """Which pixels of each frame were painted, by the last lossless file before delivery."""
    return [
        _closed([a != b for a, b in zip(one.components, other.components, strict=True)])
        for one, other in zip(pictures(consultation.source), pictures(stepwise[-1]), strict=True)
    ]


def _closed(changed: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Pixels of which any component changed, with those that a mosaic left alike by chance."""
    height, width = changed[0].shape
    parts = [
        cv2.resize(c.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
        for c in changed
    ]
    mask = cv2.morphologyEx(np.max(parts, axis=0), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return np.asarray(mask, dtype=bool)


def _share(mask: NDArray[np.bool_], box: list[float]) -> float:
    x, y, width, height = (round(value) for value in box)
    return float(mask[y : y + height, x : x + width].mean()) if width and height else 1.0


def test_no_frame_shows_the_face(truth: Frame, covered: list[NDArray[np.bool_]]) -> None:
    seen = [
        (index, frame["inside"], _share(mask, frame["box"]))
        for index, (frame, mask) in enumerate(zip(truth["frames"], covered, strict=True))
        if frame["visible"]
    ]
    assert len(seen) > 150
    # At the picture's very edge, a strip of an ear is a few pixels wide and its corners count.
    assert [it for it in seen if it[2] < (0.93 if it[1] > 0.1 else 0.9)] == []


def test_the_wristband_and_the_moving_label_are_covered(
    truth: Frame, covered: list[NDArray[np.bool_]]
) -> None:
    start, end = (np.array(truth["monitor"][key], float) for key in ("from", "to"))
    for index, mask in enumerate(covered):
        assert _share(mask, truth["wristband"]) > 0.97
        label = start + (end - start) * index / len(covered)
        assert _share(mask, label.tolist()) > 0.95, index


def test_what_is_delivered_is_what_was_painted(
    consultation: Consultation, stepwise: list[Path], covered: list[NDArray[np.bool_]]
) -> None:
    files = (consultation.source, stepwise[-1], consultation.outcome.output)
    background = []
    for (source, painted, delivered), mask in zip(_luma(*files), covered, strict=True):
        error = np.mean((painted - delivered) ** 2)
        assert 10 * np.log10(255**2 / error) > 36
        background.append(np.mean((source - delivered)[~mask] ** 2))
    assert 10 * np.log10(255**2 / np.mean(background)) > 40


def _luma(*paths: Path) -> Iterator[tuple[NDArray[np.float64], ...]]:
    for frames in zip(*(pictures(path) for path in paths), strict=True):
        yield tuple(frame.components[0].astype(float) for frame in frames)


def test_most_of_the_room_is_left(covered: list[NDArray[np.bool_]]) -> None:
    assert np.mean([mask.mean() for mask in covered]) < 0.5


def test_the_identifiers_are_beeped_and_the_rest_is_heard(
    truth: Frame, consultation: Consultation
) -> None:
    before, after = heard(consultation.source), heard(consultation.outcome.output)
    # A changed track is encoded anew, and a codec's last frame is filled up.
    assert 0 <= len(after.samples) - len(before.samples) < 2048
    assert after.time == before.time
    covered = np.zeros(len(before.samples), dtype=bool)
    for sound in (sound for stage in consultation.findings.stages for sound in stage.sounds):
        covered[_samples(sound.start_us, sound.end_us, before.rate_hz)] = True
    for part in truth["speech"]:
        span = _samples(part["from_us"], part["to_us"], before.rate_hz)
        old, new = before.samples[span, 0], after.samples[span, 0]
        if part["identifier"]:
            assert abs(float(np.corrcoef(old, new)[0, 1])) < 0.05
            power = np.abs(np.fft.rfft(new)) ** 2
            hertz = np.fft.rfftfreq(len(new), 1 / before.rate_hz)
            assert power[np.abs(hertz - 1000) < 30].sum() > 0.97 * power.sum()
            assert np.abs(new).max() > 0.05
        else:
            # A codec smears the edge of a cover, and what was not understood is covered too.
            left = ~np.convolve(covered[span], np.ones(before.rate_hz // 10), "same").astype(bool)
            assert left.mean() > 0.5
            assert abs(float(np.corrcoef(old[left], new[left])[0, 1])) > 0.98


def test_what_is_said_is_found_without_a_regions_file(
    truth: Frame, consultation: Consultation
) -> None:
    """With the embedded transcriber too: the name and the number are within what it covers."""
    (speech,) = [stage for stage in consultation.findings.stages if stage.stage == "speech"]
    for part in (part for part in truth["speech"] if part["identifier"]):
        letters = {
            sound.hipaa
            for sound in speech.sounds
            if sound.start_us <= part["from_us"] and part["to_us"] <= sound.end_us
        }
        assert part["hipaa"] in letters


def _samples(start_us: int, end_us: int, rate_hz: int) -> slice:
    return slice(start_us * rate_hz // 1_000_000, end_us * rate_hz // 1_000_000)


def test_nothing_of_the_tags_is_left_in_the_bytes(consultation: Consultation) -> None:
    said = " ".join([*TAGS.values(), SUBTITLES, *(title for *_, title in CHAPTERS)])
    said += " ClinicCam 83312 Lapel microphone Transcript"
    words = {word.strip(".,[]:'") for word in said.split()}
    words = {word for word in words if len(word) > 4 and not word.islower() and word != "-->"}
    assert {"Margaret", "Holloway", "4471902", "+51.4801-002.5247/", "Fishponds"} <= words
    source = consultation.source.read_bytes()
    outcome = consultation.outcome
    for path in (outcome.output, outcome.manifest):
        data = path.read_bytes()
        for word in sorted(words):
            for coded in (word.encode(), word.encode("utf-16-le")):
                assert coded not in data, word
    assert sum(word.encode() in source for word in words) > len(words) / 2
