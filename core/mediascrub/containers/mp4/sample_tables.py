"""Sample tables of a track: which bytes its samples are (ISO/IEC 14496-12, 8.5 to 8.7).

Tables are read as they are in the file and no longer than they are there; a count that promises
more is a contradiction, which makes the table unexpected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediascrub.errors import StructureError

if TYPE_CHECKING:
    from mediascrub.containers.mp4.box_reader import Box, BoxReader

MOST_TABLE = 1 << 26
"""Bytes of one table: sixteen million sizes, or six days of film."""

CONTRADICTION = "sample table that contradicts itself"
BEHIND = "bytes behind a table's last entry"

_WIDTHS = {"stts": 8, "ctts": 8, "stsc": 12, "stco": 4, "co64": 8, "stss": 4, "stps": 4}
_SOUND_VERSION = 16


class Tables:
    """One track's tables.

    Attributes:
        problems: by code of a table's box, what is wrong with it.
        chunks: starts and ends of the runs of samples, or None where the tables don't say.
    """

    def __init__(self, reader: BoxReader, stbl: Box) -> None:
        self._reader = reader
        self.problems: dict[str, str] = {}
        self._boxes: dict[str, Box] = {}
        for box in reader.boxes(stbl.body, stbl.end):
            self._boxes.setdefault(box.code, box)
        self.samples = 0
        self.chunks = self._chunks()
        self._check_times()
        self._check_lists()

    def table(self, code: str) -> Any:
        """A table's rows of unsigned numbers, or None; one that is too short is a problem."""
        import numpy as np

        box = self._boxes.get(code)
        if box is None:
            return None
        width = _WIDTHS[code]
        count = (
            int.from_bytes(self._reader.read(box.body + 4, 4)) if box.end >= box.body + 8 else -1
        )
        if count < 0 or count * width != box.end - box.body - 8:
            self.problems[code] = CONTRADICTION
            if count < 0 or count * width > box.end - box.body - 8:
                return None
            self.problems[code] = BEHIND
        data = self._read(box.body + 8, count * width)
        entries = np.frombuffer(data, ">u8" if code == "co64" else ">u4")
        columns = width // entries.itemsize
        return entries if columns == 1 else entries.reshape(-1, columns)

    def _read(self, at: int, size: int) -> bytes:
        if size > MOST_TABLE:
            raise StructureError(
                "A track has more samples than any recording; "
                "cut the recording into shorter files first."
            )
        return self._reader.read(at, size)

    def _sizes(self) -> tuple[Any, int, int] | None:
        """Each sample's size or None, the size of all where they are alike, and how many."""
        import numpy as np

        box = self._boxes.get("stsz")
        if box is None:
            return self._compact_sizes()
        head = self._reader.read(box.body, 12)
        size, count = int.from_bytes(head[4:8]), int.from_bytes(head[8:12])
        there = box.end - box.body - 12
        wanted = 0 if size else 4 * count
        if len(head) < 12 or there < wanted:
            self.problems["stsz"] = CONTRADICTION
            return None
        if there > wanted:
            self.problems["stsz"] = BEHIND
        if size:
            return None, size, count
        return np.frombuffer(self._read(box.body + 12, wanted), ">u4"), 0, count

    def _compact_sizes(self) -> tuple[Any, int, int] | None:
        """stz2: 4, 8 or 16 bits each (8.7.3.3)."""
        import numpy as np

        box = self._boxes.get("stz2")
        if box is None:
            return None
        head = self._reader.read(box.body, 12)
        bits, count = int.from_bytes(head[7:8]), int.from_bytes(head[8:12])
        wanted = -(-count * bits // 8)
        if bits not in (4, 8, 16) or box.end - box.body - 12 != wanted:
            self.problems["stz2"] = CONTRADICTION
            return None
        data = np.frombuffer(self._read(box.body + 12, wanted), ">u2" if bits == 16 else "u1")
        if bits == 4:
            data = np.stack((data >> 4, data & 15), axis=1).reshape(-1)[:count]
        return data, 0, count

    def _chunks(self) -> tuple[Any, Any] | None:
        import numpy as np

        sizes = self._sizes()
        offset_code = "co64" if "co64" in self._boxes else "stco"
        offsets, runs = self.table(offset_code), self.table("stsc")
        if sizes is None or offsets is None or runs is None:
            return None
        each, uniform, self.samples = sizes
        if not self.samples and not len(offsets):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        per_chunk = self._per_chunk(runs, len(offsets))
        lengths = None if per_chunk is None else self._lengths(per_chunk, each, uniform)
        if lengths is None:
            return None
        starts, size = offsets.astype(np.int64), self._reader.size
        if starts.min() < 0 or starts.max() > size or (starts + lengths).max() > size:
            self.problems[offset_code] = "chunks outside of the file"
            return None
        return starts, starts + lengths

    def _lengths(self, per_chunk: Any, each: Any, uniform: int) -> Any:
        """How many bytes each chunk has, or None."""
        import numpy as np

        last = np.cumsum(per_chunk)
        if not len(last) or last[-1] != self.samples:
            self.problems["stsc"] = CONTRADICTION
            return None
        if each is not None:
            total = np.concatenate(([0], np.cumsum(each, dtype=np.int64)))
            return total[last] - total[last - per_chunk]
        packed, frame = self._packing(uniform)
        if self.samples // packed * frame > self._reader.size:
            self.problems["stsz"] = CONTRADICTION
            return None
        return per_chunk // packed * frame

    def _per_chunk(self, runs: Any, chunks: int) -> Any:
        """How many samples each chunk has (8.7.4)."""
        import numpy as np

        first = runs[:, 0].astype(np.int64)
        good = len(first) and first[0] == 1 and first[-1] <= chunks and (np.diff(first) > 0).all()
        if not good or runs[:, 2].max() > 255 or runs[:, 2].min() < 1:
            self.problems["stsc"] = CONTRADICTION
            return None
        lengths = np.diff(np.append(first, chunks + 1))
        return np.repeat(runs[:, 1].astype(np.int64), lengths)

    def _packing(self, size: int) -> tuple[int, int]:
        """How many samples go together where all have one size, and how many bytes they take.

        QuickTime's sound tables may count single samples of one byte and say in the sample
        description how many bytes really go with how many samples.
        """
        entry = self._boxes.get("stsd")
        head = self._reader.read(entry.body + 8, 52) if entry is not None else b""
        if size != 1 or len(head) < 36:
            return 1, size
        version = int.from_bytes(head[_SOUND_VERSION : _SOUND_VERSION + 2])
        if version == 1 and len(head) == 52:
            packed, frame = int.from_bytes(head[36:40]), int.from_bytes(head[44:48])
            return (packed, frame) if packed and frame else (1, 1)
        bits = int.from_bytes(head[24:26]) * int.from_bytes(head[26:28])
        plain = version == 0 and head[4:8] in (b"sowt", b"twos", b"raw ", b"NONE", b"in24")
        return (1, bits // 8) if plain and bits >= 8 else (1, 1)

    def _check_times(self) -> None:
        """Times are told of exactly the samples that there are (8.6.1)."""
        import numpy as np

        for code in ("stts", "ctts"):
            table = self.table(code)
            if table is None:
                continue
            counts = table[:, 0]
            # A row for no sample at all would be room for anything.
            if counts.sum(dtype=np.int64) != self.samples or not counts.all():
                self.problems[code] = CONTRADICTION

    def _check_lists(self) -> None:
        """Sample numbers ascend and exist (8.6.2); dependencies are one byte a sample (8.6.4)."""
        import numpy as np

        for code in ("stss", "stps"):
            table = self.table(code)
            if table is None or not len(table):
                continue
            numbers = table.astype(np.int64)
            if numbers[0] < 1 or numbers[-1] > self.samples or (np.diff(numbers) <= 0).any():
                self.problems[code] = CONTRADICTION
        box = self._boxes.get("sdtp")
        if box is None:
            return
        if box.end - box.body - 4 != self.samples:
            self.problems["sdtp"] = CONTRADICTION
            return
        codes = np.frombuffer(self._read(box.body + 4, self.samples), "u1")
        # Leading pictures, then three codes of two bits of which 3 is reserved.
        if any(((codes >> shift & 3) == 3).any() for shift in (0, 2, 4)):
            self.problems["sdtp"] = "reserved field in use"
