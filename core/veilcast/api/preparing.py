"""What a caller gives, as what the pipeline takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from veilcast.errors import FindingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from veilcast.api.results import LocateResult
    from veilcast.api.run_options import InspectOptions, LocateOptions
    from veilcast.findings import FindingsDocument
    from veilcast.host import Host
    from veilcast.profile import Profile
    from veilcast.verification import Acceptance

PathArgument: TypeAlias = str | PathLike[str]
Settings: TypeAlias = Mapping[str, Any] | Sequence[str]
"""``{"faces": {"padding": 0.4}}``, ``{"faces.padding": 0.4}`` or ``["faces.padding=0.4"]``."""


@overload
def path_of(given: PathArgument) -> Path: ...
@overload
def path_of(given: None) -> None: ...
def path_of(given: PathArgument | None) -> Path | None:
    """A path as it is meant when a call begins: a later `os.chdir` changes nothing.

    Raises:
        UsageError: it can't be a path.
    """
    if given is None:
        return None
    try:
        path = Path(given)
    except TypeError as exc:
        raise UsageError("A path is a str or a Path.") from exc
    if "\0" in str(path):
        raise UsageError("A path holds a NUL character, which no file's name can.")
    return path.absolute()


def profile_of(given: PathArgument) -> str:
    """The name of a shipped profile, or a path.

    Raises:
        UsageError: it can be neither.
    """
    if isinstance(given, str) and "\0" not in given:
        return given
    # A path is no name, even where it looks like one.
    return fspath(path_of(given))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Plugins, profile and lists, loaded and validated: for one input or for many.

    Attributes:
        host: every plugin.
        profile: the stages with their settings.
        accepted: what a reviewer found to be nothing.
    """

    host: Host
    profile: Profile
    accepted: Acceptance


def preparation(
    options: InspectOptions | LocateOptions,
    *,
    transcript: str | None = None,
    accept: PathArgument | None = None,
    host: Host | None = None,
) -> Callable[[], Prepared]:
    """What loads plugins and reads the profile, in a thread that may be cut off the network.

    What the options say is checked as far as it can be now, and paths are those of now.

    Raises:
        UsageError: a path or the settings are none. What it gives raises ProfileError and its kin,
            RegionsError and PluginLoadError, as their names say.
    """
    name = profile_of(options.get("profile", "default"))
    asked = overrides(options.get("settings"))
    if options.get("accept_loss"):
        asked.append("deliver.accept_loss=true")
    if transcript is not None:
        asked.append(f"deliver.transcript={json.dumps(transcript)}")
    regions, known = path_of(options.get("regions")), path_of(options.get("known"))
    seen = path_of(accept)

    def prepare() -> Prepared:
        from veilcast.host import Host
        from veilcast.profile import load_profile
        from veilcast.verification import Acceptance, load_acceptance

        plugins = Host() if host is None else host
        chosen = load_profile(
            plugins,
            name,
            overrides=asked,
            files={} if regions is None else {"regions": regions},
            known=known,
        )
        accepted = Acceptance() if seen is None else load_acceptance(seen)
        return Prepared(host=plugins, profile=chosen, accepted=accepted)

    return prepare


def overrides(settings: Settings | None) -> list[str]:
    """Settings as ``stage.key=value``, the value as JSON where it was no text before.

    Raises:
        UsageError: they are neither a mapping nor a list, or hold what can't be written down.
    """
    if isinstance(settings, Mapping):
        return [
            f"{stage}.{key}={_text(value)}" if key else f"{stage}={_text(value)}"
            for stage, said in settings.items()
            for key, value in (said.items() if isinstance(said, Mapping) else [("", said)])
        ]
    if settings is None:
        return []
    if (
        isinstance(settings, str)
        or not isinstance(settings, Sequence)
        or not all(isinstance(one, str) for one in settings)
    ):
        raise UsageError(
            "Settings are a mapping, such as {'faces': {'padding': 0.4}}, or a list of "
            "'stage.key=value'."
        )
    return list(settings)


def _text(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError) as exc:
        raise UsageError(
            f"A setting of the type {type(value).__name__} can't be written down; "
            "give numbers, texts, paths, lists and mappings."
        ) from exc


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(path_of(value))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, set, frozenset)):
        return sorted(value)
    raise TypeError


def work_folder(work: PathArgument | None) -> Path:
    """Where work folders go."""
    from veilcast.workspace import default_root

    return default_root().absolute() if work is None else path_of(work)


def default_output(source: Path, folder: Path, stem: str | None = None) -> Path:
    """What a delivered file is called when nobody says so: after its source, or after `stem`."""
    return folder / f"{source.stem if stem is None else stem}.deid{source.suffix}"


def output_of(
    source: Path, output: PathArgument | None, stem: str | None = None
) -> tuple[Path, bool]:
    """Where a delivered file goes, and whether its very name was chosen."""
    if output is None:
        return default_output(source, source.parent, stem), False
    path = Path(output)
    try:
        if path.is_dir():
            return default_output(source, path, stem), False
    except OSError:
        pass  # it can't be looked at; who writes it says why
    return path, True


def findings_of(
    findings: PathArgument | FindingsDocument | LocateResult | None,
) -> FindingsDocument | None:
    """Findings, from a file or as they are.

    Raises:
        FindingsError: the file can't be read, or is none.
    """
    from veilcast.api.results import LocateResult
    from veilcast.findings import FindingsDocument

    if isinstance(findings, LocateResult):
        return findings.findings
    if findings is None or isinstance(findings, FindingsDocument):
        return findings
    return read_findings(Path(findings))


def read_findings(path: Path) -> FindingsDocument:
    """A findings file.

    Raises:
        FindingsError: it can't be read, or is none.
    """
    from veilcast.findings import document_from_bytes

    try:
        return document_from_bytes(path.read_bytes())
    except OSError as exc:
        raise FindingsError("The findings file can't be read.") from exc
