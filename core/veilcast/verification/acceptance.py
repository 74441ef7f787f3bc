"""What a reviewer has looked at and found to be nothing: a poster, a doll, a public name.

A YAML list. Each entry names a check, and may narrow it by class, time and place; it accepts what
lies wholly within. What is broken can't be accepted.

    - check: picture
      identifier: face
      from: 0:12.0
      to: 0:14.5
      box: [100, 40, 220, 200]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from veilcast.errors import UsageError
from veilcast.timing import parse_time, us_ceil
from veilcast.types import Box
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
    why: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a reviewer accepted; nothing by default."""

    entries: tuple[_Entry, ...] = ()

    def covers(self, check: str, problem: Problem) -> bool:
        """True when an entry accepts this problem as a whole."""
        return problem.kind == "residual" and any(
            entry.check == check and _within(entry, problem) for entry in self.entries
        )


def _within(entry: _Entry, problem: Problem) -> bool:
    if entry.identifier and entry.identifier != problem.identifier:
        return False
    if entry.from_us is not None and (problem.from_us is None or problem.from_us < entry.from_us):
        return False
    if entry.to_us is not None and (problem.to_us is None or problem.to_us > entry.to_us):
        return False
    if entry.box is None:
        return True
    if problem.box is None:
        return False
    x, y, width, height = entry.box
    room = Box(
        x=x - _SLACK_PX,
        y=y - _SLACK_PX,
        width=width + 2 * _SLACK_PX,
        height=height + 2 * _SLACK_PX,
    )
    box = problem.box
    return (
        room.x <= box.x
        and room.y <= box.y
        and box.right <= room.right
        and box.bottom <= room.bottom
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
    except YamlError as exc:
        raise UsageError("The list of accepted findings is not valid YAML.") from exc
    if not isinstance(value, list) or not value:
        raise UsageError(
            "The list of accepted findings must be a YAML list; "
            "an entry has check, and may have identifier, from, to, box and why."
        )
    entries = []
    for number, item in enumerate(value, 1):
        try:
            entries.append(_Entry.model_validate(item))
        except (ValidationError, ValueError) as exc:
            raise UsageError(
                f"Entry {number} of the list of accepted findings is malformed; "
                "an entry has check, and may have identifier, from, to, box and why."
            ) from exc
    return Acceptance(tuple(entries))
