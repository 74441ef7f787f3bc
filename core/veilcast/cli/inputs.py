"""From what the user typed to input and output files."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from veilcast.errors import NotMediaError, UnreadableError, UnwritableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An input, where its output goes (`veilcast.run` takes that), and what it will be called.

    `stem` is what results are named after, where that is not the input's own name.
    """

    source: Path
    given: Path | None
    output: Path
    stem: str | None = None


def plan(inputs: Sequence[Path], output: Path | None, as_folder: bool) -> list[Planned]:
    """Every input file with its output.

    Args:
        inputs: files and folders (searched through).
        output: a file for a single input, a folder for several, or None for beside the input.
        as_folder: the user wrote the output with a slash at its end.

    Raises:
        UsageError, UnreadableError, NotMediaError, UnwritableError: as their names say.
    """
    from veilcast.api.preparing import default_output

    sources: list[tuple[Path, Path]] = []
    folders = [given for given in inputs if _is_folder(given)]
    for given in inputs:
        if given in folders:
            found = _media_in(given)
            if not found:
                raise NotMediaError("The input folder holds no media file that Veilcast knows.")
            sources += [(path, path.parent.relative_to(given)) for path in found]
        else:
            sources.append((given, given.parent.relative_to(given.parent)))
    into_folder = output is not None and (
        as_folder or len(sources) > 1 or bool(folders) or _is_folder(output)
    )
    planned = []
    for source, relative in sources:
        into: Path | None = output
        if output is None:
            target = default_output(source, source.parent)
        elif into_folder:
            folder = output / relative
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as exc:
                raise UnwritableError("The output folder can't be made; choose another.") from exc
            into, target = folder, default_output(source, folder)
        else:
            target = output
        planned.append(Planned(source=source, given=into, output=target))
    planned = _told_apart(planned)
    if max(Counter(map(_name, planned)).values()) > 1:
        raise UsageError("Two inputs would get the same output name; give them one by one with -o.")
    return planned


def _name(item: Planned) -> Path:
    return item.output.with_suffix("")


def _told_apart(planned: Sequence[Planned]) -> list[Planned]:
    """With the ending in the name where two would have one: a Live Photo is a still and a video."""
    counts = Counter(map(_name, planned))

    def apart(item: Planned) -> Planned:
        stem = f"{item.source.stem}_{item.source.suffix[1:]}"
        output = item.output.with_name(f"{stem}.deid{item.source.suffix}")
        return replace(item, output=output, stem=stem)

    return [apart(one) if counts[_name(one)] > 1 else one for one in planned]


_SIDECARS = frozenset((".aae", ".gpx", ".lrv", ".scr", ".srt", ".sub", ".thm", ".vtt", ".xmp"))
"""What cameras, drones and programs write beside a recording: previews, tracks, texts, edits."""


def sidecars(planned: Sequence[Planned]) -> int:
    """How many files beside the inputs bear their names, and hold something of them."""
    stems: dict[Path, set[str]] = {}
    for item in planned:
        stems.setdefault(item.source.parent, set()).add(item.source.stem.casefold())
    count = 0
    for folder, known in stems.items():
        try:
            there = [path for path in folder.iterdir() if path.suffix.casefold() in _SIDECARS]
        except OSError:
            continue  # what is to be read or written there says why
        own = (path.name.casefold().split(".")[0] for path in there)
        count += sum(name in known for name in own)
    return count


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # it can't be looked at; what wants to read or write it says why


def _media_in(folder: Path) -> list[Path]:
    from veilcast.media.heif import SUFFIXES
    from veilcast.media.info import CONTAINERS

    endings = {*SUFFIXES, *(e for c in CONTAINERS.values() for e in (c.suffix, *c.also))}

    def stop(error: OSError) -> None:
        raise error  # else what is in a folder that may not be read would be skipped

    try:
        return sorted(
            path
            for within, _, names in os.walk(folder, onerror=stop)
            for path in (Path(within, name) for name in names)
            if path.suffix.lower() in endings
            and not path.name.startswith(".")
            and not path.stem.endswith(".deid")
            and path.is_file()
        )
    except OSError as exc:
        raise UnreadableError(
            "The input folder, or one in it, may not be read; check its permissions."
        ) from exc
