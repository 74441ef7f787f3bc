"""Veilcast de-identifies video, audio and stills on the user's own machine.

`run`, `locate`, `redact`, `verify`, `inspect` and `report` are for notebooks and services; `errors`
has what they raise. They are loaded when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veilcast import errors
    from veilcast.api import (
        Event,
        Inspection,
        InspectOptions,
        LocateOptions,
        LocateResult,
        PhaseEvent,
        ProgressEvent,
        ReportResult,
        RunOptions,
        RunResult,
        Verification,
        WarningEvent,
        inspect,
        locate,
        redact,
        report,
        run,
        verify,
    )

__version__ = "0.1.0"

__all__ = [
    "Event",
    "InspectOptions",
    "Inspection",
    "LocateOptions",
    "LocateResult",
    "PhaseEvent",
    "ProgressEvent",
    "ReportResult",
    "RunOptions",
    "RunResult",
    "Verification",
    "WarningEvent",
    "__version__",
    "errors",
    "inspect",
    "locate",
    "redact",
    "report",
    "run",
    "verify",
]


def __getattr__(name: str) -> object:
    """PEP 562: so that `import veilcast` and the command line answer at once."""
    if name not in __all__:
        raise AttributeError(f"module 'veilcast' has no attribute {name!r}")
    from importlib import import_module

    found: object
    if name == "errors":
        found = import_module("veilcast.errors")
    else:
        found = getattr(import_module("veilcast.api"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
