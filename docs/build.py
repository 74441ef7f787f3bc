"""Builds the pages for a browser: `python docs/build.py FOLDER`.

Zensical reads `mkdocs.yml`. Pages are handed to it in the places that they have in the repository,
so a link that works on a code host works on the site, and the README is the first page. Diagrams
are drawn here, once and without a network, instead of by a script from elsewhere in every reader's
browser.
"""

from __future__ import annotations

import argparse
import html
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_LINK = re.compile(r"(?:\]\(|src=\"|href=\")([^)\s\"#]+)")
_DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FETCHING = re.compile(r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*>")
_ELSEWHERE = re.compile(r"(?:src|href|srcset)=[\"']?((?:https?:)?//[^\s\"'>]+)")
_ENTRY = re.compile(r"^ +- [^\n]*?: (\S+\.md)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Every page, and every file of the repository that one leads to."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in found:
        if page.suffix != ".md":
            continue
        for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
            path = (page.parent / target).resolve()
            inside = "://" not in target and path.is_file() and path.is_relative_to(ROOT)
            if inside and path not in found:
                found.append(path)
    return found


def astray() -> list[str]:
    """What is wrong with the navigation: Zensical says nothing of it."""
    listed = _ENTRY.findall((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    there = [str(page.relative_to(ROOT)) for page in pages() if page.suffix == ".md"]
    return [
        *(f"mkdocs.yml lists {name}, which is not there" for name in listed if name not in there),
        *(f"mkdocs.yml does not list {name}" for name in there if name not in listed),
        *(f"mkdocs.yml lists {name} twice" for name in set(listed) if listed.count(name) > 1),
    ]


def drawn(text: str, place: Path, stem: str) -> str:
    """A page with its diagrams as pictures beside it, and their source behind a fold."""
    import mermaidx

    diagrams = list(_DIAGRAM.finditer(text))
    for number, found in reversed(list(enumerate(diagrams, 1))):
        source = found[1]
        name = f"{stem}-diagram-{number}.svg"
        (place / name).write_text(mermaidx.render(source).svg(), encoding="utf-8")
        folded = (
            f'<figure class="diagram"><img src="{name}" alt="A diagram; its source follows">'
            f"<details><summary>The diagram as text</summary><pre>{html.escape(source)}</pre>"
            "</details></figure>"
        )
        text = text[: found.start()] + folded + text[found.end() :]
    return text


def fetched(site: Path) -> set[str]:
    """What pages of the site would fetch from other servers: that tells them who reads what."""
    return {
        address
        for page in site.rglob("*.html")
        for tag in _FETCHING.findall(page.read_text(encoding="utf-8"))
        if "canonical" not in tag
        for address in _ELSEWHERE.findall(tag)
    }


def stage(folder: Path) -> None:
    """Put everything that the site is made of into a folder."""
    for file in pages():
        place = (folder / "pages" / file.relative_to(ROOT)).parent
        place.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            text = drawn(file.read_text(encoding="utf-8"), place, file.stem)
            (place / file.name).write_text(text, encoding="utf-8")
        else:
            shutil.copy(file, place)
    shutil.copy(ROOT / "docs/site.css", folder / "pages")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    (folder / "core").symlink_to(ROOT / "core")


def main() -> int:
    """Build; the exit code is Zensical's: any warning is an error."""
    parser = argparse.ArgumentParser(description="Builds the pages for a browser.")
    parser.add_argument("folder", type=Path, help="where the site is put; it must not be there yet")
    folder = parser.parse_args().folder.resolve()
    if folder.exists():
        parser.error("the folder is there already; name another")
    if wrong := astray():
        parser.exit(1, "".join(f"{sentence}\n" for sentence in wrong))
    with tempfile.TemporaryDirectory(prefix="veilcast-docs-") as work:
        stage(Path(work))
        program = Path(sys.executable).with_name("zensical")
        done = subprocess.run([program, "build", "--strict"], cwd=work, check=False)
        if elsewhere := sorted(fetched(Path(work) / "site")):
            parser.exit(1, f"pages would fetch from other servers: {', '.join(elsewhere)}\n")
        if done.returncode == 0:
            shutil.move(Path(work) / "site", folder)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
