"""Runs one ONNX graph at whatever size its input has, on the CPU or on a GPU.

On the CPU OpenVINO runs it: several times faster per core than the alternatives for the small
convolutional graphs that detectors are. On a GPU ONNX Runtime does, through the provider that the
installed build of it has; OpenVINO where the GPU is Intel's.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from veilcast.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

Device: TypeAlias = Literal["auto", "cpu", "cuda", "coreml", "directml", "openvino-gpu"]
"""What may run a graph; ``auto`` is a GPU with memory of its own where one is usable."""

_PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
_SIZES_KEPT = 4
"""Compiled graphs kept, one per input size; a run uses one or two, a hostile file many."""

_TELEMETRY = "openvino.tools.ovc"
_importing = threading.Lock()


class _Backend(Protocol):
    def __call__(self, inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]: ...


def openvino() -> Any:
    """The module `openvino`, imported without its telemetry.

    Its package imports its conversion tools if they are there, which report that import to their
    maker and leave files in the home folder. Nothing here needs them: while it is imported they
    seem not to be installed, a case that it provides for.
    """
    with _importing:
        known = sys.modules.get("openvino")
        if known is not None:
            return known
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
        try:
            return importlib.import_module("openvino")
        finally:
            del sys.modules[_TELEMETRY]


def _onnxruntime() -> Any:
    """The module `onnxruntime`, which else gives the machine a number and reports its use."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return importlib.import_module("onnxruntime")


