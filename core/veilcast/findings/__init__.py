"""Findings: the contract between locating and redacting.

They hold PHI (later also transcribed words), so they live in a private work folder and never
in the manifest. A findings document is JSON; a person may edit it (remove a track, move a box)
before redacting, and a program may read it: its JSON Schema is published.
"""

from __future__ import annotations

from veilcast.findings.document import (
    SCHEMA,
    Findings,
    FindingsDocument,
    canonical_json,
    digest,
    document_from_bytes,
    document_to_bytes,
    findings_from_json,
    findings_to_json,
)

__all__ = [
    "SCHEMA",
    "Findings",
    "FindingsDocument",
    "canonical_json",
    "digest",
    "document_from_bytes",
    "document_to_bytes",
    "findings_from_json",
    "findings_to_json",
]
