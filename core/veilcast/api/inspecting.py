"""`veilcast.inspect`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.api.preparing import default_output, path_of, preparation, work_folder
from veilcast.api.run_options import InspectOptions, check_options
from veilcast.api.working import in_own_thread

if TYPE_CHECKING:
    import threading
    from typing import Unpack

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument
    from veilcast.api.working import Listener
    from veilcast.host import Host
    from veilcast.inspection.inspection_model import Inspection


def inspect(
    source: PathArgument,
    *,
    show: bool = False,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
    **options: Unpack[InspectOptions],
) -> Inspection:
    """Look at a recording before anything is run: what it holds, and what would be done to it.

    Nothing is changed and nothing is written.

    Args:
        source: the recording.
        show: also give the values of tags. They may identify: keep them as private as the
            recording.
        progress: see `run`.
        stop: see `run`.
        host: see `run`.
        options: those of `InspectOptions`, as for the run; free space is told of `work`.

    Raises:
        VeilcastError: the recording can't be read: the same error as `run` would raise.
    """
    check_options(options, InspectOptions, "inspect")
    path, root = path_of(source), work_folder(options.get("work"))
    prepare = preparation(options, host=host)

    def task(listener: Listener) -> Inspection:
        from veilcast.inspection.inspector import examine

        ready = prepare()
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
