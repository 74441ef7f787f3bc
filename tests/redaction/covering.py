"""Covers, tracks and shapes for tests; which pixels a shape touches is worked out by points."""

from __future__ import annotations

from functools import cache

import numpy as np
from av.video import format as formats
from thorough import only

from veilcast.extensions import PixelTreatment
from veilcast.redaction.layout import supported
from veilcast.redaction.treatments import veilcast_treatments
from veilcast.types import Box, Cover, Track

TREATMENTS = {t.name: t for t in veilcast_treatments() if isinstance(t, PixelTreatment)}
PARAMS = {"block_px": 12, "sigma_px": 5.0, "rgb": [200, 60, 20]}
LAYOUTS = (
    *("bgr24", "rgba", "0rgb", "rgb48le", "bgra64be", "gbrp", "gbrp9be", "gbrap10le"),
    *("gray", "gray16be", "ya8", "ya16le", "nv12", "nv21", "nv24", "nv20be", "p010le", "p416be"),
    *("uyvy422", "yuyv422", "ayuv64le", "vuya", "yuv410p", "yuv411p", "yuv420p", "yuv420p10le"),
    *("yuv422p12be", "yuv440p", "yuv444p14le", "yuva420p9be", "yuva444p16le", "yuvj420p"),
)
"""One or two for each way in which samples lie in memory: packed, in planes, of each width."""
FORMATS = only(LAYOUTS, sorted(name for name in vars(formats)["names"] if supported(name)))
WIDTH, HEIGHT = 63, 47
SHAPES = ["rectangle", "rounded", "ellipse"]


def track(
    times: list[int], boxes: list[tuple[float, float, float, float]], **options: object
) -> Track:
    return Track(
        id=3,
        identifier="face",
        hipaa="Q",
        detector="test",
        times_us=np.array(times, dtype=np.int64),
        boxes=np.array(boxes, dtype=np.float64),
        scores=np.full(len(times), 0.9),
        origins=np.zeros(len(times), dtype=np.uint8),
        options=options,
    )


def cover(box: Box, shape: str = "rectangle", treatment: str = "fill", **params: object) -> Cover:
    return Cover(box=box, shape=shape, treatment=treatment, params={**PARAMS, **params})


def box(x: float, y: float, width: float, height: float) -> Box:
    return Box(x=x, y=y, width=width, height=height)


@cache
def touched(area: Box, shape: str, width: int, height: int, slack: float = 0.0) -> np.ndarray:
    """Pixels of which one of 17 x 17 points, borders included, is in the shape grown by `slack`."""
    fine = np.linspace(0, 1, 17)
    # A point on the edge is not inside, whatever the last bit of a float says.
    slack -= 1e-9
    x = (np.arange(width)[:, None] + fine).ravel()
    y = (np.arange(height)[:, None] + fine).ravel()
    u = (x - area.x - area.width / 2) / (area.width / 2 + slack)
    v = (y - area.y - area.height / 2) / (area.height / 2 + slack)
    if shape == "ellipse":
        inside = u[None, :] ** 2 + v[:, None] ** 2 < 1
    elif shape == "rounded":
        # A quarter of the shorter side.
        half_x, half_y = area.width / 2 + slack, area.height / 2 + slack
        radius = min(area.width, area.height) / 4
        beyond_x = np.maximum(abs(u) * half_x - (half_x - radius), 0)
        beyond_y = np.maximum(abs(v) * half_y - (half_y - radius), 0)
        inside = beyond_x[None, :] ** 2 + beyond_y[:, None] ** 2 < radius**2
    else:
        inside = (abs(u) < 1)[None, :] & (abs(v) < 1)[:, None]
    pixels = np.asarray(inside.reshape(height, 17, width, 17).any(axis=(1, 3)))
    pixels.flags.writeable = False  # others get the same
    return pixels
