"""Pages, and what is in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENTS = re.compile(r"(^<!-- .* -->\n)+\Z", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")


class Block(NamedTuple):
    """A fenced block, and the comments that stand right above it, one a line."""

    page: str
    line: int
    language: str
    text: str
    above: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def name_of(page: Path) -> str:
    """As the repository has it."""
    return str(page.relative_to(ROOT)) if page.is_relative_to(ROOT) else page.name


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        before = text[: fence.start()]
        above = _COMMENTS.search(before)
        name, line = name_of(page), before.count("\n") + 1
        found.append(Block(name, line, fence[1], fence[2], above[0] if above else ""))
    return found


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its first row."""
    _, found, after = text.partition(f"\n### {heading}\n")
    assert found, f"there is no heading '### {heading}'"
    section = re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line.strip() for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in _CELL.split(line)[1:-1]] for line in lines[2:]]
