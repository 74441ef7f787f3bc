"""Locate: every stage reads the source and says what it found. Kept in the work folder."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from veilcast.errors import FindingsError, Interrupted, PluginOutputError
from veilcast.extensions import LocateContext
from veilcast.findings import Findings, canonical_json, findings_from_json, findings_to_json
from veilcast.models import digest, find_all
from veilcast.pipeline.plugin_calls import (
    guarded,
    guarded_detectors,
    guarded_recognizers,
    guarded_text_readers,
    guarded_transcribers,
)
from veilcast.pipeline.recognizer_models import ANY, reading_models
from veilcast.pipeline.response_validation import WrongError, findings, told_items
from veilcast.pipeline.response_validation import names as checked_names
from veilcast.pipeline.watchdog import together
from veilcast.redaction.covers import check_settings
from veilcast.settings import (
    CoverSettings,
    IdentifierSettings,
    ReadPictureSettings,
    TranscribeSettings,
)
from veilcast.types import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.host import Host
    from veilcast.media.info import Conformed
    from veilcast.pipeline.job import Job
    from veilcast.profile import PlannedStage
    from veilcast.workspace import Workspace


def locate_all(
    host: Host,
    stages: Sequence[PlannedStage],
    job: Job,
    progress: Callable[[str], Progress],
) -> tuple[Findings, ...]:
    """The findings of each stage, in order: from an earlier run where nothing that matters changed.

    Container stages are given the user's own file: what was conformed holds nothing of theirs.

    Raises:
        VeilcastError: whatever stopped a stage.
    """
    # First what can be missing: that should not be noticed after minutes of another stage's work.
    for planned in stages:
        if isinstance(planned.settings, CoverSettings):
            check_settings(planned.settings, host.pixel_treatments)
    busy = [
        planned
        for planned in stages
        if planned.stage.phase is not Phase.PICTURE or job.media.video is not None
    ]
    # All at once, so that one message names every model that is not here.
    find_all(host.model(name) for name in dict.fromkeys(chain(*(_names(host, p) for p in busy))))
    files = [model_files(host, planned) if planned in busy else {} for planned in stages]
    stop = threading.Event()

    def locate_phase(phase: Phase) -> dict[str, Findings]:
        """Stages of one phase, one after the other: they share what is known of the frames."""
        return {
            planned.stage.name: _locate(host, planned, models, job, watched)
            for planned, models in zip(stages, files, strict=True)
            if planned.stage.phase is phase
        }

    def watched(stage: str) -> Progress:
        tell = progress(stage)

        def report(activity: str, done: int, total: int | None) -> None:
            if stop.is_set():
                raise Interrupted("Another stage failed or the run was interrupted.")
            tell(activity, done, total)

        return report

    # Picture, sound and container are looked at side by side.
    phases = sorted({planned.stage.phase for planned in stages}, key=lambda phase: phase.rank)
    located = together([partial(locate_phase, phase) for phase in phases], stop)
    found = {name: findings for each in located for name, findings in each.items()}
    return tuple(found[planned.stage.name] for planned in stages)


def _locate(
    host: Host,
    planned: PlannedStage,
    models: dict[str, Path],
    job: Job,
    progress: Callable[[str], Progress],
) -> Findings:
    stage, workspace = planned.stage, job.workspace
    own = stage.phase is Phase.CONTAINER
    conformed = () if own else job.media.conformed
    key = _key(host, planned, models, conformed)
    name = f"findings-{stage.name}-{key[:32]}.json"
    kept = _kept(workspace, name)
    if kept is None:
        owner = host.owner("stage", stage.name)
        with guarded(owner, stage.name, wrong=PluginOutputError) as call:
            context = LocateContext(
                source=job.recorded if own else job.source,
                media=job.recorded_media if own else job.media,
                frames=job.frames,
                settings=planned.settings,
                models=models,
                detectors=guarded_detectors(host),
                transcribers=guarded_transcribers(host),
                text_readers=guarded_text_readers(host),
                recognizers=guarded_recognizers(host),
                cache=_Cache(workspace, stage.name, _code(host, planned), conformed),
                scratch=workspace.folder_for(stage.name),
                progress=call.beating(progress(stage.name)),
            )
            found = findings(stage.locate(context), stage.name)
            kept = _settled(found if owner.ours else told_items(found))
        workspace.keep(name, canonical_json(findings_to_json(kept)))
    return _with_models(kept, host, models)


def model_files(host: Host, planned: PlannedStage) -> dict[str, Path]:
    """The files of the models that a stage, its detectors and what hears and reads for it need.

    Raises:
        ModelMissingError, ModelChecksumError: one is not on this machine, or is another.
        PluginFailedError: a plugin failed in saying what it needs.
    """
    found = find_all(host.model(name) for name in _names(host, planned))
    if isinstance(planned.settings, IdentifierSettings):
        found |= reading_models(host, getattr(planned.settings, "language", ANY))
    return found


def _names(host: Host, planned: PlannedStage) -> list[str]:
    """Of the models that a stage can't do without.

    Raises:
        PluginFailedError: a plugin failed in saying what it needs.
    """
    with guarded(host.owner("stage", planned.stage.name), planned.stage.name):
        names = checked_names(planned.stage.models(planned.settings))
        for detector in checked_names(planned.stage.detectors(planned.settings)):
            names += host.detector(detector).models
        if isinstance(planned.settings, TranscribeSettings):
            for choice in planned.settings.listeners:
                names += checked_names(host.transcriber(choice.name).models(choice.own))
        if isinstance(planned.settings, ReadPictureSettings):
            for reader in planned.settings.readers:
                names += checked_names(host.text_reader(reader.name).models(reader.own))
    return names


def located_with(planned: PlannedStage) -> str:
    """SHA-256 of the settings that decide what a stage locates."""
    settings = planned.settings.model_dump(mode="json", context={"private": True})
    names = planned.stage.locate_settings
    deciding = settings if names is None else {name: settings[name] for name in names}
    return hashlib.sha256(canonical_json(deciding)).hexdigest()


def _key(
    host: Host,
    planned: PlannedStage,
    models: dict[str, Path],
    conformed: Sequence[Conformed],
) -> str:
    value: dict[str, Any] = {
        "stage": planned.stage.name,
        "code": [*_code(host, planned), *_reading_code(host, planned)],
        "settings": located_with(planned),
        "models": _digests(host, models),
        "conformed": _conformed(conformed),
    }
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _code(host: Host, planned: PlannedStage) -> list[str]:
    """Digests of the code that sees and hears for a stage."""
    stage, settings = planned.stage, planned.settings
    plugins = [host.owner("stage", stage.name)]
    plugins += [host.owner("detector", name) for name in stage.detectors(settings)]
    if isinstance(settings, TranscribeSettings):
        plugins += [host.owner("transcriber", choice.name) for choice in settings.listeners]
    if isinstance(settings, ReadPictureSettings):
        plugins += [host.owner("text reader", choice.name) for choice in settings.readers]
    return [host.code_digest(plugin) for plugin in plugins]


def _reading_code(host: Host, planned: PlannedStage) -> list[str]:
    """Digests of the code that reads text for a stage."""
    if not isinstance(planned.settings, IdentifierSettings):
        return []
    plugins = dict.fromkeys(host.owner("recognizer", name) for name in sorted(host.recognizers))
    return [host.code_digest(plugin) for plugin in plugins]


def _conformed(conformed: Sequence[Conformed]) -> list[list[str]]:
    """What was done to the source: it decides at which times things are."""
    return [[one.rule, one.sentence] for one in conformed]


class _Cache:
    """A stage's own results of earlier runs, in the work folder of this input."""

    def __init__(
        self, workspace: Workspace, stage: str, code: list[str], conformed: Sequence[Conformed]
    ) -> None:
        self._workspace, self._stage, self._code = workspace, stage, code
        self._conformed = _conformed(conformed)

    def _name(self, key: object) -> str:
        known = {"code": self._code, "conformed": self._conformed, "key": key}
        whole = canonical_json(known)
        return f"kept-{self._stage}-{hashlib.sha256(whole).hexdigest()[:32]}"

    def get(self, key: object) -> bytes | None:
        return self._workspace.cached(self._name(key))

    def put(self, key: object, value: bytes) -> None:
        self._workspace.keep(self._name(key), value)


def _kept(workspace: Workspace, name: str) -> Findings | None:
    data = workspace.cached(name)
    if data is None:
        return None
    try:
        return findings_from_json(json.loads(data))
    except (ValueError, FindingsError):
        return None  # damaged: locating again is always right


def _settled(found: Findings) -> Findings:
    """As an edited or a kept document would give them: what they hold can be kept."""
    try:
        return findings_from_json(json.loads(canonical_json(findings_to_json(found))))
    except (
        FindingsError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        OverflowError,
    ) as exc:
        raise WrongError("malformed findings") from exc


def _with_models(found: Findings, host: Host, models: dict[str, Path]) -> Findings:
    return replace(found, models=_digests(host, models))


def _digests(host: Host, models: dict[str, Path]) -> dict[str, str]:
    return {name: digest(host.model(name), path) for name, path in models.items()}
