"""What the coded data of a JPEG holds beside the blocks of which the picture is made.

A frame's height may be set lower and the scan left as it was: no decoder shows the rows behind
the last one, and all of them come back with the height. Bytes may stand between a scan's last
block and the next marker as well. libjpeg-turbo reads the coefficients of exactly those blocks
that the picture has and says when bytes are left over; from the coefficients it writes the same
picture anew (ITU-T T.81, B.1.1.5 and B.2.2). Samples are never decoded for that.

Of up to six bytes before a restart marker it may say nothing, as it reads ahead; they stay then.
"""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mediascrub.errors import DamagedError, LibraryMissingError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = "libturbojpeg.so.0"
PACKAGE = "libturbojpeg0"

_EOI, _SOS, _DHT, _DRI, _COM = 0xD9, 0xDA, 0xC4, 0xDD, 0xFE
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {_DHT, 0xC8, 0xCC})
_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_LARGEST = 65_535
_MOST_PIXELS = 1 << 28
_DENSEST = 1024
"""Pixels for each byte: a block of 64 takes a bit at the least, and twice the room is left."""
_LEFT_OVER = "extraneous bytes before marker"
_DAMAGE = ("premature end", "bad huffman", "bad arithmetic", "instead of rst")
_OTHER_KIND = ("unsupported", "not supported", "not implemented", "subsampling type")

_DAMAGED = (
    "The coded data of a JPEG picture ends early or is damaged, so nobody can say what is in it; "
    "get an undamaged copy, or decode it and save it anew."
)
_UNREADABLE = (
    "This kind of JPEG can't be searched for hidden rows of picture; convert it to PNG, or to a "
    "usual JPEG of 8 bits, for example with 'ffmpeg -i FILE NEW.png'."
)
_DIFFERENT = (
    "A JPEG picture holds data that is not shown, and could not be written without it so that "
    "every pixel stays the same; decode it and save it anew, for example as PNG."
)
_MISSING = (
    "libjpeg-turbo, with which JPEG pictures are searched for hidden rows, is not installed; "
    f"run 'sudo apt-get install {PACKAGE}' and 'python -m pip install \"PyTurboJPEG<2\"', then "
    "try again."
)


class _Segment(NamedTuple):
    marker: int
    whole: bytes
    """With its marker, its length, and the coded data that follows the header of a scan."""


class _Told(Exception):
    """What the library says is wrong."""


def shown(picture: bytes, *, complete: bool = True) -> bytes | None:
    """The picture without what is in its coded data and not shown.

    Application data and comments stay as they are; the rest is written anew, as a baseline
    picture. The caller has taken out what stands before, between and behind segments.

    Args:
        picture: a JPEG, from its first marker to its last.
        complete: coded data that ends early is an error; else, where one read tells of nothing
            left over, it is not told from data that ends where it should, which takes another.

    Returns:
        None when there is nothing to take out: the picture can stay as it is.

    Raises:
        DamagedError: the coded data is damaged.
        UnsupportedError: the picture is of a kind that can't be examined, or would change.
        LibraryMissingError: libjpeg-turbo is not there.
    """
    segments = list(_segments(picture))
    if not any(one.marker == _SOS for one in segments):
        return None
    told = [one.whole for one in segments if _is_told(one.marker)]
    kept = [one for one in segments if not _is_told(one.marker)]
    core = _joined(one.whole for one in kept)
    _measure(segments, len(core))
    markers = [one.marker for one in kept]
    alone = markers.count(_SOS) == 1 and _DRI not in markers
    if alone and not complete and _ends_with_a_block(kept, 0):
        return None
    remark, anew = _rewritten(core)
    if not remark:
        scans = range(markers.count(_SOS))
        once = not (alone and not complete) and not _overwrites(kept)
        if not once or not all(_ends_with_a_block(kept, at) for at in scans):
            remark = _LEFT_OVER
    if not remark:
        return None
    remark = remark.lower()
    if any(words in remark for words in _DAMAGE):
        raise DamagedError(_DAMAGED)
    # The library keeps the first remark only. Whatever it was, the new scan has nothing of it.
    made = [one.whole for one in _segments(anew) if not _is_told(one.marker)]
    result = _joined([*told, *made])
    if _rewritten(_joined(made))[0] or not _same_pixels(picture, result):
        raise UnsupportedError(_DIFFERENT)
    return result


def _ends_with_a_block(segments: list[_Segment], number: int) -> bool:
    """Whether the last byte of a scan is needed for its last block.

    The library reads ahead: of a few bytes behind the last block it says nothing. Without the last
    byte that an encoder wrote, though, there is too little. Later scans are left out, for speed.
    """
    place = [at for at, one in enumerate(segments) if one.marker == _SOS][number]
    whole = segments[place].whole
    end = len(whole)
    while whole[end - 1] == 0xFF or (whole[end - 2] == 0xFF and 0xD0 <= whole[end - 1] <= 0xD7):
        end -= 1 if whole[end - 1] == 0xFF else 2  # fill bytes, and markers that begin nothing
    end -= 2 if whole[:end].endswith(b"\xff\0") else 1
    remark, _ = _rewritten(_joined([*(one.whole for one in segments[:place]), whole[:end]]))
    return "premature end" in remark.lower()


