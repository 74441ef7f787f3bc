"""Memory of pictures is used again: it is not fetched from the system for each of them."""

from __future__ import annotations

import platform
import resource

import pytest

from veilcast.media.memory import keep_freed_pictures

PICTURE = 1920 * 1080 * 3 // 2
TOGETHER, TIMES = 4, 50


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no switch")
def test_the_next_pictures_take_the_place_of_the_last() -> None:
    keep_freed_pictures()
    _pictures()  # the first ones have to come from somewhere
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(TIMES):
        _pictures()
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert faults < TIMES * TOGETHER * PICTURE / resource.getpagesize() / 10


def _pictures() -> None:
    held = [bytearray(PICTURE) for _ in range(TOGETHER)]
    for picture in held:
        picture[::4096] = bytes(-(-PICTURE // 4096))
