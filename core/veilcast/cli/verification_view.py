"""The command that examines a delivered file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from veilcast.cli.screens import choose_screen, teller
from veilcast.errors import UnverifiableError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.verification import Finding, Verification

_EXIT = {
    "clean": 0,
    "residual": VerificationError.exit_code,
    "unverifiable": UnverifiableError.exit_code,
}
_SHOWN = 20


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
    from veilcast import verify
    from veilcast.offline import cut_off

    cut_off()
    screen = choose_screen(1, quiet=quiet or as_json, as_json=False)
    with screen:
        result = verify(
            delivered,
            source=source,
            manifest=manifest,
            profile=profile,
            known=known,
            settings=settings,
            accept=accept,
            work=work,
            progress=teller(screen, 1),
        )
    if as_json:
        typer.echo(json.dumps(result.to_json()))
    elif quiet:
        result.raise_for()
    else:
        _tell(result)
    raise typer.Exit(_EXIT[result.verdict])


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
