"""What a reviewer has looked at and found to be nothing: a poster, a doll, a public name.

A YAML list. Each entry names a check and says what of it, by class, time, place or the sentence
that was told; it accepts what lies wholly within. What is no matter of time, such as a tag, is
accepted by its sentence alone, so that no list lets through what nobody looked at. What is broken
can't be accepted.

    - check: picture
      identifier: face
      from: 0:12.0
      to: 0:14.5
      box: [100, 40, 220, 200]
    - check: tags
      sentence: "A tag is left in the delivered file: PNG."
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from veilcast.errors import UsageError
from veilcast.timing import parse_time, us_ceil
from veilcast.yamlfile import YamlError, load_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.extensions import Problem

_SLACK_PX = 2.0


def _time_us(value: object) -> object:
    return value if value is None else us_ceil(parse_time(value))


Time = Annotated[int | None, BeforeValidator(_time_us)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    check: str
    identifier: str = ""
    from_us: Time = Field(default=None, alias="from")
    to_us: Time = Field(default=None, alias="to")
    box: tuple[float, float, float, float] | None = None
    sentence: str = ""
    why: str = ""

    @model_validator(mode="after")
    def _narrow(self) -> Self:
        """An entry that names a check alone would accept whatever it may find one day."""
        times = (self.from_us, self.to_us)
        if not (self.identifier or self.sentence or self.box or any(t is not None for t in times)):
            raise ValueError("too broad")
        if None not in times and times[0] >= times[1]:  # type: ignore[operator]
            raise ValueError("ends before it begins")
        return self


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a reviewer accepted; nothing by default."""

    entries: tuple[_Entry, ...] = ()

    @property
    def checks(self) -> frozenset[str]:
        """The checks that entries name."""
        return frozenset(entry.check for entry in self.entries)

    def covers(self, check: str, problem: Problem) -> bool:
        """True when an entry accepts this problem as a whole."""
        return problem.kind == "residual" and any(
            entry.check == check and _within(entry, problem) for entry in self.entries
        )


def _within(entry: _Entry, problem: Problem) -> bool:
    if entry.identifier and entry.identifier != problem.identifier:
        return False
    if entry.sentence:
        if entry.sentence != problem.sentence:
            return False
    elif problem.from_us is None:
        return False
    return _in_time(entry, problem) and _in_place(entry, problem)


def _in_time(entry: _Entry, problem: Problem) -> bool:
    begins = entry.from_us is None or (
        problem.from_us is not None and problem.from_us >= entry.from_us
    )
    ends = entry.to_us is None or (problem.to_us is not None and problem.to_us <= entry.to_us)
    return begins and ends


def _in_place(entry: _Entry, problem: Problem) -> bool:
    if entry.box is None:
        return True
    if problem.box is None:
        return False
    x, y, width, height = entry.box
    box = problem.box
    return (
        x - _SLACK_PX <= box.x
        and y - _SLACK_PX <= box.y
        and box.right <= x + width + _SLACK_PX
        and box.bottom <= y + height + _SLACK_PX
    )


def load_acceptance(path: Path) -> Acceptance:
    """Read a reviewer's list.

    Raises:
        UsageError: it can't be read or is malformed. The message repeats nothing of it.
    """
    try:
        value: Any = load_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError("The list of accepted findings can't be read as text.") from exc
    except (YamlError, RecursionError) as exc:
        raise UsageError("The list of accepted findings is not valid YAML.") from exc
    if not isinstance(value, list) or not value:
        raise UsageError(
            "The list of accepted findings must be a YAML list; "
            "an entry has check, and one or more of identifier, from, to, box and sentence."
        )
    entries = []
    for number, item in enumerate(value, 1):
        try:
            entries.append(_Entry.model_validate(item))
        except (ValidationError, ValueError) as exc:
            raise UsageError(
                f"Entry {number} of the list of accepted findings is malformed; "
                "an entry has check, and one or more of identifier, from, to, box and sentence."
            ) from exc
    return Acceptance(tuple(entries))
