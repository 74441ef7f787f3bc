"""Cutting spans out of a recording of sound alone."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from veilcast.errors import SettingError, UnsupportedError
from veilcast.media.container import write_container
from veilcast.media.encoding import EncodedSound
from veilcast.media.guard import fault
from veilcast.media.info import anchored
from veilcast.media.intermediates import lossless_sound
from veilcast.media.probe import probe
from veilcast.media.sound import changed_sound, read_sound
from veilcast.redaction.spans import SampleSpan, lanes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from av import AudioFrame
    from numpy.typing import NDArray

    from veilcast.extensions import SoundTreatment
    from veilcast.media.info import MediaInfo
    from veilcast.types import Sound


def cuts_of(
    sounds: Iterable[Sound], media: MediaInfo, treatments: Mapping[str, SoundTreatment]
) -> tuple[SampleSpan, ...]:
    """What is to be cut out of the source's sound, as rising spans that do not overlap.

    Raises:
        UnsupportedError: something else would have to be cut with it.
        SettingError: only some channels are to be cut.
    """
    cut = [
        replace(sound, options={**sound.options, "treatment": "excise"})
        for sound in sounds
        if treatments[str(sound.options["treatment"])].cuts
    ]
    if not cut:
        return ()
    if media.video is not None or len(media.audio) != 1:
        raise UnsupportedError(
            "Only a recording of sound alone, with one sound track, can have spans cut out; "
            "choose the treatment beep, mute or noise for this one."
        )
    if any(sound.options.get("channels") is not None for sound in cut):
        raise SettingError(
            "A span can only be cut out of all channels together; leave out 'channels' (and set "
            "'cover: all'), or choose the treatment beep, mute or noise."
        )
    (lane,) = lanes_of(cut, media.audio[0])
    return lane.spans


def excise(
    path: Path, media: MediaInfo, cuts: Sequence[SampleSpan], destination: Path
) -> MediaInfo:
    """Write a lossless file of what is left; what follows a cut moves up to where that began.

    Args:
        path: a recording of sound alone.
        media: what it holds.
        cuts: samples from the presentation start.
        destination: a NUT file.

    Returns:
        What the new file holds.

    Raises:
        SettingError: nothing would be left.
    """
    (audio,) = media.audio
    rest = _Rest(cuts)
    item = EncodedSound(frames=rest.frames(path, media), audio=audio, encoder=lossless_sound(audio))
    write_container(destination, "nut", [item])
    if not rest.kept:
        raise SettingError(
            "Cutting out the marked spans would leave nothing of the recording; "
            "choose the treatment beep, mute or noise."
        )
    result = anchored(probe(destination), media)
    written = sum(frame.samples for _, frame in read_sound(destination, result, result.audio[0]))
    if written != rest.kept or rest.kept + rest.cut != rest.seen:
        raise fault("What is left after cutting is not as long as it should be")
    return result


class _Rest:
    """What is left of a sound without its cuts, and how much that is, in samples."""

    def __init__(self, cuts: Sequence[SampleSpan]) -> None:
        self._cuts = cuts
        self._begin: int | None = None
        self.kept = self.seen = 0

    @property
    def cut(self) -> int:
        """How many of the samples seen are inside the cuts."""
        begin = self._begin or 0
        end = begin + self.seen
        return sum(max(0, min(cut.end, end) - max(cut.start, begin)) for cut in self._cuts)

    def frames(self, path: Path, media: MediaInfo) -> Iterator[AudioFrame]:
        """The sound in blocks that follow on each other."""
        (audio,) = media.audio
        for frame in changed_sound(path, media, audio, media.origin, self._without):
            frame.pts = round(media.origin * audio.rate_hz) + (self._begin or 0) + self.kept
            self.kept += frame.samples
            yield frame

    def _without(self, block: NDArray[Any], first: int) -> NDArray[Any]:
        import numpy as np

        self._begin = first if self._begin is None else self._begin
        self.seen += len(block)
        keep = np.ones(len(block), dtype=bool)
        for cut in self._cuts[bisect_right(self._cuts, first, key=lambda cut: cut.end) :]:
            if cut.start >= first + len(block):
                break
            keep[max(0, cut.start - first) : cut.end - first] = False
        return block if keep.all() else block[keep]
