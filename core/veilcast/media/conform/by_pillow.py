"""Pictures that ffmpeg does not read well enough, and that are never written: by Pillow.

BMP, and JPEG in the four colours of a printer, become PNG. GIF, animated PNG and animated WebP
become a video, each frame as a viewer shows it: Pillow lays the parts that a frame changes over
those before.
"""

from __future__ import annotations

import io
import struct
from contextlib import contextmanager, suppress
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from veilcast.errors import TruncatedError, UnsupportedError, VeilcastError
from veilcast.media.colour import Colour
from veilcast.media.container import write_container
from veilcast.media.encoding import EncodedPicture
from veilcast.media.guard import DAMAGED, media_errors
from veilcast.media.info import Conformed, MediaInfo, VideoInfo
from veilcast.media.intermediates import lossless_picture
from veilcast.media.orientation import Orientation
from veilcast.media.probe import probe
from veilcast.media.stills import MOST_BYTES, MOST_PIXELS, TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av import VideoFrame
    from PIL.Image import Image

_MILLISECOND = Fraction(1, 1000)
_UNSAID_MS = 100
"""What viewers show a frame for when its file says nothing, or next to nothing."""
_LEAST_MS = 20
_BT709 = Colour(range=1, matrix=1, primaries=1, transfer=1)
_FORMATS = {"bmp": "BMP", "gif": "GIF", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


def pillow_family(head: bytes, path: Path) -> str | None:
    """The family of a picture that has to be read here, by its first 4096 bytes; None for others.

    Raises:
        TruncatedError: it is damaged.
    """
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return "bmp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if head.startswith(b"\x89PNG\r\n\x1a\n") and b"acTL" in head:
        return "png"
    if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and head[20] & 2:
        return "webp"
    if head.startswith(b"\xff\xd8\xff"):
        # What Pillow does not open, ffmpeg may still read.
        with suppress(TruncatedError), _reading(), _opened(path, "jpeg") as picture:
            return "jpeg" if picture.mode == "CMYK" else None
    return None


def read_by_pillow(path: Path, family: str, folder: Path) -> tuple[Path, MediaInfo, Conformed]:
    """What ffmpeg reads in its place, what that holds, and what is said of it.

    Args:
        path: the picture.
        family: from `pillow_family`.
        folder: where to write.

    Raises:
        TruncatedError: it is damaged.
        UnsupportedError: it is too large.
    """
    if not _is_animated(path, family):
        converted = folder / "source.png"
        _as_png(path, family, converted)
        sentence = (
            "The picture is in a printer's colours; it is delivered as PNG in those of a screen."
            if family == "jpeg"
            else f"The picture is delivered as PNG instead of {_FORMATS[family]}."
        )
        told = Conformed(rule="still-format", sentence=sentence)
        return converted, probe(converted), told
    converted = folder / "source.nut"
    _as_video(path, family, converted)
    media = probe(converted)
    streams = tuple(
        replace(stream, continues="h264", colour=_BT709)
        for stream in media.streams
        if isinstance(stream, VideoInfo)
    )
    told = Conformed(
        rule="animation",
        sentence="The animation is delivered as a video; where it is transparent, it is black.",
    )
    return converted, replace(media, streams=streams, continues="mp4"), told


def _is_animated(path: Path, family: str) -> bool:
    """Whether it has more than one frame.

    Raises:
        TruncatedError: it is damaged.
    """
    with _reading(), _opened(path, family) as picture:
        return getattr(picture, "n_frames", 1) > 1


def _as_png(path: Path, family: str, destination: Path) -> None:
    """Write it as PNG, with its EXIF; a printer's colours as a screen shows them.

    Raises:
        TruncatedError: it is damaged.
        UnsupportedError: it is too large.
    """
    with _reading(), _opened(path, family) as picture:
        said = picture.info.get("exif")
        profile = picture.info.get("icc_profile")
        picture.load()
        shown, kept = _for_a_screen(picture, profile)
        options: dict[str, Any] = {"exif": said} if said else {}
        with media_errors(writing=True):
            shown.save(destination, "PNG", icc_profile=kept, **options)


def _as_video(path: Path, family: str, destination: Path) -> None:
    """Write it as a video without loss, in NUT.

    Raises:
        TruncatedError: it is damaged.
        UnsupportedError: it is too large.
    """
    with _reading(), _opened(path, family) as picture:
        width, height = picture.size
        pix_fmt = "yuv444p" if width % 2 or height % 2 else "yuv420p"
        video = VideoInfo(
            index=0,
            type="video",
            role="picture",
            codec="",
            time_base=_MILLISECOND,
            start=Fraction(0),
            pix_fmt=pix_fmt,
            width=width,
            height=height,
            sample_aspect=Fraction(1),
            orientation=Orientation(),
            rate=_rate(picture),
            profile="",
            field_order="progressive",
            colour=_BT709,
            bit_rate=None,
        )
        frames = _frames(picture, pix_fmt)
        out = EncodedPicture(frames=frames, video=video, encoder=lossless_picture(pix_fmt))
        write_container(destination, "nut", [out])


@contextmanager
def _reading() -> Iterator[None]:
    """Pillow's errors in our words: its readers raise whatever a damaged file makes them raise."""
    try:
        yield
    except VeilcastError:
        raise
    except (ArithmeticError, EOFError, LookupError, OSError, SyntaxError, TypeError) as exc:
        raise TruncatedError(DAMAGED) from exc
    except (ValueError, struct.error) as exc:
        raise TruncatedError(DAMAGED) from exc


def _opened(path: Path, family: str) -> Image:
    from PIL import Image

    if path.stat().st_size > MOST_BYTES:
        raise UnsupportedError(TOO_LARGE)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        picture = Image.open(path, formats=(_FORMATS[family],))
    except Image.DecompressionBombError as exc:
        raise UnsupportedError(TOO_LARGE) from exc
    if picture.size[0] * picture.size[1] > MOST_PIXELS:
        raise UnsupportedError(TOO_LARGE)
    return picture


def _for_a_screen(picture: Image, profile: bytes | None) -> tuple[Image, bytes | None]:
    """In red, green and blue, or as it is; and the colour profile that goes with it."""
    if picture.mode != "CMYK":
        mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
        return picture.convert("L" if picture.mode in ("1", "L") else mode), None
    from PIL import ImageCms

    if profile is not None:
        try:
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            plain = ImageCms.createProfile("sRGB")
            shown = ImageCms.profileToProfile(picture, meant, plain, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            shown = None
        if shown is not None:
            return shown, None
    return picture.convert("RGB"), None


def _durations_ms(picture: Image) -> Iterator[int]:
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        picture.load()  # WebP says it of a frame that was decoded only
        said = round(picture.info.get("duration") or 0)
        yield said if said >= _LEAST_MS else _UNSAID_MS


def _rate(picture: Image) -> Fraction:
    """How many frames are shown in a second, on average."""
    lengths = list(_durations_ms(picture))
    return Fraction(1000 * len(lengths), sum(lengths)).limit_denominator(1000)


def _frames(picture: Image, pix_fmt: str) -> Iterator[VideoFrame]:
    import av
    import numpy as np
    from PIL import Image

    at = 0
    for length in _durations_ms(picture):
        shown = picture.convert("RGBA")
        flat = Image.new("RGBA", shown.size, (0, 0, 0, 255))
        flat.alpha_composite(shown)
        colours = np.ascontiguousarray(np.asarray(flat)[..., :3])
        frame = av.VideoFrame.from_ndarray(colours, format="rgb24")
        frame = frame.reformat(format=pix_fmt, dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts, frame.time_base, frame.duration = at, _MILLISECOND, length
        at += length
        yield frame
