"""`veilcast.report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from veilcast.api.preparing import path_of
from veilcast.api.results import ReportResult
from veilcast.api.working import in_own_thread
from veilcast.errors import UsageError

if TYPE_CHECKING:
    import threading

    from veilcast.api.events import ProgressCallback
    from veilcast.api.preparing import PathArgument
    from veilcast.api.working import Listener

_MANIFEST = ".manifest.json"


def report(
    manifest: PathArgument,
    delivered: PathArgument | None = None,
    *,
    html: PathArgument | None = None,
    write: bool = True,
    force: bool = False,
    progress: ProgressCallback | None = None,
    stop: threading.Event | None = None,
) -> ReportResult:
    """Make the page about a result, for people, and the same facts as JSON, for programs.

    Args:
        manifest: of the result.
        delivered: the delivered file; the one beside the manifest when None.
        html: where the page goes, and the JSON beside it with the same name; beside the manifest
            when None.
        write: False gives the facts only.
        force: replace files that are there.
        progress: as in `run`.
        stop: as in `run`.

    Raises:
        ManifestError: the manifest is none, or the file is not its file.
        UsageError: the page or its facts would replace what they are about, or each other.
        VeilcastError: whatever else stopped it. Nothing was written then.
    """
    about = _named(manifest, "manifest")
    page = _page_of(about) if html is None else _named(html, "page")
    given = None if delivered is None else _named(delivered, "delivered file")

    def task(listener: Listener) -> ReportResult:
        from veilcast.api.verifying import read_manifest
        from veilcast.manifest import beside
        from veilcast.reporting import build_report, write_report
        from veilcast.reporting.report_building import check_two
        from veilcast.workspace import check_target

        facts = page.with_suffix(".json")
        if write:
            check_two(page, facts)
        file = beside(read_manifest(about), about) if given is None else given
        if write:
            if any(_same(target, one) for target in (page, facts) for one in (about, file)):
                raise UsageError(
                    "The report would replace the manifest or the delivered file; "
                    "choose another name with -o."
                )
            check_target([page, facts], force=force)
        listener.phase("report")
        made = build_report(about, file, progress=listener.stage("report"))
        if not write:
            return ReportResult(report=made, html=None, json=None)
        listener.commit()
        write_report(made, page, facts, force=force)
        return ReportResult(report=made, html=page, json=facts)

    return in_own_thread(task, progress=progress, stop=stop)


def _named(path: PathArgument, what: str) -> Path:
    """A path that can be one of a file."""
    if Path(path).name in ("", ".."):
        raise UsageError(f"That is no name of a file; name the {what}.")
    return path_of(path)


def _same(target: Path, other: Path) -> bool:
    try:
        return target.samefile(other)
    except OSError:
        return False  # one of them is not there


def _page_of(manifest: Path) -> Path:
    return manifest.with_name(f"{manifest.name.removesuffix(_MANIFEST)}.report.html")
