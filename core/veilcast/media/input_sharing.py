"""Input files opened once for all the streams that are copied from them.

Two streams of one file, each read through an opening of its own, would mean to read the file twice:
a demuxer of Matroska reads what it then leaves out, and one of MP4 reads around it.
"""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any

from veilcast.media.guard import fault, open_input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set
    from pathlib import Path
    from types import TracebackType

    from av import Packet
    from av.container import InputContainer

    from veilcast.media.info import MediaInfo

_INTERLEAVED = frozenset(("mp4", "mov", "m4a", "3gp", "mkv", "webm"))
"""Families whose demuxer gives each stream the same packets whatever else is read beside it.

Each packet has a time of its own there. In others times are guessed, also from other streams.
"""
_MOST_WAITING = 32 << 20
_PACKET = 1024
"""Bytes that a packet takes in memory beside what it holds, at most."""


class SharedInput:
    """One file, and the packets of each wanted stream in the order in which they are asked for."""

    def __init__(self, path: Path, media: MediaInfo, wanted: Set[int]) -> None:
        """Open it.

        Args:
            path: the file, under a neutral name.
            media: what it holds.
            wanted: indices of its streams.
        """
        self._path, self._media = path, media
        self._opened = contextlib.ExitStack()
        self.container = self._open(wanted)
        self._lanes: dict[int, deque[Packet[Any]] | None] = {index: deque() for index in wanted}
        streams = [self.container.streams[index] for index in sorted(wanted)]
        self._demuxed = self.container.demux(streams)
        self._asked: set[int] = set()
        self._waiting = 0

    def close(self) -> None:
        """Close what was opened."""
        self._opened.close()

    def packets(self, index: int) -> Iterator[Packet[Any]]:
        """Those of one stream, in their order, as its demuxer gives them; to be asked for once.

        What others have to wait for is kept. When that becomes much, since the file is not
        interleaved, the stream that waits is read through an opening of its own: memory does not
        depend on how a file is interleaved.
        """
        if index in self._asked:
            raise fault("A stream was to be copied twice")
        self._asked.add(index)
        given = 0
        while (lane := self._lanes[index]) is not None:
            if lane:
                packet = lane.popleft()
                self._waiting -= packet.size + _PACKET
            else:
                found = self._next(index)
                if found is None:
                    return
                packet = found
            given += 1
            yield packet
        alone = self._open({index})
        for number, packet in enumerate(alone.demux(alone.streams[index])):
            if number >= given:
                yield packet

    def _next(self, index: int) -> Packet[Any] | None:
        """The stream's next one; those of other streams before it have to wait."""
        lanes = self._lanes
        for packet in self._demuxed:
            at = packet.stream.index
            if at == index:
                return packet
            lane = lanes[at]
            if lane is None:
                continue
            lane.append(packet)
            self._waiting += packet.size + _PACKET
            if self._waiting > _MOST_WAITING:
                self._part()
        return None

    def _part(self) -> None:
        """Let go of the stream that has most waiting."""
        held = {
            index: sum(packet.size + _PACKET for packet in lane)
            for index, lane in self._lanes.items()
            if lane
        }
        index = max(held, key=lambda index: held[index])
        self._waiting -= held[index]
        self._lanes[index] = None

    def _open(self, wanted: Set[int]) -> InputContainer:
        from av.stream import Discard

        container = self._opened.enter_context(open_input(self._path, self._media.still_format))
        for stream in container.streams:
            if stream.index not in wanted:
                stream.discard = Discard.all  # where a demuxer can, it does not even read them
        return container


class Inputs:
    """The inputs of one output; closed together, also when one of them is damaged."""

    def __init__(self, copied: Iterable[tuple[Path, MediaInfo, int]]) -> None:
        """Nothing is opened yet.

        Args:
            copied: file, what it holds, and index of each stream that is copied.
        """
        self._wanted: dict[Path, set[int]] = {}
        self._shared: dict[Path, SharedInput] = {}
        self._opened = contextlib.ExitStack()
        for path, media, index in copied:
            if media.container in _INTERLEAVED:
                self._wanted.setdefault(path, set()).add(index)

    def __enter__(self) -> Inputs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    def of(self, path: Path, media: MediaInfo, index: int) -> SharedInput:
        """What to read a stream from.

        Raises:
            FFmpegError: it can't be opened.
        """
        if media.container not in _INTERLEAVED:
            return self._open(path, media, {index})
        if path not in self._shared:
            self._shared[path] = self._open(path, media, self._wanted[path])
        return self._shared[path]

    def _open(self, path: Path, media: MediaInfo, wanted: Set[int]) -> SharedInput:
        made = SharedInput(path, media, wanted)
        self._opened.callback(made.close)
        return made
