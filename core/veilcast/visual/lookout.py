"""Looking and following, in a thread of their own, while the next frames are decoded."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from veilcast.tracking.flow_tracker import Pursuit
from veilcast.visual.pictures import Pictures

if TYPE_CHECKING:
    from concurrent.futures import Future

    from av import VideoFrame

    from veilcast.media.info import VideoInfo
    from veilcast.tracking import Look
    from veilcast.visual.watched import Looker

_AHEAD = 4
_APART_US = 190_000
"""Between two looks of a looker that is not hasty."""


class Lookout:
    """Looks at frames in their order. Used as a context."""

    def __init__(self, looker: Looker, video: VideoInfo, hold_us: int) -> None:
        """Load what looks, in the background.

        Args:
            looker: looks at every sampled frame.
            video: what the frames are.
            hold_us: how long to follow what is not seen.
        """
        from av.video.reformatter import VideoReformatter

        self._looker, self._video = looker, video
        self._scaler = VideoReformatter()
        self._waiting: deque[Future[None]] = deque()
        self._hold_us = hold_us
        self._size = video.displayed_size
        self._pursuit: Pursuit | None = None
        self._looked_us = -(10**12)
        self._owed = False
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._ready = self._pool.submit(looker.load)

    def __enter__(self) -> Lookout:
        return self

    def __exit__(self, *args: object) -> None:
        for waiting in self._waiting:
            waiting.cancel()
        try:
            self._pool.submit(self._looker.close).result()
        finally:
            self._pool.shutdown()

    def step(
        self,
        time_us: int,
        frame: VideoFrame,
        *,
        look: bool,
        spare: bool = False,
        afresh: bool = False,
    ) -> None:
        """Have a frame followed through, and looked at or not. Raises what went wrong before.

        Args:
            time_us: of the frame.
            frame: decoded.
            look: have it looked at.
            spare: only where things move fast.
            afresh: nothing may be where it was.
        """
        if self._ready.done():
            self._ready.result()
        self._waiting.append(self._pool.submit(self._step, time_us, frame, look, spare, afresh))
        # Each holds a decoded frame.
        while len(self._waiting) > _AHEAD:
            self._waiting.popleft().result()

    def looks(self) -> list[Look]:
        """Wait for all, and give every look with the ways of its sightings."""
        self._ready.result()
        while self._waiting:
            self._waiting.popleft().result()
        return self._pursuit.looks() if self._pursuit is not None else []

    def _step(self, time_us: int, frame: VideoFrame, look: bool, spare: bool, afresh: bool) -> None:
        self._ready.result()
        if afresh:
            self._looker.afresh()
        if spare:
            if self._pursuit is None or not self._pursuit.is_restless(time_us):
                return
            look = self._looker.hasty
        if not self._looker.hasty:
            look = self._is_time(time_us, look, afresh)
        pictures = Pictures(time_us, frame, self._video, self._scaler)
        look = look or (self._looker.hasty and self._pursuit is not None and self._pursuit.wonders)
        found = self._looker.look(time_us, pictures, self._pursuit) if look else None
        grey = pictures.grey()
        if self._pursuit is None:
            height, width = grey.picture.shape
            scale = (width / self._size[0], height / self._size[1])
            self._pursuit = Pursuit(scale=scale, hold_us=self._hold_us)
        if found is None:
            self._pursuit.step(grey)
            return
        self._looked_us = time_us
        proofs = [proof for _, proof in found]
        self._pursuit.step(grey, [seen for seen, _ in found], proofs)

    def _is_time(self, time_us: int, look: bool, afresh: bool) -> bool:
        """Whether a looker that takes its time is asked now: what scrolls is new in each picture.

        What it was not asked about is owed, and asked as soon as it may be.
        """
        self._owed = self._owed or afresh
        if time_us - self._looked_us < _APART_US:
            return False
        look = look or self._owed
        self._owed = self._owed and not look
        return look
