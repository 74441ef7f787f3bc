"""Weights saved by PyTorch are read as numbers; nothing in the file is ever run."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from veilcast.errors import ModelMissingError, VeilcastError
from veilcast.host import Host
from veilcast.models import find
from veilcast_faces.weights import load_weights

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
VERSION = b"\x80\x02M\xe9\x03."
SYSTEM = b"\x80\x02}."
KEYS = b"\x80\x02](X\x01\x00\x00\x007e."


def tensor(
    function: bytes = b"torch._utils\n_rebuild_tensor_v2",
    storage: bytes = b"torch\nFloatStorage",
    shape: bytes = b"K\x02K\x03\x86",
    stride: bytes = b"K\x01K\x02\x86",
    offset: bytes = b"K\x01",
) -> bytes:
    """A pickled dictionary {"w": tensor}: shape (2, 3), turned, from the second number on."""
    persistent = b"(X\x07\x00\x00\x00storagec" + storage + b"\nX\x01\x00\x00\x007"
    persistent += b"X\x03\x00\x00\x00cpuK\x07NtQ"
    made = b"c" + function + b"\n(" + persistent + offset + shape + stride + b"\x89"
    made += b"ccollections\nOrderedDict\n)RtR"
    return b"\x80\x02ccollections\nOrderedDict\n)RX\x01\x00\x00\x00w" + made + b"s."


def saved(state: bytes, numbers: int = 7) -> bytes:
    storage = struct.pack("<q", 7) + np.arange(numbers, dtype="<f4").tobytes()
    return MAGIC + VERSION + SYSTEM + state + KEYS + storage


def test_reads_tensors_however_they_lie_in_memory() -> None:
    weights = load_weights(saved(tensor()))
    assert list(weights) == ["w"]
    assert weights["w"].dtype == np.float32
    assert weights["w"].tolist() == [[1, 3, 5], [2, 4, 6]]


@pytest.mark.parametrize("net", ["mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet"])
def test_reads_the_real_files(net: str) -> None:
    try:
        path = find(Host().model(net))
    except ModelMissingError as missing:
        pytest.skip(str(missing))
    weights = load_weights(path.read_bytes())
    assert weights["conv1.weight"].shape[1:] == (3, 3, 3)
    assert all(np.isfinite(values).all() and values.any() for values in weights.values())
    total = sum(4 * values.size for values in weights.values())
    assert total <= path.stat().st_size <= 1.8 * total, "all of the file is in them"


@pytest.mark.parametrize(
    "names", [b"os\nsystem", b"builtins\neval", b"torch._utils\n_rebuild_parameter"]
)
def test_runs_nothing_that_the_file_names(tmp_path: Path, names: bytes) -> None:
    made = tmp_path / "made"
    command = f"touch {made}".encode()
    call = b"c" + names + b"\n(X" + struct.pack("<I", len(command)) + command + b"tR."
    for data in (b"\x80\x02" + call, saved(b"\x80\x02" + call), saved(tensor(function=names))):
        with pytest.raises(VeilcastError, match="plain tensors"):
            load_weights(data)
    assert not made.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 a newer format",
        saved(tensor())[:-1],
        saved(tensor(), numbers=5),
        saved(tensor(storage=b"torch\nHalfStorage")),
        saved(tensor(offset=b"K\x03")),
        saved(tensor(offset=b"J\xff\xff\xff\xff")),
        saved(tensor(stride=b"K\x01J\xff\xff\xff\xff\x86")),
        VERSION + saved(tensor()),
    ],
    ids=["empty", "zip", "torn", "short", "half", "beyond", "before", "backwards", "magic"],
)
def test_anything_else_stops(data: bytes) -> None:
    with pytest.raises(VeilcastError, match="plain tensors"):
        load_weights(data)
