"""Faces as vectors: the user's own ONNX model, and the picture of a face that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import Network, SettingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from veilcast.plugin import Box, Picture

SIDE = 112
"""Width and height of the picture of a face that an embedding model is given, px."""


class Embedding:
    """The user's model: a picture of a face in, a vector of length one out."""

    def __init__(self, graph: bytes, *, raw: bool) -> None:
        """Load it.

        Args:
            graph: the ONNX file.
            raw: it expects samples of 0 to 255, and not of -1 to 1.

        Raises:
            SettingError: the graph can't be read.
        """
        self._raw = raw
        # One thread on the processor: the same vector everywhere.
        self._network = Network(graph, threads=1, device="cpu")

    def __call__(self, face: Picture) -> NDArray[np.float64] | None:
        """The vector of a picture of 112x112, or None where it is all zero or not finite.

        Raises:
            SettingError: the model does not answer with one vector.
        """
        import numpy as np

        samples = face.astype(np.float32)
        if not self._raw:
            samples = (samples - 127.5) / 127.5
        answer = self._network(np.ascontiguousarray(samples.transpose(2, 0, 1)[None]))
        vectors = [np.asarray(value, dtype=np.float64).ravel() for value in answer.values()]
        if len(vectors) != 1 or vectors[0].size < 2:
            raise SettingError(
                "The embedding model does not answer with one vector; give a model that maps one "
                "picture of 112x112 to one vector."
            )
        length = float(np.linalg.norm(vectors[0]))
        if not np.isfinite(length) or length < 1e-6:
            return None
        return vectors[0] / length


def crop(picture: Picture, box: Box) -> Picture:
    """The square around a box's middle that is as large as its longer side, as 112x112 RGB.

    Beyond the picture's edge the edge is repeated.
    """
    import cv2
    import numpy as np

    side = max(box.width, box.height)
    left, top = box.x + (box.width - side) / 2, box.y + (box.height - side) / 2
    # Shrunk in one go this would take single samples; so to a little more, then by areas.
    step = max(1.0, side / (SIDE * 4))
    fine = max(SIDE, round(side / step))
    turn = np.array([[side / fine, 0, left], [0, side / fine, top]], dtype=np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(picture, turn, (fine, fine), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(cut, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def check_tells_apart(
    model: Embedding, face: Picture, reference: NDArray[np.float64], least: float
) -> None:
    """Stop when the model takes what is no face for this one: it would leave everybody uncovered.

    Models do that which get samples in another range than they were trained on.

    Raises:
        SettingError: it does.
    """
    import numpy as np

    tiles = [np.hsplit(row, 4) for row in np.vsplit(face, 4)]
    scrambled = np.vstack([np.hstack(row[::2] + row[1::2]) for row in tiles[2:] + tiles[:2]])
    for other in (scrambled, np.full_like(face, 128)):
        vector = model(other)
        if vector is not None and float(reference @ vector) >= least:
            raise SettingError(
                "The embedding model takes a picture without a face for the person to keep; set "
                "embedding_range to what it expects, or raise keep_similarity."
            )
