"""A program that listens: utterances in, words out, until its input ends.

In: the number of bytes (unsigned, 64 bit, little endian), then 16 bit samples at 16 kHz. Out: one
line of JSON, a list of ``[word, start_s, end_s, confidence]``.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAMES_PER_S = 100
_VARIANT = re.compile(r"\(\d+\)$")  # "the(2)": a second way to say it


def listen(decoder: Any, sound: bytes) -> Iterator[tuple[str, float, float, float]]:
    """The words of one utterance, with times in seconds from its start."""
    decoder.start_utt()
    decoder.process_raw(sound, no_search=False, full_utt=True)
    decoder.end_utt()
    for part in decoder.seg() or ():
        if part.word[0] in "<[":  # silence and noises
            continue
        yield (
            _VARIANT.sub("", part.word),
            part.start_frame / _FRAMES_PER_S,
            (part.end_frame + 1) / _FRAMES_PER_S,
            min(1.0, max(0.0, part.prob)),
        )


def main() -> None:
    """Listens until the input ends."""
    import pocketsphinx  # type: ignore[import-untyped]

    decoder = pocketsphinx.Decoder(loglevel="FATAL")
    while header := sys.stdin.buffer.read(8):
        (size,) = struct.unpack("<Q", header)
        words = list(listen(decoder, sys.stdin.buffer.read(size)))
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
