"""Make ``data/vocabulary.txt``: words that name nobody where they stand on a screen.

    python plugins/veilcast_text/training/vocabulary.py

Its first two sections are ``words.txt``, written for this purpose: makers, and all others. The next
are words that the word list of names (`veilcast_identifiers`, whose ATTRIBUTION.md names its
sources) knows as ordinary words and as nothing else, and those that it knows as rare surnames, but
mostly as ordinary words. Makers whose names are surnames too (Smith & Nephew) are phrases.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

HERE = Path(__file__).parent
LEXICON = HERE.parents[1] / "veilcast_identifiers" / "names" / "data" / "lexicon.txt.gz"
OUT = HERE.parent / "data" / "vocabulary.txt"
_WIDTH = 100


def main() -> None:
    """Write the file."""
    written, _, phrases = (HERE / "words.txt").read_text("utf-8").partition("[phrases]\n")
    sections: dict[str, set[str]] = {"makers": set(), "screen": set(), "ordinary": set()}
    sections["mostly ordinary"] = set()
    name = ""
    for line in written.splitlines():
        if line.startswith("["):
            name = "makers" if line == "[devices and makers]" else "screen"
        elif line and not line.startswith("#"):
            sections[name].update(_parts(line))
    for line in gzip.decompress(LEXICON.read_bytes()).decode().splitlines():
        code, _, words = line.partition("\t")
        if code in {"1", "2"}:
            sections["ordinary"].update(_plain(words))
        elif code in {"lc1", "lc2"}:
            sections["mostly ordinary"].update(_plain(words))
    seen: set[str] = set()
    for name, found in sections.items():
        sections[name] = found - seen
        seen |= found
    text = "".join(map(_section, sections, sections.values()))
    OUT.write_text(f"{text}[phrases]\n{phrases}", "utf-8")


def _parts(line: str) -> set[str]:
    """Words, and those with an apostrophe whole."""
    return {part for word in line.split() for part in re.findall(r"[^\W_]+(?:'s)?", word)}


def _plain(words: str) -> set[str]:
    return {word for word in words.split("|") if word.isalpha() and len(word) > 1}


def _section(name: str, words: set[str]) -> str:
    rows = [f"[{name}]"]
    for word in sorted(words):
        if rows[-1].startswith("[") or len(rows[-1]) + len(word) + 1 > _WIDTH:
            rows.append(word)
        else:
            rows[-1] += f" {word}"
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
