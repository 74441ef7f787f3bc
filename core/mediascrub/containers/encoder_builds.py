"""User data of MPEG-4 part 2 by which decoders know the faults of encoders: it has to stay."""

from __future__ import annotations

import re

BUILD = re.compile(
    rb"DivX[0-9]{1,4}(?:Build|b)[0-9]{1,5}p?"
    rb"|XviD[0-9]{1,5}"
    rb"|Lavc[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
    rb"|FFmpeg[0-9.]{0,8}b[0-9]{1,5}"
    rb"|FFmpeg v[0-9]\.[0-9]{1,2}\.[0-9]{1,2} / libavcodec build: [0-9]{1,5}"
    rb"|ffmpeg(?=$)"
)
"""Builds of encoders; without them, frames decode otherwise."""
START = b"\x00\x00\x01\xb2"
"""What user data begins with."""
