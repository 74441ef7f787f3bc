"""locate -> redact -> deliver -> verify, failing closed."""

from __future__ import annotations

from veilcast.pipeline.running import (
    Outcome,
    Reporter,
    Request,
    located,
    run,
    save_findings,
    verified,
)

__all__ = [
    "Outcome",
    "Reporter",
    "Request",
    "located",
    "run",
    "save_findings",
    "verified",
]
