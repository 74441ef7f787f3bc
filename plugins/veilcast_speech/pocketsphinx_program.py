"""A program that listens: utterances in, words out, until its input ends.

In: the number of bytes (unsigned, 64 bit, little endian), then 16 bit samples at 16 kHz. Out: one
line of JSON, a list of ``[word, start_s, end_s, confidence]``.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA = Path(__file__).with_name("data")
_FRAMES_PER_S = 100
_VARIANT = re.compile(r"\((\d+)\)$")  # "the(2)": a second way to say it


class Listener:
    """PocketSphinx with the embedded language model."""

    def __init__(self) -> None:
        import pocketsphinx  # type: ignore[import-untyped]

        entries = gzip.decompress((_DATA / "english.dict.gz").read_bytes()).decode()
        # All names are ways to say one word of the language model, so each way has its own text.
        self._texts: dict[str, list[str]] = {}
        # In memory: a file would stay behind when this program is killed.
        with os.fdopen(os.memfd_create("dictionary"), "w", encoding="utf-8") as dictionary:
            for line in entries.splitlines():
                word, text, sounds = line.split("\t")
                ways = self._texts.setdefault(word, [])
                ways.append(text)
                way = f"({len(ways)})" if len(ways) > 1 else ""
                dictionary.write(f"{word}{way} {sounds}\n")
            dictionary.flush()
            self._decoder: Any = pocketsphinx.Decoder(
                lm=str(_DATA / "english.lm.bin"),
                dict=f"/proc/self/fd/{dictionary.fileno()}",
                loglevel="FATAL",
            )

    def listen(self, sound: bytes) -> Iterator[tuple[str, float, float, float]]:
        """The words of one utterance, with times in seconds from its start."""
        # Else what was heard before would tell in the answer, and with it which program got what.
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(sound, no_search=False, full_utt=True)
        self._decoder.end_utt()
        for part in self._decoder.seg() or ():
            if part.word[0] in "<[":  # silence and noises
                continue
            yield (
                self._text(part.word),
                part.start_frame / _FRAMES_PER_S,
                (part.end_frame + 1) / _FRAMES_PER_S,
                min(1.0, max(0.0, part.prob)),
            )

    def _text(self, heard: str) -> str:
        way = _VARIANT.search(heard)
        word, number = (heard, 1) if way is None else (heard[: way.start()], int(way[1]))
        return self._texts[word][number - 1]


def main() -> None:
    """Listens until the input ends."""
    listener = Listener()
    while header := sys.stdin.buffer.read(8):
        (size,) = struct.unpack("<Q", header)
        words = list(listener.listen(sys.stdin.buffer.read(size)))
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
