"""Reading on to where a file can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av.container import InputContainer
    from av.packet import Packet


def packets_of(container: InputContainer, streams: Sequence[Any]) -> Iterator[Packet[Any] | None]:
    """Every packet, and None where the file breaks off; then one for each stream that is empty.

    The empty ones make decoders give what they still hold.
    """
    import av

    try:
        yield from container.demux(list(streams))
    except av.error.FFmpegError:
        yield None
        for stream in streams:
            last: Any = av.Packet()
            last.stream = stream
            yield last
