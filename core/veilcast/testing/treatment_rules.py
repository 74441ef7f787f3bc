"""What every treatment promises: nothing of what it is given is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veilcast.testing.rule import Rule, check_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import PixelTreatment, Plane, SoundPart, SoundTreatment

PARAMS: Mapping[str, Any] = {"block_px": 16, "sigma_px": 8.0, "rgb": (10, 200, 90)}
"""What every cover has (see `PixelTreatment`), for a thing about 100 pixels wide."""

_SHAPES = ((96, 128), (1, 1), (3, 200), (97, 5))
_RATE_HZ = 8000
_LEVEL_DBFS = -20.0
_ALIKE = 0.2
"""How much of fine detail (as a correlation) may be left; chance alone gives about 0.02."""


def check_treatment(
    treatment: PixelTreatment | SoundTreatment, params: Mapping[str, Any] | None = None
) -> None:
    """Try a treatment with every rule of `PIXEL_TREATMENT_RULES` or `SOUND_TREATMENT_RULES`.

    Args:
        treatment: what the plugin yields.
        params: for pixels, what a cover has beside `PARAMS`.

    Raises:
        RuleBroken: an `AssertionError` that names the first rule that it breaks.
    """
    from veilcast.extensions import PixelTreatment

    if isinstance(treatment, PixelTreatment):
        check_all(PIXEL_TREATMENT_RULES, PixelTreatmentCase(treatment, params))
    else:
        check_all(SOUND_TREATMENT_RULES, SoundTreatmentCase(treatment))


@dataclass(frozen=True)
class PixelTreatmentCase:
    """A pixel treatment, and what a cover has beside `PARAMS`."""

    treatment: PixelTreatment
    params: Mapping[str, Any] | None = None

    @property
    def title(self) -> str:
        return f"treatment '{self.treatment.name}'"

    def apply(self, samples: NDArray[Any], plane: Plane) -> NDArray[Any]:
        """What takes the place of samples."""
        return self.treatment.apply(samples.copy(), plane, {**PARAMS, **(self.params or {})})


@dataclass(frozen=True)
class SoundTreatmentCase:
    """A sound treatment."""

    treatment: SoundTreatment

    @property
    def title(self) -> str:
        return f"treatment '{self.treatment.name}'"

    def apply(self, samples: NDArray[np.float64], part: SoundPart) -> NDArray[np.float64]:
        """What takes the place of samples."""
        return self.treatment.apply(samples.copy(), part)


def _planes() -> Iterator[tuple[NDArray[Any], Plane]]:
    """Samples of noise, of every kind that there is."""
    import numpy as np

    from veilcast.extensions import Plane
    from veilcast.media.orientation import Orientation
    from veilcast.types import Box

    chance = np.random.default_rng(7)
    for rows, columns in _SHAPES:
        for role, component, depth, step in (
            ("luma", 0, 8, 1),
            ("chroma", 1, 8, 2),
            ("chroma", 2, 10, 2),
            ("luma", 0, 10, 1),
            ("rgb", 1, 8, 1),
            ("rgb", 2, 16, 1),
        ):
            kind = np.uint8 if depth == 8 else np.uint16
            samples = chance.integers(0, 1 << depth, (rows, columns)).astype(kind)
            plane = Plane(
                role=role,  # type: ignore[arg-type]
                component=component,
                depth=depth,
                full_range=role == "rgb",
                step_x=step,
                step_y=step,
                matrix="bt709",
                box=Box(x=-2.0, y=-1.0, width=columns + 3.0, height=rows + 2.0),
                orientation=Orientation(),
            )
            yield samples, plane


def _says_what_it_is(case: PixelTreatmentCase | SoundTreatmentCase) -> str:
    from veilcast.extensions.validity import why_unusable

    return why_unusable(case.treatment) or ("" if case.treatment.summary else "it has no summary")


def _like_given(case: PixelTreatmentCase) -> str:
    import numpy as np

    for samples, plane in _planes():
        result: Any = case.apply(samples, plane)
        if not isinstance(result, np.ndarray):
            return f"it gave a {type(result).__name__} and not an array"
        if (result.shape, result.dtype) != (samples.shape, samples.dtype):
            return (
                f"given {samples.shape} of {samples.dtype}, it gave {result.shape} of "
                f"{result.dtype}"
            )
        if result.max() >> plane.depth:
            return f"a sample is too large for {plane.depth} bits"
    return ""


def _leaves_none(case: PixelTreatmentCase) -> str:
    import numpy as np

    for samples, plane in _planes():
        if min(samples.shape) < 64:
            continue
        result = case.apply(samples, plane).astype(np.float64)
        if _correlation(_detail(samples.astype(np.float64)), _detail(result)) > _ALIKE:
            return "fine detail of the samples can still be seen"
        tipped = samples.astype(np.float64)[::-1, ::-1]
        given = samples.astype(np.float64)
        for name, one in (
            ("mirrored", given[:, ::-1]),
            ("turned", tipped),
            ("flipped", given[::-1]),
        ):
            if _correlation(_detail(one), _detail(result)) > _ALIKE:
                return f"the samples are only {name}"
        if _correlation(_detail(-given), _detail(result)) > _ALIKE:
            return "the samples are only inverted"
    return ""


def _detail(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """What differs from one sample to the next, which any average takes away."""
    import numpy as np

    return np.diff(np.diff(samples, axis=0), axis=1)


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    size = float((one**2).sum() * (other**2).sum()) ** 0.5
    return float((one * other).sum()) / size if size else 0.0


def _same_pixels_again(case: PixelTreatmentCase) -> str:
    firsts = [case.apply(samples, plane) for samples, plane in _planes()]
    again = [case.apply(samples, plane) for samples, plane in _planes()]
    equal = all((one == other).all() for one, other in zip(firsts, again, strict=True))
    return "" if equal else "the same samples gave something else the second time"


PIXEL_TREATMENT_RULES: tuple[Rule[PixelTreatmentCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name and summary are what they should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="like-given",
        sentence="an array of the same shape, type and depth comes back, whatever its size",
        broken=_like_given,
    ),
    Rule(
        name="leaves-nothing",
        sentence="no detail of what is covered is left in its place",
        broken=_leaves_none,
    ),
    Rule(
        name="same-again",
        sentence="the same samples give the same, whatever was covered before",
        broken=_same_pixels_again,
    ),
)
"""What every pixel treatment promises."""


def _part(position: int, length: int) -> SoundPart:
    from veilcast.extensions import SoundPart

    return SoundPart(
        rate_hz=_RATE_HZ, start=1234, length=length, position=position, level_dbfs=_LEVEL_DBFS
    )


def _sounds() -> Iterator[NDArray[np.float64]]:
    import numpy as np

    for count, channels in ((6000, 2), (1, 1), (37, 6), (4000, 1)):
        yield np.random.default_rng(count).uniform(-1, 1, (count, channels))


def _sound_like_given(case: SoundTreatmentCase) -> str:
    import numpy as np

    for samples in _sounds():
        result: Any = case.apply(samples, _part(0, len(samples)))
        if not isinstance(result, np.ndarray):
            return f"it gave a {type(result).__name__} and not an array"
        if result.shape != samples.shape or result.dtype.kind != "f":
            return f"given {samples.shape} floats, it gave {result.shape} of {result.dtype}"
        if not np.isfinite(result).all() or np.abs(result).max() > 1:
            return "a sample is not in -1 to 1"
    return ""


def _nothing_heard(case: SoundTreatmentCase) -> str:
    import numpy as np

    for samples in _sounds():
        part = _part(0, len(samples))
        result = case.apply(samples, part)
        for other in (samples[::-1], np.zeros_like(samples), -samples):
            if not np.array_equal(case.apply(other, part), result):
                return "other sound in its place gives other samples"
    return ""


def _any_blocks(case: SoundTreatmentCase) -> str:
    import numpy as np

    for samples in _sounds():
        whole = case.apply(samples, _part(0, len(samples)))
        for block in (160, 1024, 1152):
            parts = [
                case.apply(samples[at : at + block], _part(at, len(samples)))
                for at in range(0, len(samples), block)
            ]
            if not np.array_equal(np.concatenate(parts), whole):
                return f"in blocks of {block} samples a span is another than as a whole"
    return ""


def _same_sound_again(case: SoundTreatmentCase) -> str:
    import numpy as np

    firsts = [case.apply(samples, _part(0, len(samples))) for samples in _sounds()]
    again = [case.apply(samples, _part(0, len(samples))) for samples in _sounds()]
    equal = all(np.array_equal(one, other) for one, other in zip(firsts, again, strict=True))
    return "" if equal else "the same span gave something else the second time"


SOUND_TREATMENT_RULES: tuple[Rule[SoundTreatmentCase], ...] = (
    Rule(
        name="says-what-it-is",
        sentence="name and summary are what they should be",
        broken=_says_what_it_is,
    ),
    Rule(
        name="like-given",
        sentence="as many float samples come back, finite and in -1 to 1",
        broken=_sound_like_given,
    ),
    Rule(
        name="leaves-nothing",
        sentence="what comes back does not depend on what is covered",
        broken=_nothing_heard,
    ),
    Rule(
        name="any-blocks",
        sentence="a span is the same in blocks of any size",
        broken=_any_blocks,
    ),
    Rule(
        name="same-again",
        sentence="the same span gives the same, whatever was covered before",
        broken=_same_sound_again,
    ),
)
"""What every sound treatment promises."""
