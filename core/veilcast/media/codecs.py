"""Which encoder continues which source codec, with which settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from veilcast.errors import UnsupportedError
from veilcast.media.framing import mpeg_kbits
from veilcast.media.still_encoding import GREY_JPEG, TIFF

if TYPE_CHECKING:
    from veilcast.media.info import AudioInfo, VideoInfo

Preset = Literal[
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
]
X26X_PRESETS: tuple[str, ...] = get_args(Preset)

THREADS = 6
"""Fixed, because x264's output depends on it and equal runs give equal bytes on every machine."""


class DeliverSettings(BaseModel):
    """The final encode. `same` keeps what the source was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    container: Literal["same", "mp4", "mov", "mkv", "webm"] = "same"
    codec: Literal["same", "h264", "hevc", "vp9", "av1", "ffv1"] = "same"
    crf: int | None = Field(default=None, ge=0, le=63, description="lower is better and larger")
    preset: Preset = "veryfast"
    sound: Literal["same", "aac", "opus", "flac", "pcm"] = "same"
    transcript: Literal["none", "vtt", "srt", "json"] = Field(
        default="none", description="what was said, without what was covered"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """An encoder by ffmpeg's name, with its options."""

    name: str
    pix_fmt: str = ""
    options: dict[str, str] = field(default_factory=dict)
    qscale: int = 0
    """Constant quantiser (1 best to 31) for the old codecs that have no crf."""
    counts_frames: bool = False
    """The encoder knows frame rates but no time stamps, so it is given frame numbers."""
    threads: int = THREADS
    frame_threads: bool = False
    """Several frames at a time rather than parts of one, which makes files larger."""


def _h264(settings: DeliverSettings, video: VideoInfo) -> Encoder:
    # a53cc: captions ride in frames as side data, and captions are words.
    options = {"preset": settings.preset, "crf": str(_crf(settings, 18)), "a53cc": "0"}
    params = [_repeatable(video.width), video.hdr.x264() if video.hdr else ""]
    options["x264-params"] = ":".join(filter(None, params))
    return Encoder(name="libx264", options=options, frame_threads=True)


_AVX_512F = 13
"""CV_CPU_AVX_512F of OpenCV's cvdef.h, which its Python module does not name."""


