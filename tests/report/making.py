"""A clip in which everything identifies somebody, and manifests of long recordings."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast import manifest as m
from veilcast.manifest import manifest_builder as document
from veilcast.types import Item, Origin, Sound, Track

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from veilcast.pipeline import Outcome

WHO = "Margaret Holloway"
NUMBER = "4471902"
TOWN = "Fishponds"
PLANTED = ("Margaret", "Holloway", NUMBER, TOWN)
SIZE = (640, 360)
TEXT_BOX = (60, 120, 520, 90)
"""Where the name is written in the picture."""

PROFILE = """
stages:
  - regions
  - metadata: {known: known.yaml}
"""
REGIONS = f"""
regions:
  - {{label: wristband, hipaa: H, box: {list(TEXT_BOX)}, treatment: fill}}
  - label: screen
    from: 1
    to: 2
    box: [10, 10, 60, 40]
mute:
  - {{from: 0.5, to: 1.25, treatment: beep, label: name, hipaa: A}}
  - {{from: 1.0, to: 1.5, treatment: mute, label: number, hipaa: H}}
"""
KNOWN = f"names: [{WHO}]\nmrn: '{NUMBER}'\n"
SUBTITLES = f"1\n00:00:00,400 --> 00:00:01,900\nMy name is {WHO} from {TOWN}.\n"
STEM = f"{WHO} {NUMBER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A run with its report: the source, and what was published."""

    source: Path
    outcome: Outcome
    html: str
    json: str


def clip(folder: Path) -> Path:
    """Three seconds with a name in the picture, in tags, in subtitles and in the file's name."""
    import cv2

    still = np.full((SIZE[1], SIZE[0], 3), 235, np.uint8)
    left, top, _, height = TEXT_BOX
    cv2.putText(
        still, WHO, (left + 10, top + height - 30), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (20, 20, 20), 3
    )
    cv2.putText(still, "SIGNPOST", (40, 330), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (20, 20, 20), 3)
    picture, words = folder / "picture.png", folder / "words.srt"
    cv2.imwrite(str(picture), still)
    words.write_text(SUBTITLES)
    target = folder / f"{STEM}.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-y", "-loop", "1", "-framerate", "25", "-t", "3"),
            *("-i", str(picture), "-f", "lavfi", "-t", "3", "-i", "sine=300:sample_rate=48000"),
            *("-i", str(words), "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264"),
            *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac"),
            *("-c:s", "mov_text", "-metadata", f"title=Visit of {WHO}"),
            *("-metadata", f"comment=Record {NUMBER}, lives in {TOWN}", str(target)),
        ],
        check=True,
    )
    return target


def track(number: int, start_us: int, frames: int, *, step_us: int = 40_000) -> Track:
    """A face that was held at first, then seen now and then, then followed, then held."""
    origins = np.full(frames, Origin.INTERPOLATED, np.uint8)
    origins[:: max(frames // 20, 1)] = Origin.DETECTED
    origins[: frames // 8], origins[-frames // 8 :] = Origin.HELD, Origin.HELD
    for third in (2, 3, 4):
        at = frames * third // 6
        origins[at : at + max(frames // 30, 1)] = Origin.FLOW
    seen = origins == Origin.DETECTED
    way = np.linspace(0, 1, frames)
    wobble = np.sin(np.arange(frames) / 5 + number) * 30
    boxes = np.stack(
        (200 + 800 * way + wobble, 300 + wobble, 80 + 60 * way, 100 + 80 * way), axis=1
    )
    scores = np.where(seen, 0.5 + 0.4 * np.abs(np.sin(np.arange(frames) + number)), np.nan)
    return Track(
        id=number,
        identifier="face",
        hipaa="Q",
        detector="yunet+centerface",
        times_us=start_us + np.arange(frames, dtype=np.int64) * step_us,
        boxes=boxes,
        scores=scores,
        origins=origins,
    )


def sound(number: int, start_us: int, identifier: str, hipaa: str) -> Sound:
    return Sound(
        id=number,
        identifier=identifier,
        hipaa=hipaa,
        detector="names",
        start_us=start_us,
        end_us=start_us + 800_000,
        score=0.9,
    )


def looked(identifier: str, hipaa: str, where: Any, how: Any = "sought") -> m.LookedForRecord:
    return m.LookedForRecord(identifier=identifier, hipaa=hipaa, where=where, how=how)


def manifest(
    *,
    tracks: Sequence[Track] = (),
    sounds: Sequence[Sound] = (),
    items: Sequence[Item] = (),
    kind: Any = "video",
    looked_for: Sequence[m.LookedForRecord] = (),
    warnings: Sequence[str] = (),
    findings: Sequence[dict[str, Any]] = (),
    cuts_us: Sequence[tuple[int, int]] = (),
    output: bytes = b"output",
) -> dict[str, Any]:
    """A manifest of one stage that did all of it."""

    def record(data: bytes) -> m.FileRecord:
        return m.FileRecord(
            sha256=hashlib.sha256(data).hexdigest(),
            bytes=len(data),
            kind=kind,
            container="mp4",
            streams=[
                m.StreamRecord(index=0, type="video", codec="h264"),
                m.StreamRecord(index=1, type="audio", codec="aac"),
            ],
        )

    plugin = m.PluginRecord(distribution="veilcast", version="0.1.0")
    first, last = record(b"input"), record(output)
    builder = m.ManifestBuilder(
        input=first,
        profile=document.profile_record("default", {"faces": {}}, {}),
        software=m.SoftwareRecord(
            veilcast="0.1.0",
            python="3.11.2",
            libraries={"av": "18.1.0"},
            plugins={"veilcast": "0.1.0"},
            models={"yunet": m.ModelRecord(licence="MIT", origin="OpenCV Zoo")},
        ),
    )
    common: dict[str, Any] = {
        "plugin": plugin,
        "input_sha256": first.sha256,
        "output_sha256": last.sha256,
    }
    builder.add_entry(
        stage="faces",
        phase="picture",
        group=0,
        changes=[
            *(m.track_change(one, {"treatment": "mosaic"}) for one in tracks),
            *(m.sound_change(one, {"treatment": "beep"}) for one in sounds),
            *(m.item_change(one, "metadata") for one in items),
        ],
        looked_for=looked_for,
        warnings=warnings,
        models={"yunet": "a" * 64},
        **common,
    )
    builder.add_entry(stage="deliver", phase="deliver", group=0, cuts_us=cuts_us, **common)
    builder.add_entry(
        stage="verify",
        phase="verify",
        group=1,
        plugin=plugin,
        input_sha256=last.sha256,
        output_sha256=last.sha256,
        settings={
            "verdict": "residual" if findings else "clean",
            "checks": ["picture", "playback"],
            "findings": list(findings),
            "allow_residual": bool(findings),
        },
    )
    return builder.finish(
        output=last, created_at="2026-05-01T12:00:00Z", seconds={"locate": 12.5, "redact": 3.25}
    )
