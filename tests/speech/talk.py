"""Talk that flite speaks, with the time of every part of it."""

from __future__ import annotations

import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 16_000
LEAD_S, PAUSE_S = 0.4, 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Samples in -1 to 1, and the parts that identify: what they say, start and end in seconds."""

    samples: NDArray[np.float64]
    identifiers: tuple[tuple[str, float, float], ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE_HZ


def talk(*parts: str, voice: str = "slt", at_s: float = 0.0) -> Talk:
    """The parts one after the other; those that begin with ``*`` identify."""
    pieces = [np.zeros(round((LEAD_S + at_s) * RATE_HZ))]
    identifiers = []
    for part in parts:
        said = _spoken(part.removeprefix("*"), voice)
        start = sum(map(len, pieces)) / RATE_HZ
        if part.startswith("*"):
            identifiers.append((part[1:], start, start + len(said) / RATE_HZ))
        pieces += [said, np.zeros(round(PAUSE_S * RATE_HZ))]
    return Talk(
        samples=np.concatenate([*pieces, np.zeros(round(LEAD_S * RATE_HZ))]),
        identifiers=tuple(identifiers),
    )


def _spoken(text: str, voice: str) -> NDArray[np.float64]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part.wav"
        command = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        with wave.open(str(path)) as reader:
            rate_hz = reader.getframerate()
            samples = np.frombuffer(reader.readframes(reader.getnframes()), np.int16) / 32768
    assert rate_hz == RATE_HZ, "choose a voice of 16 kHz: slt, rms or awb"
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return samples[loud[0] : loud[-1] + 1]


def together(*talks: Talk) -> NDArray[np.float64]:
    """Each on a channel of its own, shape (samples, channels)."""
    longest = max(len(one.samples) for one in talks)
    wide = np.zeros((longest, len(talks)))
    for number, one in enumerate(talks):
        wide[: len(one.samples), number] = one.samples
    return wide
