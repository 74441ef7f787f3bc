"""The report of a run: one page that a person can look at, and the same facts as JSON.

It is made from a manifest and the delivered file. The source is never opened, so nothing that was
covered can come into it. It holds no words from the recording, tag values, file names or paths.
"""

from __future__ import annotations

from veilcast.reporting.report_building import Report, build_report, facts_json, write_report
from veilcast.reporting.report_model import SCHEMA, ReportFacts, schema

__all__ = [
    "SCHEMA",
    "Report",
    "ReportFacts",
    "build_report",
    "facts_json",
    "schema",
    "write_report",
]
