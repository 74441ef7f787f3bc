"""Building a report: the manifest is checked, and the delivered file, only that, is opened."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from veilcast.errors import ManifestError, UnreadableError, UsageError
from veilcast.manifest import beside, check, load
from veilcast.media.guard import media_errors
from veilcast.media.probe import probe
from veilcast.reporting.facts import facts_of
from veilcast.reporting.moments import moments
from veilcast.reporting.page import LARGEST, page
from veilcast.reporting.plausible import check_numbers
from veilcast.reporting.sheet import contact_sheet, displayed_size, without
from veilcast.reporting.times import DeliveredTime
from veilcast.reporting.waveform import length_us, waveforms
from veilcast.workspace import file_sha256, publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from veilcast.extensions import Progress
    from veilcast.reporting.report_model import ReportFacts, Sheet
    from veilcast.reporting.sheet import Thumbnail


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report says, and a picture for each frame of its contact sheet."""

    facts: ReportFacts
    pictures: tuple[Thumbnail, ...]


def _silent(activity: str, done: int, total: int | None) -> None:
    """Progress for nobody."""


def build_report(
    manifest: Path, delivered: Path | None = None, *, progress: Progress | None = None
) -> Report:
    """The facts of a run, from its manifest and the delivered file. The source is never opened.

    Args:
        manifest: the manifest's file.
        delivered: the file that it is about; None: the one of its name beside it.
        progress: told about the work; also where an interrupt may be raised.

    Raises:
        ManifestError: the manifest is malformed or edited, or the file is not the one it is about.
        UnreadableError: either can't be read.
        UsageError: no file, or several, of the manifest's name are beside it.
        TruncatedError: the delivered file can't be decoded.
    """
    try:
        record = load(manifest.read_bytes())
    except OSError as exc:
        raise UnreadableError(
            "The manifest can't be read; check the path and its permissions."
        ) from exc
    file = beside(record, manifest) if delivered is None else delivered
    problems = check(record, file)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ManifestError(f"{problems[0]}{more}")
    return report_of(record, file, progress=progress)


def report_of(
    manifest: Mapping[str, Any], delivered: Path, *, progress: Progress | None = None
) -> Report:
    """As `build_report`, for a manifest that was checked against this very file."""
    tell = _silent if progress is None else progress
    with _refused():
        check_numbers(manifest)
        wanted = moments(manifest, DeliveredTime(manifest))
    with _neutral(delivered) as path, media_errors():
        media = probe(path)
        sheet, pictures = contact_sheet(path, media, wanted, tell)
        duration_us = length_us(path, media)
        shown = waveforms(path, media, duration_us, tell)
        size = displayed_size(media)

    def facts(sheet: Sheet) -> ReportFacts:
        with _refused():
            return facts_of(
                manifest, duration_us=duration_us, picture=size, waveforms=shown, sheet=sheet
            )

    return fitted(facts, sheet, pictures)


def fitted(
    facts: Callable[[Sheet], ReportFacts], sheet: Sheet, pictures: tuple[Thumbnail, ...]
) -> Report:
    """The report with as many pictures as leave its page small enough, the riskiest first.

    Args:
        facts: gives the facts with a contact sheet.
        sheet: all frames that could be shown.
        pictures: one for each.
    """
    while True:
        report = Report(facts=facts(sheet), pictures=pictures)
        over = len(page(report).encode()) - LARGEST
        if over <= 0 or not pictures:
            return report
        sheet, pictures = without(sheet, pictures, over)


@contextmanager
def _refused() -> Iterator[None]:
    """The hashes hold, so somebody wrote such values and hashed them."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as exc:
        raise ManifestError(
            "This manifest holds values that Veilcast does not write; get the original file."
        ) from exc


def write_report(report: Report, html: Path, json: Path, *, force: bool = True) -> None:
    """Write the page and the same facts as JSON: both or neither.

    Args:
        report: as `build_report` made it.
        html: where the page goes.
        json: where the facts go.
        force: whether existing files may be replaced.

    Raises:
        UsageError: both are one file, or either would replace the recording or its copy.
        OutputExistsError, UnwritableError, DiskFullError: as their names say.
    """
    check_two(html, json)
    for target in (html, json):
        _check_spared(report, target)
    with tempfile.TemporaryDirectory(prefix="veilcast-") as folder:
        files = written(report, Path(folder))
        publish([(files[0], html), (files[1], json)], force=force)


def check_two(html: Path, json: Path) -> None:
    """The page and the facts need a name each.

    Raises:
        UsageError: they have the same.
    """
    if html == json:
        raise UsageError(
            "The page and its facts would be the same file; choose a name that ends in .html."
        )


def _check_spared(report: Report, target: Path) -> None:
    try:
        there = target.stat().st_size if target.is_file() else -1
    except OSError:
        return  # publishing says what is wrong with it
    for one in (report.facts.input, report.facts.output):
        if there == one.bytes and file_sha256(target) == one.sha256:
            raise UsageError(
                "The report would replace the recording or its copy; choose another name with -o."
            )


def written(report: Report, folder: Path) -> tuple[Path, Path]:
    """The page and the facts, in a folder that is private to the run."""
    html, facts = folder / "report.html", folder / "report.json"
    with media_errors(writing=True):
        html.write_text(page(report), encoding="utf-8")
        facts.write_text(facts_json(report), encoding="utf-8")
    return html, facts


def facts_json(report: Report) -> str:
    """The facts, indented, sorted, always the same for the same values."""
    values = report.facts.model_dump(mode="json", by_alias=True)
    return f"{dumps(values, indent=1, sort_keys=True, ensure_ascii=False)}\n"


@contextmanager
def _neutral(delivered: Path) -> Iterator[Path]:
    """A neutral name for a file: names hold PHI, and ffmpeg reads some as URLs or patterns."""
    with tempfile.TemporaryDirectory(prefix="veilcast-") as folder:
        link = Path(folder) / "delivered"
        link.symlink_to(delivered.resolve())
        yield link
