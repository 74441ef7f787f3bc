"""What every test may ask for: generated media, and recordings kept outside the repository."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from testmedia import Corpus

pytest_plugins = ["veilcast.testing.fixtures"]
CHECKOUT = Path(__file__).resolve().parent.parent

LONGEST = (
    *(
        "pipeline/test_repeatable",
        "cli/test_round_trip",
        "faces/test_exposure",
        "docs/test_commands",
    ),
    *("cli/test_privacy", "cli/test_bad_requests", "pipeline/test_exact", "pipeline/test_sound"),
    *("pipeline/test_stills", "speech/test_stage", "plugins/test_misbehaving", "test_fuzz"),
    *("pipeline/test_sound_spans", "metadata/test_planted", "cli/test_bad_inputs"),
    *("cli/test_interrupts", "contract/test_detectors", "metadata/test_stage"),
    *("pipeline/test_sound_exact", "scaffold/test_plugin_docs", "pipeline/test_planted_failures"),
    *("faces/test_inference", "faces/test_reference", "cli/test_many_inputs", "cli/test_network"),
)
"""Files whose tests take longest. They go first: whoever is left with one at the end is waited for.

The order is kept by ``--no-loadscope-reorder``; a file that is missing here costs time only.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    rank = {f"tests/{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


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
