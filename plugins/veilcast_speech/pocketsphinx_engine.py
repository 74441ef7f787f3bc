"""The embedded transcriber: PocketSphinx with the English model that its wheel carries.

The library holds Python's lock while it works and prints what it pleases, so it works in programs
of its own, one per thread that may be used.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from veilcast.plugin import Heard, Transcription, VeilcastError
from veilcast_speech.activity import utterances
from veilcast_speech.denoise import denoised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.plugin import TranscriberContext

RATE_HZ = 16_000
ENGINE = "pocketsphinx"
_LONGEST_S = 20.0
_HISS = 1e-4
_SOFT, _MOST = 0.05, 1000.0


class _Listener:
    """One program that listens."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("pocketsphinx_program.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may hold words
        )

    def listen(self, samples: NDArray[np.int16]) -> list[Heard]:
        """What is said in one utterance."""
        taken, given = self._program.stdin, self._program.stdout
        if taken is None or given is None:
            raise VeilcastError("The program that listens can't be spoken to; try again.")
        with contextlib.suppress(BrokenPipeError):  # then there is no answer either
            taken.write(struct.pack("<Q", samples.nbytes))
            taken.write(samples.astype("<i2", copy=False).tobytes())
            taken.flush()
        answer = given.readline()
        if not answer.endswith(b"\n"):
            raise VeilcastError(
                "The program that listens ended before it was done, perhaps because memory ran "
                "out; close other programs and try again."
            )
        return [
            Heard(text=text, start_s=start_s, end_s=end_s, confidence=confidence)
            for text, start_s, end_s, confidence in json.loads(answer)
        ]

    def close(self) -> None:
        """End the program."""
        self._program.kill()
        with contextlib.suppress(BrokenPipeError), self._program:
            pass


def _audible(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Very soft sound made louder: else it would be lost in the hiss."""
    peak = float(np.abs(samples).max(initial=0.0))
    if not 0 < peak < _SOFT:
        return samples
    return samples * np.float32(min(_MOST, _SOFT / peak))


class Embedded:
    """PocketSphinx, ready to listen."""

    def __init__(self, context: TranscriberContext) -> None:
        if importlib.util.find_spec(ENGINE) is None:
            # Only the programs import it, and all that they could say is that they ended.
            raise ModuleNotFoundError(f"No module named {ENGINE!r}", name=ENGINE)
        self._listeners = [_Listener() for _ in range(max(1, context.threads))]
        self._threads = ThreadPoolExecutor(len(self._listeners))

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        """What is said in one window of 16 kHz mono sound."""
        # Finite samples, whatever a damaged float file holds.
        samples = _audible(np.clip(np.nan_to_num(samples), -1, 1).astype(np.float32))
        pieces = utterances(samples, RATE_HZ, longest_s=_LONGEST_S)
        # The features of digital silence would upset those of the speech around it.
        hiss = np.random.default_rng(0).normal(0, _HISS, len(samples))
        whole = (np.clip(denoised(samples) + hiss, -1, 1) * 32767).astype(np.int16)
        waiting = list(self._listeners)

        def listen(piece: tuple[int, int]) -> list[Heard]:
            listener = waiting.pop()  # there are as many as threads
            try:
                heard = listener.listen(whole[piece[0] : piece[1]])
            finally:
                waiting.append(listener)
            return [_later(word, piece[0] / RATE_HZ) for word in heard]

        words = [word for heard in self._threads.map(listen, pieces) for word in heard]
        return Transcription(words=tuple(words), language="en")

    def close(self) -> None:
        """End the programs, also in the middle of an utterance."""
        for listener in self._listeners:
            listener.close()
        self._threads.shutdown(cancel_futures=True)


def _later(word: Heard, by_s: float) -> Heard:
    if word.start_s is None or word.end_s is None:
        return word
    return Heard(
        text=word.text,
        start_s=word.start_s + by_s,
        end_s=word.end_s + by_s,
        confidence=word.confidence,
    )


def load(context: TranscriberContext) -> Embedded:
    """The embedded transcriber, ready."""
    return Embedded(context)
