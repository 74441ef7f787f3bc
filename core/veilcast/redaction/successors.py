"""Which container holds which codec, and what takes the place of those that can't be written."""

from __future__ import annotations

PICTURES = {
    "mp4": ("h264", "hevc", "av1", "vp9", "mpeg4"),
    "mov": (
        "h264",
        "hevc",
        "mpeg4",
        "mpeg2video",
        "prores",
        "mjpeg",
        "png",
        "rawvideo",
        "qtrle",
        "dnxhd",
    ),
    "3gp": ("h264", "mpeg4"),
    "mkv": ("h264", "hevc", "av1", "vp9", "vp8", "ffv1", "mpeg4", "mpeg2video", "mjpeg", "prores"),
    "webm": ("vp9", "av1", "vp8"),
    "avi": ("mpeg4", "mjpeg", "ffv1", "huffyuv", "utvideo", "rawvideo"),
    "ts": ("h264", "hevc", "mpeg2video"),
    "mpg": ("mpeg2video", "mpeg1video"),
    "flv": ("h264",),
    "wmv": ("wmv2",),
}
"""What each container is given that did not hold it before, the best first."""
SOUNDS = {
    "mp4": ("aac", "opus", "mp3", "ac3", "eac3", "flac", "alac", "mp2"),
    "mov": ("aac", "pcm", "alac", "mp3", "ac3", "eac3"),
    "m4a": ("aac", "alac"),
    "3gp": ("aac",),
    "mkv": ("aac", "opus", "flac", "pcm", "mp3", "ac3", "eac3", "vorbis", "alac", "mp2"),
    "webm": ("opus", "vorbis"),
    "avi": ("mp3", "pcm", "ac3", "mp2"),
    "ts": ("aac", "mp2", "ac3", "eac3", "opus", "mp3"),
    "mpg": ("mp2", "ac3"),
    "flv": ("aac", "mp3"),
    "wmv": (),
    "wav": ("pcm",),
    "w64": ("pcm",),
    "aiff": ("pcm",),
    "flac": ("flac",),
    "ogg": ("opus", "flac", "vorbis"),
    "mp3": ("mp3",),
    "aac": ("aac",),
}
OWN_SOUND_FILE = {"aac": "m4a", "opus": "ogg", "flac": "flac", "pcm": "wav"}
"""The container of a recording of sound alone, by the codec that is asked for."""
MODERN_FAMILY = {
    "avi": "mp4",
    "3gp": "mp4",
    "wmv": "mp4",
    "flv": "mp4",
    "mpg": "mp4",
    "nut": "mkv",
    "ogg": "mp4",
}
"""Where a stream of an old container has to have a successor, the container gets one as well."""
READ_ONLY = {"mxf": "mov", "ivf": "webm"}
"""What takes the place of containers that are only read, where it is not MP4."""
PRESENT = ("h264", "hevc", "av1", "vp9", "vp8")
ALTERNATIVES = ("mp4", "mkv", "webm", "mov")
LOSSLESS = ("ffv1", "ffvhuff", "huffyuv", "magicyuv", "png", "qtrle", "rawvideo", "utvideo", "v210")
LITTLE_ENDIAN = ("wav", "w64", "avi")
HOLDS_ALL = ("mkv", "nut")
_TITLES = {
    "h264": "H.264",
    "hevc": "HEVC",
    "av1": "AV1",
    "vp8": "VP8",
    "vp9": "VP9",
    "mpeg4": "MPEG-4",
    "ffv1": "FFV1",
    "aac": "AAC",
    "opus": "Opus",
    "mp3": "MP3",
    "flac": "FLAC",
    "h263": "H.263",
    "amr_nb": "AMR",
    "amr_wb": "AMR-WB",
    "gsm": "GSM",
    "gsm_ms": "GSM",
    "vorbis": "Vorbis",
    "dvvideo": "DV",
    "wmav1": "Windows Media Audio",
    "wmav2": "Windows Media Audio",
    "wmapro": "Windows Media Audio",
    "wmv3": "WMV 9",
    "vc1": "VC-1",
}


def title(codec: str) -> str:
    """A codec's name as people write it."""
    return "PCM" if codec.startswith("pcm") else _TITLES.get(codec, codec)
