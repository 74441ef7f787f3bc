"""Small ONNX graphs that are real YOLO detectors of one thing: how much redder than blue it is.

Around the middle of every 8x8 cell there is a box of 24x24. Its score is the mean of red minus blue
inside, so pure red scores one and anything grey nothing. The coarser cells are blind. The heads are
laid out as the exporters of the YOLO families do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import GraphProto, TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

STRIDES = (8, 16, 32)
BOX = 24
"""Width and height of every box, px of the graph's input."""

HEADS: dict[str, tuple[str, Sequence[str]]] = {
    # name: (where the boxes are, what each consists of); "x" is where landmarks would be
    "v5": ("rows-by-anchor", ["box", "score", "one"]),
    "v5-landmarks": ("rows-by-anchor", ["box", "score", *["x"] * 10, "one"]),
    "v7-landmarks": ("rows-by-anchor", ["box", "one", "score", *["x"] * 15]),
    "v8": ("columns", ["box", "score"]),
    "v8-landmarks": ("columns", ["box", "score", *["x"] * 15]),
    "v11-turned": ("rows", ["box", "score"]),
}


def grid(side: int) -> NDArray[np.float32]:
    """Centre and size of the box of every cell, shape (cells, 4), px."""
    found = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: side // stride, : side // stride].reshape(2, -1)
        sizes = np.full(rows.shape, BOX)
        found.append(
            np.stack(((columns + 0.5) * stride, (rows + 0.5) * stride, sizes, sizes), axis=1)
        )
    return np.concatenate(found).astype(np.float32)


def export(
    path: Path, head: str, *, side: int = 128, facts: Mapping[str, str] | None = None
) -> Path:
    """Write the graph of a detector with that head, for pictures of `side` by `side`."""
    layout, parts = HEADS[head]
    repeat = 3 if layout == "rows-by-anchor" else 1
    boxes = np.repeat(grid(side), repeat, axis=0)
    count = len(boxes)
    fine = STRIDES[0]
    blind = count - repeat * (side // fine) ** 2
    constants: dict[str, NDArray[Any]] = {
        "box": boxes[None],
        "one": np.ones((1, count, 1), np.float32),
        "x": np.full((1, count, 1), 7, np.float32),
        "blind": np.zeros((1, blind, 1), np.float32),
        "flat": np.array([1, -1, 1], np.int64),
        "turn": np.array([1, -1, 1], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Split", ["images"], ["red", "green", "blue"], axis=1),
        node("Sub", ["red", "blue"], ["redder"]),
        node(
            "AveragePool",
            ["redder"],
            ["cells"],
            kernel_shape=[BOX] * 2,
            strides=[fine] * 2,
            pads=[(BOX - fine) // 2] * 4,
            count_include_pad=1,
        ),
        node("Reshape", ["cells", "flat"], ["column"]),
        node("Tile", ["column", "repeats"], ["tiled"]),
        node("Reshape", ["tiled", "turn"], ["each"]),
        node("Concat", ["each", "blind"], ["score"], axis=1),
        node("Concat", parts, ["rows"], axis=2),
    ]
    constants["repeats"] = np.array([1, 1, repeat], np.int64)
    shape = [1, count, sum(4 if part == "box" else 1 for part in parts)]
    if layout == "columns":
        nodes.append(node("Transpose", ["rows"], ["output0"], perm=[0, 2, 1]))
        shape = [1, shape[2], shape[1]]
    else:
        nodes.append(node("Identity", ["rows"], ["output0"]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return save(path, graph, facts or {})


def save(path: Path, graph: GraphProto, facts: Mapping[str, str]) -> Path:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, dict(facts))
    path.write_bytes(model.SerializeToString())
    return path
