"""Whisper base, as set-up fetches it, on talk that flite speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError
from speech.talk import RATE_HZ, Talk, talk

from veilcast.errors import SettingError
from veilcast.host import Host
from veilcast.models import find
from veilcast.plugin import Heard, TranscriberContext
from veilcast.profile import load_profile
from veilcast_speech.whisper_engine import Whisper, joined
from veilcast_speech.whisper_models import NAMES, WhisperSettings, folders, models
from veilcast_speech.windows import hear

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def base() -> Path:
    (folder,) = (one for one in folders() if one.name == "whisper-base")
    return find(folder)


@pytest.fixture(scope="module")
def whisper(base: Path) -> Whisper:
    return loaded(base)


def loaded(base: Path, *hot_words: str, threads: int = 1, readings: int = 2) -> Whisper:
    return Whisper(
        TranscriberContext(
            settings=WhisperSettings(model=str(base)),  # a string, as a profile has it
            models={},
            language="en",
            hot_words=hot_words,
            threads=threads,
            readings=readings,
        )
    )


@pytest.fixture(scope="module")
def said() -> Talk:
    return talk("Good morning.", "My name is", "*John Smith", "and my room is", "*six one seven.")


@pytest.fixture(scope="module")
def sample(said: Talk) -> NDArray[np.float32]:
    return said.samples.astype(np.float32)


def plain(words: tuple[Heard, ...]) -> list[str]:
    return [word.text.lower().strip(".,") for word in words]


def test_a_sentence_is_heard_with_times(
    whisper: Whisper, said: Talk, sample: NDArray[np.float32]
) -> None:
    heard = whisper.transcribe(sample)
    assert heard.language == "en"
    texts = plain(heard.words)
    assert texts[2:7] == ["my", "name", "is", "john", "smith"]
    _, start_s, end_s = said.identifiers[0]
    john, smith = heard.words[5:7]
    assert john.start_s == pytest.approx(start_s, abs=0.3)
    assert smith.end_s == pytest.approx(end_s, abs=0.3)
    times = []
    for word in heard.words:
        assert 0 <= word.confidence <= 1
        assert word.start_s is not None
        assert word.end_s is not None
        assert 0 <= word.start_s < word.end_s <= len(sample) / RATE_HZ
        times.append(word.start_s)
    assert times == sorted(times)


def test_numbers_are_read_as_they_are_said_as_well(
    whisper: Whisper, sample: NDArray[np.float32]
) -> None:
    heard = whisper.transcribe(sample)
    assert "617" in "".join(plain(heard.words)).replace("-", "")
    (spoken,) = heard.also
    assert plain(spoken)[-3:] == ["six", "one", "seven"]


@pytest.mark.parametrize(
    ("written", "glued"),
    [
        ("555 -0123", ["555-0123"]),
        ("take 2 .5 now", ["take", "2.5", "now"]),
        ("videos .clinic .net", ["videos.clinic.net"]),
        ("said 'John", ["said", "'John"]),
        ("six -one -seven", ["six", "one", "seven"]),
        ("wait - now", ["wait", "-", "now"]),
    ],
)
def test_what_whisper_writes_without_a_space_is_one_word(written: str, glued: list[str]) -> None:
    words = [
        Heard(text=text, start_s=float(at), end_s=at + 0.9, confidence=0.9 - at / 10)
        for at, text in enumerate(written.split())
    ]
    found = list(joined(words))
    assert [word.text for word in found] == glued
    assert (found[0].start_s, found[-1].end_s) == (words[0].start_s, words[-1].end_s)
    assert min(word.confidence for word in found) == words[-1].confidence


@pytest.mark.release
def test_one_reading_is_enough_where_one_is_asked_for(
    base: Path, whisper: Whisper, sample: NDArray[np.float32]
) -> None:
    once = loaded(base, readings=1).transcribe(sample)
    assert plain(once.words)[2:7] == plain(whisper.transcribe(sample).words)[2:7]
    assert not once.also


@pytest.mark.release
def test_the_same_sound_is_always_heard_the_same(
    base: Path, whisper: Whisper, sample: NDArray[np.float32]
) -> None:
    """Whoever listens, and with however many threads."""
    heard = whisper.transcribe(sample)
    assert heard == whisper.transcribe(sample)
    assert heard == loaded(base, threads=2).transcribe(sample)


@pytest.mark.release
def test_hot_words_are_heard_rather_than_others(base: Path) -> None:
    sample = talk("Is there a message for Siobhan Kowalczyk?").samples.astype(np.float32)
    texts = plain(loaded(base, "Kowalczyk").transcribe(sample).words)
    assert any("kowalczyk" in text for text in texts)


@pytest.mark.parametrize("seconds", [0.0, 0.2, 3.0])
def test_nothing_is_heard_in_silence(whisper: Whisper, seconds: float) -> None:
    assert not whisper.transcribe(np.zeros(round(seconds * RATE_HZ), np.float32)).words


def test_very_soft_speech_is_heard(whisper: Whisper, sample: NDArray[np.float32]) -> None:
    heard = whisper.transcribe(sample * np.float32(0.002 / np.abs(sample).max()))
    assert plain(heard.words)[2:7] == ["my", "name", "is", "john", "smith"]


@pytest.mark.release
def test_windows_are_heard_one_after_the_other(
    whisper: Whisper, sample: NDArray[np.float32]
) -> None:
    twice = np.concatenate((sample, np.zeros(RATE_HZ, np.float32), sample))
    listened = hear(whisper, [twice], rate_hz=RATE_HZ, window_s=10.0, overlap_s=2.0)
    smiths = [word.start_s for word in listened.words if word.text.startswith("Smith")]
    assert len(smiths) == 2
    assert None not in smiths


def test_a_folder_is_written_down_by_its_contents_only(base: Path) -> None:
    settings = WhisperSettings(model=str(base))
    written = settings.model_dump_json()
    assert str(base) not in written
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


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", ["whisper", "pocketsphinx"]),
        (", beside: none", ["whisper"]),
        (", language: fr", ["whisper"]),
    ],
)
def test_the_embedded_transcriber_listens_beside_it(
    base: Path, tmp_path: Path, beside: str, expected: list[str]
) -> None:
    """To English, unless it is told not to."""
    speech = f"{{transcriber: {{name: whisper, model: '{base}'}}{beside}}}"
    assert listeners(tmp_path, speech) == expected


def test_the_embedded_transcriber_listens_alone(tmp_path: Path) -> None:
    assert listeners(tmp_path, "{transcriber: pocketsphinx}") == ["pocketsphinx"]


def test_nobody_listens_twice(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="listen twice"):
        listeners(tmp_path, "{transcriber: pocketsphinx, beside: pocketsphinx}")