class Network:
    """A loaded ONNX graph with one picture-shaped input.

    Attributes:
        device: what runs it.
        height: of its input, px; None where any will do.
        width: the same.
    """

    def __init__(
        self,
        model: Path | bytes,
        *,
        threads: int = 1,
        device: Device = "auto",
        many_sizes: bool = False,
    ) -> None:
        """Load it.

        Args:
            model: the .onnx file, or what it holds.
            threads: how many the CPU may use.
            device: where to run it; ``auto`` is a GPU if one is usable, else the CPU.
            many_sizes: compile it once for pictures of any size, which is a little slower in each
                picture; else once for each size.

        Raises:
            SettingError: that device, or what drives it, is not there, or the graph can't be read.
        """
        graph = model if isinstance(model, bytes) else model.read_bytes()
        try:
            read = openvino().Core().read_model(graph)
            _, _, height, width = read.inputs[0].partial_shape
        except (RuntimeError, IndexError, ValueError):
            raise _unreadable() from None
        self.height = height.get_length() if height.is_static else None
        self.width = width.get_length() if width.is_static else None
        self._read = read
        self.device, self._backend = _backend(graph, read, threads, device, many_sizes)

    def __call__(self, inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """The outputs by name, for inputs of shape (1, channels, height, width).

        Raises:
            SettingError: the graph can't be run at this size.
        """
        return self._backend(inputs)

    def fact(self, name: str) -> str:
        """What its exporter noted under this name; nothing when it noted nothing."""
        place = ["framework", name]
        return str(self._read.get_rt_info(place).value) if self._read.has_rt_info(place) else ""


def _backend(
    graph: bytes, read: Any, threads: int, device: Device, many_sizes: bool
) -> tuple[str, _Backend]:
    if device == "cpu":
        return device, _OpenVino(read, "CPU", threads, many_sizes)
    if device == "auto":
        for name, provider in _PROVIDERS.items():
            if _has_provider(name):
                accelerated = _OnnxRuntime.opened(graph, provider, threads)
                if accelerated is not None:
                    return name, accelerated
        if _openvino_gpu(discrete=True):
            return "openvino-gpu", _OpenVino(read, "GPU", threads, many_sizes)
        return "cpu", _OpenVino(read, "CPU", threads, many_sizes)
    if device == "openvino-gpu" and _openvino_gpu(discrete=False):
        return device, _OpenVino(read, "GPU", threads, many_sizes)
    if device in _PROVIDERS and _has_provider(device):
        accelerated = _OnnxRuntime.opened(graph, _PROVIDERS[device], threads)
        if accelerated is not None:
            return device, accelerated
    raise SettingError(
        f"The device '{device}' is not usable on this machine; install its driver and, with onnx, "
        f"the build of onnxruntime that has it, or set device to auto or cpu."
    )


def _has_provider(name: str) -> bool:
    """Whether the installed ONNX Runtime, if any, was built with it; it may still not work."""
    if importlib.util.find_spec("onnxruntime") is None:
        return False
    return _PROVIDERS[name] in _onnxruntime().get_available_providers()


def _openvino_gpu(*, discrete: bool) -> bool:
    """Whether OpenVINO has a GPU; `discrete` asks for one with memory of its own.

    One that is part of the processor is seldom faster than the cores beside it, and takes seconds
    to compile a graph.
    """
    ov = openvino()
    core = ov.Core()
    if "GPU" not in {name.split(".")[0] for name in core.available_devices}:
        return False
    kind = core.get_property("GPU", ov.properties.device.type())
    return not discrete or kind == ov.properties.device.Type.DISCRETE


class _OpenVino:
    """A graph in OpenVINO, compiled once per input size, or once for all."""

    def __init__(self, model: Any, device: str, threads: int, many_sizes: bool) -> None:
        self._core = openvino().Core()
        self._model = model
        # A compiled graph may know its outputs by other names, in the same order.
        self._names = [output.get_any_name() for output in self._model.outputs]
        self._device, self._many_sizes = device, many_sizes
        # Thread pinning puts every program on the machine on the same first cores.
        self._options: Mapping[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            **(
                {"INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
                if device == "CPU"
                else {}
            ),
        }
        self._requests = _Recent(self._compiled)

    def _compiled(self, shape: tuple[int, ...]) -> Any:
        try:
            if not self._many_sizes:
                self._model.reshape(list(shape))
            compiled = self._core.compile_model(self._model, self._device, self._options)
        except RuntimeError:
            raise _unreadable() from None
        return compiled.create_infer_request()

    def __call__(self, inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        # Results are copied out: the next call writes over the request's own memory.
        request = self._requests.of(() if self._many_sizes else inputs.shape)
        try:
            answer = request.infer({0: inputs}, share_inputs=True)
        except RuntimeError:
            raise _unreadable() from None
        return dict(zip(self._names, answer.to_tuple(), strict=True))


class _OnnxRuntime:
    """A graph in ONNX Runtime, on one execution provider."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self._outputs = [output.name for output in session.get_outputs()]

    @classmethod
    def opened(cls, graph: bytes, provider: str, threads: int) -> _OnnxRuntime | None:
        """The graph on that provider, or None when the provider does not work here."""
        runtime = _onnxruntime()
        runtime.set_default_logger_severity(4)
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        try:
            session = runtime.InferenceSession(_any_size(graph), options, providers=[provider])
        # Its errors have no common base; whichever it is, this provider can't be used.
        except Exception:  # noqa: BLE001
            return None
        # It falls back to the CPU without an error when a driver is missing.
        if session.get_providers()[0] != provider:
            return None
        session.disable_fallback()
        return cls(session)

    def __call__(self, inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        try:
            answers = self._session.run(self._outputs, {self._input: inputs})
        # As in `opened`.
        except Exception:  # noqa: BLE001
            raise _unreadable() from None
        return dict(zip(self._outputs, answers, strict=True))


def _any_size(graph: bytes) -> bytes:
    """The graph with one picture of any size as its input.

    Some are exported with a fixed size, which ONNX Runtime insists on, and with their weights
    listed as inputs, which keeps it from folding constants.
    """
    onnx = importlib.import_module("onnx")
    model = onnx.load_model_from_string(graph)
    weights = {weight.name for weight in model.graph.initializer}
    inputs = [entry for entry in model.graph.input if entry.name not in weights]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    sizes = model.graph.input[0].type.tensor_type.shape.dim
    sizes[0].dim_value = 1
    sizes[2].dim_param, sizes[3].dim_param = "height", "width"
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


class _Recent:
    """The last few results of a costly function."""

    def __init__(self, make: Callable[[tuple[int, ...]], Any]) -> None:
        self._make = make
        self._kept: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    def of(self, key: tuple[int, ...]) -> Any:
        if key not in self._kept:
            while len(self._kept) >= _SIZES_KEPT:
                self._kept.popitem(last=False)
            self._kept[key] = self._make(key)
        self._kept.move_to_end(key)
        return self._kept[key]


def _unreadable() -> SettingError:
    return SettingError(
        "A model's graph can't be read or run at this picture size; export it to ONNX again with "
        "a picture of any size as its only input."
    )
