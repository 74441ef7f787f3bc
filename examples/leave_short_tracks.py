"""Leave uncovered what was seen for a moment only: python leave_short_tracks.py visit.mp4.

What is left is an edit: the manifest counts it, and the report asks a person to look at it.
Somebody who is seen only briefly may be among it: look first.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import veilcast
from veilcast.findings.edits import Drop

SHORTEST_US = 200_000


def main() -> None:
    source = sys.argv[1]
    findings = veilcast.locate(source).findings
    short = tuple(
        Drop(stage=stage.stage, author="person", reason="too short", thing="track", id=track.id)
        for stage in findings.stages
        if stage.stage == "faces"
        for track in stage.tracks
        if track.times_us[-1] - track.times_us[0] < SHORTEST_US
    )
    result = veilcast.redact(source, replace(findings, edits=(*findings.edits, *short)))
    print(f"{len(short)} tracks are left uncovered; {result.verdict}: {result.report}")


if __name__ == "__main__":
    main()
