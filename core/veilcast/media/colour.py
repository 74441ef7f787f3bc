"""Colour tags as code points of ITU-T H.273, which ffmpeg uses in its API and names in ffprobe."""

from __future__ import annotations

from dataclasses import dataclass

_PRIMARIES = {
    "bt709": 1,
    "bt470m": 4,
    "bt470bg": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "film": 8,
    "bt2020": 9,
    "smpte428": 10,
    "smpte431": 11,
    "smpte432": 12,
    "ebu3213": 22,
}
_TRANSFER = {
    "bt709": 1,
    "gamma22": 4,
    "bt470m": 4,
    "gamma28": 5,
    "bt470bg": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "linear": 8,
    "log100": 9,
    "log316": 10,
    "iec61966-2-4": 11,
    "bt1361e": 12,
    "iec61966-2-1": 13,
    "bt2020-10": 14,
    "bt2020-12": 15,
    "smpte2084": 16,
    "smpte428": 17,
    "arib-std-b67": 18,
}
_MATRIX = {
    "gbr": 0,
    "bt709": 1,
    "fcc": 4,
    "bt470bg": 5,
    "smpte170m": 6,
    "smpte240m": 7,
    "ycgco": 8,
    "bt2020nc": 9,
    "bt2020c": 10,
    "smpte2085": 11,
    "chroma-derived-nc": 12,
    "chroma-derived-c": 13,
    "ictcp": 14,
}
_RANGE = {"tv": 1, "pc": 2}

UNKNOWN = {"range": 0, "matrix": 2, "primaries": 2, "transfer": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """The code points; `UNKNOWN` where the file does not say.

    Attributes:
        range: 1 studio, 2 full (AVColorRange).
        matrix: MatrixCoefficients.
        primaries: ColourPrimaries.
        transfer: TransferCharacteristics.
    """

    range: int
    matrix: int
    primaries: int
    transfer: int

    @classmethod
    def from_names(
        cls,
        *,
        range_name: str | None,
        matrix: str | None,
        primaries: str | None,
        transfer: str | None,
    ) -> Colour:
        """From ffprobe's names."""
        return cls(
            range=_RANGE.get(range_name or "", UNKNOWN["range"]),
            matrix=_MATRIX.get(matrix or "", UNKNOWN["matrix"]),
            primaries=_PRIMARIES.get(primaries or "", UNKNOWN["primaries"]),
            transfer=_TRANSFER.get(transfer or "", UNKNOWN["transfer"]),
        )
