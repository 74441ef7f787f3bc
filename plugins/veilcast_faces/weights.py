"""Weights that PyTorch saved, read without PyTorch and without running anything from the file.

A state dictionary of PyTorch before 1.6 is five pickles (two constants, facts about the machine
that wrote it, the dictionary, the keys of the storages) and then the storages as they lie in
memory. Pickles may name any function to call: only the few names that such a dictionary is made
of are known here, and they stand for plain data.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from veilcast.plugin import VeilcastError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001


class _Storage(NamedTuple):
    key: str
    length: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class _State(OrderedDict[str, Any]):
    """A dictionary to which the file may give attributes."""


class _FloatStorage:
    """What the file calls its only allowed type of storage."""


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> _Tensor:
    numbers = (offset, *shape, *stride)
    if not isinstance(storage, _Storage) or any(type(n) is not int or n < 0 for n in numbers):
        raise pickle.UnpicklingError("a tensor is malformed")
    return _Tensor(storage, offset, tuple(shape), tuple(stride))


class _Unpickler(pickle.Unpickler):
    """Knows four names and no others."""

    _KNOWN = {  # noqa: RUF012 - never changed
        ("collections", "OrderedDict"): _State,
        ("torch", "FloatStorage"): _FloatStorage,
        ("torch._utils", "_rebuild_tensor"): _tensor,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    }

    def find_class(self, module_name: str, global_name: str) -> Any:
        known = self._KNOWN.get((module_name, global_name))
        if known is None:
            raise pickle.UnpicklingError("it names something that is no tensor")
        return known

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage, key, _, length, *view = pid
        if kind != "storage" or storage is not _FloatStorage or view != [None]:
            raise pickle.UnpicklingError("a storage is not of plain 32-bit floats")
        return _Storage(str(key), int(length))


def load_weights(data: bytes) -> dict[str, NDArray[np.float32]]:
    """The tensors of a state dictionary, by name.

    Raises:
        VeilcastError: it is something else, or holds more than tensors of 32-bit floats.
    """
    try:
        return _read(io.BytesIO(data))
    # Malformed pickles raise almost anything.
    except Exception as error:
        raise VeilcastError(
            "A file of weights holds something else than plain tensors; delete it and run "
            "'veilcast models pull' again."
        ) from error


def _read(file: io.BytesIO) -> dict[str, NDArray[np.float32]]:
    magic, version, _, state, keys = (_Unpickler(file).load() for _ in range(5))
    if magic != _MAGIC or version != _VERSION:
        raise pickle.UnpicklingError("not a state dictionary")
    storages = {}
    for key in keys:
        length = int.from_bytes(file.read(8), "little")
        # Raises where there is less than that.
        storages[key] = np.frombuffer(file.getbuffer(), "<f4", length, file.tell()).astype("f4")
        file.seek(4 * length, io.SEEK_CUR)
    return {
        str(name): _values(tensor, storages[tensor.storage.key]) for name, tensor in state.items()
    }


def _values(tensor: _Tensor, storage: NDArray[np.float32]) -> NDArray[np.float32]:
    """A tensor's numbers, row by row."""
    places = np.full((), tensor.offset)
    for side, step in zip(tensor.shape, tensor.stride, strict=True):
        places = places[..., None] + np.arange(side) * step
    values: NDArray[np.float32] = storage[places]  # raises where a place is outside
    return values
