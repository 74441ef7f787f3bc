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
from veilcast.media.info import AudioInfo
from veilcast.media.sound import HOLE_S, rounding_s

if TYPE_CHECKING:
    from pathlib import Path

    from av.packet import Packet

    from veilcast.extensions import Progress
    from veilcast.media.info import MediaInfo, StreamInfo

UNTIMED = frozenset({"wav", "w64", "aiff", "flac", "mp3", "aac", "amr"})
"""Containers of sound alone, without time stamps of their own: none can be wrong."""
_CALLS = ("vp8", "vp9")
_EVEN = ("aac", "mp2", "mp3", "ac3", "eac3", "opus", "alac", "amr_nb", "amr_wb")
"""Each packet of these has as many samples as any other, but for the last."""
_RECENT = 64
"""Frames among which an equal time would be."""


@dataclass(slots=True)
class Scanned:
    """One stream. Times are counted in its own ticks: fractions take long.

    Attributes:
        info: what its header says.
        packets: how many there are.
        odd_times: a packet has no time, or the same as another; or sound has a gap or an overlap.
        broken: a packet is marked as damaged.
        headless: a picture begins with a frame that needs others before it.
        sizes: of key frames, for the codecs of calls over the network, which change it on the way.
        last: the end of the last packet.
    """

    info: StreamInfo
    packets: int = 0
    odd_times: bool = False
    broken: bool = False
    headless: bool = False
    sizes: set[tuple[int, int]] = field(default_factory=set)
    last: int = 0
    _recent: deque[int] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _following: int | None = None
    _usual: int = 0
    _tick: Fraction = Fraction(0)
    _slack: Fraction = Fraction(0)
    _counted: bool = False
    _decoder: Any = None

    @property
    def end(self) -> Fraction:
        """Of the last packet, in seconds."""
        return self.last * self._tick

    @property
    def doubtful(self) -> bool:
        """Only decoding says whether something is wrong."""
        return self.odd_times or self.broken or self.headless or len(self.sizes) > 1

    def see(self, packet: Packet[Any]) -> None:
        """Look at the next packet."""
        self.packets += 1
        if not self._tick and packet.time_base:
            self._tick = packet.time_base
            if isinstance(self.info, AudioInfo):
                self._slack = max(HOLE_S, rounding_s(self.info)) / self._tick
        if packet.is_corrupt:
            self.broken = True
        pts, duration = packet.pts, packet.duration or 0
        if pts is not None and pts + duration > self.last:
            self.last = pts + duration
        if packet.is_discard:
            return
        if isinstance(self.info, AudioInfo):
            if pts is not None:
                self._see_sound(pts, duration)
            return
        if self.packets == 1:
            self.headless = not packet.is_keyframe
        self._see_picture(pts)
        if self.info.codec in _CALLS and packet.is_keyframe:
            self._see_size(packet)

    def _see_picture(self, pts: int | None) -> None:
        if pts is None:
            self.odd_times = True
            return
        # AVI only counts frames: what is shown in another order than it is coded gets wrong times.
        backwards = self._counted and self._recent and pts < self._recent[-1]
        if backwards or pts in self._recent:
            self.odd_times = True
        self._recent.append(pts)

    def _see_size(self, packet: Packet[Any]) -> None:
        import av

        if self._decoder is None:
            self._decoder = av.CodecContext.create(self.info.codec, "r")
        with contextlib.suppress(av.error.FFmpegError):  # decoding all of it says what is wrong
            self.sizes |= {(frame.width, frame.height) for frame in self._decoder.decode(packet)}

    def _see_sound(self, pts: int, duration: int) -> None:
        following = self._following
        if following is not None and self.packets > 2 and abs(pts - following) > self._slack:
            self.odd_times = True
            following = pts
        # The first may hold nothing but an encoder's delay, and be stamped apart.
        if following is None or self.packets <= 2:
            following = pts
        self._following = following + duration
        # MP4 has no gaps: a packet lasts until the next one begins.
        self._usual = self._usual or duration
        if self.info.codec in _EVEN and duration - self._usual > self._slack:
            self.odd_times = True


def scan(path: Path, media: MediaInfo, progress: Progress) -> dict[int, Scanned]:
    """Look at every packet of picture and sound.

    Args:
        path: the file, under a neutral name.
        media: what it holds.
        progress: told about seconds read.

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
        for packet in packets_of(container, streams, "reading", progress):
            if packet is None:  # nobody knows whose packet it would have been
                for one in seen.values():
                    one.broken = True
            elif packet.size:
                seen[packet.stream_index].see(packet)
    return seen
