"""locate -> redact -> deliver -> verify, failing closed."""

from __future__ import annotations

from veilcast.pipeline.file_verification import verified
from veilcast.pipeline.job import Reporter, opened
from veilcast.pipeline.orchestration import located, run, save_findings, save_private
from veilcast.pipeline.requests import Outcome, Request

__all__ = [
    "Outcome",
    "Reporter",
    "Request",
    "located",
    "opened",
    "run",
    "save_findings",
    "save_private",
    "verified",
]
