"""Sound that is not where it was in the source is noticed, wherever in the file that begins."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from speech.talk import RATE_HZ, talk

from veilcast.checks.sync import examine
from veilcast.extensions import CheckContext, Problem, Treated
from veilcast.media.probe import probe
from veilcast.types import Sound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

MS = RATE_HZ // 1000


def ffmpeg(*arguments: object) -> None:
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def said() -> Samples:
    return talk(
        "Good morning, please come in and have a seat.",
        "The pain in my knee is worse in the evening, and after I climb the stairs at home.",
        "I will look at it now, and then we take a picture of the joint to see more.",
        "Thank you, that would be very kind.",
    ).samples


@pytest.fixture(scope="module")
def source(said: Samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("source") / "source.wav", said)


def written(path: Path, samples: Samples) -> Path:
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")
    return path


def found(delivered: Path, source: Path | None, *covered: tuple[float, float]) -> list[Problem]:
    sounds = tuple(
        Sound(
            id=number,
            identifier="person",
            hipaa="A",
            detector="names",
            start_us=round(start_s * 1e6),
            end_us=round(end_s * 1e6),
        )
        for number, (start_s, end_s) in enumerate(covered, 1)
    )
    return examine(
        CheckContext(
            delivered=delivered,
            delivered_media=probe(delivered),
            source=source,
            source_media=None if source is None else probe(source),
            source_frames=None,
            progress=lambda *_: None,
            treated=(Treated(stage="speech", settings=None, sounds=sounds),),
        )
    )


def late(samples: Samples, ms: int) -> Samples:
    """As long as before, what is heard later (or earlier) by that."""
    quiet = np.zeros(abs(ms) * MS)
    if ms > 0:
        return np.concatenate((quiet, samples[: -len(quiet)]))
    return np.concatenate((samples[len(quiet) :], quiet))


def hole(samples: Samples, ms: int) -> Samples:
    middle = len(samples) // 2
    return np.concatenate((samples[:middle], late(samples[middle:], -ms)))


def repeated(samples: Samples, ms: int) -> Samples:
    middle, count = len(samples) // 2, ms * MS
    return np.concatenate((samples[:middle], samples[middle - count : -count]))


def drifting(samples: Samples, part: float) -> Samples:
    index = np.arange(len(samples))
    moved: Samples = np.interp(index * (1 - part), index, samples)
    return moved


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("change", "ms", "words"),
    [
        (late, 40, "40 ms late"),
        (late, -40, "40 ms early"),
        (late, 15, "15 ms late"),
        (late, -200, "200 ms early"),
        (hole, 20, "20 ms early"),
        (hole, 60, "60 ms early"),
        (repeated, 20, "20 ms late"),
    ],
)
def test_sound_that_comes_at_another_time_is_told_by_how_much(
    said: Samples,
    source: Path,
    tmp_path: Path,
    change: Callable[[Samples, int], Samples],
    ms: int,
    words: str,
) -> None:
    (problem,) = found(written(tmp_path / "moved.wav", change(said, ms)), source)
    assert problem.kind == "broken"
    assert problem.sentence.startswith("Sound stream 1 ")
    assert words in problem.sentence
    assert problem.from_us is not None
    assert problem.to_us is not None
    middle_us = len(said) / RATE_HZ / 2 * 1e6
    if change is not late:
        assert middle_us - 1.5e6 < problem.from_us < middle_us + 1.5e6
    assert problem.to_us > 1.6 * middle_us


def test_sound_that_drifts_is_told(said: Samples, tmp_path: Path) -> None:
    longer = np.concatenate((said, said, said))
    source = written(tmp_path / "longer.wav", longer)
    (problem,) = found(written(tmp_path / "slow.wav", drifting(longer, 0.002)), source)
    assert " ms late" in problem.sentence


def test_sound_that_is_missing_in_its_place_is_told(
    said: Samples, source: Path, tmp_path: Path
) -> None:
    loudness = np.convolve(np.abs(said), np.ones(40 * MS), "same")
    at = int(np.argmax(loudness))
    lacking = said.copy()
    lacking[at - 20 * MS : at + 20 * MS] = 0
    path = written(tmp_path / "lacking.wav", lacking)
    (problem,) = found(path, source)
    assert problem.from_us is not None
    assert abs(problem.from_us - at / RATE_HZ * 1e6) < 60_000
    assert found(path, source, ((at - 25 * MS) / RATE_HZ, (at + 25 * MS) / RATE_HZ)) == []


def test_another_sound_of_the_same_length_is_told(
    said: Samples, source: Path, tmp_path: Path
) -> None:
    (problem,) = found(written(tmp_path / "other.wav", said[::-1]), source)
    assert "not what is heard" in problem.sentence


def test_the_stream_that_is_shifted_is_named(said: Samples, source: Path, tmp_path: Path) -> None:
    moved = written(tmp_path / "moved.wav", late(said, 40))
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=9")
    maps = ("-map", "0", "-map", "1", "-map", "2", "-c:v", "ffv1", "-c:a", "flac")
    whole, second = tmp_path / "whole.mkv", tmp_path / "second.mkv"
    ffmpeg(*picture, "-i", source, "-i", source, *maps, whole)
    ffmpeg(*picture, "-i", source, "-i", moved, *maps, second)
    (problem,) = found(second, whole)
    assert problem.sentence.startswith("Sound stream 2 ")


CODED = {
    "AAC": ("m4a", "aac", "-b:a", "24k"),
    "MP3": ("mp3", "libmp3lame", "-b:a", "24k"),
    "Opus": ("ogg", "libopus", "-b:a", "12k"),
    "Vorbis": ("mkv", "libvorbis", "-q:a", "0"),
    "AC-3": ("mkv", "ac3", "-ar", "48000", "-b:a", "64k"),
    "ADPCM": ("wav", "adpcm_ima_wav"),
    "8 kHz": ("wav", "pcm_mulaw", "-ar", "8000"),
}


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("coded", CODED.values(), ids=CODED)
def test_coding_with_loss_passes_and_hides_no_shift(
    said: Samples, source: Path, tmp_path: Path, coded: tuple[str, ...]
) -> None:
    suffix, codec, *options = coded
    same, moved = (tmp_path / f"{name}.{suffix}" for name in ("same", "shifted"))
    ffmpeg("-i", source, "-c:a", codec, *options, same)
    assert found(same, source) == []
    ffmpeg("-i", written(tmp_path / "moved.wav", late(said, 40)), "-c:a", codec, *options, moved)
    (problem,) = found(moved, source)
    assert " ms late" in problem.sentence


def test_what_was_covered_is_not_compared(said: Samples, source: Path, tmp_path: Path) -> None:
    beeped, spans = said.copy(), [(1.0, 2.2), (3.0, 3.4), (5.0, 7.5)]
    for start_s, end_s in spans:
        first, end = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
        beeped[first:end] = 0.1 * np.sin(np.arange(end - first) * 2 * np.pi * 1000 / RATE_HZ)
    path = written(tmp_path / "beeped.wav", beeped)
    assert found(path, source, *spans) == []
    assert found(path, source, (0, len(said) / RATE_HZ)) == []
    (problem,) = found(written(tmp_path / "late.wav", late(beeped, 40)), source, *spans)
    assert "40 ms late" in problem.sentence


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    "sound",
    [
        "anullsrc=r=16000:d=4",
        "sine=f=440:r=16000:d=4",
        "sine=f=60:r=16000:d=4",
        "anoisesrc=r=16000:d=4:a=0.2:seed=4",
        "sine=f=300:r=16000:d=0.15",
        "sine=f=300:r=16000:d=0.01",
    ],
)
def test_sound_that_could_be_anywhere_passes(tmp_path: Path, sound: str) -> None:
    source, delivered = tmp_path / "source.wav", tmp_path / "delivered.m4a"
    ffmpeg("-f", "lavfi", "-i", sound, source)
    ffmpeg("-i", source, "-c:a", "aac", "-b:a", "32k", delivered)
    assert found(delivered, source) == []


def test_noise_that_is_shifted_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 4 * RATE_HZ)
    source = written(tmp_path / "source.wav", noise)
    (problem,) = found(written(tmp_path / "late.wav", late(noise, 40)), source)
    assert "40 ms late" in problem.sentence


def test_a_copied_stream_and_a_file_without_a_source_pass(source: Path, tmp_path: Path) -> None:
    coded, copied = tmp_path / "coded.m4a", tmp_path / "copied.m4a"
    ffmpeg("-i", source, "-c:a", "aac", coded)
    ffmpeg("-i", coded, "-c", "copy", copied)
    assert found(copied, coded) == []
    assert found(copied, None) == []


def test_progress_is_told_by_time(source: Path, said: Samples, tmp_path: Path) -> None:
    told: list[Any] = []
    delivered = written(tmp_path / "late.wav", late(said, 40))
    media = {"source": source, "source_media": probe(source), "source_frames": None}
    examine(
        CheckContext(
            delivered=delivered,
            delivered_media=probe(delivered),
            progress=lambda *state: told.append(state),
            **media,  # type: ignore[arg-type]
        )
    )
    assert told[-1][1] <= told[-1][2] <= len(said) / RATE_HZ + 1
