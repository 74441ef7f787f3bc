"""Which encoder continues which source codec, with which settings."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from functools import cache
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
    fidelity: Literal["auto", "exact", "conformed"] = Field(
        default="auto",
        description="auto changes what can't be kept exactly, and says so; exact refuses it; "
        "conformed decodes and encodes everything anew",
    )
    accept_loss: bool = Field(
        default=False,
        description="go on although more than 1 % or 2 s of the recording can't be decoded",
    )
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
_DNXHR_PROFILES = {"yuv422p10le": "dnxhr_hqx", "yuv444p10le": "dnxhr_444"}
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


def video_encoder(video: VideoInfo, codec: str, settings: DeliverSettings) -> Encoder:
    """The encoder for this codec.

    Args:
        video: what the picture has to be like.
        codec: ffmpeg's name.
        settings: of delivery.

    Raises:
        UnsupportedError: no encoder writes this codec in this pixel format.
    """
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
        if codec == "dnxhd":
            # DNxHR has any size and rate; DNxHD only those of its tables (SMPTE ST 2019-1).
            options["profile"] = _DNXHR_PROFILES.get(video.pix_fmt, "dnxhr_hq")
        if codec == "mjpeg":
            options["strict"] = "unofficial"  # cameras write studio range, which no standard has
        encoder = Encoder(
            name=name,
            options=options,
            qscale=qscale,
            counts_frames=codec in _COUNTING,
            threads=1,
        )
    else:
        raise UnsupportedError(
            "Nothing here writes this video codec; "
            "choose one with --set deliver.codec=h264 (and deliver.container=mp4)."
        )
    return replace(encoder, pix_fmt=_pix_fmt(video, encoder.name))


_UNREAD = ("yuva422p12le", "yuva444p12le", "gbrap14le", "gray14le")
"""Older ffprobes do not know these, and a file must be read by them."""
_PRORES_DEEP = {"yuv444p12le": "yuv444p10le", "yuva444p12le": "yuva444p10le"}
"""ProRes 4444 is always decoded to 12 bits; the encoder takes 10."""


@cache
def takes(muxer: str, encoder: str) -> bool:
    """Whether a container of this kind takes what this encoder writes: found out by asking."""
    import av

    with av.open(os.devnull, "w", format=muxer) as out:
        try:
            out.add_stream(encoder)
        except ValueError:
            return False
    return True


def formats_of(codec: str) -> tuple[str, ...]:
    """The pixel formats that can be written in this codec; none where they do not matter."""
    import av

    ours = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "vp8": "libvpx"}
    ours |= {"av1": "libsvtav1", "ffv1": "ffv1", "webp": "libwebp"}
    name = ours.get(codec) or _OLD.get(codec, ("", 0))[0]
    offered = av.codec.Codec(name, "w").video_formats if name else None
    return tuple(fmt.name for fmt in offered or () if fmt.name not in _UNREAD)


def _pix_fmt(video: VideoInfo, encoder: str) -> str:
    import av

    offered = av.codec.Codec(encoder, "w").video_formats
    names = {fmt.name for fmt in offered} if offered else {video.pix_fmt}
    if encoder == "ffv1":
        names -= set(_UNREAD)
    if video.pix_fmt in names:
        return video.pix_fmt
    if encoder == "prores_ks" and video.pix_fmt in _PRORES_DEEP:
        return _PRORES_DEEP[video.pix_fmt]
    raise UnsupportedError("This codec can't hold the input's pixel format without loss.")


_AUDIO = {
    "aac": "aac",
    "mp3": "libmp3lame",
    "mp2": "mp2",
    "opus": "libopus",
    "ac3": "ac3",
    "eac3": "eac3",
    "alac": "alac",
    "flac": "flac",
}
_AC3_KBITS = (*mpeg_kbits(2, version_1=True), 448, 512, 576, 640)
"""What AC-3 allows (ETSI TS 102 366, table 5.18), but for the two lowest that nobody needs."""
OPUS_HZ = 48_000
"""Opus plays at this rate, whatever it is given (RFC 7845, 5.1)."""
_OPUS_MOST = 256_000
"""Bits per second and channel."""
_LEAST, _FULL = 96_000, 160_000
"""Bits per second and channel: of a lossy codec, and of one that continues sound without loss."""


def audio_encoder(audio: AudioInfo, codec: str, bit_rate: int) -> Encoder:
    """The encoder for this codec.

    Args:
        audio: what the sound has to be like.
        codec: ffmpeg's name.
        bit_rate: of the source's stream, in bits per second: a lossy codec gets no less.

    Raises:
        UnsupportedError: no encoder writes this codec.
    """
    name = codec if codec.startswith("pcm_") else _AUDIO.get(codec)
    if name is None or (name == "alac" and audio.bits > 24):
        raise UnsupportedError(
            "Nothing here writes this sound codec; choose one that fits its container with "
            "--set deliver.sound=aac (opus, flac, pcm)."
        )
    if name.startswith("pcm_") or name == "alac":
        return Encoder(name=name, threads=1)
    if name == "flac":
        # Beyond 24 bits it wants to be asked for them, and would cut them off otherwise.
        deep = {"bits_per_raw_sample": "32", "strict": "experimental"}
        return Encoder(name=name, options=deep if audio.bits > 24 else {}, threads=1)
    lossless = audio.codec.startswith(("pcm_", "flac", "alac")) and not audio.continues
    wanted = _FULL * audio.channels if lossless else bit_rate
    rate = max(wanted, _LEAST * max(1, audio.channels))
    return Encoder(name=name, options={"b": str(_allowed(name, rate, audio))}, threads=1)


def _allowed(encoder: str, rate: int, audio: AudioInfo) -> int:
    """The least bit rate that the encoder takes and that is no less than `rate`."""
    if encoder == "libopus":
        return min(rate, _OPUS_MOST * audio.channels)
    if encoder not in ("mp2", "ac3"):
        return rate
    kbits = _AC3_KBITS if encoder == "ac3" else mpeg_kbits(2, version_1=audio.rate_hz >= 32_000)
    return next((k * 1000 for k in kbits if k * 1000 >= rate), kbits[-1] * 1000)
