"""Labelled dialogues for `benchmarks/speech.py`: flite speaks `talks.txt` under four conditions.

    python benchmarks/talks.py --out FOLDER [--only N ...]

The wording, names and numbers were written apart from everything that the recognisers were built
with. Each dialogue is spoken by two voices that are stretched and set higher or lower, sentence by
sentence, and the word times are flite's own segment times. The same file comes out every time.
Needs flite 2.2 with its shared libraries (Debian: `flite`).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import re
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Samples = NDArray[np.float64]

RATE_HZ = 16_000
LEAD_S, TURN_S = 0.3, 0.25
DRIFT_S = 0.2
"""How far a sentence's last pause may end from the end of its sound: kal16 stops within it."""
HEAD = re.compile(r"= (?P<title>[^|]+) \| (?P<voices>.+)")
MARKED = re.compile(
    r"\[(?P<type>[A-Z_]+)(?P<may>\?)?(?:\.(?P<sub>\w+))? (?P<said>[^]]+)\]|\{(?P<decoy>[^}]+)\}"
)
LAST = "R:SylStructure.daughtern.daughtern.end"
BEFORE = "R:SylStructure.daughter1.daughter1.R:Segment.p.end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One of flite's voices of 16 kHz, changed: length as a factor, pitch in Hz."""

    name: str
    stretch: float
    pitch_hz: float

    def __str__(self) -> str:
        return f"{self.name}/{self.stretch:.2f}/{self.pitch_hz:.0f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    title: str
    turns: tuple[tuple[Voice, str], ...]


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("rate_hz", ctypes.c_int),
        ("length", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


class _Voice(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("features", ctypes.c_void_p))


@cache
def _flite() -> ctypes.CDLL:
    flite = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, arguments in (
        ("flite_synth_text", pointer, (text, pointer)),
        ("feat_set_float", None, (pointer, text, ctypes.c_float)),
        ("utt_wave", ctypes.POINTER(_Wave), (pointer,)),
        ("utt_relation", pointer, (pointer, text)),
        ("relation_head", pointer, (pointer,)),
        ("item_next", pointer, (pointer,)),
        ("item_daughter", pointer, (pointer,)),
        ("ffeature_float", ctypes.c_float, (pointer, text)),
        ("delete_utterance", None, (pointer,)),
    ):
        function = getattr(flite, name)
        function.restype, function.argtypes = result, arguments
    flite.flite_init()
    return flite


@cache
def _voice(name: str) -> Any:
    register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
    register.restype = ctypes.POINTER(_Voice)
    return register(None)


def _chain(flite: ctypes.CDLL, item: int | None) -> Iterator[int]:
    while item:
        yield item
        item = flite.item_next(item)


def speak(sentence: str, voice: Voice) -> tuple[Samples, list[tuple[float, float]]]:
    """The samples (-1 to 1) and the seconds in which each word between spaces is heard."""
    flite, speaker = _flite(), _voice(voice.name)
    for feature, value in (
        (b"duration_stretch", voice.stretch),
        (b"int_f0_target_mean", voice.pitch_hz),
    ):
        flite.feat_set_float(speaker.contents.features, feature, value)
    # The breath in its voices is drawn from C's generator, wherever earlier sentences left it.
    ctypes.CDLL(None).srand(1)
    said = flite.flite_synth_text(sentence.encode(), speaker)
    sound = flite.utt_wave(said).contents
    if sound.rate_hz != RATE_HZ:
        message = f"choose a voice of 16 kHz, not {voice.name}"
        raise ValueError(message)
    samples = np.array(sound.samples[: sound.length], np.float64) / 32768
    times = []
    for token in _chain(flite, flite.relation_head(flite.utt_relation(said, b"Token"))):
        words = list(_chain(flite, flite.item_daughter(token)))
        # A token's words are seen through relation Word, which knows their sounds.
        first, last = (f"R:Word.{path}".encode() for path in (BEFORE, LAST))
        times.append((flite.ffeature_float(words[0], first), flite.ffeature_float(words[-1], last)))
    segments = list(_chain(flite, flite.relation_head(flite.utt_relation(said, b"Segment"))))
    drift_s = flite.ffeature_float(segments[-1], b"end") - len(samples) / RATE_HZ
    flite.delete_utterance(said)
    if len(times) != len(sentence.split()) or abs(drift_s) > DRIFT_S:
        message = f"flite's words or times do not fit: {sentence!r} {times} {drift_s:.3f}"
        raise ValueError(message)
    return samples, times


def dialogues(script: Path) -> list[Dialogue]:
    """What `talks.txt` says, in its order."""
    found: list[Dialogue] = []
    voices: dict[str, Voice] = {}
    for line in script.read_text().splitlines():
        if head := HEAD.fullmatch(line):
            voices = {
                part[0]: Voice(name=name, stretch=float(stretch), pitch_hz=float(pitch))
                for part in head["voices"].split()
                for name, stretch, pitch in [part[2:].split("/")]
            }
            found.append(Dialogue(title=head["title"], turns=()))
        elif line and not line.startswith("#"):
            who, _, said = line.partition(": ")
            turns = (*found[-1].turns, (voices[who], said))
            found[-1] = Dialogue(title=found[-1].title, turns=turns)
    return found


def plain(marked: str) -> tuple[str, list[tuple[int, int, re.Match[str]]]]:
    """A turn without its marks, and the words (first, after the last) that each mark holds."""
    marks, text, at = [], "", 0
    for mark in MARKED.finditer(marked):
        text += marked[at : mark.start()]
        first, at = len(text.split()), mark.end()
        text += mark["said"] or mark["decoy"]
        marks.append((first, len(text.split()), mark))
    return text + marked[at:], marks


def spoken(dialogue: Dialogue) -> tuple[Samples, dict[str, Any]]:
    """The clean sound of a dialogue and its truth."""
    sound = [np.zeros(round(LEAD_S * RATE_HZ))]
    words: list[dict[str, Any]] = []
    entities, decoys = [], []
    for voice, marked in dialogue.turns:
        text, marks = plain(marked)
        begun = len(words)
        for sentence in re.split(r"(?<=[.?!]) ", text):
            start_s = sum(map(len, sound)) / RATE_HZ
            samples, times = speak(sentence, voice)
            for word, (first_s, last_s) in zip(sentence.split(), times, strict=True):
                begin, end = round(start_s + first_s, 4), round(start_s + last_s, 4)
                said = word.strip(".,?!;:")
                words.append({"w": said, "start_s": begin, "end_s": end, "voice": str(voice)})
            sound.append(samples)
        for first, after, mark in marks:
            place = {
                "voice": str(voice),
                "start_s": words[begun + first]["start_s"],
                "end_s": words[begun + after - 1]["end_s"],
            }
            if mark["decoy"]:
                decoys.append({"text": mark["decoy"], **place})
                continue
            kind = {"type": mark["type"], "subtype": mark["sub"], "core": not mark["may"]}
            entities.append({**kind, "text_as_spoken": mark["said"], **place})
        sound.append(np.zeros(round(TURN_S * RATE_HZ)))
    samples = np.concatenate(sound)
    return samples, {
        "title": dialogue.title,
        "duration_s": round(len(samples) / RATE_HZ, 3),
        "voice(s)": sorted({str(voice) for voice, _ in dialogue.turns}),
        "words": words,
        "entities": entities,
        "decoys": decoys,
    }


def telephone(clean: Samples, _: np.random.Generator) -> Samples:
    """300 to 3400 Hz at 8 kHz."""
    bins = np.fft.rfft(clean)
    hz = np.fft.rfftfreq(len(clean), 1 / RATE_HZ)
    bins[(hz < 300) | (hz > 3400)] = 0
    return np.fft.irfft(bins, len(clean))[::2]


def noisy(clean: Samples, chance: np.random.Generator) -> Samples:
    """Pink noise 15 dB below the speech (the louder half of its 20 ms frames)."""
    bins = np.fft.rfft(chance.standard_normal(len(clean)))
    noise = np.fft.irfft(bins / np.sqrt(np.maximum(np.arange(len(bins)), 8)), len(clean))
    frames = clean[: len(clean) // 320 * 320].reshape(-1, 320)
    power = np.sort(np.mean(frames**2, axis=1))
    level = float(np.sqrt(power[len(power) // 2 :].mean() * 10**-1.5 / np.mean(noise**2)))
    return clean + noise * level


def reverberant(clean: Samples, chance: np.random.Generator) -> Samples:
    """A room whose sound has fallen by 60 dB after 300 ms; as much of it reflected as direct."""
    times_s = np.arange(round(0.3 * RATE_HZ)) / RATE_HZ
    room = chance.standard_normal(len(times_s)) * 10 ** (-3 * times_s / 0.3)
    room[: RATE_HZ // 500] = 0
    room /= np.sqrt(np.sum(room**2))
    room[0] = 1.0
    size = len(clean) + len(room)
    heard: Samples = np.fft.irfft(np.fft.rfft(clean, size) * np.fft.rfft(room, size), size)
    return heard[: len(clean)]


CONDITIONS: dict[str, tuple[int, Callable[[Samples, np.random.Generator], Samples]]] = {
    "clean16k": (RATE_HZ, lambda clean, _: clean),
    "tel8k": (RATE_HZ // 2, telephone),
    "noise15db": (RATE_HZ, noisy),
    "reverb300ms": (RATE_HZ, reverberant),
}


def write(folder: Path, number: int, dialogue: Dialogue) -> None:
    """WAV and JSON of a dialogue under every condition, in the shared clips' form."""
    clean, truth = spoken(dialogue)
    for condition, (rate_hz, change) in CONDITIONS.items():
        samples = change(clean, np.random.default_rng(number))
        samples = samples * min(1.0, 0.95 / np.abs(samples).max())
        clip = f"t{number:02d}_{condition}"
        with wave.open(str(folder / f"{clip}.wav"), "wb") as writer:
            writer.setparams((1, 2, rate_hz, 0, "NONE", "not compressed"))
            writer.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
        head = {"clip": clip, "condition": condition, "sample_rate": rate_hz}
        (folder / f"{clip}.json").write_text(json.dumps(head | truth, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="a folder")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of dialogues, from 1")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for number, dialogue in enumerate(dialogues(Path(__file__).with_suffix(".txt")), 1):
        if not asked.only or number in asked.only:
            write(asked.out, number, dialogue)


if __name__ == "__main__":
    main()
