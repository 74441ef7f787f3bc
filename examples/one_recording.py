"""One recording, with a progress line: python one_recording.py visit.mp4 [patient.yaml]."""

from __future__ import annotations

import sys

import veilcast


def show(event: veilcast.Event) -> None:
    match event:
        case veilcast.ProgressEvent(stage=stage, activity=activity, done=done, total=total):
            print(f"\r{stage}: {activity} {done}/{total or '?'}      ", end="", file=sys.stderr)
        case veilcast.WarningEvent(sentence=sentence):
            print(f"\n{sentence}", file=sys.stderr)


def main() -> None:
    source, *known = sys.argv[1:]
    result = veilcast.run(source, known=known[0] if known else None, progress=show)
    print(f"\n{result.verdict}: {result.output.name}, covered {dict(result.covered)}")


if __name__ == "__main__":
    main()
