"""The program, for the tests of speech."""

from __future__ import annotations

import pytest
from pipeline.program import Program


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program; what it publishes stays until the session ends."""
    return Program(tmp_path_factory.mktemp("speech"))
