"""HEIC and AVIF stills as PNG: nothing but the decoded picture and what was said of it.

No encoder here writes them, and the format hides pictures in pictures; so they are delivered as
PNG, which holds every decoded sample.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

from mediascrub.stills.tiff_picture import upright
from veilcast.errors import TruncatedError, UnsupportedError
from veilcast.media import heif
from veilcast.media.guard import media_errors
from veilcast.media.stills import MOST_BYTES, MOST_PIXELS, TOO_LARGE

if TYPE_CHECKING:
    from pathlib import Path

    from av import VideoFrame
    from numpy.typing import NDArray

    from veilcast.media.heif import Coded, HeifPicture, Property

_NCLX, _PROFILES = b"nclx", (b"prof", b"rICC")
_HDR = (16, 18)
_WEIGHTS = {
    1: (0.2126, 0.0722),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    9: (0.2627, 0.0593),
    12: (0.22897, 0.07929),
}
"""Of red and blue in luma, by MatrixCoefficients (ITU-T H.273, table 4)."""
_UNSAID, _IDENTITY, _USUAL = 2, 0, 6
_COLOURS = (
    "The colours of this HEIC or AVIF are coded in a way that Veilcast does not know, or as HDR; "
    "convert it to PNG or JPEG first."
)
_CROP = "The picture is cropped between two pixels; save it anew, or convert it to PNG first."


def as_png(source: Path, destination: Path) -> None:
    """Write a HEIC or AVIF as PNG, turned as it is shown, with its EXIF, XMP and colour profile.

    What is said of the picture goes along so that it is judged and removed like that of any other.

    Raises:
        TruncatedError: it is damaged or ends early.
        UnsupportedError: it is too large, or of a kind that can't be vouched for.
    """
    import cv2

    if source.stat().st_size > MOST_BYTES:
        raise UnsupportedError(TOO_LARGE)
    picture = heif.read_heif(source.read_bytes())
    tile = picture.tiles[0]
    if max(picture.width * picture.height, tile.width * tile.height * len(picture.tiles)) > (
        MOST_PIXELS
    ):
        raise UnsupportedError(TOO_LARGE)
    shown = _turned(_whole(picture), picture.turns)
    done, coded = cv2.imencode(".png", shown[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 6])
    if not done:
        raise TruncatedError(heif.DAMAGED)
    with media_errors(writing=True):
        destination.write_bytes(_with_said(coded.tobytes(), picture))


def _whole(picture: HeifPicture) -> NDArray[Any]:
    """All tiles side by side, RGB, 8 or 16 bits a sample."""
    import numpy as np

    whole: NDArray[Any] | None = None
    for number, tile in enumerate(picture.tiles):
        colours = _rgb(_decoded(tile), _nclx(picture))
        if whole is None:
            whole = np.zeros((picture.height, picture.width, 3), colours.dtype)
        top, left = number // picture.columns * tile.height, number % picture.columns * tile.width
        part = whole[top : top + tile.height, left : left + tile.width]
        if colours.dtype != whole.dtype:
            raise TruncatedError(heif.DAMAGED)
        part[...] = colours[: part.shape[0], : part.shape[1]]
    if whole is None:
        raise TruncatedError(heif.DAMAGED)
    return whole


def _decoded(tile: Coded) -> VideoFrame:
    import av

    with media_errors():
        context: Any = av.CodecContext.create(tile.codec, "r")
        # Some of a damaged picture is no picture.
        context.options = {"err_detect": "explode", "max_pixels": str(MOST_PIXELS)}
        context.extradata = tile.setup
        context.thread_count = 1
        packet: Any = av.Packet(tile.data)
        frames = [*context.decode(packet), *context.decode(None)]
    if len(frames) != 1 or frames[0].is_corrupt:
        raise TruncatedError(heif.DAMAGED)
    frame: VideoFrame = frames[0]
    if (frame.width, frame.height) != (tile.width, tile.height):
        raise TruncatedError(heif.DAMAGED)
    return frame


def _nclx(picture: HeifPicture) -> tuple[int, int, int, bool] | None:
    """Primaries, transfer, matrix and full range, when the file says so outside the coded data."""
    for data in picture.colour:
        if data[:4] == _NCLX and len(data) >= 11:
            primaries, transfer, matrix = struct.unpack_from(">HHH", data, 4)
            return primaries, transfer, matrix, bool(data[10] & 0x80)
    return None


def _rgb(frame: VideoFrame, said: tuple[int, int, int, bool] | None) -> NDArray[Any]:
    """Red, green and blue, shape (rows, columns, 3) (ITU-T H.273, 8.3)."""
    import cv2
    import numpy as np

    full = int(frame.color_range) != 1 if said is None else said[3]
    transfer = int(frame.color_trc) if said is None else said[1]
    matrix = int(frame.colorspace) if said is None else said[2]
    if transfer in _HDR:
        raise UnsupportedError(_COLOURS)
    planes, depth = _planes(frame)
    top = (1 << depth) - 1
    size = frame.width, frame.height
    low, span, chroma = (0, top, top) if full else tuple(n << depth - 8 for n in (16, 219, 224))
    luma = (planes[0].astype(np.float32) - low) / span
    if len(planes) == 1:
        colours = [luma] * 3
    elif frame.format.is_rgb:
        green, blue, red = (np.clip((p.astype(np.float32) - low) / span, 0, 1) for p in planes)
        colours = [red, green, blue]
    else:
        matrix = _USUAL if matrix == _UNSAID else matrix
        if matrix not in _WEIGHTS:
            raise UnsupportedError(_COLOURS)
        middle = np.float32(1 << depth - 1)
        cb, cr = (
            cv2.resize(
                (p.astype(np.float32) - middle) / chroma, size, interpolation=cv2.INTER_LINEAR
            )
            for p in planes[1:]
        )
        red_weight, blue_weight = _WEIGHTS[matrix]
        red, blue = luma + 2 * (1 - red_weight) * cr, luma + 2 * (1 - blue_weight) * cb
        green = (luma - red_weight * red - blue_weight * blue) / (1 - red_weight - blue_weight)
        colours = [red, green, blue]
    kind, most = (np.uint8, 255) if depth == 8 else (np.uint16, 65535)
    return np.stack([np.rint(np.clip(c, 0, 1) * most).astype(kind) for c in colours], axis=-1)


def _planes(frame: VideoFrame) -> tuple[list[NDArray[Any]], int]:
    """The components of a planar frame, and their depth."""
    import numpy as np

    parts = frame.format.components
    depth = parts[0].bits
    known = ("yuv4", "yuvj4", "gbrp", "gray")
    if not frame.format.name.startswith(known) or depth not in (8, 10, 12):
        raise UnsupportedError(_COLOURS)
    kind = np.dtype("u1" if depth == 8 else "<u2")
    return [
        np.ndarray(
            (plane.height, plane.width),
            kind,
            buffer=memoryview(plane),
            strides=(plane.line_size, kind.itemsize),
        )
        for plane in frame.planes
    ], depth


def _turned(picture: NDArray[Any], turns: tuple[Property, ...]) -> NDArray[Any]:
    """Cropped, turned and mirrored (ISO/IEC 23008-12, 6.5.9 to 6.5.12), in the order given."""
    import numpy as np

    for kind, data in turns:
        if kind == b"irot":
            picture = np.rot90(picture, data[0] & 3)  # anticlockwise both
        elif kind == b"imir":
            picture = picture[:, ::-1] if data[0] & 1 else picture[::-1]
        else:
            picture = _cropped(picture, data)
    return np.ascontiguousarray(picture)


def _cropped(picture: NDArray[Any], data: bytes) -> NDArray[Any]:
    """CleanApertureBox (ISO/IEC 14496-12, 12.1.4): size, and how far its middle is off."""
    from fractions import Fraction

    try:
        numbers = struct.unpack(">IIIIiIiI", data)
        width, height, right, down = (Fraction(*numbers[i : i + 2]) for i in range(0, 8, 2))
    except (struct.error, ZeroDivisionError) as exc:
        raise TruncatedError(heif.DAMAGED) from exc
    rows, columns = picture.shape[:2]
    left, top = right + (columns - width) / 2, down + (rows - height) / 2
    if any(number.denominator != 1 for number in (left, top, width, height)):
        raise UnsupportedError(_CROP)
    if left < 0 or top < 0 or min(width, height) < 1 or left + width > columns:
        raise TruncatedError(heif.DAMAGED)
    if top + height > rows:
        raise TruncatedError(heif.DAMAGED)
    return picture[int(top) : int(top + height), int(left) : int(left + width)]


def _with_said(png: bytes, picture: HeifPicture) -> bytes:
    """A PNG with the picture's profile or primaries, EXIF and XMP after its header."""
    chunks = []
    profile = next((data[4:] for data in picture.colour if data[:4] in _PROFILES), b"")
    said = _nclx(picture)
    if profile:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)))
    elif said is not None and said[0] not in (1, _UNSAID):
        chunks.append((b"cICP", bytes((said[0] & 255, said[1] & 255, _IDENTITY, 1))))
    if picture.exif:
        chunks.append((b"eXIf", upright(picture.exif)))
    if picture.xmp:
        chunks.append((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + picture.xmp))
    after = 8 + 25
    added = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return png[:after] + added + png[after:]
