"""Reading on to where a file can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av.container import InputContainer
    from av.packet import Packet

    from veilcast.extensions import Progress

_TOLD_EVERY = 256


def silent(activity: str, done: int, total: int | None) -> None:
    """Progress that nobody is told."""


def packets_of(
    container: InputContainer, streams: Sequence[Any], activity: str, progress: Progress
) -> Iterator[Packet[Any] | None]:
    """Every packet, and None where the file breaks off; then one for each stream that is empty.

    The empty ones make decoders give what they still hold.

    Args:
        container: an open file.
        streams: of it.
        activity: what is done with the packets, for people.
        progress: told about seconds read; it raises an interrupt.
    """
    import av

    try:
        for number, packet in enumerate(container.demux(list(streams))):
            if number % _TOLD_EVERY == 0:
                at = (packet.pts or 0) * (packet.time_base or 0)
                progress(activity, max(0, int(at)), None)
            yield packet
    except av.error.FFmpegError:
        yield None
        for stream in streams:
            last: Any = av.Packet()
            last.stream = stream
            yield last