def _overwrites(segments: list[_Segment]) -> bool:
    """Whether a scan begins coefficients anew that an earlier one had: of that, nothing is shown.

    A scan says for which components and coefficients it is, and whether it refines them (T.81,
    B.2.3 and table B.3). Those of sequential frames are for all coefficients.
    """
    progressive = any(one.marker in _PROGRESSIVE for one in segments)
    seen: set[tuple[int, int]] = set()
    for one in segments:
        if one.marker != _SOS or len(one.whole) < 5 or len(one.whole) < 8 + 2 * one.whole[4]:
            continue
        count = one.whole[4]
        first, last, bits = one.whole[5 + 2 * count : 8 + 2 * count]
        span = range(first, min(last, 63) + 1) if progressive else range(64)
        begun = {(name, place) for name in one.whole[5 : 5 + 2 * count : 2] for place in span}
        if not (progressive and bits >> 4):
            if begun & seen:
                return True
            seen |= begun
    return False


def _is_told(marker: int) -> bool:
    return marker & 0xF0 == 0xE0 or marker == _COM


def _joined(segments: Iterator[bytes] | list[bytes]) -> bytes:
    return b"".join((b"\xff\xd8", *segments, b"\xff\xd9"))


def _segments(picture: bytes) -> Iterator[_Segment]:
    """Between the first marker and the last; an end that is missing is none."""
    at = 2
    while at + 4 <= len(picture):
        if picture[at] != 0xFF:
            raise DamagedError(_DAMAGED)
        marker = picture[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _EOI:
            return
        end = at + 2 + int.from_bytes(picture[at + 2 : at + 4])
        if end > len(picture):
            raise DamagedError(_DAMAGED)
        if marker == _SOS:
            end = _end_of_scan(picture, end)
        yield _Segment(marker, picture[at:end])
        at = end


def _end_of_scan(picture: bytes, at: int) -> int:
    while True:
        at = picture.find(b"\xff", at)
        if at < 0 or at + 1 >= len(picture):
            return len(picture)
        if picture[at + 1] and not 0xD0 <= picture[at + 1] <= 0xD7:
            return at
        at += 2


def _measure(segments: list[_Segment], size: int) -> None:
    """Sizes that a frame claims are believed only as far as there is data for them."""
    frames = [one.whole for one in segments if one.marker in _FRAMES]
    if not frames or len(frames[0]) < 10:
        raise DamagedError(_DAMAGED)
    pixels = int.from_bytes(frames[0][5:7]) * int.from_bytes(frames[0][7:9])
    if pixels > _DENSEST * size:
        raise DamagedError(_DAMAGED)
    if pixels > _MOST_PIXELS:
        raise UnsupportedError(_UNREADABLE)


@cache
def _reader() -> Any:
    """PyTurboJPEG, made to keep what the library says to itself.

    It hands remarks to Python's warnings, whose filters all threads share, and goes on; here they
    are raised or kept by the thread that asked.
    """
    import threading

    try:
        from turbojpeg import TurboJPEG

        class Reader(TurboJPEG):  # type: ignore[misc]
            said = threading.local()

            def _TurboJPEG__report_error(self, handle: int) -> None:  # noqa: N802
                sentence = str(self._TurboJPEG__get_error_string(handle))
                if self._TurboJPEG__get_error_code(handle):  # a failure, and no remark
                    raise _Told(sentence)
                self.said.remark = sentence

        # By the name under which the system's loader knows it: looking for it runs programs.
        return Reader(LIBRARY)
    except (ImportError, OSError, AttributeError) as exc:
        raise LibraryMissingError(_MISSING) from exc


def _rewritten(core: bytes) -> tuple[str, bytes]:
    """What the library remarks of the picture, and the picture as it reads it."""
    reader = _reader()
    reader.said.remark = ""
    try:
        anew = reader.crop(core, 0, 0, _LARGEST, _LARGEST, preserve=True, copynone=True)
    except IndexError as exc:  # the wrapper has no name for how colours are sampled
        raise UnsupportedError(_UNREADABLE) from exc
    except _Told as exc:
        if any(words in str(exc).lower() for words in _OTHER_KIND):
            raise UnsupportedError(_UNREADABLE) from exc
        raise DamagedError(_DAMAGED) from exc
    return reader.said.remark, bytes(anew)


def _same_pixels(one: bytes, other: bytes) -> bool:
    """Whether ffmpeg, which plays and converts them, decodes the same of both."""
    first, second = _decoded(one), _decoded(other)
    return first is not None and first == second


def _decoded(picture: bytes) -> tuple[object, ...] | None:
    import av
    import numpy as np

    context = av.CodecContext.create("mjpeg", "r")
    context.thread_count = 1
    frames: list[Any] = []
    with contextlib.suppress(av.error.FFmpegError):
        for packet in (av.Packet(picture), None):
            frames += context.decode(packet)
    if len(frames) != 1:
        return None
    (frame,) = frames
    planes = [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width].tobytes()
        for plane in frame.planes
    ]
    return (frame.width, frame.height, frame.format.name, *planes)
