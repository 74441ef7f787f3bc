"""Packets of one picture or sound stream (ISO/IEC 13818-1, 2.4.3): headers hold numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKET = 188
_HEAD = 9
"""Bytes of a PES header up to and with the length of its optional fields."""


class Stream:
    """What was learnt of one stream so far."""

    def __init__(self) -> None:
        self._counter = -1
        self._left: int | None = None
        """How much of the PES packet is to come; None when its length was not said."""
        # What comes before the first PES packet belongs to none.
        self._tainted = True

    def findings(self, packets: Any) -> Iterator[tuple[Any, str, str]]:
        """Masks of packets that hold something else, with place and kind."""
        import numpy as np

        control = packets[:, 3] >> 4 & 3
        has_field, has_payload = control & 2 != 0, control & 1 != 0
        length = np.where(has_field, packets[:, 4], 0).astype(np.int32)
        start = np.where(has_field, 5 + length, 4)
        wrong = np.where(has_payload, start > _PACKET - 1, start != _PACKET) | (control == 0)
        yield wrong, "packets/adaptation field", "adaptation field of a wrong length"
        private, strange, stuffed = _adaptation(packets, has_field & ~wrong, length)
        yield private, "packets/adaptation field/private data", "private data"
        yield strange, "packets/adaptation field", "extensions of the adaptation field"
        yield stuffed, "packets/adaptation field", "stuffing with content"
        yield self._sequence(packets, has_payload), "packets", "packets out of sequence"
        begins = (packets[:, 1] & 0x40 != 0) & has_payload & ~wrong
        sizes = np.where(has_payload & ~wrong, _PACKET - start, 0)
        bad, limits = _headers(packets, np.flatnonzero(begins), start)
        mask = np.zeros(len(packets), bool)
        for first, last in self._spans(bad, len(packets), begins):
            mask[first:last] = True
        yield mask, "packets/PES header", "private data, extensions or stuffing with content"
        yield self._beyond(begins, sizes, limits), "packets", "data behind a PES packet"

    @staticmethod
    def is_clock_only(packets: Any) -> Any:
        """Whether packets hold a clock and stuffing."""
        import numpy as np

        length = packets[:, 4].astype(np.int32)
        whole = (packets[:, 3] & 0x30 == 0x20) & (length == _PACKET - 5)
        private, strange, stuffed = _adaptation(packets, whole, length)
        return whole & ~private & ~strange & ~stuffed

    def _sequence(self, packets: Any, has_payload: Any) -> Any:
        """A packet that does not come next may be one that decoders pass over."""
        import numpy as np

        mask = np.zeros(len(packets), bool)
        where = np.flatnonzero(has_payload)
        if not len(where):
            return mask
        counters = (packets[where, 3] & 0x0F).astype(np.int16)
        first = counters[0] - 1 if self._counter < 0 else self._counter
        before = np.concatenate(([first], counters[:-1]))
        mask[where] = (counters - before) & 0x0F != 1
        self._counter = int(counters[-1])
        return mask

    def _spans(self, bad: Any, count: int, begins: Any) -> Iterator[tuple[int, int]]:
        """From a PES packet with a bad header to the next one."""
        import numpy as np

        starts = np.flatnonzero(begins)
        if self._tainted:
            yield 0, int(starts[0]) if len(starts) else count
        if not len(starts):
            return
        ends = np.append(starts[1:], count)
        for which in np.flatnonzero(bad):
            yield int(starts[which]), int(ends[which])
        self._tainted = bool(bad[-1])

    def _beyond(self, begins: Any, sizes: Any, limits: Any) -> Any:
        """Packets that go on when the PES packet's length has been reached."""
        import numpy as np

        total = np.cumsum(sizes)
        starts = np.flatnonzero(begins)
        owner = np.cumsum(begins)
        # Owner 0 is the PES packet that began in an earlier block.
        allowed = np.concatenate(([self._left if self._left is not None else -1], limits))
        base = np.concatenate(([0], total[starts] - sizes[starts]))
        so_far = total - base[owner]
        mask = (allowed[owner] >= 0) & (so_far > allowed[owner])
        last = allowed[-1]
        self._left = None if last < 0 else int(last - (so_far[-1] if len(so_far) else 0))
        if self._left is not None and self._left < 0:
            self._left = 0
        return mask


def _adaptation(packets: Any, which: Any, length: Any) -> tuple[Any, Any, Any]:
    """Which packets have private data, extensions, and stuffing that is not 0xFF."""
    import numpy as np

    private, strange = np.zeros(len(packets), bool), np.zeros(len(packets), bool)
    stuffed = np.zeros(len(packets), bool)
    where = np.flatnonzero(which & (length > 0))
    if not len(where):
        return private, strange, stuffed
    flags = packets[where, 5]
    private[where] = flags & 0x02 != 0
    strange[where] = flags & 0x0D != 0
    fixed = 6 + np.where(flags & 0x10 != 0, 6, 0)
    columns = np.arange(_PACKET)
    inside = (columns >= fixed[:, None]) & (columns < 5 + length[where][:, None])
    stuffed[where] = ((packets[where] != 0xFF) & inside).any(axis=1)
    stuffed[where] |= fixed > 5 + length[where]
    stuffed &= ~private & ~strange
    return private, strange, stuffed


def _headers(packets: Any, where: Any, start: Any) -> tuple[Any, Any]:
    """Which PES headers are not plain, and how many bytes each PES packet has (-1: not said)."""
    import numpy as np

    at = start[where]
    fits = at + _HEAD <= _PACKET
    index = np.minimum(at[:, None] + np.arange(_HEAD), _PACKET - 1)
    head = packets[where[:, None], index].astype(np.int32)
    stream = head[:, 3]
    sound_or_picture = (stream >= 0xC0) & (stream <= 0xEF) | (stream == 0xBD) | (stream == 0xFD)
    bad = ~fits | (head[:, :3] != (0, 0, 1)).any(axis=1) | ~sound_or_picture
    bad |= (head[:, 6] & 0xF0 != 0x80) | (head[:, 6] & 0x30 != 0)
    times = head[:, 7] >> 6
    stamps = np.select([times == 2, times == 3], [5, 10], 0)
    plain = (head[:, 7] & 0x3F == 0) & (times != 1)
    extra = head[:, 8] - stamps
    bad |= (extra < 0) | (at + _HEAD + head[:, 8] > _PACKET)
    size = head[:, 4] << 8 | head[:, 5]
    limits = np.where(size == 0, -1, size + 6)
    for item in np.flatnonzero(~bad & ~(plain & (extra == 0))):
        first = int(at[item]) + _HEAD
        fields = packets[where[item], first : first + int(head[item, 8])].tobytes()
        bad[item] = not _is_plain(int(head[item, 7]), fields[int(stamps[item]) :])
    return bad, limits


def _is_plain(flags: int, fields: bytes) -> bool:
    """Optional fields behind the time stamps: an extended stream number, and stuffing of 0xFF."""
    if flags & 0x3E or flags >> 6 == 1:
        return False
    if flags & 0x01:
        # PES_extension_flag_2 alone, with one byte: which kind of stream it is.
        if len(fields) < 3 or fields[0] & 0xF1 != 0x01 or fields[1] != 0x81:
            return False
        fields = fields[3:]
    return fields.count(0xFF) == len(fields)
