"""`veilcast.verify`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from veilcast.api.preparing import path_of, preparation, work_folder
from veilcast.api.working import in_own_thread
from veilcast.errors import UnreadableError

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument, Settings
    from veilcast.api.working import Listener
    from veilcast.host import Host
    from veilcast.profile import Profile
    from veilcast.settings import StageSettings
    from veilcast.verification import Verification

_LOOKING = frozenset({"detectors", "transcriber", "reader", "scout"})
"""Looking again is best done with others."""


def verify(
    delivered: PathArgument,
    *,
    source: PathArgument | None = None,
    manifest: PathArgument | None = None,
    profile: PathArgument | None = None,
    settings: Settings = (),
    known: PathArgument | None = None,
    accept: PathArgument | None = None,
    work: PathArgument | None = None,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
    host: Host | None = None,
) -> Verification:
    """Examine a file afresh, whoever made it: is anything left that identifies?

    Args:
        delivered: the file.
        source: what it was made from; it is compared with that.
        manifest: its manifest: what was covered is known then.
        profile: which stages look again; those of the manifest, or else ``default``, when None.
        settings: as in `run`.
        known: a file of what is known of the person.
        accept: a file of what a reviewer found to be nothing.
        work: where work folders go.
        progress: as in `run`.
        stop: as in `run`.
        host: as in `run`.

    Returns:
        The verdict and what led to it. It raises nothing for what is left: see its `verdict`, or
        call `raise_for`.

    Raises:
        VeilcastError: the file could not be examined.
    """
    file, original, about = path_of(delivered), path_of(source), path_of(manifest)
    root = work_folder(work)
    plan = "default" if profile is None else profile
    prepare = preparation(
        {"profile": plan, "settings": settings, "known": known}, accept=accept, host=host
    )

    def task(listener: Listener) -> Verification:
        from veilcast.pipeline import verified

        said = None if about is None else read_manifest(about)
        ready = prepare()
        chosen = ready.profile
        if profile is None and said is not None:
            chosen = _profile_of(ready.host, chosen, said)
        return verified(
            ready.host,
            file,
            original,
            root,
            listener,
            profile=chosen,
            manifest=said,
            accepted=ready.accepted,
        )

    return in_own_thread(task, progress=progress, stop=stop)


def read_manifest(path: Path) -> dict[str, Any]:
    """A manifest from its file.

    Raises:
        UnreadableError, ManifestError: it can't be read, or is none.
    """
    from veilcast.manifest import load

    try:
        data = path.read_bytes()
    except OSError as exc:
        raise UnreadableError("The manifest can't be read.") from exc
    return load(data)


def _profile_of(host: Host, default: Profile, manifest: dict[str, Any]) -> Profile:
    """The stages that made the file, with their settings as far as a manifest holds them.

    Files and phrases of the user's own are not in it; they are given anew.
    """
    from veilcast.profile import PlannedStage

    mine = {planned.stage.name: planned for planned in default.stages}
    planned = []
    for name, settings in manifest["profile"]["stages"].items():
        stage = host.stage(name)
        fresh = mine[name].settings if name in mine else stage.settings()
        planned.append(PlannedStage(stage=stage, settings=_with(fresh, settings)))
    return replace(default, stages=tuple(planned))


def _with(settings: StageSettings, held: dict[str, Any]) -> StageSettings:
    """Settings with those values of others that stand for themselves."""
    from pydantic import ValidationError

    taken: dict[str, Any] = {}
    for key, value in held.items():
        if key in _LOOKING:
            continue
        try:
            one = type(settings).model_validate({key: value})
        except ValidationError:
            continue  # a file or phrases, of which a manifest says only that they were given
        # By the field's own name: a manifest has its alias.
        taken |= {name: getattr(one, name) for name in one.model_fields_set}
    asked = {name: getattr(settings, name) for name in settings.model_fields_set}
    return settings.model_copy(update=taken | asked)
