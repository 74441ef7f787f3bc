"""What is heard comes when it comes in the source.

Delivered sound is compared with the source's by its content, stretch by stretch: the normalised
cross-correlation of both (Knapp and Carter, 1976, without their weighting) says how much later or
earlier than in the source a stretch is heard. Start and length alone would not tell: something may
be missing in the middle and made up for elsewhere.

Two courses are correlated: the sound itself below 1 kHz, which gives sharp peaks, and its loudness,
which coding with loss keeps. Where neither tells one moment from another, as in silence, steady
noise and lasting tones, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.checks.envelopes import (
    RATE_HZ,
    Covered,
    Pair,
    courses_side_by_side,
    same_packets,
)
from veilcast.extensions import Problem
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import CheckContext
    from veilcast.media.info import MediaInfo

TOLERANCE_S = 0.010
"""Sound may come so much sooner or later: delays that codecs have, and no one notices."""
REACH_S = 0.25
"""Shifts are looked for up to this; what is shifted further is like another sound."""
_QUIET = 1e-3  # of full scale: -60 dBFS
_LIKE, _CLEARLY = 0.6, 0.25
_SURE, _TIMES = 0.9, 4.0
_OTHER = 0.25
_STEADY = 0.1  # how loudness varies, in parts of its mean
_SAME_S = 0.004
_AGREE = 2  # stretches next to each other that have to say the same
_FEWEST = 3
_GAP_S = 0.020
_PLAIN, _MISSING = 0.5, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What the comparison says of a stretch of sound.

    Attributes:
        start_s: from the presentation start.
        end_s: its end.
        late_s: how much later than in the source it is heard; None where it is where it belongs, or
            nobody can say.
        like: whether anything like it is heard in the source at that time; None: nobody can say.
        gap_s: when sound of the source is missing in it, though what is around is in its place.
    """

    start_s: float
    end_s: float
    late_s: float | None
    like: bool | None
    gap_s: float | None = None


def examine(context: CheckContext) -> list[Problem]:
    """Compare every delivered sound stream with the source's; nothing where there is no source.

    Raises:
        VeilcastError: either of them can't be decoded.
    """
    from veilcast.media.info import anchored

    source, media = context.source, context.source_media
    if source is None or media is None:
        return []
    delivered = anchored(context.delivered_media, media)
    problems = []
    # How many there are is for the check of playback to compare.
    for number, (mine, theirs) in enumerate(zip(delivered.audio, media.audio, strict=False), 1):
        covered = Covered(
            (sound.start_us, sound.end_us)
            for treated in context.treated
            for sound in treated.sounds
            if sound.streams is None or theirs.index in sound.streams
        )
        heard = (context.delivered, delivered, mine), (source, media, theirs)
        if same_packets(*heard):
            continue
        pairs = courses_side_by_side(*heard, covered)
        # Where nothing is known of what was done, a gap may be what was silenced.
        gaps = bool(context.treated)
        problems += _problems(number, _compared(pairs, context, media), gaps=gaps)
    return problems


def _compared(pairs: Iterable[Pair], context: CheckContext, media: MediaInfo) -> Iterator[Stretch]:
    whole = round(float(media.duration or 0)) or None
    for pair in pairs:
        context.progress("comparing sound", int(pair.start_s), whole)
        yield compared(pair)


def compared(pair: Pair) -> Stretch:
    """Where in the source a stretch of delivered sound is heard."""
    import numpy as np

    mine, theirs = pair.delivered, pair.source
    reach = (theirs.shape[1] - mine.shape[1]) // 2
    end_s = pair.start_s + mine.shape[1] / RATE_HZ
    here = theirs[:, reach : reach + mine.shape[1]]
    loud = here[1] > _QUIET
    unknown = Stretch(start_s=pair.start_s, end_s=end_s, late_s=None, like=None)
    if loud.mean() < _CLEARLY:
        return unknown
    likeness = np.stack([_correlation(a, b) for a, b in zip(mine, theirs, strict=True)])
    together = likeness.mean(axis=0)
    # At index `reach` both are at the same time; sound that is late is found earlier in the source.
    near = round(TOLERANCE_S * RATE_HZ)
    around = slice(reach - near, reach + near + 1)
    best = int(np.argmax(together))
    placed, there = float(together[around].max()), float(together[best])
    late_s = (reach - best) / RATE_HZ
    if abs(late_s) > TOLERANCE_S and (
        (there >= _LIKE and there - placed >= _CLEARLY)
        or (there >= _SURE and 1 - placed >= _TIMES * (1 - there) + 0.02)
    ):
        return Stretch(start_s=pair.start_s, end_s=end_s, late_s=late_s, like=True)
    if placed >= _LIKE:
        shift = around.start + int(np.argmax(together[around]))
        gap = _gap(mine[1], theirs[1, shift : shift + mine.shape[1]], pair.uncovered)
        gap_s = None if gap is None else pair.start_s + gap / RATE_HZ
        return Stretch(start_s=pair.start_s, end_s=end_s, late_s=None, like=True, gap_s=gap_s)
    loudness = here[1][pair.uncovered]
    if loudness.std() < _STEADY * loudness.mean():
        return unknown
    like = float(likeness[:, around].max()) >= _OTHER
    return Stretch(start_s=pair.start_s, end_s=end_s, late_s=None, like=like)


