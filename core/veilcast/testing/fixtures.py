"""Fixtures for the tests of plugins: ``pytest -p veilcast.testing.fixtures``.

Better said once, in the tests' settings: ``addopts = ["-p", "veilcast.testing.fixtures"]``. It is
no entry point that pytest would find: it would then write every module of Veilcast anew to explain
its assertions, which Python 3.11 can't do in several threads at once, and runs have several.

``veilcast_media``
    Makes media: `veilcast.testing.media.MediaMaker`, in the test's own folder.
``veilcast_host``
    Makes a host of given plugins only: `veilcast.testing.hosts.make_host`.
``veilcast_run``
    Runs the whole pipeline in the test's own folder: `veilcast.testing.pipeline_runs.run_pipeline`.

It imports nothing heavy before a test asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.testing.media import MediaMaker
    from veilcast.testing.pipeline_runs import Ran


class MakeHost(Protocol):
    """What the fixture `veilcast_host` gives."""

    def __call__(self, *plugins: object, also: Sequence[str] = ()) -> Host:
        """See `veilcast.testing.hosts.make_host`."""


class RunPipeline(Protocol):
    """What the fixture `veilcast_run` gives."""

    def __call__(
        self,
        source: Path,
        *plugins: object,
        profile: str | Path | Mapping[str, Any] = "default",
        also: Sequence[str] = (),
        host: Host | None = None,
        settings: Sequence[str] = (),
        files: Mapping[str, Path] | None = None,
        allow_residual: bool = False,
        keep_intermediates: bool = False,
    ) -> Ran:
        """See `veilcast.testing.pipeline_runs.run_pipeline`."""


@pytest.fixture
def veilcast_media(tmp_path: Path) -> MediaMaker:
    """Makes pictures, films, sound and speech: `veilcast.testing.media.MediaMaker`."""
    from veilcast.testing.media import MediaMaker

    folder = tmp_path / "veilcast-media"
    folder.mkdir()
    return MediaMaker(folder)


@pytest.fixture
def veilcast_host() -> MakeHost:
    """Makes a host of these plugins only; `also` names built-in ones."""
    from veilcast.testing.hosts import make_host

    return make_host


@pytest.fixture
def veilcast_run(tmp_path: Path) -> RunPipeline:
    """Runs the pipeline with these plugins only, and gives what came of it."""

    def run(
        source: Path,
        *plugins: object,
        also: Sequence[str] = (),
        host: Host | None = None,
        **more: Any,
    ) -> Ran:
        from veilcast.testing.hosts import make_host
        from veilcast.testing.pipeline_runs import run_pipeline

        host = make_host(*plugins, also=also) if host is None else host
        return run_pipeline(source, tmp_path / "veilcast-run", host, **more)

    return run
