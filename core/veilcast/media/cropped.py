"""Pictures of which a recording holds more than it shows.

A player leaves the rest out, and anybody can have it shown again with one command. A decoder leaves
it out as well, so a picture that is encoded anew from its decoded frames has lost it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mediascrub.packets import PacketCleaner
from veilcast.errors import UnsupportedError
from veilcast.media.guard import media_errors, open_input

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.media.info import MediaInfo

_CODECS = ("h264", "hevc")
_LOOKED_AT = 32
"""Packets: where the picture begins to be cropped later, copying it finds out."""
_ALIGNED, _MISALIGNED = 64, 16
"""FFmpeg crops by whole units of samples at the left, and shows the others: with any sample format
by multiples of the first, with none by less than the second.
"""
CROPPED = (
    "The input holds more picture than it shows: parts are cropped away by a note in the stream "
    "and can be had back. Encode it anew first, which takes them out, e.g. with "
    "'ffmpeg -i IN -c:v libx264 -crf 18 -c:a copy OUT.mp4'."
)


def has_hidden_margin(path: Path, media: MediaInfo) -> bool:
    """Whether the picture's stream holds margins that are not shown (H.264 and HEVC).

    Args:
        path: the file, under a neutral name.
        media: what it holds.

    Raises:
        UnsupportedError: they are so placed that decoding would show a part of them.
    """
    video = media.video
    if media.kind != "video" or video is None or video.codec not in _CODECS:
        return False
    with media_errors(), open_input(path) as container:
        stream = container.streams[video.index]
        cleaner = PacketCleaner(video.codec, bytes(stream.codec_context.extradata or b""))
        for packet in islice(container.demux(stream), _LOOKED_AT):
            if packet.size:
                cleaner.push(packet)
    for crop in cleaner.crops:
        if crop.left % (_ALIGNED if crop.hides else _MISALIGNED):
            raise UnsupportedError(CROPPED)
    return any(crop.hides for crop in cleaner.crops)


def refuse_hidden_margin(cleaner: PacketCleaner) -> None:
    """Stop when a stream that was copied through this cleaner hides parts of its picture.

    Raises:
        UnsupportedError: it does.
    """
    if any(crop.hides for crop in cleaner.crops):
        raise UnsupportedError(CROPPED)
