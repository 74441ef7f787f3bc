"""Writes the manifest, from findings and steps."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from veilcast import __version__
from veilcast.errors import ManifestError
from veilcast.findings import digest
from veilcast.manifest import (
    ConformedRecord,
    FileRecord,
    LookedForRecord,
    ManifestBuilder,
    ModelRecord,
    PluginRecord,
    SoftwareRecord,
    StreamRecord,
    caption_changes,
    check,
    item_change,
    profile_record,
    sound_change,
    to_bytes,
    track_change,
    uncovered_record,
    uncovered_sound_record,
)
from veilcast.pipeline.search_scope import looked_for
from veilcast.settings import CoverSettings
from veilcast.workspace import file_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.findings import Findings
    from veilcast.host import Host
    from veilcast.manifest import Change
    from veilcast.media.info import Conformed, MediaInfo
    from veilcast.pipeline.redacting import Redacted
    from veilcast.profile import PlannedStage, Profile
    from veilcast.redaction.selection import Selection
    from veilcast.verification import Verification

OURSELVES = PluginRecord(distribution="veilcast", version=__version__)


def write_manifest(
    path: Path,
    *,
    host: Host,
    profile: Profile,
    source: Path,
    source_media: MediaInfo,
    conformed: Sequence[Conformed],
    source_sha256: str,
    found: Sequence[Findings],
    selections: Sequence[Selection],
    redacted: Redacted,
    verification: Verification,
    allow_residual: bool,
    seconds: Mapping[str, float],
) -> None:
    """Write the manifest and check it against the files.

    Raises:
        ManifestError: it does not hold.
    """
    output_sha256 = file_sha256(redacted.path)
    settings = profile.settings_json()
    builder = ManifestBuilder(
        input=_file_record(source_media, source_sha256, conformed),
        profile=profile_record(
            profile.name,
            {item["stage"]: item["settings"] for item in settings["stages"]},
            settings["deliver"],
        ),
        software=_software(host, found),
    )
    planned = {
        p.stage.name: (p, f, s) for p, f, s in zip(profile.stages, found, selections, strict=True)
    }
    for step in redacted.steps:
        common: dict[str, Any] = {
            "stage": step.stage,
            "group": step.group,
            "input_sha256": step.input_sha256,
            "output_sha256": step.output_sha256,
        }
        if step.stage == "deliver":
            builder.add_entry(
                **common,
                phase="deliver",
                plugin=OURSELVES,
                settings=settings["deliver"],
                cuts_us=redacted.cuts_us,
                retimed=redacted.reference[0] != redacted.source and not redacted.cuts_us,
            )
            continue
        stage, findings, selection = planned[step.stage]
        owner = host.owner("stage", step.stage)
        builder.add_entry(
            **common,
            phase=stage.stage.phase.value,
            plugin=PluginRecord(distribution=owner.distribution, version=owner.version),
            findings_sha256=digest(findings),
            settings=stage.settings.model_dump(mode="json"),
            looked_for=[
                LookedForRecord(
                    identifier=one.identifier, hipaa=one.hipaa, where=one.where, how=one.how
                )
                for one in looked_for(host, stage)
            ],
            changes=_changes(stage, findings, selection),
            uncovered=[
                *(uncovered_record(u.track, u.frames, u.why) for u in selection.uncovered),
                *(uncovered_sound_record(u.sound, u.why) for u in selection.uncovered_sounds),
            ],
            edits={author: dict(counts) for author, counts in selection.edits.items()},
            warnings=(*findings.warnings, *selection.warnings),
            nothing_to_do=findings.nothing_to_do,
            models=findings.models,
        )
    builder.add_entry(
        stage="verify",
        phase="verify",
        plugin=OURSELVES,
        group=len({step.group for step in redacted.steps}),
        input_sha256=output_sha256,
        output_sha256=output_sha256,
        settings={
            "verdict": verification.verdict,
            "checks": list(verification.checks),
            "findings": [finding.to_json() for finding in verification.findings],
            "allow_residual": allow_residual,
        },
    )
    manifest = builder.finish(
        output=_file_record(redacted.media, output_sha256),
        created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=seconds,
    )
    path.write_bytes(to_bytes(manifest))
    problems = check(manifest, redacted.path, source)
    if problems:
        raise ManifestError(problems[0])


def _changes(planned: PlannedStage, findings: Findings, selection: Selection) -> list[Change]:
    changes = []
    for track, covers in selection.covered:
        changes.append(track_change(track, covers.described()))
    if not isinstance(planned.settings, CoverSettings):
        changes += [track_change(track, {}) for track in findings.tracks]
    for sound in selection.sounds:
        how = {k: v for k, v in sound.options.items() if k in ("treatment", "level_dbfs")}
        changes.append(sound_change(sound, how))
    changes += caption_changes(findings.captions)
    return changes + [item_change(item, findings.stage) for item in findings.items]


def _file_record(media: MediaInfo, sha256: str, conformed: Sequence[Conformed] = ()) -> FileRecord:
    return FileRecord(
        sha256=sha256,
        bytes=media.size,
        kind=media.kind,
        container=media.converted_from or media.container,
        streams=[StreamRecord(index=s.index, type=s.type, codec=s.codec) for s in media.streams],
        conformed=[ConformedRecord(rule=c.rule, sentence=c.sentence) for c in conformed],
    )


def _software(host: Host, found: Sequence[Findings]) -> SoftwareRecord:
    import av
    import numpy as np

    libraries = {
        name: ".".join(str(part) for part in version)
        for name, version in av.library_versions.items()
    }
    return SoftwareRecord(
        veilcast=__version__,
        python=platform.python_version(),
        libraries={"av": av.__version__, "numpy": np.__version__, **libraries},
        plugins={p.distribution: p.version for p in host.plugins if not p.failure},
        models={
            name: ModelRecord(licence=host.model(name).licence, origin=host.model(name).origin)
            for name in sorted({name for findings in found for name in findings.models})
        },
    )
