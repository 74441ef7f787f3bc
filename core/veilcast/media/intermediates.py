"""Encoders that keep every sample: for files between one step and the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.media.codecs import Encoder, formats_of

if TYPE_CHECKING:
    from veilcast.media.info import AudioInfo

_PCM = {
    "u8": "pcm_u8",
    "s16": "pcm_s16le",
    "s32": "pcm_s32le",
    "flt": "pcm_f32le",
    "dbl": "pcm_f64le",
}


def intermediate_picture(pix_fmt: str) -> Encoder:
    """What keeps every sample of a picture: FFV1, or raw video where FFV1 lacks the format."""
    if pix_fmt in formats_of("ffv1"):
        return Encoder(name="ffv1", pix_fmt=pix_fmt, options={"level": "3", "g": "1"})
    return Encoder(name="rawvideo", pix_fmt=pix_fmt)


def lossless_picture(pix_fmt: str) -> Encoder:
    """What keeps every sample in less room, and is decoded faster, where H.264 has the format.

    A recording that was coded before repeats itself from frame to frame, so H.264 without loss is
    half as large as FFV1 and is decoded in a quarter of the time.
    """
    if pix_fmt.startswith("nv") or pix_fmt not in formats_of("h264"):
        return intermediate_picture(pix_fmt)
    return Encoder(
        name="libx264",
        pix_fmt=pix_fmt,
        options={"qp": "0", "preset": "ultrafast", "a53cc": "0"},
        frame_threads=True,
    )


def lossless_sound(audio: AudioInfo) -> Encoder:
    """What keeps every decoded sample of this stream."""
    return Encoder(name=_PCM[audio.sample_fmt.rstrip("p")], threads=1)
