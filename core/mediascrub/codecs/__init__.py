"""What is written into coded pictures and sound beside them, and taking it out.

Captions, an encoder's settings, a camera's name, a time of day: codecs have room for them inside
the stream, where neither a muxer nor ExifTool removes them. Decoded frames and samples stay the
same to the bit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mediascrub.codecs.scrubber import Scrubber

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Scrubber", "scrubber"]

_MODULES: Mapping[str, str] = {
    "h264": "h264",
    "hevc": "hevc",
    "av1": "av1",
    "vp8": "vp8",
    "vp9": "vp9",
    "mpeg1video": "mpeg2",
    "mpeg2video": "mpeg2",
    "mpeg4": "mpeg4",
    "vc1": "vc1",
    "mjpeg": "mjpeg",
    "dvvideo": "dv",
    "mp3": "mp3",
    "aac": "aac",
    "aac_latm": "latm",
    "opus": "opus",
    "vorbis": "xiph",
    "theora": "xiph",
    "flac": "flac",
}


def scrubber(codec: str, extradata: bytes) -> Scrubber | None:
    """What cleans the packets of one stream, or None where the codec has no room for anything.

    Args:
        codec: ffmpeg's name.
        extradata: the codec configuration as the demuxer gives it.

    Raises:
        DamagedError: the codec configuration is damaged.
    """
    module = "pcm" if codec.startswith("pcm_") else _MODULES.get(codec)
    if module is None:
        return None
    made: Scrubber = import_module(f"mediascrub.codecs.{module}").scrubber(extradata)
    return made
