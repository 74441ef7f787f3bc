"""A plain re-encode: the source through the same encoder with the same settings, nothing covered.

Only the choice of encoder and its options are Veilcast's; reading, encoding and decoding are not.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import cv2
from redaction.pictures import components

from veilcast.media.codecs import DeliverSettings, video_encoder
from veilcast.media.encoding import BITEXACT, INTERLACED, LAMBDA, QSCALE
from veilcast.media.probe import probe
from veilcast.media.still_encoding import GREY_JPEG, QUALITY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


def reencoded(path: Path, settings: DeliverSettings | None = None) -> Iterator[list[NDArray[Any]]]:
    """The components of every frame after it was encoded and decoded."""
    video = probe(path).video
    assert video is not None
    settings = settings or DeliverSettings()
    codec = video.codec if settings.codec == "same" else settings.codec
    chosen = video_encoder(video, codec, settings)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if chosen.name == GREY_JPEG:
            yield from (_grey(frame) for frame in container.decode(stream))
            return
        encoder: Any = av.CodecContext.create(chosen.name, "w")
        encoder.width, encoder.height = stream.width, stream.height
        encoder.pix_fmt = chosen.pix_fmt
        rate = stream.average_rate or Fraction(25)
        encoder.time_base = 1 / rate if chosen.counts_frames else stream.time_base
        encoder.framerate = rate
        encoder.options = dict(chosen.options)
        encoder.bit_rate = 0
        encoder.color_range = stream.color_range
        encoder.flags |= BITEXACT
        encoder.thread_count = chosen.threads
        if chosen.frame_threads:
            encoder.thread_type = "FRAME"
        if chosen.qscale:
            encoder.flags |= QSCALE
            encoder.global_quality = chosen.qscale * LAMBDA
        if video.field_order == "tt":
            encoder.flags |= INTERLACED
        packets = []
        for count, frame in enumerate(container.decode(stream)):
            picture = frame.reformat(format="rgba") if frame.format.name == "pal8" else frame
            picture.pts = count if chosen.counts_frames else frame.pts
            picture.time_base = encoder.time_base
            picture.pict_type = 0
            packets += encoder.encode(picture)
        packets += encoder.encode(None)
        decoder: Any = av.CodecContext.create(stream.codec_context.codec.name, "r")
    decoder.width, decoder.height = encoder.width, encoder.height
    decoder.extradata = encoder.extradata
    for packet in [*packets, None]:
        yield from (components(frame) for frame in decoder.decode(packet))


def _grey(frame: av.VideoFrame) -> list[NDArray[Any]]:
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    _, data = cv2.imencode(".jpg", frame.to_ndarray(format="gray"), options)
    (decoded,) = av.CodecContext.create("mjpeg", "r").decode(av.Packet(data.tobytes()))
    return components(decoded)
