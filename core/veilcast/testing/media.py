"""Small media for the tests of plugins: drawn and spoken here, never of people."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.types import Picture

Colour = tuple[int, int, int]
Place = tuple[int, int, int, int]

RATE_HZ = 16_000
_FLITE_LIMIT_S = 60


@dataclass
class MediaMaker:
    """Makes media files in a folder. Every file gets a name of its own.

    Attributes:
        folder: where they go.
    """

    folder: Path
    _count: int = field(default=0, repr=False)

    def picture(
        self,
        size: tuple[int, int] = (320, 240),
        things: Sequence[tuple[Colour, Place]] = (),
        *,
        seed: int = 1,
    ) -> Picture:
        """A wall of soft grey, with coloured rectangles on it.

        Args:
            size: width and height, pixels.
            things: each a colour (R, G, B) and where it is: x, y, width, height.
            seed: of the wall.

        Returns:
            Shape (height, width, 3), uint8, RGB.
        """
        import cv2
        import numpy as np

        width, height = size
        noise = np.random.default_rng(seed).integers(60, 180, (height, width), dtype=np.uint8)
        soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 4)).astype(np.uint8)
        picture: Picture = np.repeat(soft[:, :, None], 3, axis=2)
        for colour, (x, y, across, down) in things:
            picture[max(y, 0) : max(y + down, 0), max(x, 0) : max(x + across, 0)] = colour
        return picture

    def video(
        self,
        seconds: float = 1.0,
        size: tuple[int, int] = (320, 240),
        things: Sequence[tuple[Colour, Place]] = (),
        *,
        rate: int = 25,
        speed: tuple[int, int] = (0, 0),
        draw: Callable[[Picture, int], None] | None = None,
        sound: NDArray[Any] | None = None,
    ) -> Path:
        """An MP4 file: the wall of `picture`, with rectangles that stand or move.

        Args:
            seconds: how long.
            size: width and height, pixels, both even.
            things: as for `picture`: where they are in the first frame.
            rate: frames a second.
            speed: how far they move from frame to frame: x, y in pixels.
            draw: called with each picture, to draw into, and its number.
            sound: samples in -1 to 1 at 16 kHz, shape (n,) or (n, channels).

        Returns:
            The file: H.264, and AAC where there is sound.
        """
        path = self._path("mp4")
        pictures = []
        for number in range(max(1, round(seconds * rate))):
            across, down = number * speed[0], number * speed[1]
            moved = [(c, (x + across, y + down, w, h)) for c, (x, y, w, h) in things]
            picture = self.picture(size, moved)
            if draw is not None:
                draw(picture, number)
            pictures.append(picture)
        _write(path, pictures, rate, None if sound is None else _columns(sound))
        return path

    def still(
        self,
        size: tuple[int, int] = (320, 240),
        things: Sequence[tuple[Colour, Place]] = (),
        *,
        ending: str = "png",
    ) -> Path:
        """A picture file, PNG or JPEG by its ending; otherwise as `picture`."""
        import cv2

        path = self._path(ending)
        if not cv2.imwrite(str(path), self.picture(size, things)[:, :, ::-1]):
            raise ValueError(f"no picture of the kind '{ending}' can be written")
        return path

    def sound(self, samples: NDArray[Any]) -> Path:
        """A WAV file (16 bit) of samples in -1 to 1 at 16 kHz, shape (n,) or (n, channels)."""
        import wave

        path = self._path("wav")
        columns = _columns(samples)
        with wave.open(str(path), "wb") as writer:
            writer.setnchannels(columns.shape[1])
            writer.setsampwidth(2)
            writer.setframerate(RATE_HZ)
            writer.writeframes((columns * 32767).round().astype("<i2").tobytes())
        return path

    def speech(self, text: str, *, before_s: float = 0.4, after_s: float = 0.4) -> NDArray[Any]:
        """English speech by flite, for `sound`, `video` or a transcriber.

        Args:
            text: what is said.
            before_s: silence before it, seconds.
            after_s: silence after it.

        Returns:
            Shape (n,), float32 in -1 to 1, at 16 kHz.
        """
        import wave

        import numpy as np

        if shutil.which("flite") is None:
            import pytest

            pytest.skip(
                "flite is not installed, so nothing can be said (Debian: apt install flite)"
            )
        path = self._path("wav")
        subprocess.run(
            ["flite", "-voice", "slt", "-t", text, "-o", str(path)],
            check=True,
            capture_output=True,
            timeout=_FLITE_LIMIT_S,
        )
        with wave.open(str(path)) as reader:
            if reader.getframerate() != RATE_HZ:
                raise ValueError("the voice 'slt' of this flite does not speak at 16 kHz")
            said = np.frombuffer(reader.readframes(reader.getnframes()), "<i2") / 32768
        before, after = (np.zeros(round(quiet * RATE_HZ)) for quiet in (before_s, after_s))
        whole: NDArray[Any] = np.concatenate((before, said, after)).astype(np.float32)
        return whole

    def _path(self, ending: str) -> Path:
        self._count += 1
        return self.folder / f"media-{self._count}.{ending}"


def _columns(samples: NDArray[Any]) -> NDArray[np.float32]:
    import numpy as np

    wide = samples.reshape(len(samples), -1)
    clipped: NDArray[np.float32] = np.clip(wide, -1, 1).astype(np.float32)
    return clipped


def _write(
    path: Path, pictures: Sequence[Picture], rate: int, sound: NDArray[np.float32] | None
) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = cast("Any", container.add_stream("libx264", rate=Fraction(rate)))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "18"}
        heard = None
        if sound is not None:
            layout = "mono" if sound.shape[1] == 1 else "stereo"
            heard = cast("Any", container.add_stream("aac", rate=RATE_HZ, layout=layout))
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
        if heard is not None and sound is not None:
            for at in range(0, len(sound), 1024):
                block = sound[at : at + 1024].T.copy()
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=heard.layout.name)
                frame.sample_rate, frame.pts = RATE_HZ, at
                container.mux(heard.encode(frame))
            container.mux(heard.encode(None))
