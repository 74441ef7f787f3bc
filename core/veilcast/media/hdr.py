"""Static HDR metadata: the mastering display (SMPTE ST 2086) and the light level (CTA-861.3).

Without them a display maps tones by guesswork, so a delivered file has those of its source.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

TRANSFERS = (16, 18)
"""PQ and HLG, as TransferCharacteristics of ITU-T H.273."""

_MASTERING = struct.Struct("=20i2i")
"""AVMasteringDisplayMetadata: ten rationals and two flags."""
_LIGHT = struct.Struct("=2I")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticHdr:
    """What a file says of the display that it was mastered on.

    Attributes:
        primaries: x and y of red, green, blue and white (CIE 1931), or () when not said.
        luminance: least and greatest, cd/m2, or ().
        light: greatest and greatest average light level, cd/m2, or ().
    """

    primaries: tuple[float, ...] = ()
    luminance: tuple[float, ...] = ()
    light: tuple[int, ...] = ()

    def coarse(self) -> StaticHdr:
        """As coarse as the coarsest codec stores it, to compare displays across codecs."""
        return StaticHdr(
            primaries=tuple(round(value, 3) for value in self.primaries),
            luminance=tuple(round(value, 2) for value in self.luminance),
            light=self.light,
        )

    def x264(self) -> str:
        """As x264 parameters."""
        return self._in_steps("mastering-display", "cll")

    def x265(self) -> str:
        """As x265 parameters."""
        return self._in_steps("master-display", "max-cll")

    def _in_steps(self, display: str, light: str) -> str:
        """Counted in 0.00002 and 0.0001 cd/m2, as H.264 and HEVC do, under these names."""
        parts = []
        if self.primaries and self.luminance:
            red, green, blue, white = (
                "({},{})".format(*(round(v * 50_000) for v in self.primaries[at : at + 2]))
                for at in (0, 2, 4, 6)
            )
            low, high = (round(value * 10_000) for value in self.luminance)
            parts.append(f"{display}=G{green}B{blue}R{red}WP{white}L({high},{low})")
        if self.light:
            parts.append(f"{light}={self.light[0]},{self.light[1]}")
        return ":".join(parts)

    def svt(self) -> str:
        """As SVT-AV1 parameters."""
        parts = []
        if self.primaries and self.luminance:
            red, green, blue, white = (
                "({:.6f},{:.6f})".format(*self.primaries[at : at + 2]) for at in (0, 2, 4, 6)
            )
            low, high = self.luminance
            limits = f"L({high:.6f},{low:.6f})"
            parts.append(f"mastering-display=G{green}B{blue}R{red}WP{white}{limits}")
        if self.light:
            parts.append(f"content-light={self.light[0]},{self.light[1]}")
        return ":".join(parts)


def read_hdr(path: Path, index: int) -> StaticHdr | None:
    """What the first frame carries, or None when it carries nothing of the kind."""
    from veilcast.media.guard import media_errors, open_input

    with media_errors(), open_input(path) as container:
        stream: Any = container.streams[index]
        frame: Any = next(container.decode(stream), None)
        if frame is None:
            return None
        found = {side.type.name: bytes(side) for side in frame.side_data}
    mastering = found.get("MASTERING_DISPLAY_METADATA")
    light = found.get("CONTENT_LIGHT_LEVEL")
    hdr = StaticHdr()
    if mastering is not None and len(mastering) == _MASTERING.size:
        hdr = _mastering(_MASTERING.unpack(mastering))
    if light is not None and len(light) == _LIGHT.size:
        hdr = StaticHdr(
            primaries=hdr.primaries, luminance=hdr.luminance, light=_LIGHT.unpack(light)
        )
    return hdr if hdr != StaticHdr() else None


def _mastering(raw: tuple[int, ...]) -> StaticHdr:
    values = [raw[at] / raw[at + 1] if raw[at + 1] else 0.0 for at in range(0, 20, 2)]
    has_primaries, has_luminance = raw[20], raw[21]
    return StaticHdr(
        primaries=tuple(values[:8]) if has_primaries else (),
        luminance=(values[8], values[9]) if has_luminance else (),
    )
