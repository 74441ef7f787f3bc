"""Frames from the last to the first: the same ones, in pieces that fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import testmedia

from veilcast.media.frames import read_frames
from veilcast.media.probe import probe
from veilcast.media.reverse_decoding import read_backwards

if TYPE_CHECKING:
    from av import VideoFrame
    from numpy.typing import NDArray
    from testmedia import Corpus


def _grey(time_us: int, frame: VideoFrame) -> NDArray[np.uint8]:
    return frame.to_ndarray(format="gray")[::4, ::4].astype(np.uint8)


@pytest.mark.quick(every=48)
@pytest.mark.parametrize("name", testmedia.names("video"))
def test_the_same_frames_the_other_way_round(name: str, media: Corpus) -> None:
    info = probe(media[name])
    if info.video is None:
        pytest.skip("it has no picture")
    forwards = [(t, _grey(t, frame)) for t, frame in read_frames(media[name], info, look="sketch")]
    times_us = np.asarray([time for time, _ in forwards], dtype=np.int64)
    span = len(forwards) // 5, len(forwards)
    piece_bytes = 11 * info.video.width * info.video.height
    backwards = list(
        read_backwards(media[name], info, times_us, span, _grey, piece_bytes=piece_bytes)
    )
    assert [number for number, _ in backwards] == list(range(span[1] - 1, span[0] - 1, -1))
    # Decoding from a key frame that is no instant refresh may differ a little at first.
    for number, picture in backwards:
        difference = np.abs(picture.astype(int) - forwards[number][1].astype(int))
        assert difference.mean() < 2, number
