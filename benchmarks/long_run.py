"""One long recording from beginning to end: is memory bounded, is the speed steady?"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from measuring import CRF, OUT, PRESET, frames_of, resident_mib

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.extensions import Progress

PART_MINUTES = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where an activity had got to: the share of the recording, after how long, with how much."""

    share: float
    at_s: float
    resident_mib: float


class Watch:
    """A reporter that notes time and memory whenever an activity has done another part.

    It looks at memory once a second, so a moment may be a second early.
    """

    def __init__(self, parts: int) -> None:
        self._parts, self._phase = parts, ""
        self._moments: dict[str, list[Moment]] = {}
        self._latest: dict[str, Moment] = {}

    def phase(self, name: str) -> None:
        self._phase = name
        print(f"{name} ...", flush=True)

    def stage(self, name: str) -> Progress:
        def report(activity: str, done: int, total: int | None) -> None:
            if not total:
                return
            key, share, now = f"{self._phase}: {name}, {activity}", done / total, time.monotonic()
            latest = self._latest.get(key)
            if latest is None or share == 1 or now > latest.at_s + 1:
                latest = Moment(share=share, at_s=now, resident_mib=resident_mib(os.getpid()))
                self._latest[key] = latest
            seen = self._moments.setdefault(key, [latest])
            if len(seen) < self._parts and latest.share >= len(seen) / self._parts:
                seen.append(latest)

        return report

    def moments(self) -> dict[str, list[Moment]]:
        """By activity, from its beginning to its end."""
        return {
            # How much there is to do may have been guessed too high: the last is the end.
            key: [*seen, replace(self._latest[key], share=1.0)]
            for key, seen in self._moments.items()
        }

    def warning(self, sentence: str) -> None:
        print(f"warning: {sentence}")


def looped(clip: Path, minutes: float) -> Path:
    """The clip again and again, packet for packet, for so long."""
    path = clip.with_name(f"{clip.stem}-{minutes:g}min{clip.suffix}")
    if not path.exists():
        draft = path.with_name(f"draft-{path.name}")
        command = [
            *("ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(clip)),
            *("-t", str(60 * minutes), "-c", "copy", str(draft)),
        ]
        subprocess.run(command, check=True)
        draft.replace(path)
    return path


def watched(clip: Path, minutes: float, profile_name: str) -> dict[str, Any]:
    """Runs the program on a clip of so many minutes, in this process, and says how it went."""
    from veilcast.host import Host
    from veilcast.pipeline import Request, run
    from veilcast.profile import load_profile

    source = looped(clip, minutes)
    frames, parts = frames_of(source), max(round(minutes / PART_MINUTES), 1)
    host, work, watch = Host(), OUT / "work-long", Watch(parts)
    shutil.rmtree(work, ignore_errors=True)
    settings = [f"deliver.preset={PRESET}", f"deliver.crf={CRF}"]
    began = time.monotonic()
    outcome = run(
        host,
        Request(
            source=source,
            output=OUT / f"long{source.suffix}",
            profile=load_profile(host, profile_name, overrides=settings),
            work=work,
            force=True,
        ),
        watch,
    )
    wall = time.monotonic() - began
    shutil.rmtree(work, ignore_errors=True)
    print(f"{minutes:g} minutes, {frames} frames: {wall:.0f} s, {frames / wall:.1f} frames/s")
    print("  " + ", ".join(f"{name} {spent:.0f} s" for name, spent in outcome.seconds.items()))
    document: dict[str, Any] = {"minutes": minutes, "frames": frames, "wall_s": wall}
    document["seconds"], document["activities"] = outcome.seconds, {}
    for activity, moments in watch.moments().items():
        rows = []
        for one, two in pairwise(moments):
            if two.at_s <= one.at_s:
                continue
            rows.append(
                {
                    "to_minute": round(two.share * minutes, 2),
                    "frames_per_s": (two.share - one.share) * frames / (two.at_s - one.at_s),
                    "resident_mib": two.resident_mib,
                }
            )
        # What is over in a moment says nothing about either.
        if not rows or moments[-1].at_s - moments[0].at_s < 1:
            continue
        document["activities"][activity] = rows
        print(activity)
        for row in rows:
            print(
                f"  to {row['to_minute']:6.2f} min {row['frames_per_s']:8.1f} frames/s "
                f"{row['resident_mib']:7.0f} MiB"
            )
    return document
