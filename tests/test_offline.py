"""Cutting a thread off from the network, and what that leaves alone."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from veilcast.host import Host
from veilcast.models import find
from veilcast.offline import cut_off
from veilcast.plugin import DetectorContext

FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)


def can_open(family: int) -> bool:
    try:
        socket.socket(family).close()
    except PermissionError:
        return False
    except OSError:
        return True  # this machine does not have that family, which is no refusal
    return True


def inside() -> dict[str, object]:
    """What a thread sees after it was cut off."""
    cut_off()
    cut_off()  # twice is as good as once
    seen: dict[str, object] = {"sockets": [can_open(family) for family in FAMILIES]}
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.org", 443)
    script = "import socket\ntry: socket.socket()\nexcept PermissionError: print('refused')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    seen["program"] = done.stdout.decode().strip()
    started: list[bool] = []
    thread = threading.Thread(target=lambda: started.append(can_open(socket.AF_INET)))
    thread.start()
    thread.join()
    seen["thread"] = started
    ours, theirs = socket.socketpair()
    ours.sendall(b"hello")
    seen["pair"] = theirs.recv(5)
    ours.close()
    theirs.close()
    return seen


def test_a_thread_and_what_it_starts_have_no_network_and_others_keep_theirs() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        seen = pool.submit(inside).result()
        assert seen == {
            "sockets": [False, False, False],
            "program": "refused",
            "thread": [False],
            "pair": b"hello",
        }
        assert not pool.submit(can_open, socket.AF_INET).result(), "for good"
    assert all(can_open(family) for family in FAMILIES)


def test_a_detector_leaves_the_network_to_its_caller() -> None:
    """Loading MediaPipe cuts its own thread off, not that of a program that uses Veilcast."""
    host = Host()
    for name in ("blazeface-short", "blazeface-full"):
        model = host.model(name)
        detector = host.detector(name)
        context = DetectorContext(
            settings=detector.settings(),
            least_score=0.5,
            models={name: find(model)},
            threads=1,
        )
        loaded = detector.load(context)
        try:
            assert list(loaded.detect(np.zeros((64, 64, 3), np.uint8))) == []
        finally:
            loaded.close()
    assert all(can_open(family) for family in FAMILIES)
