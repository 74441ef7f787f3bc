"""Graphs run alike wherever they run, and quietly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from contract.graphs import export

from veilcast import inference
from veilcast.errors import ModelMissingError, SettingError
from veilcast.host import Host
from veilcast.inference import Network
from veilcast.models import find

if TYPE_CHECKING:
    from veilcast.inference import Device

SIZES = [(64, 96), (352, 224)]
QUIET = """
import sys
from pathlib import Path
import numpy as np
from veilcast import inference
from veilcast.inference import Network
graph = Path(sys.argv[1]).read_bytes()
Network(graph, device="auto")(np.zeros((1, 3, 128, 128), np.float32))
inference._OnnxRuntime.opened(graph, "CPUExecutionProvider", 1)
print([name for name in sys.modules if "telemetry" in name], "openvino" in sys.modules)
"""


@pytest.fixture(params=["centerface", "yunet"])
def model(request: pytest.FixtureRequest) -> Path:
    try:
        return find(Host().model(request.param))
    except ModelMissingError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("size", SIZES)
def test_onnx_runtime_gives_what_openvino_gives(model: Path, size: tuple[int, int]) -> None:
    """Its CPU provider stands for those of GPUs: the same graph, made to take any size."""
    inputs = np.random.default_rng(2).uniform(0, 255, (1, 3, *size)).astype(np.float32)
    accelerated = inference._OnnxRuntime.opened(model.read_bytes(), "CPUExecutionProvider", 1)
    assert accelerated is not None
    theirs, ours = accelerated(inputs), Network(model, device="cpu")(inputs)
    assert theirs.keys() == ours.keys()
    for name, values in theirs.items():
        assert values.shape == ours[name].shape
        assert np.allclose(values, ours[name], atol=2e-3, rtol=2e-3)


@pytest.mark.release
def test_sizes_do_not_pile_up(model: Path) -> None:
    network = Network(model, device="cpu")

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    def run(heights: range) -> None:
        for height in heights:
            network(np.zeros((1, 3, height, 512), np.float32))

    run(range(512, 640, 32))
    before = resident()
    run(range(128, 512, 32))
    run(range(512, 640, 32))
    # Each holds on to tens of megabytes.
    assert resident() - before < 100e6


@pytest.mark.parametrize("device", ["cuda", "coreml", "directml", "openvino-gpu"])
def test_a_device_runs_or_stops_in_one_sentence(tmp_path: Path, device: Device) -> None:
    """Never does the CPU step in for what was asked for."""
    graph = export(tmp_path / "model.onnx", "v8").read_bytes()
    try:
        network = Network(graph, device=device)
    except SettingError as error:
        said = str(error)
    else:
        assert network.device == device
        return
    assert said.startswith(f"The device '{device}' is not usable")
    assert ". " not in said


def test_auto_always_runs(tmp_path: Path) -> None:
    graph = export(tmp_path / "model.onnx", "v8").read_bytes()
    answer = Network(graph, device="auto")(np.zeros((1, 3, 128, 128), np.float32))
    assert answer["output0"].shape == (1, 5, 336)


@pytest.mark.parametrize("graph", [b"", b"no graph", b"<net></net>"])
def test_what_is_no_graph_stops_in_one_sentence(graph: bytes) -> None:
    with pytest.raises(SettingError, match="can't be read"):
        Network(graph)


def test_says_nothing_and_reports_to_nobody(tmp_path: Path) -> None:
    """Both runtimes would report their use to their makers, and number the machine for that."""
    home = tmp_path / "home"
    home.mkdir()
    path = export(tmp_path / "model.onnx", "v8")
    done = subprocess.run(
        [sys.executable, "-c", QUIET, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(home), "PYTHONPATH": ":".join(sys.path)},
    )
    assert (done.stdout, done.stderr) == ("[] True\n", "")
    assert list(home.iterdir()) == []
