"""Pictures with one thing at a known place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage.data import astronaut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from veilcast.plugin import Box

    Picture = NDArray[np.uint8]


class Subject(NamedTuple):
    """A picture, shape (height, width, 3), RGB, and where its one thing is: x, y, width, height."""

    picture: Picture
    place: tuple[float, float, float, float]

    def at(self, x: int, y: int, size: tuple[int, int]) -> Subject:
        """The same, on a larger grey picture of this width and height."""
        canvas = np.full((size[1], size[0], 3), 128, np.uint8)
        height, width = self.picture.shape[:2]
        canvas[y : y + height, x : x + width] = self.picture
        return Subject(canvas, (self.place[0] + x, self.place[1] + y, *self.place[2:]))

    def is_at(self, box: Box) -> bool:
        """Whether a box is about where the thing is, and as large."""
        x, y, width, height = self.place
        return (
            abs(box.x + box.width / 2 - x - width / 2) < width / 4
            and abs(box.y + box.height / 2 - y - height / 2) < height / 4
            and 0.65 < box.width / width < 1.5
            and 0.65 < box.height / height < 2
        )


def face() -> Subject:
    """A portrait in the public domain; the face's place as its hairline, chin and ears tell."""
    picture: Picture = astronaut()  # type: ignore[no-untyped-call]
    return Subject(np.ascontiguousarray(picture), (180, 65, 88, 112))


def plate() -> Subject:
    """A white plate with a dark frame and dark signs, on something dark."""
    blurred = np.random.default_rng(1).integers(60, 110, (384, 512, 3), dtype=np.uint8)
    picture = np.asarray(cv2.GaussianBlur(blurred, (0, 0), 3), np.uint8)
    width, height, fine = 160, 34, 8
    sign = np.full((height * fine, width * fine, 3), 235, np.uint8)
    ink, font = (15, 15, 15), cv2.FONT_HERSHEY_SIMPLEX
    cv2.rectangle(sign, (16, 16), (width * fine - 16, height * fine - 16), ink, 16)
    text = "A 123 BC 77"
    (across, down), _ = cv2.getTextSize(text, font, 5.5, 24)
    corner = (width * fine - across) // 2, (height * fine + down) // 2
    cv2.putText(sign, text, corner, font, 5.5, ink, 24, cv2.LINE_AA)
    x, y = 180, 170
    picture[y - 40 : y + height + 40, x - 60 : x + width + 60] = 44
    small = cv2.resize(sign, (width, height), interpolation=cv2.INTER_AREA)
    picture[y : y + height, x : x + width] = small
    return Subject(picture, (x, y, width, height))


def label() -> Subject:
    """A printed label with somebody's name on it; the name's place."""
    image = Image.new("RGB", (480, 240), (96, 104, 112))
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(28)
    pen.rectangle((60, 70, 420, 160), fill=(238, 238, 230))
    text, corner = "Patient: Margaret Holloway", (74, 96)
    pen.text(corner, text, fill=(20, 20, 30), font=font)
    left, top, right, bottom = pen.textbbox(corner, text, font=font)
    return Subject(np.asarray(image), (left, top, right - left, bottom - top))


def red() -> Subject:
    """A red square on grey, what the small YOLO graphs look for."""
    picture = np.full((512, 512, 3), 128, np.uint8)
    picture[128:256, 256:384] = (255, 0, 0)
    return Subject(picture, (256, 128, 128, 128))
