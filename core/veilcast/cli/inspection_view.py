"""Prints an inspection on a terminal."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from veilcast.cli.screens import choose_screen, teller

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Unpack

    from rich.console import RenderableType

    from veilcast.api import InspectOptions
    from veilcast.inspection.inspection_model import Estimate, Held, Inspection, StreamPlan

_PIPE_WIDTH = 120
_TURNS = {90: "a quarter turn clockwise", 180: "upside down", 270: "a quarter turn back"}


def inspect_input(
    source: Path,
    *,
    show: bool,
    as_json: bool,
    **options: Unpack[InspectOptions],
) -> None:
    """Look at a recording, and print what there is to say."""
    from veilcast import inspect
    from veilcast.offline import cut_off

    cut_off()
    screen = choose_screen(1, quiet=as_json or not sys.stderr.isatty(), as_json=False)
    with screen:
        seen = inspect(source, show=show, progress=teller(screen, 1), **options)
    _print(seen, as_json=as_json)


def _print(seen: Inspection, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(seen.to_json()))
        return
    from rich.console import Console

    # In a pipe lines are not broken where a terminal of 80 columns would break them.
    console = Console(
        highlight=False,
        markup=False,
        emoji=False,
        width=None if sys.stdout.isatty() else _PIPE_WIDTH,
    )
    for part in _parts(seen):
        console.print(part)


def _parts(seen: Inspection) -> Iterator[RenderableType]:
    from rich.text import Text

    lasts = (
        "" if seen.duration_us is None or seen.kind == "still" else f", {_clock(seen.duration_us)}"
    )
    yield Text(f"{seen.kind}, {seen.container}, {_bytes(seen.bytes)}{lasts}", style="bold")
    yield Text(f"SHA-256 {seen.sha256}", style="dim")
    yield _streams(seen.streams)
    if seen.holds:
        hint = "" if seen.values is not None else " (--show shows the values of tags)"
        yield Text(f"Besides picture and sound{hint}:")
        yield _held(seen.holds)
    else:
        yield Text("Nothing is held besides picture and sound.")
    if seen.values is not None:
        yield Text("Tags, as ExifTool lists them:")
        yield _values(seen)
    yield from _stages(seen)
    for refusal in seen.refusals:
        when = "A run stops" if refusal.when == "always" else "A run stops if anything is covered"
        yield Text(f"{when} (exit code {refusal.exit_code}): {refusal.sentence}", style="red")
    for warning in seen.warnings:
        yield Text(f"Warning: {warning}", style="yellow")
    if seen.estimate is not None:
        yield Text(_time(seen.estimate))
    style = "red" if seen.scratch.free < seen.scratch.needed else ""
    needed, free = _bytes(seen.scratch.needed), _bytes(seen.scratch.free)
    yield Text(f"Scratch space: {needed} of {free} that are free", style=style)


def _streams(streams: Sequence[StreamPlan]) -> RenderableType:
    from rich.table import Table

    table = Table("stream", "what", "what is done to it")
    for stream in streams:
        table.add_row(str(stream.index), _what(stream), stream.does)
    return table


def _what(stream: StreamPlan) -> str:
    parts = [stream.type if stream.role == "side" else stream.role, stream.codec]
    if stream.width is not None:
        parts.append(f"{stream.width}x{stream.height}")
    if stream.frame_rate is not None:
        parts.append(f"{stream.frame_rate:g} frames/s")
    if stream.rotation:
        parts.append(_TURNS[stream.rotation])
    if stream.mirrored:
        parts.append("mirrored")
    if stream.sample_rate is not None:
        parts.append(f"{stream.sample_rate} Hz, {stream.channels} channels")
    if stream.language:
        parts.append(stream.language)
    return ", ".join(parts)


def _held(holds: Sequence[Held]) -> RenderableType:
    from rich.table import Table

    table = Table("where", "what", "how many", "HIPAA", "names")
    for one in holds:
        table.add_row(one.place, one.kind, str(one.count), one.hipaa, ", ".join(one.held))
    return table


def _values(seen: Inspection) -> RenderableType:
    from rich.table import Table

    table = Table("where", "tag", "value")
    for value in seen.values or ():
        table.add_row(value.place, value.name, "\n".join(value.values))
    return table


def _stages(seen: Inspection) -> Iterator[RenderableType]:
    from rich.text import Text

    yield Text(f"Profile {seen.profile.name}, delivered as {seen.container_after}")
    for stage in seen.profile.stages:
        looks = ", ".join(stage.looks_for) or "what it is made for"
        yield Text(f"  {stage.stage}: {looks if stage.applies else 'has nothing to do here'}")


def _time(estimate: Estimate) -> str:
    without = f", without {' and '.join(estimate.unknown)}" if estimate.unknown else ""
    low, high = _lasting(estimate.low), _lasting(estimate.high)
    between = f"about {high}" if low == high else f"{low} to {high}"
    return f"Time: {between} on this machine as it is now{without}"


def _lasting(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _clock(us: int) -> str:
    seconds, fraction = divmod(us // 1000, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:03}"


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
