"""Files as Veilcast delivers them, and what the tests of the walkers ask of every file."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from mediascrub import walk

if TYPE_CHECKING:
    from pathlib import Path

    from mediascrub import Part

MARKER = b"Jane Roe MRN 4711"

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=1.2")
SOUND = ("-f", "lavfi", "-i", "sine=f=440:r=48000:d=1.2")
NOISE = ("-f", "lavfi", "-i", "anoisesrc=r=48000:d=1.2:seed=7")


def ffmpeg(path: Path, *options: str) -> Path:
    """A file that ffmpeg's own program writes, with its fingerprints and the tags asked for."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *options, str(path)], check=True)
    return path


def deliver(source: Path, destination: Path) -> Path:
    """The source's picture and sound in a fresh container, as a run writes it."""
    from veilcast.media.container import remux
    from veilcast.media.probe import probe

    remux(source, destination, probe(source), progress=lambda *_: None)
    return destination


def parts_of(path: Path, family: str) -> list[Part]:
    """All parts, after checking that together they are the file."""
    parts = list(walk(path, family))
    at = 0
    for part in parts:
        assert part.start == at, f"a gap or an overlap at {at}: {part}"
        assert part.end > part.start, f"an empty part: {part}"
        at = part.end
    assert at == path.stat().st_size
    return parts


def unexpected(path: Path, family: str) -> list[Part]:
    return [part for part in parts_of(path, family) if part.role == "unexpected"]


def holders(path: Path, family: str, marker: bytes = MARKER) -> list[Part]:
    """The parts that hold the marker, each time that the file does."""
    data = path.read_bytes()
    parts = parts_of(path, family)
    found = []
    at = data.find(marker)
    assert at >= 0, "the marker was never planted"
    while at >= 0:
        found += [p for p in parts if p.start < at + len(marker) and p.end > at]
        at = data.find(marker, at + 1)
    return found


def caught(path: Path, family: str, marker: bytes = MARKER) -> list[str]:
    """The places of the marker, after checking that every byte of it lies in unexpected parts."""
    found = holders(path, family, marker)
    assert all(part.role == "unexpected" for part in found), found
    return [part.place for part in found]
