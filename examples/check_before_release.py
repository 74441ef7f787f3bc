"""Refuse to release what is not clean, say in a nightly job: python check_before_release.py DIR."""

from __future__ import annotations

import sys
from pathlib import Path

import veilcast
from veilcast.errors import VeilcastError


def judged(manifest: Path) -> str:
    """The verdict on the file beside a manifest, or why there is none."""
    stem = manifest.name.removesuffix(".manifest.json")
    there = [path for path in manifest.parent.glob(f"{stem}.*") if path.stem == stem]
    if len(there) != 1:
        return "no copy"
    try:
        return veilcast.verify(there[0], manifest=manifest).verdict
    except VeilcastError as error:
        return f"exit code {error.exit_code}"


def main() -> None:
    wrong = 0
    for manifest in sorted(Path(sys.argv[1]).glob("*.manifest.json")):
        verdict = judged(manifest)
        print(f"{verdict:14} {manifest.name}")
        wrong += verdict != "clean"
    sys.exit(f"Not to be released: {wrong}" if wrong else 0)


if __name__ == "__main__":
    main()
