"""What came of looking again: a verdict, the problems behind it, and what a reviewer accepted."""

from __future__ import annotations

from veilcast.verification.acceptance import Acceptance, load_acceptance
from veilcast.verification.result import SCHEMA, Finding, Verdict, Verification

__all__ = ["SCHEMA", "Acceptance", "Finding", "Verdict", "Verification", "load_acceptance"]
