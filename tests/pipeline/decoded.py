"""What a player gets from a file, decoded with PyAV and told by ffprobe; nothing of Veilcast's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from redaction.pictures import components
from testmedia.seen import probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

    Samples = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One frame: when it is shown (seconds, as in the file), how long, and every component."""

    time: Fraction
    duration: Fraction
    interlaced: bool
    components: list[Samples]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A coded piece of sound. `hidden`: an edit list keeps players from playing it."""

    data: bytes
    time: Fraction
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """All samples of a sound track, shape (samples, channels), and when the first one is heard."""

    time: Fraction
    rate_hz: int
    samples: Samples


def pictures(path: Path) -> Iterator[Shown]:
    """Every frame that is shown, in order; an indexed picture in its colours."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            picture = frame.reformat(format="rgba") if frame.format.name == "pal8" else frame
            yield Shown(
                time=frame.pts * frame.time_base,
                duration=(frame.duration or 0) * frame.time_base,
                interlaced=bool(frame.interlaced_frame),
                components=components(picture),
            )


def tracks(path: Path) -> int:
    """How many sound tracks there are."""
    with av.open(str(path)) as container:
        return len(container.streams.audio)


def packets(path: Path, track: int) -> list[Packet]:
    """The packets of a sound track."""
    with av.open(str(path)) as container:
        return [
            Packet(data=bytes(p), time=p.pts * p.time_base, hidden=p.is_discard)
            for p in container.demux(container.streams.audio[track])
            if p.pts is not None and p.time_base is not None
        ]


def heard(path: Path, track: int = 0) -> Heard:
    """A sound track, decoded."""
    blocks = []
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=track))
        if frames[0].format.is_planar and frames[0].layout.nb_channels > 7:
            # PyAV reads behind the eighth plane.
            packed = av.AudioResampler(format=frames[0].format.packed.name)
            frames = [one for frame in [*frames, None] for one in packed.resample(frame)]
        rate_hz = container.streams.audio[track].rate
    for frame in frames:
        samples = frame.to_ndarray()
        planar = frame.format.is_planar
        blocks.append(samples.T if planar else samples.reshape(-1, frame.layout.nb_channels))
    first = frames[0]
    assert first.pts is not None
    assert first.time_base is not None
    return Heard(time=first.pts * first.time_base, rate_hz=rate_hz, samples=np.concatenate(blocks))


def facts(path: Path) -> dict[str, Any]:
    """What ffprobe says of the container and of the stream that is the picture or the sound."""
    document = probe(path)
    streams = [s for s in document["streams"] if not s["disposition"]["attached_pic"]]
    main = next((s for s in streams if s["codec_type"] == "video"), None)
    return {
        "container": document["format"],
        "picture": main,
        "sounds": [s for s in streams if s["codec_type"] == "audio"],
    }
