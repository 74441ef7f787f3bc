"""How much of what identifies in speech is covered: labelled clips, each transcriber that can run.

    python benchmarks/speech.py [--words NAME ...] [--match GLOB] [--set speech.key=value]

Reads clips with exact truth (`data/speech/synthetic` of the shared folder: words, identifiers and
decoys with their times), locates with the stage `speech` alone, and scores the located spans with
the shared `tools/score_spans.py`. The row "perfect words" gives the recognisers the true words.
An identifier is hit when 95 % of its time is covered. Voices that the embedded transcriber was not
made for (espeak) are told apart, by identifier.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from veilcast.host import Host
from veilcast.pipeline import located
from veilcast.pipeline.plugin_calls import guarded_recognizers
from veilcast.pipeline.recognizer_models import reading_models
from veilcast.profile import load_profile
from veilcast.recognition import Reader
from veilcast.settings import IdentifierSettings

SHARED = Path(os.environ.get("VEILCAST_SHARED") or Path(__file__).resolve().parents[2] / "shared")
PERFECT = "perfect words"
PAUSE_S = 0.7
PADDING_S = 0.08


class Quiet:
    """Tells nobody."""

    def phase(self, name: str) -> None: ...

    def warning(self, sentence: str) -> None: ...

    def stage(self, name: str) -> Any:
        return lambda *_: None


@dataclass
class Row:
    """Sums over the clips of one condition, for the identifiers that one kind of voice said."""

    entities: int = 0
    hit: int = 0
    seconds: float = 0.0
    covered: float = 0.0
    over: float = 0.0
    speech: float = 0.0
    decoys: int = 0
    decoys_hit: int = 0
    missed: list[str] = field(default_factory=list)


def scorer(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score_spans", shared / "tools/score_spans.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def perfect(truth: dict[str, Any], reader: Reader) -> list[dict[str, Any]]:
    words = truth["words"]
    breaks = [
        n for n in range(1, len(words)) if words[n]["start_s"] - words[n - 1]["end_s"] > PAUSE_S
    ]
    said = [word["w"].lower().strip(".,?!") for word in words]
    return [
        {
            "start_s": words[span.first]["start_s"] - PADDING_S,
            "end_s": words[span.last - 1]["end_s"] + PADDING_S,
        }
        for span in reader.find(said, breaks)
    ]


def heard(
    host: Host, clip: Path, transcriber: str, work: Path, settings: list[str]
) -> list[dict[str, Any]]:
    profile = work / "profile.yaml"
    profile.write_text(f"stages:\n  - speech: {{transcriber: {transcriber}}}\n")
    chosen = load_profile(host, str(profile), overrides=settings)
    document = located(host, clip, chosen, work / "work", Quiet())
    return [
        {
            "start_s": sound.start_us / 1e6,
            "end_s": sound.end_us / 1e6,
            "why": f"{sound.identifier} {sound.score} {sound.detector} {sound.options['reason']}",
        }
        for findings in document.stages
        for sound in findings.sounds
    ]


def add(rows: dict[Any, Row], key: tuple[str, str], truth: dict[str, Any], score: Any) -> None:
    """Adds a clip's score: identifiers by the kind of voice, what is over to the first row."""
    whole = score(truth)
    everything = rows[*key, "all voices"]
    everything.over += whole["over_redacted_s"]
    everything.speech += whole["speech_s"]
    everything.decoys += whole["decoys"]
    everything.decoys_hit += whole["decoys_hit"]
    for kind in ("all voices", "flite", "espeak"):
        said = [e for e in truth["entities"] if kind == "all voices" or _kind(e) == kind]
        part = score({**truth, "entities": said})
        core = part["types"].get("ALL_CORE")
        if core is None:
            continue
        row = rows[*key, kind]
        row.entities += core["entities"]
        row.hit += core["hit"]
        row.seconds += core["seconds"]
        row.covered += core["covered_s"]
        row.missed += [f"{m['type']}:{m['text']} {m['covered']:.2f}" for m in part["missed"]]


def add_classes(
    classes: dict[tuple[str, str], dict[str, Row]], words: str, truth: dict[str, Any], score: Any
) -> None:
    """Adds a clip's score, each class of identifiers for itself."""
    condition = truth["clip"].partition("_")[2]
    core = [entity for entity in truth["entities"] if entity.get("core", True)]
    for name, found in score({**truth, "entities": core})["types"].items():
        if name == "ALL_CORE":
            continue  # the other table has it
        row = classes[name, words].setdefault(condition, Row())
        row.entities += found["entities"]
        row.hit += found["hit"]


