"""The program with third-party distributions beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("cli.program")

from cli.program import Program  # noqa: E402 - rewritten first

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where distributions go."""
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def veilcast(tmp_path: Path, site: Path) -> Program:
    return Program(tmp_path / "work", plugins=site)


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    folder = tmp_path / "bench"
    folder.mkdir()
    return folder


@pytest.fixture
def stamped(tmp_path: Path) -> Path:
    """A profile that runs the stage `stamp`."""
    path = tmp_path / "stamped.yaml"
    path.write_text("stages: [stamp, regions, metadata]\n")
    return path


@pytest.fixture
def light(tmp_path: Path) -> Path:
    """A profile that does not."""
    path = tmp_path / "light.yaml"
    path.write_text("stages: [regions, metadata]\n")
    return path