def _gap(
    mine: NDArray[np.float64], theirs: NDArray[np.float64], uncovered: NDArray[np.bool_]
) -> int | None:
    """The value where loudness is missing for `_GAP_S` that the source has at the same time."""
    import numpy as np

    moment = round(_GAP_S * RATE_HZ / 2)
    whole = len(mine) // moment * moment
    own, wanted = (
        np.sqrt(np.square(each[:whole]).reshape(-1, moment).mean(axis=1)) for each in (mine, theirs)
    )
    asked = uncovered[:whole].reshape(-1, moment).all(axis=1)
    floor = max(10 * _QUIET, _PLAIN * float(np.sqrt(np.square(theirs).mean())))
    missing = asked & (wanted > floor) & (own < _MISSING * wanted)
    both = np.flatnonzero(missing[:-1] & missing[1:])
    return int(both[0]) * moment if len(both) else None


def _correlation(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The correlation coefficient of one course with every part of another that is as long."""
    import numpy as np

    count, size = len(mine), 1 << (len(mine) + len(theirs) - 1).bit_length()
    mine, theirs = mine - mine.mean(), theirs - theirs.mean()
    product = np.fft.irfft(np.fft.rfft(theirs, size) * np.conj(np.fft.rfft(mine, size)), size)
    shifts = len(theirs) - count + 1
    sums = np.cumsum(np.concatenate(([0.0], theirs)))
    squares = np.cumsum(np.concatenate(([0.0], theirs * theirs)))
    mean = (sums[count:] - sums[:-count]) / count
    power = np.maximum(squares[count:] - squares[:-count] - count * mean * mean, 0.0)
    scale = np.sqrt(power * float(mine @ mine))
    floor = count * _QUIET**2 * 0.01
    return np.where(scale > floor, product[:shifts] / np.maximum(scale, floor), 0.0)


def _problems(number: int, stretches: Iterable[Stretch], *, gaps: bool) -> list[Problem]:
    """What is said of one stream: how it is shifted, that it is another sound, or lacks some."""
    shifted: list[Stretch] = []
    gaps_s: list[float] = []
    run: list[Stretch] = []
    known = unlike = 0
    for stretch in stretches:
        known += stretch.like is not None
        unlike += stretch.like is False
        if stretch.gap_s is not None:
            gaps_s.append(stretch.gap_s)
        if stretch.late_s is None:
            # Silence between two shifted stretches proves nothing.
            run = [] if stretch.like is not None else run
            continue
        if run and abs(stretch.late_s - (run[-1].late_s or 0.0)) > _SAME_S:
            run = []
        run.append(stretch)
        if len(run) == _AGREE:
            shifted += run
        elif len(run) > _AGREE:
            shifted.append(stretch)
    if shifted:
        late_s = [stretch.late_s or 0.0 for stretch in shifted]
        return [
            Problem(
                sentence=f"Sound stream {number} is not heard when the source's is: {_by(late_s)}.",
                from_us=int(min(stretch.start_s for stretch in shifted) * US),
                to_us=int(max(stretch.end_s for stretch in shifted) * US),
            )
        ]
    if known >= _FEWEST and unlike > known / 2:
        return [Problem(sentence=f"Sound stream {number} is not what is heard in the source.")]
    if gaps and gaps_s:
        return [
            Problem(
                sentence=f"Sound of the source is missing in sound stream {number}: "
                f"{round(1000 * _GAP_S)} ms or more.",
                from_us=int(gaps_s[0] * US),
                to_us=int((gaps_s[-1] + _GAP_S) * US),
            )
        ]
    return []


def _by(late_s: list[float]) -> str:
    """How much it is shifted, in milliseconds, for people."""
    least, most = round(1000 * min(late_s)), round(1000 * max(late_s))
    if most - least <= 2 * 1000 * _SAME_S:
        middle = round((least + most) / 2)
        return f"it comes about {abs(middle)} ms {'late' if middle > 0 else 'early'}"
    return f"it comes between {_signed(least)} and {_signed(most)}"


def _signed(late_ms: int) -> str:
    return f"{abs(late_ms)} ms {'late' if late_ms > 0 else 'early'}"
