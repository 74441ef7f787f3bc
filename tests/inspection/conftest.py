"""A clip with everything in it, looked at once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import veilcast
from veilcast.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from testmedia import Corpus


@pytest.fixture(scope="session")
def host() -> Host:
    return Host()


@pytest.fixture(scope="session")
def inspected(
    host: Host, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., veilcast.Inspection]:
    """Inspects with plugins that were loaded once, and a work folder that is not there."""
    work = tmp_path_factory.mktemp("nowhere") / "work"

    def inspect(source: Path, **more: object) -> veilcast.Inspection:
        seen = veilcast.inspect(source, host=host, work=work, **more)  # type: ignore[arg-type]
        assert not work.exists(), "an inspection writes nothing"
        return seen

    return inspect


@pytest.fixture(scope="session")
def visit(media: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The consultation, alone in a folder."""
    target = tmp_path_factory.mktemp("visit") / "visit.mp4"
    shutil.copy(media["consultation.mp4"], target)
    return target


@pytest.fixture(scope="session")
def consultation(visit: Path, inspected: Callable[..., veilcast.Inspection]) -> veilcast.Inspection:
    """The consultation, inspected with the default profile."""
    return inspected(visit)
