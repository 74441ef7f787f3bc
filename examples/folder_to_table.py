"""A folder of recordings, and a table of their results: python folder_to_table.py FOLDER OUT."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from veilcast.api import prepare
from veilcast.errors import VeilcastError


def main() -> None:
    folder, out = map(Path, sys.argv[1:])
    out.mkdir(exist_ok=True)
    batch = prepare(profile="fast", name="neutral")  # plugins and profile are loaded once
    with (out / "results.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["number", "result", "covered", "what to do"])
        for number, source in enumerate(sorted(folder.iterdir()), 1):
            try:
                result = batch.run(source, out)
            except VeilcastError as error:
                table.writerow([number, f"exit code {error.exit_code}", "", error])
            else:
                covered = sum(result.covered.values())
                table.writerow([number, result.verdict, covered, "watch it before you release it"])


if __name__ == "__main__":
    main()
