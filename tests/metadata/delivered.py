"""Files as a player and ExifTool see them."""

from __future__ import annotations

import hashlib
import json
import subprocess
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av

from veilcast.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

Frame = tuple[Fraction, str]


class ExifTool:
    """One process that lists file after file, since starting it takes longer than the work."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["exiftool", "-config", "", "-stay_open", "True", "-@", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        self._process.communicate(b"-stay_open\nFalse\n", timeout=60)

    def _told(self, path: Path, *options: str) -> bytes:
        lines = [*options, "-ee3", "-a", "-u", "-G1", str(path), "-execute", ""]
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(lines).encode())
        process.stdin.flush()
        out = b""
        while not out.endswith(b"{ready}\n"):
            line = process.stdout.readline()
            assert line, "ExifTool has ended"
            out += line
        return out

    def listing(self, path: Path) -> str:
        """Everything that it knows of a file, but for its name, its folder and its times."""
        told = self._told(path, "-x", "System:all").decode(errors="replace")
        return "\n".join(line for line in told.splitlines() if not line.startswith("======"))

    def values(self, path: Path) -> dict[str, Any]:
        """Each tag with its group, and its value."""
        told = self._told(path, "-j", "-struct", "-x", "System:all")
        (found,) = json.loads(told[: told.rindex(b"]") + 1])
        return dict(found)


def presented(path: Path, *, damaged: bool = False) -> tuple[dict[str, list[Frame]], list[str]]:
    """What a player shows: times from the first frame, and a hash of the samples, by stream.

    Args:
        path: a file.
        damaged: it may hold what a decoder can't make anything of, e.g. text between its frames.

    Returns:
        The frames of every picture and sound stream, and what ffmpeg called errors on the way.
    """
    media = probe(path)
    frames: dict[str, list[Frame]] = {}
    av.logging.set_level(av.logging.ERROR)
    try:
        with (
            av.logging.Capture() as logs,
            av.open(str(path), format=media.still_format) as container,
        ):
            wanted = [s for s in media.streams if s.role != "side"]
            streams = [container.streams[s.index] for s in wanted]
            names = {s.index: f"{s.type} {n}" for n, s in enumerate(wanted)}
            for packet in container.demux(streams):
                name = names[packet.stream.index]
                try:
                    for frame in packet.decode():
                        frames.setdefault(name, []).append(_frame(frame))
                except av.error.InvalidDataError:
                    # What follows a still's end is no picture.
                    if not damaged and not (media.kind == "still" and name in frames):
                        raise
    finally:
        av.logging.set_level(None)
    if media.kind == "still":
        frames = {name: found[:1] for name, found in frames.items()}
    starts = {name: found[0][0] for name, found in frames.items()}
    earliest = min(starts.values())
    relative = {n: [(at - earliest, h) for at, h in found] for n, found in frames.items()}
    return relative, [message for _, _, message in logs]


def _frame(frame: Any) -> Frame:
    digest = hashlib.sha256()
    for plane in frame.planes:
        data = bytes(plane)
        if isinstance(frame, av.AudioFrame):
            # A plane is longer than its samples, and what is behind them is chance.
            channels = 1 if frame.format.is_planar else len(frame.layout.channels)
            data = data[: frame.samples * frame.format.bytes * channels]
        digest.update(data)
    at = frame.pts * frame.time_base if frame.pts is not None else Fraction(0)
    return at, digest.hexdigest()


def same(first: dict[str, list[Frame]], second: dict[str, list[Frame]]) -> bool:
    """Whether the samples are the same, and the times to a millisecond."""
    if first.keys() != second.keys():
        return False
    for name, frames in first.items():
        others = second[name]
        if [h for _, h in frames] != [h for _, h in others]:
            return False
        if any(
            abs(a - b) > Fraction(1, 1000) for (a, _), (b, _) in zip(frames, others, strict=True)
        ):
            return False
    return True
