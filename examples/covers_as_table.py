"""Every cover of a manifest as CSV, for a spreadsheet: python covers_as_table.py MANIFEST."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path


def main() -> None:
    manifest = json.loads(Path(sys.argv[1]).read_text())
    table = csv.writer(sys.stdout)
    table.writerow(["stage", "what", "HIPAA", "from s", "to s", "treatment", "count"])
    for entry in manifest["entries"]:
        for change in entry["changes"]:
            times = [None if t is None else t / 1e6 for t in (change["from_us"], change["to_us"])]
            how = change["how"].get("treatment", "")
            table.writerow(
                [entry["stage"], change["what"], change["hipaa"], *times, how, change["count"]]
            )


if __name__ == "__main__":
    main()
