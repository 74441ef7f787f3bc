"""From what was located to what the manifest says was changed."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from veilcast.manifest.manifest_model import Boxes, Change, Frames, Place, Streams, Uncovered
from veilcast.manifest.paths import inferred_of, path_of
from veilcast.types import Caption, Item, Origin, Sound, Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def track_change(track: Track, how: Mapping[str, str | int | float | bool]) -> Change:
    """A covered track.

    Args:
        track: what was covered. The span ends just after the time of its last frame.
        how: treatment, shape and their numbers, e.g. ``{"treatment": "mosaic", "block_px": 16}``.
    """
    x, y, width, height = track.boxes.T
    right, bottom = (x + width).max(), (y + height).max()
    enclosing = (x.min(), y.min(), right - x.min(), bottom - y.min())
    # NaN marks a box that was not detected in that very frame.
    seen = [score for score in track.scores.tolist() if not math.isnan(score)]
    least_us = int(track.times_us[track.scores.tolist().index(min(seen))]) if seen else None
    return Change(
        what=track.identifier,
        kind="picture",
        hipaa=track.hipaa,
        track=track.id,
        from_us=int(track.times_us[0]),
        to_us=int(track.times_us[-1]) + 1,
        how=dict(how),
        where=Boxes(
            first=_pixels(track.boxes[0]),
            last=_pixels(track.boxes[-1]),
            enclosing=_pixels(enclosing),
            path=path_of(track),
        ),
        detector=track.detector,
        frames=Frames(**{o.name.lower(): int((track.origins == o.value).sum()) for o in Origin}),
        inferred=inferred_of(track),
        score_min=round(min(seen), 4) if seen else None,
        score_max=round(max(seen), 4) if seen else None,
        least_us=least_us,
        count=len(track.times_us),
    )


def uncovered_record(track: Track, frames: int, why: Sequence[str]) -> Uncovered:
    """A track that was left uncovered.

    Args:
        track: only the frames in which it was.
        frames: how many it has in all.
        why: the settings that asked for it.
    """
    return Uncovered.model_validate(
        {
            "what": track.identifier,
            "hipaa": track.hipaa,
            "track": track.id,
            "why": list(why),
            "from_us": int(track.times_us[0]),
            "to_us": int(track.times_us[-1]) + 1,
            "path": path_of(track),
            "count": len(track.times_us),
            "of": frames,
        }
    )


def uncovered_sound_record(sound: Sound, why: Sequence[str]) -> Uncovered:
    """A span of sound that was left as it was.

    Args:
        sound: only that span.
        why: who asked for it.
    """
    return Uncovered.model_validate(
        {
            "what": sound.identifier,
            "hipaa": sound.hipaa,
            "track": None,
            "why": list(why),
            "from_us": sound.start_us,
            "to_us": sound.end_us,
            "streams": None if sound.streams is None else list(sound.streams),
            "channels": sound.options.get("channels"),
        }
    )


def sound_change(sound: Sound, how: Mapping[str, str | int | float | bool]) -> Change:
    """A destroyed span of sound."""
    score = None if sound.score is None else round(sound.score, 4)
    return Change(
        what=sound.identifier,
        kind="sound",
        hipaa=sound.hipaa,
        track=None,
        from_us=sound.start_us,
        to_us=sound.end_us,
        how=dict(how),
        where=Streams(
            streams=None if sound.streams is None else list(sound.streams),
            channels=sound.options.get("channels"),
        ),
        detector=sound.detector,
        frames=None,
        score_min=score,
        score_max=score,
        count=1,
    )


def item_change(item: Item, detector: str) -> Change:
    """Something removed from the container."""
    how: dict[str, str | int | float | bool] = {"treatment": "removed"}
    if item.held:
        how["held"] = ", ".join(item.held)
    return Change(
        what=item.kind,
        kind="container",
        hipaa=item.hipaa,
        track=None,
        from_us=None,
        to_us=None,
        how=how,
        where=Place(place=item.place),
        detector=detector,
        frames=None,
        score_min=None,
        score_max=None,
        count=item.count,
    )


def caption_changes(captions: Iterable[Caption]) -> list[Change]:
    """What was covered in the texts of subtitles: one for each stream, class and finder."""
    counts = Counter(
        (caption.stream, span.identifier, span.hipaa, span.detector)
        for caption in captions
        for span in caption.spans
    )
    return [
        Change(
            what=identifier,
            kind="container",
            hipaa=letter,
            track=None,
            from_us=None,
            to_us=None,
            how={"treatment": "redacted"},
            where=Place(place=f"stream {stream}"),
            detector=detector,
            frames=None,
            score_min=None,
            score_max=None,
            count=count,
        )
        for (stream, identifier, letter, detector), count in sorted(counts.items())
    ]


def _pixels(box: Sequence[float] | Any) -> list[int]:
    """Outward to whole pixels, as the renderer does."""
    x, y, width, height = (float(value) for value in box)
    left, top = int(x // 1), int(y // 1)
    return [left, top, int(-(-(x + width) // 1)) - left, int(-(-(y + height) // 1)) - top]
