"""The page: one HTML document that needs nothing else, from one template."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from veilcast.reporting import words
from veilcast.reporting.statement import WHERE
from veilcast.reporting.timeline import scores, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from veilcast.reporting.report_building import Report
    from veilcast.reporting.report_model import Frame, Reason, Removed, ReportFacts
    from veilcast.reporting.sheet import Thumbnail

LARGEST = 2_900_000
"""Bytes of a page, so that it can be mailed."""
_ROWS = 500
"""Rows of a table at most; the JSON file has all of them."""

_RISKS = {
    "left": "found again",
    "uncovered": "left uncovered",
    "flow": "followed by motion",
    "held": "held in place",
    "least sure": "least sure",
    "last": "last frame",
    "first": "first frame",
    "largest": "largest",
}
_STATES = {
    "sought": "looked for",
    "whole": "removed whole",
    "marked": "only what was marked",
    "not": "not looked for",
    "absent": "nothing there",
}


def page(report: Report) -> str:
    """The HTML document. Everything in it is escaped; it loads nothing and runs nothing."""
    facts = report.facts
    css = _read("report.css")
    return _template().render(
        facts=facts,
        css=css,
        css_sha256=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        timeline=timeline(facts),
        shots=[
            _shot(number, frame, picture, facts)
            for number, (frame, picture) in enumerate(
                zip(facts.sheet.frames, report.pictures, strict=True), 1
            )
        ],
        counted=_counted(facts),
        removed=_removed(facts),
        where=WHERE,
        states=_STATES,
        rows=_ROWS,
        scores=scores,
    )


def _shot(number: int, frame: Frame, picture: Thumbnail, facts: ReportFacts) -> dict[str, Any]:
    """A frame of the contact sheet, with the outlines of what it is shown for."""
    size = facts.picture
    outlines = []
    for reason in frame.reasons:
        if reason.box is not None and size is not None:
            x, y, width, height = reason.box
            left, top = max(x, 0), max(y, 0)
            right, bottom = min(x + width, size.width), min(y + height, size.height)
            if right > left and bottom > top:
                outlines.append((left, top, right - left, bottom - top))
    labels = _labels(frame.reasons)
    return {
        "number": number,
        "time": words.clock(frame.at_us),
        "labels": labels,
        "alt": f"Frame at {words.clock(frame.at_us)}: {'; '.join(labels)}",
        "risky": frame.reasons[0].risk in ("left", "uncovered"),
        "data": base64.b64encode(picture.jpeg).decode(),
        "width": picture.width,
        "height": picture.height,
        "outlines": sorted(set(outlines)),
        "size": size,
    }


def _labels(reasons: Sequence[Reason]) -> list[str]:
    """What a frame is shown for: one line for each track."""
    by_track: dict[str, list[str]] = {}
    for reason in reasons:
        which = f" {reason.track}" if reason.track is not None else ""
        detail = f" ({reason.detail})" if reason.detail else ""
        told = by_track.setdefault(f"{reason.what}{which}", [])
        told.append(f"{_RISKS[reason.risk]}{detail}")
    return [f"{what}: {', '.join(dict.fromkeys(told))}" for what, told in by_track.items()]


def _removed(facts: ReportFacts) -> list[dict[str, str]]:
    """What was taken out, a row for each place."""
    by_place: dict[str, list[Removed]] = {}
    for one in facts.removed:
        by_place.setdefault(one.place, []).append(one)
    return [
        {
            "place": place,
            "what": ", ".join(map(_thing, all_of_it)),
            "letters": ", ".join(sorted({one.hipaa for one in all_of_it} - {""})),
            "held": ", ".join(sorted({n for one in all_of_it for n in one.held.split(", ") if n})),
        }
        for place, all_of_it in by_place.items()
    ]


def _thing(one: Removed) -> str:
    how = "" if one.treatment == "removed" else f" {one.treatment}"
    return f"{one.what}{how}" + (f" \N{MULTIPLICATION SIGN}{one.count:,}" if one.count > 1 else "")


def _counted(facts: ReportFacts) -> list[tuple[str, str]]:
    """The numbers that somebody wants first: value and what it counts."""
    pictures = [cover for cover in facts.covers if cover.medium == "picture"]
    sounds = [cover for cover in facts.covers if cover.medium == "sound"]
    counted = []
    if facts.duration_us:
        counted.append((words.clock(facts.duration_us), "long"))
    if facts.picture is not None:
        counted.append(
            (f"{facts.picture.width} \N{MULTIPLICATION SIGN} {facts.picture.height}", "pixels")
        )
        counted.append(_number(len(pictures), "track", "covered in the picture"))
    if any(stream.type == "audio" for stream in facts.output.streams):
        counted.append(_number(len(sounds), "span", "covered in the sound"))
    counted.append(
        _number(sum(one.count for one in facts.removed), "thing", "removed from the container")
    )
    if facts.uncovered:
        counted.append(_number(len(facts.uncovered), "thing", "left uncovered, as asked"))
    return counted


def _number(count: int, one: str, how: str) -> tuple[str, str]:
    return f"{count:,}", f"{one if count == 1 else one + 's'} {how}"


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clock=words.clock, bytes=words.size, lasting=words.lasting, several=words.several
    )
    return environment.get_template("report.html.jinja")


def _read(name: str) -> str:
    file = resources.files("veilcast.reporting") / "templates" / name
    return file.read_text(encoding="utf-8")
