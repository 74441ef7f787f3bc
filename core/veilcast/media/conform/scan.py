"""What packets say of a file without decoding them."""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from veilcast.errors import TruncatedError
from veilcast.media.conform.patience import packets_of
from veilcast.media.guard import DAMAGED, media_errors, open_input
from veilcast.media.info import AudioInfo, VideoInfo
from veilcast.media.sound import HOLE_S, rounding_s

if TYPE_CHECKING:
    from pathlib import Path

    from av.packet import Packet

    from veilcast.media.info import MediaInfo, StreamInfo

UNTIMED = frozenset({"wav", "w64", "aiff", "flac", "mp3", "aac", "amr"})
"""Containers of sound alone, without time stamps of their own: none can be wrong."""
_CALLS = ("vp8", "vp9")
_RECENT = 64
"""Frames among which an equal time would be."""


@dataclass(slots=True)
class Scanned:
    """One stream.

    Attributes:
        packets: how many there are.
        odd_times: a packet has no time, or the same as another; or sound has a gap or an overlap.
        broken: a packet is marked as damaged.
        sizes: of key frames, for the codecs of calls over the network, which change it on the way.
        end: of the last packet, in seconds.
    """

    info: StreamInfo
    packets: int = 0
    odd_times: bool = False
    broken: bool = False
    end: Fraction = Fraction(0)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    _recent: deque[int] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _following: Fraction | None = None
    _counted: bool = False
    _decoder: Any = None

    @property
    def doubtful(self) -> bool:
        """Only decoding says whether something is wrong."""
        return self.odd_times or self.broken or len(self.sizes) > 1

    def see(self, packet: Packet[Any]) -> None:
        self.packets += 1
        self.broken |= packet.is_corrupt
        if packet.pts is not None and packet.time_base is not None:
            self.end = max(self.end, (packet.pts + (packet.duration or 0)) * packet.time_base)
        if packet.is_discard:
            return
        if isinstance(self.info, VideoInfo):
            self._see_picture(packet)
            if packet.is_keyframe and self.info.codec in _CALLS:
                self._see_size(packet, self.info.codec)
        elif isinstance(self.info, AudioInfo):
            self._see_sound(packet, self.info)

    def _see_picture(self, packet: Packet[Any]) -> None:
        pts = packet.pts
        if pts is None:
            self.odd_times = True
            return
        self.odd_times |= pts in self._recent
        # AVI only counts frames: what is shown in another order than it is coded gets wrong times.
        self.odd_times |= self._counted and bool(self._recent) and pts < self._recent[-1]
        self._recent.append(pts)

    def _see_size(self, packet: Packet[Any], codec: str) -> None:
        import av

        if self._decoder is None:
            self._decoder = av.CodecContext.create(codec, "r")
        with contextlib.suppress(av.error.FFmpegError):  # decoding all of it says what is wrong
            self.sizes |= {(frame.width, frame.height) for frame in self._decoder.decode(packet)}

    def _see_sound(self, packet: Packet[Any], audio: AudioInfo) -> None:
        if packet.pts is None or packet.time_base is None:
            return
        at = packet.pts * packet.time_base
        slack = max(HOLE_S, rounding_s(audio))
        if self._following is not None and self.packets > 2:
            self.odd_times |= abs(at - self._following) > slack
        if self._following is None or abs(at - self._following) > slack or self.packets <= 2:
            self._following = at
        self._following += (packet.duration or 0) * packet.time_base


def scan(path: Path, media: MediaInfo) -> dict[int, Scanned]:
    """Look at every packet of picture and sound.

    Args:
        path: the file, under a neutral name.
        media: what it holds.

    Returns:
        What was seen, by stream index.

    Raises:
        TruncatedError: the container is damaged.
    """
    kept = [info for info in media.streams if info.role != "side"]
    seen = {info.index: Scanned(info, _counted=media.container == "avi") for info in kept}
    with media_errors(), open_input(path) as container:
        if max(seen, default=0) >= len(container.streams):
            raise TruncatedError(DAMAGED)  # a stream that only begins in the damaged part
        streams = [container.streams[index] for index in seen]
        for packet in packets_of(container, streams):
            if packet is None:  # nobody knows whose packet it would have been
                for one in seen.values():
                    one.broken = True
            elif packet.size:
                seen[packet.stream_index].see(packet)
    return seen
