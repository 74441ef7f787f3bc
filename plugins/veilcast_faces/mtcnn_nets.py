"""The three nets of MTCNN as OpenVINO graphs, built from their weights.

Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks", IEEE Signal Processing Letters, 2016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.plugin import openvino
from veilcast_faces.weights import load_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[np.float32]]


class Net:
    """A loaded net: pictures in, the chance that each is a face and its box's corrections out."""

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()

    def __call__(
        self, inputs: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Chances and corrections for inputs of shape (n, 3, height, width), -1 to 1."""
        scores, moves = self._request.infer({0: inputs}, share_inputs=True).to_tuple()
        return scores, moves


def load_nets(proposal: Path, refinement: Path, output: Path, threads: int) -> tuple[Net, Net, Net]:
    """The nets that propose, refine and decide, from their files of weights."""
    builder = _Builder(threads)
    return (
        builder.convolutional(load_weights(proposal.read_bytes())),
        builder.dense(
            load_weights(refinement.read_bytes()), side=24, pools=(3, 3), names=("4", "5")
        ),
        builder.dense(
            load_weights(output.read_bytes()), side=48, pools=(3, 3, 2), names=("5", "6")
        ),
    )


class _Builder:
    def __init__(self, threads: int) -> None:
        self._ov = openvino()
        self._ops = self._ov.opset13
        self._threads = threads

    def convolutional(self, weights: Weights) -> Net:
        """P-Net: slides over a picture of any size, one answer for every other pixel."""
        inputs = self._ops.parameter([1, 3, -1, -1], np.float32)
        node = self._layers(inputs, weights, pools=(2,), layers=3)
        scores = self._ops.softmax(self._convolved(node, weights, "conv4_1"), 1)
        return self._compiled(inputs, scores, self._convolved(node, weights, "conv4_2"))

    def dense(
        self, weights: Weights, *, side: int, pools: Sequence[int], names: tuple[str, str]
    ) -> Net:
        """R-Net and O-Net: any number of pictures of one size, one answer for each."""
        hidden, last = names
        inputs = self._ops.parameter([-1, 3, side, side], np.float32)
        layers = len([name for name in weights if name.startswith("conv")]) // 2
        node = self._layers(inputs, weights, pools=pools, layers=layers)
        # The weights were trained on features in column-major order.
        node = self._ops.transpose(node, np.array([0, 3, 2, 1]))
        node = self._ops.reshape(node, np.array([0, -1]), special_zero=True)
        node = self._connected(node, weights, f"dense{hidden}")
        node = self._ops.prelu(node, weights[f"prelu{hidden}.weight"])
        scores = self._ops.softmax(self._connected(node, weights, f"dense{last}_1"), 1)
        return self._compiled(inputs, scores, self._connected(node, weights, f"dense{last}_2"))

    def _layers(self, node: Any, weights: Weights, *, pools: Sequence[int], layers: int) -> Any:
        for number in range(1, layers + 1):
            node = self._convolved(node, weights, f"conv{number}")
            node = self._ops.prelu(node, weights[f"prelu{number}.weight"])
            if number <= len(pools):
                window = [pools[number - 1]] * 2
                node = self._ops.max_pool(
                    node, [2, 2], [1, 1], [0, 0], [0, 0], window, rounding_type="ceil"
                ).output(0)
        return node

    def _convolved(self, node: Any, weights: Weights, name: str) -> Any:
        ones, none = [1, 1], [0, 0]
        node = self._ops.convolution(node, weights[f"{name}.weight"], ones, none, none, ones)
        return self._ops.add(node, weights[f"{name}.bias"].reshape(1, -1, 1, 1))

    def _connected(self, node: Any, weights: Weights, name: str) -> Any:
        matrix = weights[f"{name}.weight"]
        product = self._ops.matmul(node, matrix, transpose_a=False, transpose_b=True)
        return self._ops.add(product, weights[f"{name}.bias"])

    def _compiled(self, inputs: Any, scores: Any, moves: Any) -> Net:
        model = self._ov.Model([scores, moves], [inputs])
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": self._threads,
            "ENABLE_CPU_PINNING": False,
        }
        return Net(self._ov.Core().compile_model(model, "CPU", options))
