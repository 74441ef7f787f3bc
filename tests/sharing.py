"""What takes long to make and is only looked at is made once, for all processes that run tests."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

T = TypeVar("T")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """What `make` gives for a folder of its own; others wait while the first makes it.

    Args:
        factory: of temporary folders.
        name: another for each thing that is shared.
        make: gives something that pickle can keep; the files that belong to it stay in its folder.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # the folder of all workers
    folder, kept = root / name, root / f"{name}.pickle"
    with FileLock(root / f"{name}.lock"):
        if not kept.exists():
            folder.mkdir()  # a second try, after one that failed, fails here
            made = make(folder)
            kept.write_bytes(pickle.dumps(made))
            return made
        # Written a moment ago by a test of this very run.
        shared: T = pickle.loads(kept.read_bytes())  # noqa: S301
        return shared