def _repeatable(width: int) -> str:
    """What makes x264 give the same bytes every time.

    Its macroblock tree for AVX-512 takes eight macroblocks at a time and reads on behind the last
    row's end when they are not a multiple of eight: memory that nothing wrote, so no two runs are
    alike. The usual widths (1920, 1280, 640) are not affected and keep the faster code.
    """
    import cv2

    across = -(-width // 16)
    return "asm=avx2" if across % 8 and cv2.checkHardwareSupport(_AVX_512F) else ""


def _hevc(settings: DeliverSettings, video: VideoInfo) -> Encoder:
    # info=0: no settings string in the stream. Fixed frame threads: repeatable output.
    params = ["log-level=none:info=0:frame-threads=2", video.hdr.x265() if video.hdr else ""]
    return Encoder(
        name="libx265",
        options={
            "preset": settings.preset,
            "crf": str(_crf(settings, 20)),
            "a53cc": "0",
            "x265-params": ":".join(filter(None, params)),
        },
        threads=0,
    )


def _vp9(settings: DeliverSettings, video: VideoInfo) -> Encoder:
    speed = min(8, max(0, 8 - X26X_PRESETS.index(settings.preset)))
    return Encoder(
        name="libvpx-vp9",
        options={
            "crf": str(_crf(settings, 20)),
            "b": "0",
            "deadline": "good",
            "cpu-used": str(min(speed, 5)),
            "row-mt": "1",
        },
    )


def _vp8(settings: DeliverSettings, video: VideoInfo) -> Encoder:
    # VP8 has no quality mode without a ceiling on the rate: one far above what crf asks for.
    return Encoder(
        name="libvpx",
        options={"crf": str(_crf(settings, 6)), "b": "60M", "deadline": "good", "cpu-used": "4"},
    )


def _av1(settings: DeliverSettings, video: VideoInfo) -> Encoder:
    params = ["lp=2", video.hdr.svt() if video.hdr else ""]
    speed = 12 - X26X_PRESETS.index(settings.preset)
    return Encoder(
        name="libsvtav1",
        options={
            "crf": str(_crf(settings, 22)),
            "preset": str(min(speed, 10)),
            "svtav1-params": ":".join(filter(None, params)),
        },
        threads=0,
    )


def _ffv1(settings: DeliverSettings, video: VideoInfo) -> Encoder:
    return Encoder(name="ffv1", options={"level": "3", "slicecrc": "1", "g": "1"})


def _crf(settings: DeliverSettings, default: int) -> int:
    return default if settings.crf is None else settings.crf


_MODERN = {
    "h264": _h264,
    "hevc": _hevc,
    "vp9": _vp9,
    "vp8": _vp8,
    "av1": _av1,
    "ffv1": _ffv1,
}
_OLD = {
    "mpeg4": ("mpeg4", 2),
    "mpeg2video": ("mpeg2video", 2),
    "mpeg1video": ("mpeg1video", 2),
    "wmv1": ("wmv1", 2),
    "wmv2": ("wmv2", 2),
    "h263": ("h263p", 2),
    "flv1": ("flv", 2),
    "mjpeg": ("mjpeg", 2),
    "prores": ("prores_ks", 0),
    "dnxhd": ("dnxhd", 0),
    "png": ("png", 0),
    "rawvideo": ("rawvideo", 0),
    "huffyuv": ("huffyuv", 0),
    "utvideo": ("utvideo", 0),
    "qtrle": ("qtrle", 0),
}
_COUNTING = ("mpeg4", "mpeg2video", "mpeg1video", "wmv1", "wmv2", "h263", "flv1")
_PRORES_PROFILES = {
    "Proxy": "proxy",
    "LT": "lt",
    "Standard": "standard",
    "HQ": "hq",
    "4444": "4444",
    "XQ": "4444xq",
}


_TIFF_FORMATS = re.compile(
    r"gray(16[lb]e)?|ya(8|16[lb]e)|rgb(24|48[lb]e)|rgba(64[lb]e)?|gbra?p(16[lb]e)?"
)


def _webp(video: VideoInfo) -> Encoder:
    """Lossless stays lossless, which ffmpeg's decoder shows by its pixel format."""
    if video.pix_fmt == "argb":
        return Encoder(
            name="libwebp", pix_fmt="bgra", options={"lossless": "1", "quality": "75"}, threads=1
        )
    encoder = Encoder(name="libwebp", options={"quality": "95"}, threads=1)
    return replace(encoder, pix_fmt=_pix_fmt(video, encoder.name))


def video_encoder(video: VideoInfo, settings: DeliverSettings) -> Encoder:
    """The encoder that keeps the source's codec family, or the one that the settings ask for.

    Raises:
        UnsupportedError: no encoder continues this codec in this pixel format.
    """
    codec = video.codec if settings.codec == "same" else settings.codec
    if (codec, video.pix_fmt) == ("mjpeg", "gray"):
        return Encoder(name=GREY_JPEG, pix_fmt="gray")
    if codec == "webp":
        return _webp(video)
    if codec == "tiff" and _TIFF_FORMATS.fullmatch(video.pix_fmt):
        return Encoder(name=TIFF, pix_fmt=video.pix_fmt)
    if (codec, video.pix_fmt) == ("h264", "gbrp"):
        # x264 takes the same samples, but only packed.
        return replace(
            _h264(settings, replace(video, hdr=None)), name="libx264rgb", pix_fmt="bgr24"
        )
    if codec in _MODERN:
        encoder = _MODERN[codec](settings, video)
    elif codec in _OLD:
        name, qscale = _OLD[codec]
        options = {}
        if codec == "prores":
            options["profile"] = _PRORES_PROFILES.get(video.profile, "standard")
        if codec == "mpeg2video":
            options["a53cc"] = "0"
        encoder = Encoder(
            name=name,
            options=options,
            qscale=qscale,
            counts_frames=codec in _COUNTING,
            threads=1,
        )
    else:
        raise UnsupportedError(
            "No encoder here continues the input's video codec; "
            "choose one with --set deliver.codec=h264 (and deliver.container=mp4)."
        )
    return replace(encoder, pix_fmt=_pix_fmt(video, encoder.name))


def _pix_fmt(video: VideoInfo, encoder: str) -> str:
    import av

    offered = av.codec.Codec(encoder, "w").video_formats
    names = {fmt.name for fmt in offered} if offered else {video.pix_fmt}
    if video.pix_fmt in names:
        return video.pix_fmt
    raise UnsupportedError(
        "The encoder that continues the input can't hold its pixel format without loss; "
        "choose another with --set deliver.codec=..."
    )


_AUDIO = {
    "aac": "aac",
    "mp3": "libmp3lame",
    "mp2": "mp2",
    "opus": "libopus",
    "ac3": "ac3",
    "eac3": "eac3",
    "alac": "alac",
    "flac": "flac",
    "pcm": "pcm_s16le",
}
_MISPLACED = ("wmav1", "wmav2", "wmapro", "wmavoice", "wmalossless")
"""Their decoders give every sample the time of a later packet, so a span would be in another place.
"""
_AC3_KBITS = (*mpeg_kbits(2, version_1=True), 448, 512, 576, 640)
"""What AC-3 allows (ETSI TS 102 366, table 5.18), but for the two lowest that nobody needs."""
_OPUS_HZ = 48_000
_OPUS_MOST = 256_000
"""Bits per second and channel."""


def audio_encoder(audio: AudioInfo, bit_rate: int, settings: DeliverSettings) -> Encoder:
    """The encoder that keeps the source's sound codec, or the one that the settings ask for.

    Args:
        audio: the source's stream.
        bit_rate: of that stream, in bits per second: a lossy codec gets no less.
        settings: of delivery.

    Raises:
        UnsupportedError: no encoder continues this codec.
    """
    codec = audio.codec if settings.sound == "same" else settings.sound
    name = codec if codec.startswith("pcm_") else _AUDIO.get(codec)
    if audio.codec in _MISPLACED:
        raise UnsupportedError(
            "Sound in Windows Media Audio can't be changed to the sample; "
            "convert the sound to AAC, FLAC or Opus first."
        )
    if name == "libopus" and audio.rate_hz != _OPUS_HZ:
        raise UnsupportedError(
            "Opus plays at 48 kHz and the input's sound has another sample rate; "
            "choose another codec that fits its container with --set deliver.sound=aac (flac, pcm)."
        )
    if name is None or (name == "alac" and audio.bits > 24):
        raise UnsupportedError(
            "No encoder here continues the input's sound codec, so its sound can't be changed; "
            "choose one that fits its container with --set deliver.sound=aac (opus, flac, pcm), or "
            "convert the sound to AAC, FLAC or Opus first."
        )
    if name.startswith("pcm_") or name == "alac":
        return Encoder(name=name, threads=1)
    if name == "flac":
        # Beyond 24 bits it wants to be asked for them, and would cut them off otherwise.
        deep = {"bits_per_raw_sample": "32", "strict": "experimental"}
        return Encoder(name=name, options=deep if audio.bits > 24 else {}, threads=1)
    rate = max(bit_rate, 96_000 * max(1, audio.channels))
    return Encoder(name=name, options={"b": str(_allowed(name, rate, audio))}, threads=1)


def _allowed(encoder: str, rate: int, audio: AudioInfo) -> int:
    """The least bit rate that the encoder takes and that is no less than `rate`."""
    if encoder == "libopus":
        return min(rate, _OPUS_MOST * audio.channels)
    if encoder not in ("mp2", "ac3"):
        return rate
    kbits = _AC3_KBITS if encoder == "ac3" else mpeg_kbits(2, version_1=audio.rate_hz >= 32_000)
    return next((k * 1000 for k in kbits if k * 1000 >= rate), kbits[-1] * 1000)
