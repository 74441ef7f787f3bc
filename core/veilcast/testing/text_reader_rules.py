"""What every text reader promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.testing.discretion import NAMES_NOBODY, PROMISE, text_reader_names_nobody
from veilcast.testing.rule import Rule, check_all
from veilcast.testing.text_reader_case import (
    TextReaderCase,
    area_of,
    is_at,
    level,
    unsound_lines,
    unsound_reading,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.extensions import TextReader
    from veilcast.settings import TextReaderSettings
    from veilcast.testing.loading import Models
    from veilcast.testing.text_reader_case import Corners, Place
    from veilcast.types import Picture

GREY = 128
SCRAPS = ((0, 0), (0, 24), (24, 0), (1, 1), (2, 3), (17, 31), (1, 900), (900, 1), (48, 3000))
"""Height and width of pictures in which there is nothing to read."""
PLACES = ((0, 151, (640, 480)), (97, 5, (817, 512)))
"""Where the picture is put on a larger grey one: x, y, and at least which width and height."""
_LONG = 1.5
"""How many times as long as high a line is whose direction can be told."""
_MOST_ASKEW = 0.5
"""Of a first side, across the line: as much as 30 degrees."""


def _says_what_it_is(case: TextReaderCase) -> str:
    from veilcast.extensions.validity import why_unusable

    own = case.reader
    if wrong := why_unusable(own):
        return wrong
    if not own.summary:
        return "it has no summary"
    if not all(language.isalpha() and language.islower() for language in own.languages):
        return "languages are not ISO 639-1 codes"
    own.settings()  # nothing needs to be said
    return ""


def _gives_corners(case: TextReaderCase) -> str:
    loaded = case.load()
    found: Any = loaded.find(case.picture.copy())
    loaded.close()
    return unsound_lines(found, case.picture)


def _finds(case: TextReaderCase) -> str:
    return case.missed(case.find(case.picture), [place for _, place in case.lines])


def _in_order(case: TextReaderCase) -> str:
    import numpy as np

    found = case.find(case.picture)
    if any(area_of(one) <= 0 for one in found):
        return "the corners of a line do not go clockwise"
    for _, place in case.lines:
        along, down = place[1] - place[0], place[2] - place[1]
        if np.hypot(*along) < _LONG * np.hypot(*down):
            continue
        for one in found:
            first = one[1] - one[0]
            across = abs(float(along[0] * first[1] - along[1] * first[0]))
            least = float(np.hypot(*along) * np.hypot(*first))
            if is_at(one, place) and across > _MOST_ASKEW * least:
                return "the first two corners of a line are not along it"
    return ""


def _reads(case: TextReaderCase) -> str:
    found = case.find(case.picture)
    for text, place in case.lines:
        here = [one for one in found if is_at(one, place)]
        # Which way is up need not be told: who asks tries both.
        cuts = [level(case.picture, one) for one in here]
        said = {_plain(case.read(cut).text) for cut in (*cuts, *(cut[::-1, ::-1] for cut in cuts))}
        if text is not None and _plain(text) not in said:
            return f"{text!r} was not read where it stands"
    return ""


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _gives_readings(case: TextReaderCase) -> str:
    for picture in (*_cuts(case), case.picture):
        if wrong := unsound_reading(case.read(picture)):
            return wrong
    return ""


def _cuts(case: TextReaderCase) -> Iterator[Picture]:
    """The pictures of the lines."""
    for _, place in case.lines:
        yield level(case.picture, place)


def _anywhere(case: TextReaderCase) -> str:
    import numpy as np

    height, width = case.picture.shape[:2]
    for x, y, (wide, high) in PLACES:
        canvas = np.full((max(high, height + y), max(wide, width + x), 3), GREY, np.uint8)
        canvas[y : y + height, x : x + width] = case.picture
        found = case.find(canvas)
        moved = np.asarray((x, y), dtype=np.float64)
        places = [place + moved for _, place in case.lines]
        if wrong := unsound_lines(found, canvas) or case.missed(found, places):
            return f"in a picture of {canvas.shape[1]}x{canvas.shape[0]}, {wrong}"
    return ""


def _turned(case: TextReaderCase) -> str:
    import numpy as np

    width = case.picture.shape[1]
    quarter = np.ascontiguousarray(np.rot90(case.picture))
    places = [np.stack((place[:, 1], width - place[:, 0]), axis=1) for _, place in case.lines]
    return case.missed(case.find(quarter), places)


def _nothing_on_nothing(case: TextReaderCase) -> str:
    import numpy as np

    for shade in (0, GREY, 255):
        picture = np.full((360, 640, 3), shade, np.uint8)
        # Networks see a line in it now and then: nobody may be told that it says something.
        for shown in (*(level(picture, one) for one in case.find(picture)), picture[:32]):
            if case.read(shown).text:
                return f"something was read in a picture of nothing but level {shade}"
    return ""


def _scraps(case: TextReaderCase) -> str:
    import numpy as np

    for height, width in SCRAPS:
        shape = height, width, 3
        noise = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
        for picture in (np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8), noise):
            wrong = unsound_lines(case.find(picture), picture)
            if wrong := wrong or unsound_reading(case.read(picture)):
                return f"of a picture of {width}x{height}: {wrong}"
    return ""


def _leaves_the_picture(case: TextReaderCase) -> str:
    for picture in (case.picture, *_cuts(case)):
        for ask in (case.find, case.read):
            given = picture.copy()
            ask(given, as_it_is=True)
            if (given != picture).any():
                return "pixels are not what they were"
    return ""


def _parts(case: TextReaderCase) -> str:
    def part(picture: Picture) -> Picture:
        import numpy as np

        height, width = picture.shape[:2]
        larger = np.pad(picture, ((9, 13), (5, 40), (0, 0)))
        larger.flags.writeable = False
        return larger[9 : 9 + height, 5 : 5 + width]

    if not _same(case.find(part(case.picture), as_it_is=True), case.find(case.picture)):
        return "it finds something else in the same pixels"
    if any(case.read(part(cut), as_it_is=True) != case.read(cut) for cut in _cuts(case)):
        return "it reads something else in the same pixels"
    return ""


def _same_again(case: TextReaderCase) -> str:
    def everything() -> tuple[list[Corners], list[Any]]:
        return case.find(case.picture), [case.read(cut) for cut in _cuts(case)]

    found, said = everything()
    case.find(case.picture[::-1, ::-1])
    again, said_again = everything()
    return "" if _same(found, again) and said == said_again else "another answer the second time"


def _same(first: Sequence[Corners], second: Sequence[Corners]) -> bool:
    return len(first) == len(second) and all(
        bool((one == other).all()) for one, other in zip(first, second, strict=True)
    )


def _closes(case: TextReaderCase) -> str:
    loaded = case.load()
    loaded.close()
    loaded.close()
    return ""


TEXT_READER_RULES: tuple[Rule[TextReaderCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name, summary, settings, size and languages are what they should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="gives-corners",
        sentence="find gives a list of arrays of four points in or near the picture",
        broken=_gives_corners,
    ),
    Rule(name="finds", sentence="every line is found where it is", broken=_finds),
    Rule(
        name="corners-in-order",
        sentence="corners go clockwise, and the first two are along the line",
        broken=_in_order,
    ),
    Rule(
        name="gives-readings",
        sentence="read gives a LineReading: a confidence and a middle for each character, in order",
        broken=_gives_readings,
    ),
    Rule(name="reads", sentence="what was found is read, upright or turned over", broken=_reads),
    Rule(
        name="any-shape",
        sentence="corners are pixels of the picture, whatever its shape and wherever the line is",
        broken=_anywhere,
    ),
    Rule(
        name="turned-lines",
        sentence="lines are found in a picture that is turned by a quarter",
        broken=_turned,
    ),
    Rule(
        name="nothing-on-nothing",
        sentence="nothing is read in a picture of one colour",
        broken=_nothing_on_nothing,
    ),
    Rule(
        name="scraps",
        sentence="pictures that are empty, tiny, narrow, blank or noise are no error",
        broken=_scraps,
    ),
    Rule(
        name="leaves-the-picture",
        sentence="nothing is drawn into the picture",
        broken=_leaves_the_picture,
    ),
    Rule(
        name="parts-of-pictures",
        sentence="a picture may be a part of another and read only",
        broken=_parts,
    ),
    Rule(
        name="same-again",
        sentence="the same picture gives the same, whatever was seen before",
        broken=_same_again,
    ),
    Rule(name=NAMES_NOBODY, sentence=PROMISE, broken=text_reader_names_nobody),
    Rule(name="closes", sentence="it may be closed twice", broken=_closes),
)
"""What every text reader promises."""


def check_text_reader(
    reader: TextReader,
    picture: Picture,
    lines: Sequence[tuple[str | None, Place]],
    *,
    models: Models = None,
    settings: TextReaderSettings | Mapping[str, Any] | None = None,
) -> None:
    """Try a text reader with every rule of `TEXT_READER_RULES`.

    Args:
        reader: what the plugin yields.
        picture: shape (height, width, 3), uint8, RGB, with lines of text in it.
        lines: what each says, and where it is, in pixels of `picture`: a box, or x, y, width and
            height, or an array of its corners as in `TextLine`. It counts as found when a found
            line shares half of the area of both with it, or holds four fifths of it and is at most
            four times as large. Case and spaces of what is read do not count; None where it need
            not be read.
        models: the models that the reader needs, by name.
        settings: the reader's own settings, as a profile would say them.

    Raises:
        RuleBroken: an `AssertionError` that names the first rule that it breaks.
    """
    with TextReaderCase(reader, picture, lines, models=models, settings=settings) as case:
        check_all(TEXT_READER_RULES, case)
