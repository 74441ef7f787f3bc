"""A made-up name, where it is planted, and whether anything that a plugin says holds it."""

from __future__ import annotations

import contextlib
import io
import logging
import shutil
import sys
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import LineReading, TextReader, Transcriber, Transcription
    from veilcast.types import Picture

NAME = "Zebulon Quixworth"
"""Nobody's. No word list has it, so whoever says it was told it."""
PARTS = ("zebulon", "quixworth")
SPOKEN = f"good morning my name is {NAME} and my number is six one seven five five five oh one"
PRINTED = f"Patient: {NAME}"
TEXTS = (
    f"my name is {NAME} thank you",
    f"Patient: {NAME}, MRN 4471920, zebulon@quixworth.org",
    f"this is doctor quixworth\nand you are\n{NAME.lower()} of 22 Quixworth Street",
    "that is q u i x w o r t h",
)
"""For recognisers: announced, as a heading, and beside other things that identify."""
_LEAST_S = 1.0
_LEAST_PX = 16
_IN_TAGS = ("title", "artist", "comment", "description", "copyright")


@dataclass(slots=True)
class Overheard:
    """What was said, each with the way in which it was.

    Attributes:
        secrets: what may not be said, in lower case.
        said: ways and texts.
    """

    secrets: tuple[str, ...] = PARTS
    said: list[tuple[str, str]] = field(default_factory=list)

    def add(self, way: str, text: object) -> None:
        """Something was said."""
        self.said.append((way, str(text)))

    def told(self, activity: str, done: int, total: int | None) -> None:
        """As a `Progress`."""
        self.add("what it tells of its progress", activity)

    def wrong(self) -> str:
        """In which way a secret was told, or ""."""
        for way, text in self.said:
            if any(secret in text.casefold() for secret in self.secrets):
                return f"{way} holds a name that was in what it was given"
        return ""


@contextlib.contextmanager
def overheard(code: Callable[..., Any]) -> Iterator[Overheard]:
    """Listen to log records, Python's warnings, standard output and standard error.

    Records below INFO count when they are the plugin's own: of libraries some debug what they read.

    Args:
        code: a function of the plugin; its package is the plugin's own.
    """
    heard = Overheard()
    make, root, home = logging.getLogRecordFactory(), logging.getLogger(), _home(code)
    level, disabled = root.level, root.manager.disable
    records: list[logging.LogRecord] = []

    def record_of(*args: Any, **more: Any) -> logging.LogRecord:
        record = make(*args, **more)
        if record.levelno >= logging.INFO or _is_in(Path(record.pathname), home):
            records.append(record)
        return record

    out, err = io.StringIO(), io.StringIO()
    logging.setLogRecordFactory(record_of)
    root.setLevel(logging.DEBUG)
    logging.disable(logging.NOTSET)
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            warnings.simplefilter("always")
            yield heard
    finally:
        logging.disable(disabled)
        root.setLevel(level)
        logging.setLogRecordFactory(make)
        for record in records:  # only now they have what came as `extra`
            heard.add("a log record", _whole(record))
        for one in caught:
            heard.add("a Python warning", one.message)
        heard.add("what it prints", out.getvalue() + err.getvalue())


def _whole(record: logging.LogRecord) -> str:
    """The message, what it was made of and what came with it."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # the arguments do not fit
        message = ""
    raised = "" if not record.exc_info else repr(record.exc_info[1])
    return f"{message} {raised} {list(vars(record).values())}"


def _home(code: Callable[..., Any]) -> Path | None:
    """The folder of a function's package, or the file of its module."""
    top = str(getattr(code, "__module__", "")).partition(".")[0]
    file = getattr(sys.modules.get(top), "__file__", None)
    if file is None:
        file = getattr(sys.modules.get(str(getattr(code, "__module__", ""))), "__file__", None)
    if file is None:
        return None
    path = Path(file)
    return path.parent if path.name == "__init__.py" else path


def _is_in(file: Path, home: Path | None) -> bool:
    return home is not None and (file == home or file.is_relative_to(home))


def planted(recording: Path, folder: Path) -> Path:
    """A copy under the name, and with the name in its tags where its container takes tags."""
    import av

    target = folder / f"{NAME}{recording.suffix}"
    try:
        with av.open(str(recording)) as reader, av.open(str(target), "w") as writer:
            writer.metadata.update(dict.fromkeys(_IN_TAGS, f"Interview with {NAME}"))
            kept = [s for s in reader.streams if s.type in ("video", "audio", "subtitle")]
            copies = {s.index: writer.add_stream_from_template(s) for s in kept}
            for packet in reader.demux(kept):
                if packet.dts is not None:
                    packet.stream = copies[packet.stream_index]
                    writer.mux(packet)
    except (av.error.FFmpegError, ValueError):
        # What can't be written anew is tried with its name only.
        shutil.copyfile(recording, target)
    return target


def saying(transcribers: Mapping[str, Transcriber]) -> dict[str, Transcriber]:
    """The same transcribers, all of which hear the name and need no model to do so."""

    def hears(transcriber: Transcriber) -> Transcriber:
        return replace(transcriber, load=lambda _: _Hears(transcriber.rate_hz))

    return {name: hears(transcriber) for name, transcriber in transcribers.items()}


class _Hears:
    """Loaded, it hears one sentence in any sound that is long enough for it."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        from veilcast.extensions import Heard, Transcription

        words = SPOKEN.split()
        seconds = len(samples) / self._rate_hz
        if seconds < _LEAST_S:
            return Transcription(words=(), language="en")
        each = seconds / len(words)
        heard = [
            Heard(text=word, start_s=at * each, end_s=(at + 0.9) * each, confidence=0.95)
            for at, word in enumerate(words)
        ]
        return Transcription(words=tuple(heard), language="en")

    def close(self) -> None:
        """Nothing is held."""


def showing(readers: Mapping[str, TextReader]) -> dict[str, TextReader]:
    """The same text readers, all of which read the name and need no model to do so."""
    return {name: replace(one, load=lambda _: _Shows()) for name, one in readers.items()}


class _Shows:
    """Loaded, it finds one line in any picture that is large enough, and reads it."""

    def find(self, picture: Picture) -> list[NDArray[np.float64]]:
        import numpy as np

        height, width = picture.shape[:2]
        if min(height, width) < _LEAST_PX:
            return []
        share = np.asarray([(0.2, 0.4), (0.8, 0.4), (0.8, 0.6), (0.2, 0.6)])
        return [share * (width, height)]

    def read(self, picture: Picture) -> LineReading:
        from veilcast.extensions import LineReading

        count = len(PRINTED)
        return LineReading(
            text=PRINTED,
            confidences=(0.95,) * count,
            middles=tuple((at + 0.5) / count for at in range(count)),
        )

    def close(self) -> None:
        """Nothing is held."""