def class_table(classes: dict[tuple[str, str], dict[str, Row]]) -> str:
    """How many of each class were hit, in each condition."""
    conditions = sorted({condition for rows in classes.values() for condition in rows})
    lines = [
        f"| class | words from | {' | '.join(conditions)} |",
        "|---|---|" + "---|" * len(conditions),
    ]
    for (name, words), rows in sorted(classes.items()):
        hits = [f"{r.hit} of {r.entities}" for r in map(rows.get, conditions) if r is not None]
        lines.append(f"| {name.lower().replace('_', ' ')} | {words} | {' | '.join(hits)} |")
    return "\n".join(lines)


def _kind(entity: dict[str, Any]) -> str:
    return "espeak" if entity["voice"].startswith("espeak") else "flite"


def table(rows: dict[Any, Row]) -> str:
    lines = [
        "| words from | condition | voices | identifiers | hit | recall | time covered | leaked s "
        "| decoys hit | over-redaction |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (words, condition, kind), row in rows.items():
        if not row.entities:
            continue
        over = f"{row.over / row.speech:.1%}" if row.speech else ""
        decoys = f"{row.decoys_hit} of {row.decoys}" if row.speech else ""
        lines.append(
            f"| {words} | {condition} | {kind} | {row.entities} | {row.hit} "
            f"| {row.hit / row.entities:.2f} | {row.covered / row.seconds:.3f} "
            f"| {row.seconds - row.covered:.1f} | {decoys} | {over} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, default=SHARED / "data" / "speech" / "synthetic")
    parser.add_argument("--match", default="*", help="names of clips, such as *clean16k")
    parser.add_argument("--words", action="append", help=f"'{PERFECT}' or transcribers, by name")
    parser.add_argument("--work", type=Path, help="keep what was heard from one run to the next")
    parser.add_argument("--set", action="append", default=[], help="speech.key=value")
    parser.add_argument("--missed", action="store_true", help="list what was missed")
    asked = parser.parse_args()
    score = scorer(SHARED)
    host = Host()
    rows: dict[Any, Row] = defaultdict(Row)
    classes: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    cpu = sound = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        work = asked.work or Path(scratch)
        work.mkdir(exist_ok=True)
        models = reading_models(host, "en")
        reader = Reader(IdentifierSettings(), guarded_recognizers(host), models, "en", "speech")
        for words in asked.words or [PERFECT, "pocketsphinx"]:
            for file in sorted(asked.clips.glob(f"{asked.match}.json")):
                truth = json.loads(file.read_text())
                if "words" not in truth:
                    continue  # a list of the clips
                start = time.process_time() + sum(os.times()[2:4])
                spans = (
                    perfect(truth, reader)
                    if words == PERFECT
                    else heard(host, file.with_suffix(".wav"), words, work, asked.set)
                )
                cpu += time.process_time() + sum(os.times()[2:4]) - start
                sound += truth["duration_s"]
                condition = file.stem.partition("_")[2]
                scored = partial(score.score_spans, spans=spans)
                add(rows, (words, condition), truth, scored)
                add_classes(classes, words, truth, scored)
                if asked.missed:
                    report(truth, spans, score)
    print(table(dict(sorted(rows.items(), key=lambda pair: pair[0][:2]))))
    print(f"\n{class_table(classes)}")
    print(f"\n{cpu / sound:.2f} CPU seconds for each second of sound", file=sys.stderr)


def report(truth: dict[str, Any], spans: list[dict[str, Any]], score: Any) -> None:
    """For tuning: what was missed and what was covered for nothing."""
    whole = score.score_spans(truth, spans)
    print(truth["clip"], f"over {whole['over_redaction']:.1%}", whole["decoys_hit_list"])
    for miss in whole["missed"]:
        print("   missed", miss)
    grown = [(e["start_s"] - 0.25, e["end_s"] + 0.25) for e in truth["entities"]]
    for span in spans:
        if not any(a <= span["start_s"] and span["end_s"] <= b for a, b in grown):
            print("   over", span)


if __name__ == "__main__":
    main()
