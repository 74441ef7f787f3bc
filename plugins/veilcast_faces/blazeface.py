"""BlazeFace through the MediaPipe Tasks API.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
"""

from __future__ import annotations

import ctypes
import os
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from veilcast.plugin import Box, Detection, cut_off

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from veilcast.plugin import Picture


@contextmanager
def _setting(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _survive_profiling() -> None:
    """Let the process live through the ticks of MediaPipe's profiler.

    Each of its threads starts a timer that sends SIGPROF for every 10 ms of processor time. That
    signal ends a process that does not care for it, and MediaPipe sees to that only once, when it
    is first used: whatever sets the signal back afterwards has the next detector end the process.
    """
    if signal.getsignal(signal.SIGPROF) == signal.SIG_DFL:
        # Python's own function may be called in the main thread only.
        set_disposition = ctypes.CDLL(None).signal
        set_disposition.argtypes, set_disposition.restype = (ctypes.c_int, ctypes.c_void_p), None
        set_disposition(signal.SIGPROF, int(signal.SIG_IGN))


class BlazeFace:
    """A loaded BlazeFace model.

    MediaPipe reports its use to its maker, and nothing turns that off: it lives in a thread that
    has no network, and so do the threads that it starts.
    """

    def __init__(self, model: Path, least_score: float) -> None:
        """Load it.

        Args:
            model: the .tflite file.
            least_score: report nothing below this, 0-1.
        """
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._detector: Any = None
        self._closed = False
        try:
            self._thread.submit(self._load, model, least_score).result()
        except BaseException:
            self.close()
            raise

    def _load(self, model: Path, least_score: float) -> None:
        cut_off()
        _survive_profiling()
        # It imports matplotlib, which lists the machine's fonts in a file in the home folder.
        with tempfile.TemporaryDirectory() as folder, _setting("MPLCONFIGDIR", folder):
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

        self._image = mediapipe.Image
        self._format = mediapipe.ImageFormat.SRGB
        # As a buffer: MediaPipe would resolve and log a path.
        options = vision.FaceDetectorOptions(
            base_options=BaseOptions(model_asset_buffer=model.read_bytes()),
            min_detection_confidence=least_score,
        )
        self._detector = vision.FaceDetector.create_from_options(options)

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """Faces in one picture."""
        return self._thread.submit(self._detect, picture).result()

    def _detect(self, picture: Picture) -> list[Detection]:
        # It reads on past the end of a row where a picture is part of a larger one.
        image = self._image(image_format=self._format, data=np.ascontiguousarray(picture))
        found = []
        for seen in self._detector.detect(image).detections:
            box = seen.bounding_box
            if box.width > 0 and box.height > 0:
                found.append(
                    Detection(
                        box=Box(x=box.origin_x, y=box.origin_y, width=box.width, height=box.height),
                        score=float(seen.categories[0].score),
                    )
                )
        return found

    def close(self) -> None:
        """Let go of the model. Closed again, nothing happens."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._close).result()
            self._thread.shutdown()

    def _close(self) -> None:
        if self._detector is not None:
            self._detector.close()
