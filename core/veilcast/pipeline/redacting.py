"""Redact and deliver: stages chain intermediate files, the last marks go into the final encode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from veilcast.errors import PluginOutputError, ProfileError, SettingError, VeilcastError
from veilcast.extensions import RedactContext
from veilcast.media.exif import set_orientation
from veilcast.media.info import CONTAINERS
from veilcast.media.probe import probe
from veilcast.pipeline.output_validation import check_handback
from veilcast.pipeline.plugin_calls import guarded, guarded_treatments
from veilcast.pipeline.response_validation import handed_back
from veilcast.redaction.covers import treatment_named
from veilcast.redaction.excising import cuts_of, excise
from veilcast.redaction.render import (
    Current,
    Marks,
    deliver,
    needs_encode,
    render_lossless,
)
from veilcast.settings import CoverSettings
from veilcast.timing import US
from veilcast.types import Phase
from veilcast.workspace import file_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.findings import Findings
    from veilcast.host import Host
    from veilcast.media.info import MediaInfo
    from veilcast.profile import PlannedStage, Profile
    from veilcast.redaction.delivery import Delivery
    from veilcast.redaction.selection import Selection
    from veilcast.types import Sound
    from veilcast.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step for the manifest: which stage (or ``deliver``), from which file to which."""

    stage: str
    group: int
    input_sha256: str
    output_sha256: str


@dataclass(slots=True)
class Redacted:
    """The delivered file and how it came about."""

    path: Path
    media: MediaInfo
    reference: tuple[Path, MediaInfo]
    """What the delivered file must play like: the source, unless a stage changed the timing."""
    source: Path
    cuts_us: tuple[tuple[int, int], ...] = ()
    """What was cut out, by the source's time."""
    steps: list[Step] = field(default_factory=list)
    intermediates: list[tuple[str, Path]] = field(default_factory=list)
    """Stage name and file, with `--keep-intermediates`."""


def marks_of(planned: PlannedStage, findings: Findings, host: Host, selection: Selection) -> Marks:
    """What a marking stage's findings ask to be covered, of which `selection` has the tracks.

    Raises:
        SettingError: a treatment does not exist.
    """
    settings = planned.settings
    if findings.tracks and not isinstance(settings, CoverSettings):
        raise SettingError(
            f"The settings of stage '{planned.stage.name}' do not say how to cover; "
            "report this to its author."
        )
    covers = []
    if isinstance(settings, CoverSettings):
        treatment_named(host.pixel_treatments, settings.treatment)
        for _, cover in selection.covered:
            cover.validate(host.pixel_treatments)
            covers.append(cover)
    for sound in selection.sounds:
        treatment_named(host.sound_treatments, str(sound.options["treatment"]))
    return Marks(layers=(tuple(covers),), sounds=selection.sounds)


