"""Commands that show what there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from veilcast.errors import ModelChecksumError, ModelMissingError

if TYPE_CHECKING:
    from veilcast.extensions import ModelFile, ModelFolder


def list_plugins() -> None:
    """Every plugin, also those that failed."""
    from veilcast.host import Host

    for plugin in Host().plugins:
        typer.echo(f"{plugin.name}  ({plugin.distribution} {plugin.version})")
        for thing in plugin.provides:
            typer.echo(f"    {thing}")
        if plugin.failure:
            typer.echo(f"    FAILED: {plugin.failure}")


def list_profiles(name: str | None) -> None:
    """All shipped profiles, or the settings of one."""
    from veilcast.host import Host
    from veilcast.profile import load_profile

    host = Host()
    if name is None:
        for profile in host.profiles.values():
            typer.echo(f"{profile.name:14} {profile.summary}")
        return
    profile_settings = load_profile(host, name).settings_json()
    for item in profile_settings["stages"]:
        typer.echo(f"{item['stage']}:")
        for key, value in item["settings"].items():
            typer.echo(f"  {key}: {json.dumps(value)}")
    typer.echo("deliver:")
    for key, value in profile_settings["deliver"].items():
        typer.echo(f"  {key}: {json.dumps(value)}")


def list_models() -> None:
    """Named models and whether they are here."""
    from veilcast.host import Host

    for model in Host().models.values():
        typer.echo(f"{model.name:24} {_state(model):30} {model.licence:12} {model.origin}")


def _state(model: ModelFile | ModelFolder) -> str:
    from veilcast.models import find

    try:
        find(model)
    except ModelMissingError:
        return "missing"
    except ModelChecksumError:
        return "WRONG CHECKSUM"
    return "here"


def show_doctor() -> None:
    """What is missing; exit code 1 when anything is."""
    from veilcast.doctor import examine
    from veilcast.host import Host

    host = Host()
    findings = examine(tuple(host.models.values()), host.plugins)
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.detail}")
        if not finding.ok:
            typer.echo(f"      fix: {finding.fix}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def show_schema() -> None:
    """The manifest's JSON Schema."""
    from veilcast.manifest import schema

    typer.echo(json.dumps(schema(), indent=2, sort_keys=True))
