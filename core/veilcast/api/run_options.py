"""What a caller may ask for: the one list of options, for programs and for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veilcast.api.preparing import PathArgument, Settings

OutputNaming = Literal["input", "neutral"]
TranscriptForm = Literal["vtt", "srt", "json"]


class InspectOptions(TypedDict, total=False):
    """What `inspect`, `locate`, `run`, `redact` and `prepare` take by keyword. All may be left out.

    Attributes:
        profile: the name of a shipped profile, or the path of a YAML file; ``default``.
        settings: changes to it: ``{"faces": {"padding": 0.4}}`` or ``["faces.padding=0.4"]``.
        regions: a file of rectangles and spans of sound to cover.
        known: a file of what is known of the person.
        work: where work folders go; your cache folder when None.
    """

    profile: PathArgument
    settings: Settings
    regions: PathArgument | None
    known: PathArgument | None
    work: PathArgument | None


class LocateOptions(InspectOptions, total=False):
    """What `locate`, `run`, `redact` and `prepare` take by keyword: as `InspectOptions`, and more.

    Attributes:
        force: replace outputs that are there.
        accept_loss: go on although much of a damaged recording can't be decoded.
    """

    force: bool
    accept_loss: bool


class RunOptions(LocateOptions, total=False):
    """What `run`, `redact` and `prepare` take by keyword: as `LocateOptions`, and more.

    Attributes:
        transcript: also write what was said, in this format, without what was covered.
        name: ``neutral`` names the output after the source's hash and not after its name.
        allow_residual: publish although looking again found something.
        accept: a file of what a reviewer found to be nothing.
        report: also write a page about the result, and the same facts as JSON; True.
        keep_intermediates: also write every stage's own file.
    """

    transcript: TranscriptForm | None
    name: OutputNaming
    allow_residual: bool
    accept: PathArgument | None
    report: bool
    keep_intermediates: bool


def check_options(options: Mapping[str, Any], known: type, of: str) -> None:
    """Refuse a keyword that there is not, as Python does where each has its own name.

    Raises:
        TypeError: there is no such option.
    """
    strange = next((name for name in options if name not in known.__annotations__), None)
    if strange is not None:
        raise TypeError(f"{of}() got an unexpected keyword argument {strange!r}")
