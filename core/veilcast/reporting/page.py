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
    from jinja2 import Template

    from veilcast.reporting.build import Report
    from veilcast.reporting.records import Frame, ReportFacts
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
    labels = [_label(reason) for reason in frame.reasons]
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


def _label(reason: Any) -> str:
    which = f" {reason.track}" if reason.track is not None else ""
    detail = f" ({reason.detail})" if reason.detail else ""
    return f"{reason.what}{which}: {_RISKS[reason.risk]}{detail}"


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
        counted.append((f"{len(pictures):,}", "tracks covered in the picture"))
    if any(stream.type == "audio" for stream in facts.output.streams):
        counted.append((f"{len(sounds):,}", "spans covered in the sound"))
    counted.append(
        (f"{sum(one.count for one in facts.removed):,}", "things removed from the container")
    )
    if facts.uncovered:
        counted.append((f"{len(facts.uncovered):,}", "tracks left uncovered, as asked"))
    return counted


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
