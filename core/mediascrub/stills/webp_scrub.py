"""WebP (RFC 9649): a fresh file around the coded picture, which is copied."""

from __future__ import annotations

from dataclasses import replace

from mediascrub.stills.still_parts import AFTER_END, FOREIGN_EXIF, HIDDEN, clean_profile
from mediascrub.stills.tiff_picture import is_orientation_only
from mediascrub.stills.transparency import erased_webp
from mediascrub.stills.webp_picture import assembled, chunks, read_webp

_KEPT = (b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L", b"EXIF")


def scrub(picture: bytes, *, exif: bytes, common_profile: bool) -> bytes:
    """The same picture without metadata; as `stills.scrub_still`."""
    shown = read_webp(picture)
    if shown.transparent:
        clear = erased_webp(picture, lossy=bool(shown.alpha))
        shown = shown if clear is None else replace(read_webp(clear), icc=shown.icc)
    profile = clean_profile(shown.icc, common=common_profile)
    return assembled(shown, icc=profile, exif=exif)


def strange(picture: bytes) -> list[str]:
    """What it holds besides the picture and what showing it takes; as `stills.still_residues`."""
    shown, found = read_webp(picture), []
    parts = list(chunks(picture))
    exif = [chunk.data for chunk in parts if chunk.name == b"EXIF"]
    if any(chunk.name not in _KEPT for chunk in parts):
        found.append("a private or textual WebP chunk")
    if not all(map(is_orientation_only, exif)):
        found.append(FOREIGN_EXIF)
    if int.from_bytes(picture[4:8], "little") + 8 != len(picture):
        found.append(AFTER_END)
    if not found and picture != assembled(shown, icc=shown.icc, exif=b"".join(exif)):
        found.append("more in its WebP chunks than showing it takes")
    if not found and shown.transparent:
        clear = erased_webp(picture, lossy=bool(shown.alpha))
        found += [] if clear is None else [HIDDEN]
    return found
