"""Which module walks which container family."""

from __future__ import annotations

WALKERS = {
    "mp4": "boxes",
    "mov": "boxes",
    "m4a": "boxes",
    "3gp": "boxes",
    "heic": "boxes",
    "mkv": "ebml",
    "webm": "ebml",
    "avi": "riff",
    "wav": "riff",
    "webp": "riff",
    "w64": "wave64",
    "aiff": "iff",
    "wmv": "asf",
    "ts": "transport",
    "mpg": "program",
    "flv": "flv",
    "flac": "flac",
    "mp3": "mpeg_audio",
    "aac": "adts",
    "ogg": "ogg",
    "nut": "nut",
    "tiff": "tiff",
    "jpeg": "jpeg",
    "png": "png",
}
"""By key of `veilcast.media.info.CONTAINERS`."""
