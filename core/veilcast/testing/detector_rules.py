"""The promises of a visual detector, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.testing.detector_case import DetectorCase, is_at, unsound
from veilcast.testing.discretion import NAMES_NOBODY, PROMISE, detector_names_nobody
from veilcast.testing.rule import Rule, check_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.extensions import LoadedDetector, VisualDetector
    from veilcast.settings import DetectorSettings
    from veilcast.testing.loading import Models
    from veilcast.types import Box, Picture

GREY = 128
TINY = ((1, 1), (8, 8), (31, 17), (1, 640), (3, 2))
HUGE = (4320, 7680)
PLACES = ((0, 301, (512, 817)), (231, 7, (743, 519)), (301, 130, (813, 643)))
"""Where the picture is put on a larger grey one: x, y, and at least which width and height."""


def _says_what_it_is(case: DetectorCase) -> str:
    from veilcast.findings.json_forms import CLASS, TOOL
    from veilcast.settings import DetectorSettings
    from veilcast.types import HIPAA_LETTERS

    own = case.detector
    wrong = {
        "name is letters, digits and . + - _": not TOOL.match(own.name),
        "identifier is a class in lower case": not CLASS.match(own.identifier),
        "hipaa is a letter from A to R, or empty": len(own.hipaa) > 1
        or own.hipaa not in HIPAA_LETTERS,
        "summary is one line": not own.summary or "\n" in own.summary,
        "0 < faint <= confidence <= 1": not 0 < own.faint <= own.confidence <= 1,
        "0 < smallest < input_side": not 0 < own.smallest < own.input_side,
        "settings derive from DetectorSettings and need nothing said": not isinstance(
            own.settings(), DetectorSettings
        ),
    }
    return next((f"not so: {rule}" for rule, broken in wrong.items() if broken), "")


def _gives_detections(case: DetectorCase) -> str:
    from veilcast.types import Detection

    with _closing(case.load()) as loaded:
        found: Any = loaded.detect(case.picture.copy())
    if isinstance(found, str) or not isinstance(found, list | tuple):
        return f"detect gave a {type(found).__name__} and not a list"
    for seen in found:
        if not isinstance(seen, Detection):
            return f"detect gave a {type(seen).__name__} among its detections"
    return unsound(found, case.picture, case.detector.faint)


def _finds_the_thing(case: DetectorCase) -> str:
    found = case.detect(case.picture)
    if wrong := case.missed(found):
        return wrong
    surest = max(found, key=lambda seen: seen.score)
    if not any(is_at(surest.box, place) for place in case.places):
        return "what it is surest of is none of the things"
    return ""


def _anywhere(case: DetectorCase) -> str:
    import numpy as np

    height, width = case.picture.shape[:2]
    for x, y, (wide, high) in PLACES:
        canvas = np.full((max(high, height + y), max(wide, width + x), 3), GREY, np.uint8)
        canvas[y : y + height, x : x + width] = case.picture
        found = case.detect(canvas)
        if wrong := unsound(found, canvas, case.detector.faint) or case.missed(found, x, y):
            return f"in a picture of {canvas.shape[1]}x{canvas.shape[0]}, {wrong}"
    return ""


def _every_one(case: DetectorCase) -> str:
    import numpy as np

    # Only what is around them: next to each other, whole pictures would be too small to see.
    margin = 0.75 * max(width for _, _, width, _ in case.places)
    left = max(round(min(x for x, _, _, _ in case.places) - margin), 0)
    right = round(max(x + width for x, _, width, _ in case.places) + margin)
    cut = case.picture[:, left:right]
    found = case.detect(np.concatenate((cut, cut), axis=1))
    return case.missed(found, x=-left) or case.missed(found, x=cut.shape[1] - left)


def _nothing_on_nothing(case: DetectorCase) -> str:
    import numpy as np

    for level in (0, GREY, 255):
        if found := case.detect(np.full((360, 640, 3), level, np.uint8)):
            return f"{len(found)} detections in a picture of nothing but level {level}"
    return ""


def _tiny(case: DetectorCase) -> str:
    import numpy as np

    for size in TINY:
        noise = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
        for picture in (np.zeros_like(noise), noise):
            if wrong := unsound(case.detect(picture), picture, case.detector.faint):
                return wrong
    return ""


def _huge(case: DetectorCase) -> str:
    import numpy as np

    found = case.detect(np.full((*HUGE, 3), 90, np.uint8))
    return f"{len(found)} detections in a picture of one grey" if found else ""


def _without_colour(case: DetectorCase) -> str:
    import numpy as np

    grey = np.repeat(case.picture.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    return unsound(case.detect(grey), grey, case.detector.faint)


def _parts(case: DetectorCase) -> str:
    import numpy as np

    height, width = case.picture.shape[:2]
    larger = np.pad(case.picture, ((9, 13), (5, 40), (0, 0)))
    larger.flags.writeable = False
    part = larger[9 : 9 + height, 5 : 5 + width]
    if case.detect(part, as_it_is=True) != case.detect(case.picture):
        return "it sees something else in the same pixels"
    return ""


def _leaves_the_picture(case: DetectorCase) -> str:
    given = case.picture.copy()
    case.detect(given, as_it_is=True)
    return "" if (given == case.picture).all() else "pixels are not what they were"


def _least_score(case: DetectorCase) -> str:
    import numpy as np

    noise = np.random.default_rng(5).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    seen = case.detect(case.picture)
    for least in (0.3, 0.75):
        for picture in (case.picture, noise):
            if wrong := unsound(case.detect(picture, least=least), picture, least):
                return wrong
        left = case.detect(case.picture, least=least)
        for place in case.places:
            sure = max((one.score for one in seen if is_at(one.box, place)), default=0.0)
            if sure >= least and not any(is_at(one.box, place) for one in left):
                return f"asked for {least:g} and more, it leaves out what it was {sure:g} sure of"
    surest = max((one.score for one in seen), default=0.0)
    if surest < 0.999 and case.detect(case.picture, least=surest + 0.001):
        return f"asked for more than {surest:g}, it gives what it was no surer of"
    return ""


def _same_again(case: DetectorCase) -> str:
    first = case.detect(case.picture)
    case.detect(case.picture[::-1])
    return "" if case.detect(case.picture) == first else "another answer the second time"


def _any_threads(case: DetectorCase) -> str:
    if case.detect(case.picture, threads=2) != case.detect(case.picture):
        return "with two threads it gives another answer than with one"
    return ""


def _closes(case: DetectorCase) -> str:
    loaded = case.load()
    loaded.detect(case.picture.copy())
    loaded.close()
    loaded.close()
    case.load().close()
    return ""


class _closing:  # noqa: N801 - as contextlib's, which would hide what was raised first
    def __init__(self, loaded: LoadedDetector) -> None:
        self._loaded = loaded

    def __enter__(self) -> LoadedDetector:
        return self._loaded

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        if kind is None:
            self._loaded.close()


DETECTOR_RULES: tuple[Rule[DetectorCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name, class, HIPAA letter, summary, scores and sizes are what they should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="gives-detections",
        sentence="detect gives a list of Detection with finite boxes in the picture",
        broken=_gives_detections,
    ),
    Rule(
        name="finds-the-thing",
        sentence="the thing is found where it is, and is what the detector is surest of",
        broken=_finds_the_thing,
    ),
    Rule(
        name="any-shape",
        sentence="boxes are pixels of the picture, whatever its shape and wherever the thing is",
        broken=_anywhere,
    ),
    Rule(
        name="every-one",
        sentence="of several things in one picture every one is found",
        broken=_every_one,
    ),
    Rule(
        name="nothing-on-nothing",
        sentence="nothing is found in a picture of one colour",
        broken=_nothing_on_nothing,
    ),
    Rule(name="tiny-pictures", sentence="pictures may be as small as a pixel", broken=_tiny),
    Rule(name="huge-pictures", sentence="pictures may be as large as 8K", broken=_huge),
    Rule(
        name="grey-pictures",
        sentence="pictures may be without colour",
        broken=_without_colour,
    ),
    Rule(
        name="parts-of-pictures",
        sentence="a picture may be a part of another and read only",
        broken=_parts,
    ),
    Rule(
        name="leaves-the-picture",
        sentence="nothing is drawn into the picture",
        broken=_leaves_the_picture,
    ),
    Rule(
        name="least-score",
        sentence="nothing below the least score is reported, and all above it",
        broken=_least_score,
    ),
    Rule(
        name="same-again",
        sentence="the same picture gives the same, whatever was seen before",
        broken=_same_again,
    ),
    Rule(
        name="any-threads",
        sentence="the answer does not depend on the number of threads",
        broken=_any_threads,
    ),
    Rule(name=NAMES_NOBODY, sentence=PROMISE, broken=detector_names_nobody),
    Rule(
        name="closes",
        sentence="it may be closed twice, and loaded again",
        broken=_closes,
    ),
)
"""What every visual detector promises."""


def check_detector(
    detector: VisualDetector,
    picture: Picture,
    boxes: Sequence[Box | tuple[float, float, float, float]],
    *,
    models: Models = None,
    settings: DetectorSettings | Mapping[str, Any] | None = None,
) -> None:
    """Try a visual detector with every rule of `DETECTOR_RULES`.

    Args:
        detector: what the plugin yields.
        picture: shape (height, width, 3), uint8, RGB, with the thing in it.
        boxes: where the thing is, in pixels of `picture`: boxes, or x, y, width and height. A
            detection counts when its middle is within a quarter of the thing's size of the
            thing's, and its sides are from two thirds to one and a half (height: two) times as
            long.
        models: the models that the detector needs, by name.
        settings: the detector's own settings, as a profile would say them.

    Raises:
        RuleBroken: an `AssertionError` that names the first rule that it breaks.
    """
    with DetectorCase(detector, picture, boxes, models=models, settings=settings) as case:
        check_all(DETECTOR_RULES, case)
