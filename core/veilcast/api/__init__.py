"""Veilcast for notebooks and services: typed results, progress, and a way to stop.

Each call does its work in a thread of its own, which the kernel cuts off the network, and waits for
it. `docs/python.md` shows how to use it; the command line is a thin layer over it.
"""

from __future__ import annotations

from veilcast.api.batches import Batch, prepare
from veilcast.api.events import Event, PhaseEvent, ProgressCallback, ProgressEvent, WarningEvent
from veilcast.api.inspecting import inspect
from veilcast.api.preparing import PathArgument, Settings
from veilcast.api.reports import report
from veilcast.api.results import LocateResult, ReportResult, RunResult
from veilcast.api.run_options import InspectOptions, LocateOptions, RunOptions
from veilcast.api.running import locate, redact, run
from veilcast.api.verifying import verify
from veilcast.inspection.inspection_model import Inspection
from veilcast.verification.result import Verification

__all__ = [
    "Batch",
    "Event",
    "InspectOptions",
    "Inspection",
    "LocateOptions",
    "LocateResult",
    "PathArgument",
    "PhaseEvent",
    "ProgressCallback",
    "ProgressEvent",
    "ReportResult",
    "RunOptions",
    "RunResult",
    "Settings",
    "Verification",
    "WarningEvent",
    "inspect",
    "locate",
    "prepare",
    "redact",
    "report",
    "run",
    "verify",
]
