"""Text in the picture: what of it is covered, what else is, and at what cost.

    python benchmarks/text.py [--size quick|full] [--sections stills,clips,false,cost,threads]
    python benchmarks/text.py --fake perfect          # the scoring itself, with no program
    python benchmarks/text.py --findings FOLDER       # CLIP.findings.json, located before
    python benchmarks/text.py --reader module:maker   # a text reader alone, by height of letters

Stills and clips are drawn (fixtures/screentext) and kept in benchmarks/out/text, so the first run
takes minutes longer. A line is covered in a frame when 90 % of the area of what identifies in it
lies under boxes. The quick size takes the heights 8 to 16 px and five clips.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import text_tables
from measuring import HERE, OUT, SHARED
from text_locating import FAKES, Files, Program, cost, reader_named

sys.path.insert(0, str(HERE.parent / "fixtures"))

from screentext import clips, codes, fonts, making, reading, stills, words
from screentext.coverage import false_covers, scores
from testmedia import SCENES, Corpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from screentext.coverage import LineScore
    from text_locating import Cost, Locator

MEDIA = OUT / "text"
SECTIONS = ("stills", "clips", "false", "cost", "threads")
QUICK_CAPS = (8, 10, 12, 16)
TEXT_FREE = (
    *("noface_flower.mp4", "intel_head-pose-face-detection-female.mp4", "zhling_720p_19f.mp4"),
    *("intel_head-pose-face-detection-female-and-male.mp4", "egoblur_near_far.mp4"),
    *("egoblur_table_fisheye.mp4", "long_corridor.mp4"),
)
"""Recordings without text: others of the folder have badges, prints on shirts or plates. (On the
table of the corridor lies a leaflet of which nobody could read a letter.)"""
QUICK_FREE = TEXT_FREE[:3]
COST_S = 10.0


def still_scores(
    locate: Locator, caps: Sequence[int], numbers: int, crfs: Sequence[int]
) -> list[LineScore]:
    """All lines of still frames."""
    found: list[LineScore] = []
    wanted = list(making.some_stills(caps, numbers))
    for number, still in enumerate(wanted, 1):
        cpu_s = 0.0
        for path, truth in making.made(MEDIA, still, crfs):
            located = locate(path, truth)
            found += scores(truth, located.tracks)
            cpu_s += located.cpu_s
        tell(f"still frames: {number} of {len(wanted)}, {cpu_s / len(crfs):.1f} cpu s each")
    return found


def clip_scores(locate: Locator, names: Sequence[str], crfs: Sequence[int]) -> list[LineScore]:
    """All lines of clips."""
    found: list[LineScore] = []
    for clip in clips.CLIPS:
        if not any(name in clip.name for name in names):
            continue
        for path, truth in making.made(MEDIA, clip, crfs):
            located = locate(path, truth)
            found += scores(truth, located.tracks)
            seconds = len(truth.times_us) / 30
            tell(f"{path.stem}: {located.cpu_s / seconds:.2f} cpu s for each second")
    return found


def footage(*, quick: bool) -> Iterator[Path]:
    """Clips without text: recordings, and the generated ones with and without faces."""
    for name in QUICK_FREE if quick else TEXT_FREE:
        path = SHARED / "data" / "faces" / name
        if path.exists():
            yield path
        else:
            tell(f"{name}: left out, it is not in VEILCAST_SHARED")
    for clip in clips.BARE:
        yield from (path for path, _ in making.made(MEDIA, clip, [24]))
    corpus = Corpus(HERE.parent / "fixtures" / "generated")
    for name in ("nobody", "crowd") if quick else SCENES:
        yield corpus[f"faces_{name}.mp4"]


def false_lines(locate: Locator, *, quick: bool) -> Iterator[str]:
    """The table of footage without text."""
    from veilcast.media.probe import probe

    yield "## Footage without text\n"
    rows, tracks, looks, largest = [], 0, 0, 0.0
    for path in footage(quick=quick):
        located = locate(path, None)
        video = probe(path).video
        assert video is not None
        found = false_covers(located.tracks, located.looks, video.displayed_size)
        tracks, looks = tracks + found.tracks, looks + found.looks
        largest = max(largest, found.largest_share)
        share = f"{100 * found.largest_share:.2f} %"
        taken = Counter(track.what for track in located.tracks)
        what = ", ".join(f"{name} {count}" for name, count in taken.most_common())
        rows.append((path.stem, str(found.looks), str(found.tracks), share, what))
        tell(f"{path.stem}: {found.tracks} false covers in {found.looks} looks")
    rows.append(("all", str(looks), str(tracks), f"{100 * largest:.2f} %", ""))
    head = ("clip", "looks", "false covers", "largest of the picture", "taken for")
    yield from text_tables.table(head, rows)
    yield f"{100 * tracks / max(looks, 1):.2f} in 100 looks (wanted: at most 1, none over 5 %).\n"


def fifteen(lines: int, seconds: float) -> Path:
    """A clip of 1080p with so many lines."""
    MEDIA.mkdir(parents=True, exist_ok=True)
    path = MEDIA / f"lines-{lines}-{seconds:.0f}s-{making.fingerprint()[:10]}.mp4"
    if not path.exists():
        draft = path.with_suffix(".new.mp4")
        size = clips.LARGE
        making.write(clips.fifteen(size, seconds, lines=lines), [draft], [18], size)
        draft.replace(path)
    return path


def cost_lines(stage: str, settings: Sequence[str]) -> Iterator[str]:
    """Processor time and memory of locating, in a process of its own."""
    yield "## Cost\n"
    rows: list[Cost] = []
    for lines in (15, 0):
        clip = fifteen(lines, COST_S)
        # A stage that has nothing to do: what it takes to start and to read the clip's header.
        for what, used in (("without the stage", "regions"), ("with it", stage)):
            own = settings if used == stage else ()
            took, _ = cost(clip, COST_S, f"{lines} lines, {what}", [used], MEDIA, own)
            rows.append(took)
            tell(f"{took.what}: {took.took.cpu_s:.1f} cpu s, {took.took.peak_mib:.0f} MiB")
    yield from text_tables.table(
        (f"1080p30, {COST_S:.0f} s", "cpu s for each second", "wall s", "peak MiB"),
        (
            (
                row.what,
                f"{row.took.cpu_s / row.seconds:.2f}",
                f"{row.took.wall_s:.1f}",
                f"{row.took.peak_mib:.0f}",
            )
            for row in rows
        ),
    )


def thread_lines(stage: str, settings: Sequence[str]) -> Iterator[str]:
    """Whether findings are the same on one core and on two."""
    clip = fifteen(15, 3.0)
    found = {cores: cost(clip, 3.0, "", [stage], MEDIA, settings, cores)[1] for cores in (1, 2)}
    same = "the same" if found[1] == found[2] else "**not the same**"
    yield f"On one core and on two the findings are {same}.\n"


def own_process(asked: Sequence[str], stage: str, settings: Sequence[str]) -> Iterator[str]:
    """The sections that start processes of their own."""
    if "cost" in asked:
        yield from cost_lines(stage, settings)
    if "threads" in asked:
        yield from thread_lines(stage, settings)


def reader_lines(
    reader: Any, caps: Sequence[int], numbers: int, crfs: Sequence[int]
) -> Iterator[str]:
    """A text reader alone on still frames: what it finds, and what it reads rightly."""
    found: list[reading.Read] = []
    for still in making.some_stills(caps, numbers):
        for path, truth in making.made(MEDIA, still, crfs):
            found += reading.read(reader, path, truth)
        tell(f"read: {still.name}")
    yield "## Reader alone\n"
    yield "Identifying lines found (90 % of what identifies), and read rightly, in percent.\n"
    kinds = (*words.IDENTIFYING, words.ORDINARY)
    yield from text_tables.table(
        ("kind", "crf", *(f"{cap} px" for cap in caps)),
        (
            (kind, str(crf), *(_reads(found, kind, crf, cap) for cap in caps))
            for kind in kinds
            for crf in crfs
        ),
    )


def _reads(found: Sequence[reading.Read], kind: str, crf: int, cap: int) -> str:
    mine = [
        one
        for one in found
        if one.line.kind == kind
        and one.crf == crf
        and text_tables.nearest_cap(one.line.cap_px) == cap
    ]
    if not mine:
        return ""
    hit, right = (sum(getattr(one, what) for one in mine) for what in ("found", "right"))
    return f"{100 * hit / len(mine):.1f}, {100 * right / len(mine):.1f} ({len(mine)})"


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def locator(options: argparse.Namespace) -> Locator:
    """What the options ask for."""
    if options.fake:
        return FAKES[options.fake]
    if options.findings:
        return Files(options.findings, options.stage)
    if options.locator:
        module, _, name = options.locator.partition(":")
        found: Locator = getattr(import_module(module), name)
        return found
    return Program(options.set, as_drawn=options.as_drawn, stage=options.stage)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=("quick", "full"), default="quick")
    parser.add_argument("--sections", default=",".join(SECTIONS[:3]), help=", ".join(SECTIONS))
    parser.add_argument("--caps", help="heights of letters in still frames, as 8,12")
    parser.add_argument("--numbers", type=int, help="still frames of each layout and height")
    parser.add_argument("--crf", help="as 18,30")
    parser.add_argument("--clips", help="parts of clips' names, separated by commas")
    parser.add_argument("--stage", default="text")
    parser.add_argument("--set", action="append", default=[], metavar="STAGE.KEY=VALUE")
    parser.add_argument("--as-drawn", action="store_true", help="boxes with the stage's padding")
    parser.add_argument("--fake", choices=sorted(FAKES), help="no program, to try the scoring")
    parser.add_argument("--findings", type=Path, metavar="FOLDER", help="located before")
    parser.add_argument("--locator", metavar="MODULE:NAME", help="called with path and truth")
    parser.add_argument("--reader", metavar="MODULE:MAKER", help="only this, on still frames")
    parser.add_argument("--misses", type=int, default=0, help="how many to list")
    parser.add_argument("--draw-only", action="store_true", help="only make the media")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    parser.add_argument("--json", type=Path, help="write every line's score to this file")
    return parser.parse_args()


def main() -> None:
    options = parsed()
    quick = options.size == "quick"
    caps = _numbers(options.caps) or (QUICK_CAPS if quick else stills.CAPS)
    numbers = options.numbers or (1 if quick else 4)
    crfs = _numbers(options.crf) or making.CRFS
    names = options.clips.split(",") if options.clips else (clips.QUICK if quick else ("",))
    for note in filter(None, (fonts.missing_note(), codes.codes_note())):
        tell(note)
    asked = options.sections.split(",")
    if strange := set(asked) - set(SECTIONS):
        sys.exit(f"There is no section {', '.join(sorted(strange))}.")
    of_stills: list[LineScore] = []
    of_clips: list[LineScore] = []
    if options.reader:
        out = list(reader_lines(reader_named(options.reader), caps, numbers, crfs))
    else:
        locate = FAKES["none"] if options.draw_only else locator(options)
        if "stills" in asked:
            of_stills = still_scores(locate, caps, numbers, crfs)
        if "clips" in asked:
            # One quality of clips is enough to see that something broke.
            of_clips = clip_scores(locate, names, crfs[:1] if quick else crfs)
        out = list(text_tables.all_tables(of_stills, of_clips))
        if "false" in asked:
            out += false_lines(locate, quick=quick)
        out += own_process(asked, options.stage, options.set)
    print("\n".join(out))
    if options.misses:
        print(*text_tables.missed([*of_stills, *of_clips], options.misses), sep="\n")
    if options.markdown:
        options.markdown.write_text("\n".join(out) + "\n", "utf-8")
    if options.json:
        rows = [_row(one) for one in (*of_stills, *of_clips)]
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")


def _numbers(said: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in said.split(",")) if said else ()


def _row(one: LineScore) -> dict[str, Any]:
    line = one.line
    return {
        "motion": one.motion,
        "crf": one.crf,
        "kind": line.kind,
        "text": line.text,
        "thing": line.thing,
        "font": line.font,
        "cap_px": round(line.cap_px, 1),
        "turn": round(line.turn),
        "readable": one.readable,
        "frames": one.frames,
        "covered": one.covered,
        "longest_bare": one.longest,
    }


if __name__ == "__main__":
    # One clip after the other, and what a reader does is measured: it decides on threads itself.
    os.environ.setdefault("VEILCAST_SHARED", str(SHARED))
    main()
