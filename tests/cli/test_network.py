"""No run speaks to anyone, on this machine or off it."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cli.program import files

if TYPE_CHECKING:
    from pathlib import Path

    from cli.program import Program
    from testmedia import Corpus

TALKING = re.compile(
    r"^\d+ +(connect|bind|listen|accept4?|sendto|sendmsg|sendmmsg|recvfrom|recvmsg)\(", re.MULTILINE
)
SOCKET = re.compile(r"^\d+ +socket\((\w+).* = (-?\d+)", re.MULTILINE)


@pytest.fixture
def regions(bench: Path) -> Path:
    path = bench.parent / "regions.yaml"
    path.write_text(
        "regions: [{box: [8, 8, 40, 30]}]\nmute: [{from: 0.5, to: 1, treatment: beep}]\n"
    )
    return path


@pytest.mark.release
def test_a_whole_run_opens_no_socket(
    veilcast: Program, media: Corpus, bench: Path, regions: Path
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")
    trace = bench.parent / "trace.txt"
    before = ["strace", "-f", "-e", "trace=network", "-o", str(trace)]
    allowed = subprocess.run([*before, "true"], capture_output=True, check=False).returncode == 0
    if not allowed:
        pytest.skip("this system does not let strace trace")
    arguments = ("run", media["plain.mp4"], "-q", "-r", regions, "-o", bench / "out.mp4")
    answer = veilcast(*arguments, before=before)
    assert answer.code == 0, answer.err  # of a tone, Whisper is never sure
    seen = trace.read_text()
    assert "+++ exited with 0 +++" in seen, "every process and thread was followed"
    assert len(set(re.findall(r"^\d+", seen, re.MULTILINE))) > 10
    assert TALKING.findall(seen) == []
    # Some library tries to, and the kernel refuses.
    opened = [family for family, result in SOCKET.findall(seen) if int(result) >= 0]
    assert opened == []
    written = ["out.manifest.json", "out.mp4", "out.report.html", "out.report.json"]
    assert files(bench) == written


@pytest.mark.release
def test_a_run_needs_no_network(
    veilcast: Program, media: Corpus, bench: Path, regions: Path, unheard: Path
) -> None:
    before = ["unshare", "--map-root-user", "--net"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*before, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this system does not let a program leave the network")
    arguments = ("run", media["plain.mp4"], "-qp", unheard, "-r", regions)
    for name, way in (("with", []), ("without", before)):
        env = {"VEILCAST_WORK": str(bench / f"work-{name}")}
        answer = veilcast(*arguments, "-o", bench / f"{name}.mp4", before=way, env=env)
        assert (answer.code, answer.err) == (0, "")
    assert (bench / "with.mp4").read_bytes() == (bench / "without.mp4").read_bytes()
