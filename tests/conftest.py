"""What every test may ask for: generated media, and recordings kept outside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from testmedia import Corpus

pytest_plugins = ["veilcast.testing.fixtures"]
CHECKOUT = Path(__file__).resolve().parent.parent


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
