"""TIFF (Revision 6.0): a fresh file of one directory around the strips, which are copied.

A strip is decoded to see that it holds the picture's rows and no more. Where there is more, or
where rows end in bits that nobody sees, the strips are written anew, compressed with Deflate.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

from mediascrub.errors import DamagedError
from mediascrub.stills import tiff_picture as tiff
from mediascrub.stills.still_parts import HIDDEN, clean_profile
from mediascrub.stills.tiff_strips import lzw_extent, unpacked
from mediascrub.stills.tiff_writing import tiff_of
from mediascrub.stills.transparency import without_hidden_colours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av import VideoFrame

    from mediascrub.stills.tiff_picture import TiffPicture

_LEVEL = 6
_ALPHA = 2
"""ExtraSamples: alpha that colours are not multiplied by (TIFF 6.0, section 18)."""


def scrub(picture: bytes, *, orientation: int, common_profile: bool) -> bytes:
    """The same picture without metadata; as `stills.scrub_still`."""
    page = tiff.read_tiff(picture)
    profile = clean_profile(page.icc, common=common_profile)
    compression = page.first(tiff.COMPRESSION)
    if compression in tiff.CCITT:
        return _decoded(picture, page, profile, orientation)
    clear = _without_hidden_colours(picture, page)
    if clear is not None:
        resolution = page.resolution
        return tiff_of(clear, icc=profile, orientation=orientation, resolution=resolution)
    if all(coded is not None for coded in _exact(picture, page)):
        strips = (coded or b"" for coded in _exact(picture, page))
    else:
        page.fields[tiff.COMPRESSION] = (tiff.DEFLATE,)
        strips = (zlib.compress(rows, _LEVEL) for rows in _rows(picture, page, compression))
    return tiff.write_tiff(page, strips, icc=profile, orientation=orientation)


def strange(picture: bytes) -> list[str]:
    """What it holds besides the picture and what showing it takes; as `stills.still_residues`."""
    page = tiff.read_tiff(picture)
    if page.first(tiff.COMPRESSION) in tiff.CCITT:
        return ["fax data, whose end can't be told"]
    strips = [coded for coded in _exact(picture, page) if coded is not None]
    if len(strips) != len(page.strips):
        return ["more in its strips than is shown"]
    if picture != tiff.write_tiff(page, strips, icc=page.icc, orientation=page.orientation):
        return ["more than one TIFF directory and its picture"]
    return [] if _without_hidden_colours(picture, page) is None else [HIDDEN]


def _without_hidden_colours(picture: bytes, page: TiffPicture) -> VideoFrame | None:
    """The picture without colours that transparency hides, or None where there are none."""
    from av import VideoFrame

    if page.fields.get(tiff.EXTRA_SAMPLES) != (_ALPHA,):
        return None
    frame = _frame(picture)
    form = "rgba" if frame.format.components[0].bits == 8 else "rgba64le"
    clear = without_hidden_colours(frame.reformat(format=form).to_ndarray())
    return None if clear is None else VideoFrame.from_ndarray(clear, format=form)


def _exact(picture: bytes, page: TiffPicture) -> Iterator[bytes | None]:
    """Each strip's bytes as far as they are used, or None when it holds more than is shown."""
    compression, row = page.first(tiff.COMPRESSION), -(-page.row_bits // 8)
    for (offset, count), rows in zip(page.strips, page.strip_rows(), strict=True):
        strip = picture[offset : offset + count]
        whole = row * rows
        if compression == tiff.LZW and not page.row_bits % 8:
            length, used = lzw_extent(strip, whole + 1)
            same = length == whole
        else:
            samples, used = unpacked(strip, compression, whole + (compression != tiff.NONE))
            length = len(samples)
            same = length == whole and samples == _without_padding(samples, page, rows)
        if length < whole:
            raise DamagedError(tiff.DAMAGED)
        yield strip[:used] if same else None


def _rows(picture: bytes, page: TiffPicture, compression: int) -> Iterator[bytes]:
    row = -(-page.row_bits // 8)
    for (offset, count), rows in zip(page.strips, page.strip_rows(), strict=True):
        samples, _ = unpacked(picture[offset : offset + count], compression, row * rows)
        yield _without_padding(samples, page, rows)


def _without_padding(samples: bytes, page: TiffPicture, rows: int) -> bytes:
    """The rows with zeros for the bits that fill their last bytes."""
    import numpy as np

    spare = -page.row_bits % 8
    if not spare:
        return samples
    lines = np.frombuffer(samples, np.uint8).reshape(rows, -1).copy()
    lines[:, -1] &= 0xFF << spare & 0xFF
    return lines.tobytes()


def _decoded(picture: bytes, page: TiffPicture, icc: bytes, orientation: int) -> bytes:
    """A fax picture in another compression: where its codes end, only a full decoder knows."""
    frame = _frame(picture)
    if frame.format.name != "monob":
        raise DamagedError(tiff.DAMAGED)
    coded = tiff_of(frame, icc=icc, orientation=orientation, resolution=page.resolution)
    # The bits that fill the last bytes of rows are the decoder's.
    return scrub(coded, orientation=orientation, common_profile=bool(icc))


def _frame(picture: bytes) -> VideoFrame:
    """The picture, decoded.

    Raises:
        DamagedError: it does not decode.
    """
    import av

    only = {"format_whitelist": "tiff_pipe", "protocol_whitelist": "file"}
    try:
        with av.open(
            io.BytesIO(picture), "r", format="tiff_pipe", container_options=only
        ) as container:
            frame = next(container.decode(video=0), None)
    except av.error.FFmpegError as exc:
        raise DamagedError(tiff.DAMAGED) from exc
    if frame is None:
        raise DamagedError(tiff.DAMAGED)
    return frame
