"""What encoders of MPEG-4 part 2 write of themselves into a decoder's configuration."""

from __future__ import annotations

import pytest

from mediascrub.containers.fields import Fields


def unexpected(configuration: bytes) -> set[str]:
    fields = Fields(configuration, 0, "esds", "")
    fields.opaque(len(configuration))
    return {part.kind for part in fields.parts if part.role == "unexpected"}


LAYER = b"\x00\x00\x01\x20\x00\xc8\x88"
USER_DATA = b"\x00\x00\x01\xb2"


@pytest.mark.parametrize(
    "build", [b"Lavc61.19.101", b"XviD0050", b"DivX503b1393p", b"FFmpeg0.4.9b4717", b"ffmpeg"]
)
def test_a_build_by_which_decoders_know_faults_may_stay(build: bytes) -> None:
    assert unexpected(LAYER + USER_DATA + build) == set()
    assert unexpected(LAYER + USER_DATA + build + LAYER) == set()


@pytest.mark.parametrize(
    "said", [b"Jane Roe", b"Lavc61.19.101 Jane", b"Jane XviD0050", b"", b"XviD0050\0Jane"]
)
def test_anything_else_is_foreign(said: bytes) -> None:
    assert unexpected(LAYER + USER_DATA + said + LAYER) == {"user data"}
