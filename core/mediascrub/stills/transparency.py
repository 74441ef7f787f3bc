"""Colours under what is wholly transparent: nobody sees them, and they come back with the alpha.

An eraser often makes a region transparent and leaves its colours in the file. They are made black
there; where nothing is hidden, a picture stays as it was coded.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from mediascrub.errors import DamagedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK, _FLAT, _RIFF = 8, 24, 12
DAMAGED = "The picture is damaged or ends early; get a complete copy of it."


def without_hidden_colours(samples: NDArray[Any]) -> NDArray[Any] | None:
    """The samples with black where they are wholly transparent.

    Args:
        samples: shape (height, width, channels), the last channel alpha that colours are not
            multiplied by.

    Returns:
        None where nothing is hidden.
    """
    colours, alpha = samples[..., :-1], samples[..., -1]
    hidden = (alpha == 0) & colours.any(axis=-1)
    if not hidden.any():
        return None
    erased = samples.copy()
    erased[..., :-1][hidden] = 0
    return erased


def erased_png(picture: bytes) -> bytes | None:
    """A PNG of the same picture without hidden colours, or None where nothing is hidden.

    Raises:
        DamagedError: it does not decode.
    """
    import cv2

    samples = _decoded(picture)
    if samples.ndim != 3 or samples.shape[2] != 4:
        return None
    clear = without_hidden_colours(samples)
    return None if clear is None else bytes(cv2.imencode(".png", clear)[1].tobytes())


def erased_webp(picture: bytes, *, lossy: bool) -> bytes | None:
    """A WebP of the same picture without hidden colours, without loss, or None.

    Args:
        picture: the file.
        lossy: encoders give hidden blocks one colour then, as that is short; what shows more than
            that was left there.

    Raises:
        DamagedError: it does not decode.
    """
    import av
    import cv2

    only = {"format_whitelist": "webp_pipe", "protocol_whitelist": "file"}
    try:
        with av.open(io.BytesIO(picture), "r", format="webp_pipe", container_options=only) as file:
            frame = next(file.decode(video=0))
    except (av.error.FFmpegError, StopIteration) as exc:
        raise DamagedError(DAMAGED) from exc
    samples = frame.reformat(format="rgba").to_ndarray()
    hidden = samples[..., 3] == 0
    if not (_shows_something(samples, hidden) if lossy else samples[hidden][:, :3].any()):
        return None
    seen = _decoded(picture)
    seen[hidden] = 0
    coded = bytes(cv2.imencode(".webp", seen, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes())
    # The encoder may give hidden pixels what it foretells from those that are seen, which is no
    # secret; so what it makes of a picture without hidden colours counts as one.
    return None if coded[_RIFF:] in picture else coded


def _shows_something(samples: NDArray[Any], hidden: NDArray[np.bool_]) -> bool:
    """Whether blocks of pixels that are all hidden differ, within or from the one beside them."""
    high, wide = (size // _BLOCK * _BLOCK for size in hidden.shape)
    shape = (high // _BLOCK, _BLOCK, wide // _BLOCK, _BLOCK)
    whole = np.asarray(hidden[:high, :wide].reshape(shape).all(axis=(1, 3)))
    blocks = samples[:high, :wide, :3].reshape(*shape, 3)
    most, least = blocks.max(axis=(1, 3)).astype(int), blocks.min(axis=(1, 3)).astype(int)
    beside = np.abs(most[:, 1:] - least[:, :-1])[whole[:, 1:] & whole[:, :-1]]
    return bool(((most - least)[whole] > _FLAT).any() or (beside > _FLAT).any())


def _decoded(picture: bytes) -> NDArray[Any]:
    import cv2

    try:
        samples = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as exc:
        raise DamagedError(DAMAGED) from exc
    if samples is None:
        raise DamagedError(DAMAGED)
    return samples
