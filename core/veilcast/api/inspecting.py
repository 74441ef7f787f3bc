"""`veilcast.inspect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.api.preparing import (
    default_output,
    overrides,
    path_of,
    prepared,
    profile_of,
    work_folder,
)
from veilcast.api.working import in_own_thread

if TYPE_CHECKING:
    import threading

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument, Settings
    from veilcast.api.working import Listener
    from veilcast.host import Host
    from veilcast.inspection.records import Inspection


def inspect(
    source: PathArgument,
    *,
    profile: PathArgument = "default",
    show: bool = False,
    settings: Settings = (),
    regions: PathArgument | None = None,
    known: PathArgument | None = None,
    work: PathArgument | None = None,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
) -> Inspection:
    """Look at a recording before anything is run: what it holds, and what would be done to it.

    Nothing is changed and nothing is written.

    Args:
        source: the recording.
        profile: what would be done; as all that follows, as in `run`.
        show: also give the values of tags. They may identify: keep them as private as the
            recording.
        settings: see `run`.
        regions: see `run`.
        known: see `run`.
        work: where a run would work: its free space is told.
        progress: see `run`.
        stop: see `run`.
        host: see `run`.

    Raises:
        VeilcastError: the recording can't be read: the same error as `run` would raise.
    """
    path, marked, person = path_of(source), path_of(regions), path_of(known)
    root, plan, asked = work_folder(work), profile_of(profile), overrides(settings)

    def task(listener: Listener) -> Inspection:
        from veilcast.inspection.examining import examine

        ready = prepared(profile=plan, settings=asked, regions=marked, known=person, host=host)
        return examine(
            ready.host,
            ready.profile,
            path,
            default_output(path, path.parent),
            root,
            listener,
            show=show,
        )

    return in_own_thread(task, progress=progress, stop=stop)
