"""What is told while work goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEvent:
    """A phase begins: ``locate``, ``redact``, ``verify`` or ``publish``."""

    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """Some of a stage's work is done.

    Attributes:
        stage: whose work, e.g. ``faces``; also ``deliver`` and ``verify``.
        activity: what it does, e.g. ``detecting``.
        done: how much of it is done: frames, seconds or bytes, as the activity counts.
        total: of how much, or None when that is not known.
    """

    stage: str
    activity: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningEvent:
    """Something that a person should know; it holds no name, value or path."""

    sentence: str


Event: TypeAlias = PhaseEvent | ProgressEvent | WarningEvent
"""Everything that a progress callback may be given."""

ProgressCallback: TypeAlias = Callable[[Event], object]
"""Called in the thread that called Veilcast, one event at a time, in the order of the events."""