class Redaction:
    """One input's way through the redacting stages to the delivered file."""

    def __init__(
        self,
        host: Host,
        profile: Profile,
        source: Path,
        media: MediaInfo,
        source_sha256: str,
        workspace: Workspace,
        progress: Callable[[str], Progress],
        *,
        target: Delivery,
        keep_intermediates: bool,
    ) -> None:
        self._target = target
        self._host, self._profile, self._source, self._media = host, profile, source, media
        self._sha256, self._workspace, self._progress = source_sha256, workspace, progress
        self._keep = keep_intermediates
        self._treatments = guarded_treatments(host)
        self._current = Current(path=source, media=media)
        self._at = source_sha256
        self._group = 0
        self._pending: list[tuple[str, Marks]] = []
        self._sounds: list[Sound] = []
        self._done = Redacted(path=source, media=media, reference=(source, media), source=source)

    def run(self, found: Sequence[Findings], selections: Sequence[Selection]) -> Redacted:
        """Redact and deliver.

        Args:
            found: by stage.
            selections: by stage, what of it is covered.

        Raises:
            VeilcastError: whatever stopped it.
        """
        pairs = list(zip(self._profile.stages, found, strict=True))
        for (planned, findings), selection in zip(pairs, selections, strict=True):
            if planned.stage.phase is not Phase.CONTAINER:
                self._stage(planned, findings, selection)
        self._excise()
        self._deliver(last=not any(p.stage.phase is Phase.CONTAINER for p, _ in pairs))
        for planned, findings in pairs:
            if planned.stage.phase is Phase.CONTAINER:
                self._container_stage(planned, findings)
        return self._done

    def _stage(self, planned: PlannedStage, findings: Findings, selection: Selection) -> None:
        if self._done.reference[0] != self._source:
            raise ProfileError(
                f"The stage '{planned.stage.name}' comes after one that changes the timing, so "
                "what it located would be covered at the wrong times; list it before that one."
            )
        if planned.stage.redact is not None:
            self._flush()
            self._foreign(planned, findings)
            return
        marks = marks_of(planned, findings, self._host, selection)
        self._pending.append((planned.stage.name, marks))
        self._sounds += marks.sounds
        cuts_of(self._sounds, self._media, self._host.sound_treatments)  # refused now, not later
        if self._keep:
            self._flush()

    def _marks(self) -> Marks:
        return sum((marks for _, marks in self._pending), Marks())

    def _step(self, stages: Sequence[str], path: Path) -> None:
        """Note that these stages together led to this file."""
        sha256 = self._at if path == self._current.path else file_sha256(path)
        for stage in stages:
            self._done.steps.append(
                Step(
                    stage=stage,
                    group=self._group,
                    input_sha256=self._at,
                    output_sha256=sha256,
                )
            )
        self._group += 1
        self._at = sha256

    def _flush(self) -> None:
        """Render what is pending into a lossless intermediate."""
        if not self._pending:
            return
        names, marks = [name for name, _ in self._pending], self._marks()
        current, source = self._current, self._media
        touched = marks.streams(source)
        if not marks.on_picture and not touched:
            self._step(names, current.path)
            self._pending.clear()
            return
        # A still is a video of one frame here: NUT holds either.
        rendered = self._render(names[-1], marks)
        self._step(names, rendered.path)
        self._current = rendered
        self._done.intermediates.append((names[-1], rendered.path))
        self._pending.clear()

    def _render(self, name: str, marks: Marks) -> Current:
        """Write and check a lossless intermediate."""
        current, source = self._current, self._media
        path = self._workspace.folder_for(name) / "intermediate.nut"
        progress = self._progress(name)
        render_lossless(
            current.path, path, current.media, source, marks, self._treatments, progress
        )
        back = check_handback(name, current.path, current.media, path, source)
        return Current(
            path=path,
            media=back.media,
            picture_changed=current.picture_changed or marks.on_picture,
            changed_streams=current.changed_streams | marks.streams(source),
        )

    def _excise(self) -> None:
        """Cut out what is to be cut, last of all: every stage located by the source's time.

        Until then it is silent. The delivered file must play like what is left.
        """
        cuts = cuts_of(self._sounds, self._media, self._host.sound_treatments)
        if not cuts:
            return
        if self._done.reference[0] != self._source:
            raise ProfileError(
                "Spans can't be cut out after a stage that changes the timing; "
                "choose the treatment beep, mute or noise, or leave that stage out."
            )
        self._flush()
        path = self._workspace.folder_for("excise") / "intermediate.nut"
        media = excise(self._current.path, self._current.media, cuts, path)
        self._current = replace(self._current, path=path, media=media)
        self._done.reference = (path, media)
        rate_hz = self._media.audio[0].rate_hz
        self._done.cuts_us = tuple(
            (cut.start * US // rate_hz, -(-cut.end * US // rate_hz)) for cut in cuts
        )

    def _foreign(self, planned: PlannedStage, findings: Findings) -> None:
        """A stage with a `redact` of its own."""
        if self._current.path == self._source:
            # An intermediate from the start: a stage can't write to the user's own recording, and
            # meets no codec's delay or edit list.
            self._current = self._render("ingest", Marks())
        stage, current = planned.stage, self._current
        returned = self._call(planned, findings, current.path)
        back = check_handback(
            stage.name,
            current.path,
            current.media,
            returned,
            self._media,
            may_change_timing=stage.changes_timing,
            owner=self._host.owner("stage", stage.name),
        )
        self._step([stage.name], returned)
        if stage.changes_timing:
            self._done.reference = (returned, back.media)
        self._current = Current(
            path=returned,
            media=back.media,
            picture_changed=current.picture_changed or back.picture_changed,
            changed_streams=current.changed_streams | back.changed_streams,
        )
        if self._keep:
            self._done.intermediates.append((stage.name, returned))

    def _call(self, planned: PlannedStage, findings: Findings, file: Path) -> Path:
        """What a stage's own `redact` returns: a file in its scratch folder, or what it was given.

        Raises:
            PluginOutputError: it is no file, or one that is somewhere else.
        """
        stage = planned.stage
        scratch = self._workspace.folder_for(stage.name)
        with guarded(
            self._host.owner("stage", stage.name), stage.name, wrong=PluginOutputError
        ) as call:
            if stage.redact is None:
                raise TypeError("a container stage needs a redact of its own")
            context = RedactContext(
                file=file,
                media=self._current.media,
                source_media=self._media,
                findings=findings,
                settings=planned.settings,
                scratch=scratch,
                progress=call.beating(self._progress(stage.name)),
                sounds=tuple(self._sounds),
                cuts_us=self._done.cuts_us,
            )
            return handed_back(stage.redact(context), file, scratch)

    def _deliver(self, *, last: bool) -> None:
        marks, target = self._marks(), self._target
        names = [name for name, _ in self._pending]
        current, source = self._current, self._media
        family = target.family
        untouched = (
            current.path == self._source
            and family == source.container
            and not marks.streams(source)
            and all(target.copies_sounds)
            and not needs_encode(current, self._source, source, marks, target)
        )
        if untouched and not last:
            # A container stage writes the file anew anyway: copying it before would be for nothing.
            self._step([*names, "deliver"], current.path)
        else:
            path = self._workspace.folder_for("deliver") / f"delivered{CONTAINERS[family].suffix}"
            progress = self._progress("deliver")
            deliver(
                current,
                path,
                self._source,
                source,
                self._done.reference[1],
                marks,
                self._treatments,
                target,
                progress,
            )
            video = source.video
            if source.kind == "still" and video is not None and not video.orientation.is_identity:
                set_orientation(path, video.orientation.exif)
            self._step([*names, "deliver"], path)
            self._current = Current(path=path, media=probe(path))
        self._pending.clear()
        self._done.path, self._done.media = self._current.path, self._current.media

    def _container_stage(self, planned: PlannedStage, findings: Findings) -> None:
        returned = self._call(planned, findings, self._current.path)
        # Whether it plays as before is for the checks to say, which run on it in full.
        try:
            media = probe(returned)
        except VeilcastError as exc:
            raise PluginOutputError(
                f"The stage '{planned.stage.name}' returned a file that is no media; "
                "report this to its author."
            ) from exc
        self._step([planned.stage.name], returned)
        self._current = Current(path=returned, media=media)
        self._done.path, self._done.media = returned, media
