"""The command that examines a delivered file."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import typer

from veilcast.cli.commands import prepare, read_manifest, work_folder
from veilcast.cli.reporting import InputReporter, choose_screen
from veilcast.errors import UnverifiableError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.host import Host
    from veilcast.profile import Profile
    from veilcast.settings import StageSettings
    from veilcast.verification import Finding, Verification

_EXIT = {
    "clean": 0,
    "residual": VerificationError.exit_code,
    "unverifiable": UnverifiableError.exit_code,
}
_SHOWN = 20
_LOOKING = frozenset({"detectors", "transcriber"})
"""Looking again is best done with others."""


def verify_file(
    delivered: Path,
    source: Path | None,
    manifest: Path | None,
    *,
    profile: str | None,
    known: Path | None,
    settings: Sequence[str],
    accept: Path | None,
    work: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Examine a file, print the verdict and what led to it, and exit with the verdict's code."""
    from veilcast.pipeline import verified
    from veilcast.verification import Acceptance, load_acceptance

    said = read_manifest(manifest) if manifest is not None else None
    accepted = load_acceptance(accept) if accept is not None else Acceptance()
    host, chosen = prepare(profile or "default", None, known, settings)
    if profile is None and said is not None:
        chosen = _profile_of(host, chosen, said)
    screen = choose_screen(1, quiet=quiet or as_json, as_json=False)
    with screen:
        result = verified(
            host,
            delivered,
            source,
            work_folder(work),
            InputReporter(screen, 1, threading.Event()),
            profile=chosen,
            manifest=said,
            accepted=accepted,
        )
    if as_json:
        typer.echo(json.dumps(result.to_json()))
    elif quiet:
        result.raise_for()
    else:
        _tell(result)
    raise typer.Exit(_EXIT[result.verdict])


def _profile_of(host: Host, default: Profile, manifest: dict[str, Any]) -> Profile:
    """The stages that made the file, with their settings as far as a manifest holds them.

    Files and phrases of the user's own are not in it; they are given anew with --known and --set.
    """
    from dataclasses import replace

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


def _tell(result: Verification) -> None:
    for finding in result.findings[:_SHOWN]:
        typer.echo(f"{finding.check}: {_where(finding)}{finding.problem.sentence}")
    if len(result.findings) > _SHOWN:
        typer.echo(f"... and {len(result.findings) - _SHOWN} more; --json gives all of them.")
    typer.echo(f"{result.verdict}: {', '.join(result.checks)}")


def _where(finding: Finding) -> str:
    problem = finding.problem
    told = "accepted: " if finding.accepted else ""
    if problem.from_us is None:
        return told
    end = "" if problem.to_us is None else f"-{problem.to_us / 1_000_000:.2f}"
    return f"{told}{problem.from_us / 1_000_000:.2f}{end} s: "
