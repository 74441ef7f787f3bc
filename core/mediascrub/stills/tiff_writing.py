"""TIFF pictures in any byte order and depth, of which ffmpeg's encoder knows only some.

Strips are compressed with Deflate, so that no sample differs.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

from mediascrub.stills import tiff_picture as tiff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av import VideoFrame

_STRIP_BYTES = 1 << 18
_SAMPLES = {"gray": 1, "monob": 1, "ya": 2, "rgb": 3, "gbrp": 3, "rgba": 4, "gbrap": 4}
_PLANES = {"gbrp": (2, 0, 1), "gbrap": (2, 0, 1, 3)}
"""Which planes of ffmpeg's are red, green, blue and alpha."""
_LEVEL = 6


def tiff_of(
    frame: VideoFrame,
    *,
    alpha: int = 2,
    icc: bytes = b"",
    orientation: int = 1,
    resolution: tuple[tuple[int, int], ...] = (),
) -> bytes:
    """A frame of grey, RGB, or black and white samples as a TIFF file.

    Args:
        frame: the picture.
        alpha: ExtraSamples (TIFF 6.0, section 18), when it has any.
        icc: the colour profile to embed, if any.
        orientation: 1 to 8.
        resolution: X and Y as (numerator, denominator), or empty.
    """
    name = re.sub(r"(8|24|48|64|16)?([lb]e)?$", "", frame.format.name)
    bits = 1 if name == "monob" else frame.format.components[0].bits
    samples, planes = _SAMPLES[name], _PLANES.get(name, (0,))
    across = frame.width * (1 if len(planes) > 1 else samples)
    row_bytes = -(-across * bits // 8)
    rows = max(1, min(frame.height, _STRIP_BYTES // row_bytes))
    picture = tiff.TiffPicture(
        order=">" if frame.format.is_big_endian else "<",
        fields={
            tiff.WIDTH: (frame.width,),
            tiff.HEIGHT: (frame.height,),
            tiff.BITS: (bits,) * samples,
            tiff.COMPRESSION: (tiff.DEFLATE,),
            tiff.PHOTOMETRIC: (2 if samples > 2 else 1,),
            tiff.SAMPLES: (samples,),
            tiff.ROWS: (rows,),
            tiff.PLANAR: (2 if len(planes) > 1 else 1,),
            tiff.PREDICTOR: (1,),
            tiff.COLOURS: (),
            tiff.EXTRA_SAMPLES: (alpha,) if samples in (2, 4) else (),
        },
        strips=(),
        resolution=resolution,
        icc=b"",
    )
    strips = (
        zlib.compress(strip, _LEVEL)
        for plane in planes
        for strip in _strips(frame.planes[plane], row_bytes, rows)
    )
    return tiff.write_tiff(picture, strips, icc=icc, orientation=orientation)


def _strips(plane: Any, row_bytes: int, rows: int) -> Iterator[bytes]:
    """The rows of a plane, so many at a time, without what pads their ends."""
    memory = memoryview(plane)
    for top in range(0, plane.height, rows):
        yield b"".join(
            memory[row * plane.line_size : row * plane.line_size + row_bytes]
            for row in range(top, min(top + rows, plane.height))
        )
