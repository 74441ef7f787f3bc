"""Whisper's own code, run with a model that is far too small to understand much."""

from __future__ import annotations

import os
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError

from veilcast.errors import SettingError
from veilcast.host import Host
from veilcast.plugin import TranscriberContext
from veilcast.profile import load_profile
from veilcast_speech.whisper_engine import Whisper
from veilcast_speech.whisper_models import NAMES, WhisperSettings, folders, models
from veilcast_speech.windows import hear

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED = Path(os.environ.get("VEILCAST_SHARED", "../shared"))
TOY = SHARED / "models" / "whisper-toy"
needs_toy = pytest.mark.skipif(
    not (TOY / "model.bin").is_file(), reason="there is no Whisper model in VEILCAST_SHARED"
)
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return loaded()


def loaded(*hot_words: str, language: str = "en") -> Whisper:
    return Whisper(
        TranscriberContext(
            settings=WhisperSettings(model=str(TOY)),  # a string, as a profile has it
            models={},
            language=language,
            hot_words=hot_words,
            threads=1,
        )
    )


@pytest.fixture(scope="module")
def sample() -> NDArray[np.float32]:
    with wave.open(str(TOY / "sample.wav")) as reader:
        assert reader.getframerate() == RATE_HZ
        read = np.frombuffer(reader.readframes(reader.getnframes()), np.int16)
    return read.astype(np.float32) / np.float32(32768)


@needs_toy
def test_a_sentence_is_heard_with_times(whisper: Whisper, sample: NDArray[np.float32]) -> None:
    said = whisper.transcribe(sample)
    assert said.language == "en"
    texts = [word.text.lower().strip(".,") for word in said.words]
    assert texts[2:7] == ["my", "name", "is", "john", "smith"]
    for word in said.words:
        assert 0 <= word.confidence <= 1
        if word.start_s is not None and word.end_s is not None:
            assert 0 <= word.start_s < word.end_s <= len(sample) / RATE_HZ
    times = [word.start_s for word in said.words if word.start_s is not None]
    assert times == sorted(times)
    assert len(times) > len(texts) / 2


@needs_toy
def test_the_same_sound_is_always_heard_the_same(
    whisper: Whisper, sample: NDArray[np.float32]
) -> None:
    assert whisper.transcribe(sample) == whisper.transcribe(sample)
    assert loaded().transcribe(sample) == whisper.transcribe(sample)


@needs_toy
def test_hot_words_are_given_to_the_model(sample: NDArray[np.float32]) -> None:
    assert loaded("beatrice", "holloway").transcribe(sample).words


@needs_toy
@pytest.mark.parametrize("seconds", [0.0, 0.2, 3.0])
def test_silence_is_no_trouble(whisper: Whisper, seconds: float) -> None:
    whisper.transcribe(np.zeros(round(seconds * RATE_HZ), np.float32))


@needs_toy
def test_windows_are_heard_one_after_the_other(
    whisper: Whisper, sample: NDArray[np.float32]
) -> None:
    twice = np.concatenate((sample, np.zeros(RATE_HZ, np.float32), sample))
    listened = hear(whisper, [twice], rate_hz=RATE_HZ, window_s=10.0, overlap_s=2.0)
    smiths = [word.start_s for word in listened.words if word.text.startswith("Smith")]
    assert len(smiths) == 2
    assert None not in smiths


@needs_toy
def test_a_folder_is_written_down_by_its_contents_only() -> None:
    settings = WhisperSettings(model=str(TOY))
    written = settings.model_dump_json()
    assert str(TOY) not in written
    assert models(settings) == ()


def test_a_name_stands_for_a_model_that_can_be_fetched() -> None:
    fetchable = {folder.name for folder in folders()}
    for name in NAMES:
        assert models(WhisperSettings(model=name))[0] in fetchable


@pytest.mark.parametrize("model", ["hugest", "/there/is/no/such/folder"])
def test_what_is_no_model_is_refused(model: str) -> None:
    with pytest.raises(ValidationError, match="or a folder with a converted model"):
        WhisperSettings(model=model)


# Who listens beside it


def listeners(folder: Path, speech: str) -> list[str]:
    profile = folder / "profile.yaml"
    profile.write_text(f"stages:\n  - speech: {speech}\n")
    settings: Any = load_profile(Host(), str(profile)).stages[0].settings
    return [choice.name for choice in settings.listeners]


@needs_toy
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", ["whisper", "pocketsphinx"]),
        (", beside: none", ["whisper"]),
        (", language: fr", ["whisper"]),
    ],
)
def test_the_embedded_transcriber_listens_beside_it(
    tmp_path: Path, said: str, expected: list[str]
) -> None:
    """To English, unless it is told not to."""
    speech = f"{{transcriber: {{name: whisper, model: '{TOY}'}}{said}}}"
    assert listeners(tmp_path, speech) == expected


def test_the_embedded_transcriber_listens_alone(tmp_path: Path) -> None:
    assert listeners(tmp_path, "{transcriber: pocketsphinx}") == ["pocketsphinx"]


def test_nobody_listens_twice(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="listen twice"):
        listeners(tmp_path, "{transcriber: pocketsphinx, beside: pocketsphinx}")


@needs_toy
def test_numbers_are_read_as_they_are_said_as_well(
    whisper: Whisper, sample: NDArray[np.float32]
) -> None:
    (spoken,) = whisper.transcribe(sample).also
    assert spoken
    assert not any(character.isdigit() for word in spoken for character in word.text)
