"""What is written into the streams of a file beside picture and sound."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import TYPE_CHECKING

from mediascrub.packets import PacketCleaner
from veilcast.media.guard import media_errors, open_input

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.media.info import MediaInfo


def survey(path: Path, media: MediaInfo, progress: Progress) -> Counter[tuple[int, str]]:
    """What delivering the file would take out of its streams, by stream index and kind.

    Reads the file once, and holds the few packets that cleaning needs. Stills are no streams.

    Args:
        path: the file, under a neutral name.
        media: what it holds.
        progress: told about seconds read.

    Raises:
        TruncatedError: it is damaged, so nobody can say what is in it.
    """
    found: Counter[tuple[int, str]] = Counter()
    if media.still_format is not None:
        return found
    with media_errors(), open_input(path) as container:
        lanes = {}
        for info in media.streams:
            if info.role != "side":
                extradata = container.streams[info.index].codec_context.extradata
                lanes[info.index] = PacketCleaner(info.codec, bytes(extradata or b""))
        done = 0
        clocks = {index: container.streams[index].time_base for index in lanes}
        # By stream, the time of the next second, in its ticks: fractions take long to count.
        due: dict[int, int] = dict.fromkeys(lanes, 0)
        for packet in container.demux([container.streams[index] for index in lanes]):
            if not packet.size:
                continue
            at, dts = packet.stream_index, packet.dts
            lanes[at].push(packet)
            clock = clocks[at]
            if dts is not None and clock and dts >= due[at]:
                seconds = int(dts * clock - media.origin)
                if seconds > done:
                    done = seconds
                    progress("examining streams", done, None)
                due[at] = ceil((done + 1 + media.origin) / clock)
        for index, lane in lanes.items():
            lane.flush()
            for kind, count in lane.removed.items():
                found[index, kind] += count
    return found
