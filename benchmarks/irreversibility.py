"""Does a covered face still match its owner?

    python benchmarks/irreversibility.py [--quick] [--people N] [--frames N]
                                         [--json FILE] [--markdown FILE]

Covers faces with every treatment and strength, through the functions that a run uses, and lets
matchers name their owners: with a gallery of uncovered pictures, with a gallery that was covered in
the same way (the "parrot" attack: E. Newton, L. Sweeney, B. Malin, "Preserving Privacy by
De-identifying Face Images", TKDE 2005), and from all frames of a track combined into one picture.
docs/irreversibility.md says what follows from it.

Needs, beside what Veilcast needs: scikit-image, and for the face embedding `dlib-bin` and
`face_recognition_models`; without these two only the classical matchers run. The real clips are
used when VEILCAST_SHARED names their folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "core")]

import irreversibility_faces as faces  # noqa: E402
from irreversibility_combine import restore_blur, restore_mosaic, restored_box  # noqa: E402
from irreversibility_covers import (  # noqa: E402
    JITTER,
    Covered,
    Strength,
    cover_track,
    strengths,
)
from irreversibility_matchers import CLASSICAL, Embedding, Match, chip, matches  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

SEED = 20
VIEWS = 6
"""Pictures of each person in the gallery."""
ASKED = {"pictures": 1, "clips": 4}
"""Single frames of each person that are to be named. Of the pictures all are the same one."""
EMBEDDED = (
    "nothing",
    *(f"mosaic, {count} blocks" for count in (16, 12, 10, 8, 6, 4)),
    *("mosaic, pixel_size 16 alone", "blur, sigma 0.15", "fill", "deface mosaic, 20 px"),
)
"""Rows that are worth the embedding's time on the pictures."""
QUICK = ("nothing", "mosaic, 12 blocks", "mosaic, 8 blocks", "mosaic, 4 blocks", "fill")


@dataclass(frozen=True, slots=True)
class Row:
    """One strength on one set; each attack with every matcher.

    Attributes:
        faces: the set.
        strength: its label.
        across: mosaic blocks over the face, 0 for others.
        jitter: how much the boxes trembled, as a share of their width.
        plain: uncovered gallery, one frame.
        parrot: gallery covered alike, one frame.
        combined: uncovered gallery, all frames of a track.
        combined_parrot: the gallery's tracks covered and combined alike.
    """

    faces: str
    strength: str
    across: float
    jitter: float
    plain: list[Match]
    parrot: list[Match]
    combined: list[Match]
    combined_parrot: list[Match]


def spread(track: Sequence[Any], count: int) -> list[int]:
    return sorted({int(at) for at in np.linspace(0, len(track) - 1, count).round()})


def single(
    tracks: list[list[Covered]], count: int
) -> tuple[list[NDArray[np.uint8]], NDArray[np.intp]]:
    chips, people = [], []
    for person, track in enumerate(tracks):
        for at in spread(track, count):
            chips.append(chip(track[at].picture, track[at].face))
            people.append(person)
    return chips, np.array(people)


def combined(
    tracks: list[list[Covered]], truth: list[list[faces.Face]], kind: str
) -> list[NDArray[np.uint8]]:
    restore = restore_blur if kind == "blur" else restore_mosaic
    pictures = [restore(track, known) for track, known in zip(tracks, truth, strict=True)]
    return [chip(picture, restored_box(picture)) for picture in pictures]


def measure(
    people: faces.FaceSet,
    strength: Strength,
    embedding: Embedding | None,
    jitter: float = JITTER,
) -> Row:
    rng = np.random.default_rng(SEED)
    bare = next(one for one in strengths() if one.kind == "none")
    uncovered = [cover_track(track, bare, rng, jitter) for track in people.gallery]
    gallery = [cover_track(track, strength, rng, jitter) for track in people.gallery]
    probes = [cover_track(track, strength, rng, jitter) for track in people.probes]

    every: dict[str, Callable[[Any], Any]] = dict(CLASSICAL)
    if embedding is not None:
        every["embedding"] = embedding
    asked, own = single(probes, ASKED[people.name])
    # The embedding is the costly one, and more views of a person hardly help it.
    views = VIEWS if people.name == "clips" else 1
    known, whose = single(uncovered, views)
    plain = matches(known, whose, asked, own, every, rng, learn=False)
    parrot_known, parrot_whose = single(gallery, VIEWS)
    parrot = matches(parrot_known, parrot_whose, asked, own, CLASSICAL, rng, learn=True)
    together: list[Match] = []
    together_parrot: list[Match] = []
    if strength.kind in {"mosaic", "blur"}:
        restored = combined(probes, people.probes, strength.kind)
        order = np.arange(people.people)
        together = matches(known, whose, restored, order, every, rng, learn=False)
        alike = combined(gallery, people.gallery, strength.kind)
        together_parrot = matches(alike, order, restored, order, CLASSICAL, rng, learn=False)
    return Row(
        people.name,
        strength.label,
        strength.across,
        jitter,
        plain,
        parrot,
        together,
        together_parrot,
    )


