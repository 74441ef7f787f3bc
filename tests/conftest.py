"""What every test may ask for: generated media, and recordings kept outside the repository."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from testmedia import Corpus

pytest_plugins = ["veilcast.testing.fixtures", "processor_time", "thorough"]
CHECKOUT = Path(__file__).resolve().parent.parent

# A busy machine is no fault; and what one run tries, the next tries too.
settings.register_profile("veilcast", deadline=None, derandomize=True)
settings.load_profile("veilcast")

# A shell that runs the tests in its background has Ctrl-C ignored, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """Say what ended a worker: xdist says only that something did."""
    if not error:
        return
    process = node.gateway._io.popen
    code = process.wait(timeout=10)
    cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    reporter = node.config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line(f"the worker {node.gateway.id} ended by {cause}")


@pytest.fixture(scope="session")
def media() -> Corpus:
    """The generated media: a mapping from file name to path, made when first asked for."""
    folder = os.environ.get("VEILCAST_FIXTURES") or CHECKOUT / "fixtures" / "generated"
    return Corpus(Path(folder).resolve())


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings that are not part of the repository."""
    folder = Path(os.environ.get("VEILCAST_SHARED") or CHECKOUT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("no real recordings here: set VEILCAST_SHARED to the folder that has data/")
    return folder
