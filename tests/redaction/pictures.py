"""Pictures of noise in any pixel format, read back without the code under test.

Planar little-endian samples are read straight from memory. Every other format is turned into its
planar twin (same depth, same subsampling) by libswscale, which repacks without changing samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUBSAMPLINGS = {
    (1, 1): "444",
    (2, 1): "422",
    (2, 2): "420",
    (1, 2): "440",
    (4, 1): "411",
    (4, 4): "410",
}


def twin(pix_fmt: str) -> str:
    """The planar little-endian format that holds the same samples."""
    described = av.VideoFormat(pix_fmt, 64, 64)
    parts = described.components
    if len({part.plane for part in parts}) == len(parts):
        return pix_fmt.removesuffix("be") + "le" if pix_fmt.endswith("be") else pix_fmt
    colours = [part for part in parts if not part.is_alpha]
    depth = "" if colours[0].bits == 8 else f"{colours[0].bits}le"
    if described.is_rgb:
        return f"gbrp{depth}"
    if len(colours) == 1:
        return f"gray{depth}"
    subsampling = SUBSAMPLINGS[64 // colours[1].width, 64 // colours[1].height]
    return f"yuv{subsampling}p{depth}"


def component(frame: av.VideoFrame, index: int) -> NDArray[Any]:
    """A component of a planar little-endian picture, as a view of its memory."""
    part = frame.format.components[index]
    plane = frame.planes[part.plane]
    dtype = np.dtype("u1" if part.bits == 8 else "<u2")
    return np.ndarray(
        (plane.height, plane.width),
        dtype,
        buffer=memoryview(plane),
        strides=(plane.line_size, dtype.itemsize),
    )


def components(frame: av.VideoFrame) -> list[NDArray[Any]]:
    """Every component of any picture, alpha last where the twin has it, as copies."""
    planar = frame
    name = twin(frame.format.name)
    if name != frame.format.name:
        planar = frame.reformat(format=name)
    return [component(planar, index).copy() for index in range(len(planar.format.components))]


def noise(pix_fmt: str, width: int, height: int, seed: int = 0) -> av.VideoFrame:
    """A picture of evenly distributed samples."""
    rng = np.random.default_rng(seed)
    planar = av.VideoFrame(width, height, twin(pix_fmt))
    for index, part in enumerate(planar.format.components):
        samples = component(planar, index)
        samples[...] = rng.integers(0, 1 << part.bits, samples.shape)
    if planar.format.name == pix_fmt:
        return planar
    if pix_fmt not in {"p010le", "p016le"}:
        return planar.reformat(format=pix_fmt)
    # libswscale leaves the last column and row of these undefined when the size is odd.
    swapped = planar.reformat(format=pix_fmt.replace("le", "be"))
    frame = av.VideoFrame(width, height, pix_fmt)
    for source, target in zip(swapped.planes, frame.planes, strict=True):
        target.update(np.frombuffer(bytes(source), "<u2").byteswap().tobytes())
    return frame


def raw(frame: av.VideoFrame) -> list[bytes]:
    """The memory of every plane."""
    return [bytes(plane) for plane in frame.planes]


def steps(shape: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """Pixels per sample across and down, from the shape of a component."""
    across = next(n for n in (1, 2, 4) if -(-width // n) == shape[1])
    down = next(n for n in (1, 2, 4) if -(-height // n) == shape[0])
    return across, down


def per_sample(pixels: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which samples of a component have at least one of these pixels."""
    height, width = pixels.shape
    across, down = steps(shape, width, height)
    padded = np.zeros((shape[0] * down, shape[1] * across), dtype=bool)
    padded[:height, :width] = pixels
    blocks = padded.reshape(shape[0], down, shape[1], across)
    return np.asarray(blocks.any(axis=(1, 3)))
