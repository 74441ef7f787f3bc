"""Sound to cover and to compare: made so that nothing can move or be left without being heard."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from pipeline.decoded import facts, heard, pictures, tracks

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SECONDS = 1.3
CLICKS = (0.25, 1.1)
"""Seconds. Silence is around each, so that its place can be told to the sample."""
_ROOM_S = 0.02
BANDS_HZ = ((150, 800), (1200, 3200))
"""Of speech, without what is around the tone: in between, any trace of the speech stands out."""
LAG_S = 0.05
LFE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a recording is made."""

    name: str
    rate_hz: int
    channels: int
    options: dict[str, Any] = field(default_factory=dict)
    picture: bool = False
    late_s: float = 0

    def __str__(self) -> str:
        return f"{self.name}-{self.rate_hz}-{self.channels}"


def voices(rate_hz: int, channels: int, seed: int = 0) -> NDArray[np.float64]:
    """Noise with the band and the loudness of speech, another on each channel, and clicks."""
    count = int(rate_hz * SECONDS)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((count, channels)), axis=0)
    hertz = np.fft.rfftfreq(count, 1 / rate_hz)
    spectrum[(hertz < 150) | (hertz > min(3400, 0.4 * rate_hz))] = 0
    sound = np.fft.irfft(spectrum, count, axis=0)
    sound *= 0.1 / sound.std()
    for click in CLICKS:
        at, room = round(click * rate_hz), round(_ROOM_S * rate_hz)
        sound[at - room : at + room] = 0
        sound[at : at + max(1, rate_hz // 16000)] = 0.8
    return sound


def record(path: Path, form: Form, *sounds: NDArray[np.float64]) -> Path:
    """Encodes sounds as tracks of a file."""
    command = ["ffmpeg", "-v", "error", "-y", "-nostdin"]
    if form.picture:
        command += ["-f", "lavfi", "-i", f"testsrc=size=64x64:rate=25:duration={SECONDS}"]
    for number, sound in enumerate(sounds):
        raw = path.with_name(f"{path.name}.{number}.raw")
        raw.write_bytes(np.ascontiguousarray(sound, dtype="<f8").tobytes())
        command += ["-itsoffset", str(form.late_s)] if form.late_s else []
        command += ["-f", "f64le", "-ar", str(form.rate_hz), "-ac", str(form.channels)]
        command += ["-i", str(raw)]
    for number in range(len(sounds) + form.picture):
        command += ["-map", str(number)]
    for key, value in form.options.items():
        command += [f"-{key}", str(value)]
    subprocess.run([*command, str(path)], check=True)
    return path


def start(path: Path) -> float:
    """The presentation start in seconds: of picture or sound, whichever is first."""
    shown = [float(next(pictures(path)).time)] if facts(path)["picture"] else []
    return min([*shown, *(float(heard(path, track).time) for track in range(tracks(path)))])


def click_at(samples: NDArray[Any], rate_hz: int, seconds: float) -> int:
    """The sample at which a click is, near where it should be; of one channel."""
    middle, around = round(seconds * rate_hz), round(0.9 * _ROOM_S * rate_hz)
    part = samples[middle - around : middle + around].astype(np.float64)
    return middle - around + int(np.abs(part - part.mean()).argmax())


def trace_db(covered: NDArray[Any], heard: NDArray[Any], rate_hz: int) -> float:
    """How loud what was covered still is in what is heard in its place, in decibels of itself.

    In each band, what is heard is taken for a copy of what was covered, moved by any lag, and
    whatever else: the share of the copy that fits best is a correlation over an energy. Sounds that
    have nothing to do with each other have such a share by chance, the less the softer what is
    heard.

    Args:
        covered: one channel of the source, the samples of the span.
        heard: one channel of what was delivered, the same span.
        rate_hz: of both.
    """
    worst = 1e-9
    count = 1 << int(np.ceil(np.log2(len(covered) + len(heard))))
    lag = round(LAG_S * rate_hz)
    for low, high in BANDS_HZ:
        mine, theirs = (_band(sound, rate_hz, low, high) for sound in (covered, heard))
        cross = np.fft.irfft(np.fft.rfft(theirs, count) * np.conj(np.fft.rfft(mine, count)), count)
        share = np.abs(np.r_[cross[: lag + 1], cross[-lag:]]) / (mine**2).sum()
        worst = max(worst, float(share.max()))
    return float(20 * np.log10(worst))


def _band(sound: NDArray[Any], rate_hz: int, low: float, high: float) -> NDArray[np.float64]:
    samples = sound.astype(np.float64)
    if sound.dtype.kind in "iu":
        samples = samples / 2 ** (8 * sound.dtype.itemsize - 1)
    spectrum = np.fft.rfft(samples - samples.mean())
    hertz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    spectrum[(hertz < low) | (hertz >= high)] = 0
    return np.asarray(np.fft.irfft(spectrum, len(samples)))
