"""What is built and installed once for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wheels.distributions import ROOT, SAMPLE, Environment, built

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dist")


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    """Veilcast's."""
    return built(ROOT, dist / "wheel", "wheel")


@pytest.fixture(scope="session")
def sdist(dist: Path) -> Path:
    """Veilcast's."""
    return built(ROOT, dist / "sdist", "sdist")


@pytest.fixture(scope="session")
def sample(dist: Path) -> Path:
    """The wheel of the sample plugin."""
    return built(SAMPLE, dist / "sample", "wheel")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path, sample: Path) -> Environment:
    """An environment with both wheels."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.install(wheel, sample)
    return environment