# -- reports -------------------------------------------------------------------------------------


COLUMNS = (
    "cover",
    "embedding",
    "best",
    "parrot",
    "parrot: AUC",
    "parrot: TPR",
    "combined: embedding",
    "combined: best",
)


def best(found: list[Match]) -> Match | None:
    return max(found, key=lambda one: (one.rank1, one.auc), default=None)


def named(found: list[Match], matcher: str) -> Match | None:
    return next((one for one in found if one.matcher == matcher), None)


def _share(found: Match | None) -> str:
    if found is None:
        return ""
    return f"{found.rank1:.2f} ({found.rank1_low:.2f}-{found.rank1_high:.2f})"


def lines(rows: list[Row]) -> Iterator[str]:
    """Markdown: one table for each set."""
    for name in dict.fromkeys(row.faces for row in rows):
        chosen = [row for row in rows if row.faces == name]
        count = round(1 / chosen[0].plain[0].chance)
        yield f"**{name}**: {count} people, guessing 1/{count} = {1 / count:.2f}"
        yield ""
        yield f"| {' | '.join(COLUMNS)} |"
        yield "|---" * len(COLUMNS) + "|"
        for row in chosen:
            parrot = best(row.parrot)
            assert parrot is not None
            label = row.strength
            if row.jitter != JITTER:
                label += f", boxes tremble by {row.jitter:.1%}"
            cells = (
                label,
                _share(named(row.plain, "embedding")),
                _share(best(row.plain)),
                _share(parrot),
                f"{parrot.auc:.2f} ({parrot.auc_low:.2f}-{parrot.auc_high:.2f})",
                f"{parrot.tpr:.2f}",
                _share(named(row.combined, "embedding")),
                _share(best(row.combined + row.combined_parrot)),
            )
            yield f"| {' | '.join(cells)} |"
        yield ""


def face_sets(people: int, frames: int) -> Iterator[faces.FaceSet]:
    yield faces.pictures("pictures", people, frames, 2.0, SEED)
    if shared := os.environ.get("VEILCAST_SHARED"):
        yield faces.clips(Path(shared), frames)


def main() -> None:
    parser = argparse.ArgumentParser(description="Does a covered face still match its owner?")
    parser.add_argument("--people", type=int, default=60, help="of the pictures, at most 100")
    parser.add_argument("--frames", type=int, default=12, help="combined into one picture")
    parser.add_argument("--quick", action="store_true", help="40 pictures, 8 frames, few strengths")
    parser.add_argument("--json", type=Path, help="write every score to this file")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    chosen = parser.parse_args()
    began = time.process_time()
    console = Console(stderr=True)
    try:
        embedding: Embedding | None = Embedding()
    except ImportError:
        embedding = None
        console.print("No face embedding: install dlib-bin and face_recognition_models for it.")

    rows: list[Row] = []
    with Progress(console=console) as progress:
        loading = progress.add_task("faces", total=None)
        size = (40, 8) if chosen.quick else (chosen.people, chosen.frames)
        sets = list(islice(face_sets(*size), 1 if chosen.quick else None))
        progress.remove_task(loading)
        work = [
            (people, strength, JITTER)
            for people in sets
            for strength in strengths()
            if not chosen.quick or strength.label in QUICK
        ]
        if not chosen.quick:
            eight = next(one for one in strengths() if one.label == "mosaic, 8 blocks")
            work += [(people, eight, still) for people in sets for still in (0.0, 0.005, 0.01)]
        task = progress.add_task("", total=len(work))
        for people, strength, jitter in work:
            progress.update(task, description=f"{people.name}: {strength.label}")
            deep = people.name == "clips" or strength.label in EMBEDDED
            rows.append(measure(people, strength, embedding if deep else None, jitter))
            progress.advance(task)

    rows.sort(key=lambda row: [people.name for people in sets].index(row.faces))
    text = "\n".join(lines(rows))
    print(text)
    if chosen.markdown:
        chosen.markdown.write_text(text, encoding="utf-8")
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), "utf-8")
    console.print(f"{time.process_time() - began:.0f} s of processor time")


if __name__ == "__main__":
    main()
