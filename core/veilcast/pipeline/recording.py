"""Writing down what was done: from findings and steps to the manifest."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from veilcast import __version__
from veilcast.errors import ManifestError
from veilcast.findings import digest
from veilcast.manifest import (
    FileRecord,
    ManifestBuilder,
    PluginRecord,
    SoftwareRecord,
    StreamRecord,
    check,
    item_change,
    profile_record,
    sound_change,
    to_bytes,
    track_change,
)
from veilcast.redact.covers import TrackCovers
from veilcast.redact.render import BEEP
from veilcast.settings import CoverSettings
from veilcast.workspace import file_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from veilcast.findings import Findings
    from veilcast.host import Host
    from veilcast.manifest import Change
    from veilcast.media.info import MediaInfo
    from veilcast.pipeline.redacting import Redacted
    from veilcast.profile import PlannedStage, Profile

OURSELVES = PluginRecord(distribution="veilcast", version=__version__)


def write_manifest(
    path: Path,
    *,
    host: Host,
    profile: Profile,
    source: Path,
    source_media: MediaInfo,
    source_sha256: str,
    found: Sequence[Findings],
    redacted: Redacted,
    checks: Sequence[str],
    seconds: Mapping[str, float],
) -> None:
    """Write the manifest and check it against the files.

    Raises:
        ManifestError: it does not hold.
    """
    output_sha256 = file_sha256(redacted.path)
    settings = profile.settings_json()
    builder = ManifestBuilder(
        input=_file_record(source_media, source_sha256),
        profile=profile_record(
            profile.name,
            {item["stage"]: item["settings"] for item in settings["stages"]},
            settings["deliver"],
        ),
        software=_software(host),
    )
    planned = {p.stage.name: (p, f) for p, f in zip(profile.stages, found, strict=True)}
    for step in redacted.steps:
        common: dict[str, Any] = {
            "stage": step.stage,
            "group": step.group,
            "input_sha256": step.input_sha256,
            "output_sha256": step.output_sha256,
        }
        if step.stage == "deliver":
            builder.add_entry(
                **common, phase="deliver", plugin=OURSELVES, settings=settings["deliver"]
            )
            continue
        stage, findings = planned[step.stage]
        owner = host.owner("stage", step.stage)
        builder.add_entry(
            **common,
            phase=stage.stage.phase.value,
            plugin=PluginRecord(distribution=owner.distribution, version=owner.version),
            findings_sha256=digest(findings),
            settings=stage.settings.model_dump(mode="json"),
            changes=_changes(stage, findings),
            warnings=findings.warnings,
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
        settings={"checks": list(checks), "verdict": "passed"},
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


def _changes(planned: PlannedStage, findings: Findings) -> list[Change]:
    changes = []
    for track in findings.tracks:
        how: dict[str, Any] = {}
        if isinstance(planned.settings, CoverSettings):
            covers = TrackCovers(track, planned.settings)
            own = covers.settings
            how = {"treatment": own.treatment, "shape": own.shape, "padding": own.padding}
            if own.treatment == "mosaic":
                how["block_px"] = covers.params["block_px"]
        changes.append(track_change(track, how))
    for sound in findings.sounds:
        how = {"treatment": str(sound.options.get("treatment", BEEP))}
        changes.append(sound_change(sound, how))
    return changes + [item_change(item, findings.stage) for item in findings.items]


def _file_record(media: MediaInfo, sha256: str) -> FileRecord:
    return FileRecord(
        sha256=sha256,
        bytes=media.size,
        kind=media.kind,
        container=media.container,
        streams=[StreamRecord(index=s.index, type=s.type, codec=s.codec) for s in media.streams],
    )


def _software(host: Host) -> SoftwareRecord:
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
    )
