"""Stills with nothing in them but the picture and what showing it takes.

The picture's coded data is copied byte for byte, so pixels can't change; that of a JPEG which holds
rows nobody sees is written anew from the same coefficients. Only parts on a list are
taken over, so that what nobody has heard of stays behind too: ExifTool neither lists nor removes
private PNG chunks.
"""

from __future__ import annotations

from typing import Literal

from mediascrub.errors import UnsupportedError
from mediascrub.stills import jpeg_scrub as jpeg
from mediascrub.stills import png_scrub as png
from mediascrub.stills import tiff_scrub as tiff
from mediascrub.stills import webp_scrub as webp
from mediascrub.stills.tiff_picture import orientation_only

_WEBP_HEAD = 12


def scrub_still(picture: bytes, *, orientation: int | None, common_profile: bool) -> bytes:
    """A still without metadata.

    Args:
        picture: the file: JPEG, PNG, WebP or TIFF.
        orientation: EXIF orientation 1-8 to write as the only EXIF tag.
        common_profile: the colour profile is one that many have: where it can't be written anew
            from its numbers, it is taken over without its date and identity. Others are left out.

    Raises:
        DamagedError: the picture ends early.
        UnsupportedError: it is of another format, or of a kind that can't be rewritten safely.
    """
    turn = orientation or 1
    exif = orientation_only(turn) if turn != 1 else b""
    match _form(picture):
        case "jpeg":
            return jpeg.scrub(picture, exif=exif, common_profile=common_profile)
        case "png":
            return png.scrub(picture, exif=exif, common_profile=common_profile)
        case "webp":
            return webp.scrub(picture, exif=exif, common_profile=common_profile)
        case "tiff":
            return tiff.scrub(picture, orientation=turn, common_profile=common_profile)


def still_residues(picture: bytes) -> list[str]:
    """What a still holds besides the picture and what showing it takes.

    Colour profiles are not strange: what is in them is ExifTool's to say.

    Raises:
        DamagedError: the picture ends early.
        UnsupportedError: it is of another format.
    """
    match _form(picture):
        case "jpeg":
            return jpeg.strange(picture)
        case "png":
            return png.strange(picture)
        case "webp":
            return webp.strange(picture)
        case "tiff":
            return tiff.strange(picture)


def _form(picture: bytes) -> Literal["jpeg", "png", "webp", "tiff"]:
    if picture.startswith(png.START):
        return "png"
    if picture.startswith(jpeg.START):
        return "jpeg"
    if picture[:4] == b"RIFF" and picture[8:_WEBP_HEAD] == b"WEBP":
        return "webp"
    if picture[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    raise UnsupportedError(
        "Stills in this format can't be freed of metadata; convert it to PNG or JPEG first."
    )
