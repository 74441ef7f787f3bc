"""The built wheel in fresh virtual environments, with each extra alone, with none and with all.

    python benchmarks/wheels.py [--only none faces ...] [--keep]

For each it installs what pip chooses, outside of the checkout, and runs `doctor`, `plugins` and a
profile that needs just this extra; then the default profile, which has to work with all extras, and
otherwise to say which one is missing. Takes minutes, and the network.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "fixtures"))

PROFILES = {
    "none": "stages: [regions, metadata]",
    "faces": "stages: [faces, regions, metadata]",
    "plates": "stages: [plates, regions, metadata]",
    "speech": "stages: [speech, regions, metadata]",
    "identifiers": "stages: [regions, metadata: {subtitles: redact}]",
    "text": "stages: [text, regions, metadata]",
    "all": "stages: [faces, plates, text, regions, speech, metadata]",
}
"""By extra: the most that works with it alone."""
LACKING = re.compile(r"veilcast\[(\w+)\]")


class Environment:
    """A virtual environment with the wheel in it, in a folder of its own."""

    def __init__(self, folder: Path, wheel: Path, extra: str) -> None:
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        started = time.monotonic()
        folder.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        wanted = str(wheel) if extra == "none" else f"{wheel}[{extra}]"
        pip = [self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", ROOT / "constraints.txt", wanted], check=True, cwd=folder)
        self.installed_s = time.monotonic() - started

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run the installed program; nothing of the checkout is in its sight."""
        hidden = {"PYTHONPATH", "VIRTUAL_ENV", "VEILCAST_DEBUG"}
        env = {name: value for name, value in os.environ.items() if name not in hidden}
        return subprocess.run(
            [self.folder / "venv" / "bin" / "veilcast", *map(str, arguments)],
            env={**env, "VEILCAST_WORK": str(self.folder / "work")},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def origin(self) -> Path:
        """Where this environment's `veilcast` is."""
        told = subprocess.run(
            [self.python, "-c", "import veilcast; print(veilcast.__file__)"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(told.stdout.strip())


def built(folder: Path) -> Path:
    """The wheel of the checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def recording(folder: Path) -> tuple[Path, Path]:
    """A clip with a face, a voice and a wristband, and its regions."""
    from testmedia import Corpus

    corpus = Corpus(folder)
    return corpus["consultation.mp4"], corpus["consultation.regions.yaml"]


def last(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of what it said."""
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1] if lines else ""


def tried(extra: str, folder: Path, wheel: Path, clip: Path, regions: Path) -> list[str]:
    """Everything for one extra.

    Returns:
        What went wrong.
    """
    wrong = []
    there = Environment(folder, wheel, extra)
    if not there.origin().is_relative_to(folder):
        wrong.append("veilcast is not the wheel's")
    size = subprocess.run(
        ["du", "-sm", folder / "venv"], capture_output=True, text=True, check=True
    )
    print(f"## {extra}: installed in {there.installed_s:.0f} s, {size.stdout.split()[0]} MiB")
    doctor = there("doctor")
    print(f"doctor: exit code {doctor.returncode}")
    print("".join(f"    {line}\n" for line in doctor.stdout.splitlines()), end="")
    if "Traceback" in doctor.stderr or (extra == "all" and doctor.returncode):
        wrong.append("doctor")
    plugins = there("plugins")
    broken = [line for line in plugins.stdout.splitlines() if "Error" in line]
    print(f"plugins: exit code {plugins.returncode}, {len(plugins.stdout.splitlines())} lines")
    if plugins.returncode or broken:
        wrong.append(f"plugins: {broken}")
    if extra in ("faces", "plates", "text", "all"):
        pulled = there("models", "pull", "all")
        print(f"models pull all: exit code {pulled.returncode}  {last(pulled)}")
    profile = folder / "profile.yaml"
    profile.write_text(PROFILES[extra] + "\n")
    for name, chosen in (("its own profile", str(profile)), ("default", "default")):
        out = folder / f"{len(list(folder.iterdir()))}.mp4"
        started = time.monotonic()
        done = there("run", clip, "-q", "-p", chosen, "-r", regions, "-o", out)
        took = time.monotonic() - started
        print(f"run, {name}: exit code {done.returncode} after {took:.1f} s  {last(done)}")
        if name == "default" and extra != "all":
            named = LACKING.search(done.stderr)
            if not done.returncode or named is None or len(done.stderr.strip().splitlines()) != 1:
                wrong.append("the default profile does not say which extra is missing")
            continue
        if done.returncode or not out.exists():
            wrong.append(f"run with {name}")
            continue
        manifest = json.loads(out.with_name(f"{out.stem}.manifest.json").read_text())
        print(f"    {[entry['stage'] for entry in manifest['entries']]}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PROFILES, default=list(PROFILES))
    parser.add_argument("--keep", action="store_true", help="leave the environments there")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="veilcast-wheels-"))
    wheel = built(folder / "dist")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB", flush=True)
    clip, regions = recording(folder / "media")
    wrong = {}
    for extra in options.only:
        wrong[extra] = tried(extra, folder / extra, wheel, clip, regions)
        print(f"{extra}: {'; '.join(wrong[extra]) or 'all well'}", flush=True)
        if not options.keep:
            shutil.rmtree(folder / extra)
    if options.keep:
        print(f"kept in {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
