"""Packets without what is written into them and beside them, ready for a muxer."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any, cast

from mediascrub.codecs import kinds, scrubber
from mediascrub.codecs.nal_units import UnitScrubber
from mediascrub.codecs.scrubber import LateScrubber, ViewScrubber

if TYPE_CHECKING:
    from collections.abc import Iterable

    from av import Packet

    from mediascrub.codecs.cropping import Crop
    from mediascrub.codecs.scrubber import Scrubber

KEPT_SIDE_DATA = frozenset(("palette", "param_change", "skip_samples", "mpegts_stream_id"))
"""What FFmpeg hands over beside a packet and playing it needs."""

_TAGS = frozenset(("strings_metadata", "metadata_update"))
"""The container's own tags once more: they are told where tags are told."""
_ALPHA_CODECS = ("vp8", "vp9")
_ALPHA = (1).to_bytes(8)
"""BlockAddID of transparency in WebM; others are captions, time codes and the like."""
_EMPTY_CODECS = ("vp8", "vp9", "av1")
"""Empty packets say nothing about those before them."""
_NAMED = {
    "a53_cc": kinds.CAPTIONS,
    "s12m_timecode": kinds.TIME_CODE,
    "prft": kinds.RECORDED,
    "dynamic_hdr10_plus": kinds.DYNAMIC_HDR,
}


class PacketCleaner:
    """Cleans the packets of one stream.

    Attributes:
        extradata: the codec configuration without what is not playback.
        changed: whether it is another one.
        removed: how many of each kind were taken out so far, by a name for people.
    """

    def __init__(self, codec: str, extradata: bytes) -> None:
        """Prepare.

        Args:
            codec: ffmpeg's name.
            extradata: the codec configuration as the demuxer gives it.

        Raises:
            DamagedError: the configuration is damaged.
        """
        self._codec = codec
        self._scrubber = scrubber(codec, extradata)
        # Asked once: what a protocol needs is looked up anew every time.
        late = isinstance(self._scrubber, LateScrubber)
        self._late = cast("LateScrubber", self._scrubber) if late else None
        viewed = not late and isinstance(self._scrubber, ViewScrubber)
        self._views = cast("ViewScrubber", self._scrubber) if viewed else None
        self._beside: Counter[str] = Counter()
        self._crops: set[Crop] = set()
        self._waiting: deque[tuple[Packet[Any], bytes]] = deque()
        self.extradata = self._scrubber.extradata if self._scrubber else extradata
        self.changed = self.extradata != extradata

    @property
    def removed(self) -> Counter[str]:
        """Inside the packets and beside them."""
        inside = self._scrubber.removed if self._scrubber else Counter[str]()
        return inside + self._beside

    @property
    def crops(self) -> set[Crop]:
        """What the stream's parameter sets met so far say is not shown of the picture."""
        return self._crops | _crops(self._scrubber)

    def push(self, packet: Packet[Any]) -> list[Packet[Any]]:
        """Take the stream's next packet, and give those that are clean by now.

        Packets in which nothing is left are left out.

        Raises:
            DamagedError: a packet can't be taken apart.
        """
        if self._scrubber is None:
            return [self._without_side_data(packet)]
        if not packet.size and self._codec not in _EMPTY_CODECS:
            # FLAC's encoder ends with one, whose configuration is the final one.
            return [*self.flush(), self._without_side_data(packet)]
        if self._late is not None:
            content = bytes(packet)
            self._waiting.append((packet, content))
            return self._done(self._late.push(content))
        after: bytes | memoryview | None
        if self._views is not None:
            with memoryview(packet) as view:  # not for longer: what it shows goes with the packet
                after = self._views.packet(view)
                same = after is view
        else:
            content = bytes(packet)
            after = self._scrubber.packet(content)
            same = after is content
        if same:
            return [self._without_side_data(packet)]
        return self._changed(packet, cast("bytes | None", after))

    def flush(self) -> list[Packet[Any]]:
        """Give the rest: there are no more packets."""
        return [] if self._late is None else self._done(self._late.flush())

    def _done(self, contents: list[bytes | None]) -> list[Packet[Any]]:
        done = []
        for after in contents:
            packet, before = self._waiting.popleft()
            if after is before:
                done.append(self._without_side_data(packet))
            else:
                done += self._changed(packet, after)
        return done

    def _changed(self, packet: Packet[Any], after: bytes | None) -> list[Packet[Any]]:
        if after is None:
            return []
        if len(after) == packet.size:
            packet.update(after)  # keeps what marks the packet as one to be discarded
            return [self._without_side_data(packet)]
        return [renewed(packet, after, self._wanted(packet))]

    def _without_side_data(self, packet: Packet[Any]) -> Packet[Any]:
        there = len(list(packet.iter_sidedata()))
        if not there:
            return packet
        before = self._beside.total()
        wanted = self._wanted(packet)
        same = len(wanted) == there and self._beside.total() == before
        return packet if same else renewed(packet, bytes(packet), wanted)

    def _wanted(self, packet: Packet[Any]) -> list[Any]:
        wanted = []
        for item in packet.iter_sidedata():
            alpha = self._codec in _ALPHA_CODECS and bytes(item)[:8] == _ALPHA
            kind = item.data_type
            if kind == "new_extradata":
                wanted.append(self._configuration(item))
            elif kind in KEPT_SIDE_DATA or (kind == "matroska_block_additional" and alpha):
                wanted.append(item)
            elif kind not in _TAGS:
                self._beside[_NAMED.get(kind, kinds.AUXILIARY)] += 1
        return wanted

    def _configuration(self, item: Any) -> Any:
        """A codec configuration that holds from a packet on, cleaned as the first was."""
        from av.packet import PacketSideData, packet_sidedata_type_from_literal

        before = bytes(item)
        made = scrubber(self._codec, before)
        self._crops |= _crops(made)
        if made is None or made.extradata == before or not made.extradata:
            return item
        self._beside += made.removed
        new: Any = PacketSideData
        fresh = new(packet_sidedata_type_from_literal("new_extradata"), len(made.extradata))
        fresh.update(made.extradata)
        return fresh


def _crops(made: Scrubber | None) -> set[Crop]:
    return made.crops if isinstance(made, UnitScrubber) else set()


def renewed(packet: Packet[Any], content: bytes, beside: Iterable[Any]) -> Packet[Any]:
    """A packet of the same times with other content.

    Args:
        packet: whose times, and whether it is a key frame, go over.
        content: what it is to hold.
        beside: its side data.
    """
    import av

    # Not from the bytes at once: parsers read on behind the end, where zeros must be.
    fresh: Packet[Any] = av.Packet(len(content))
    if content:
        fresh.update(content)
    fresh.pts, fresh.dts, fresh.duration = packet.pts, packet.dts, packet.duration
    if packet.time_base:
        fresh.time_base = packet.time_base
    fresh.is_keyframe = packet.is_keyframe
    for item in beside:
        fresh.set_sidedata(item)
    return fresh
