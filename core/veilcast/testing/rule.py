"""Rules as data: each has a name, a sentence for people and a function that tries a plugin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Case(Protocol):
    """What is tried: something that a plugin provides, and what it is tried with."""

    @property
    def title(self) -> str:
        """What it is, for people: ``detector 'tattoo'``."""


C = TypeVar("C", bound=Case)


class RuleBroken(AssertionError):
    """A plugin does not do what the kind of thing that it provides promises.

    Attributes:
        rule: the name of the rule.
    """

    def __init__(self, rule: str, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[C]):
    """One promise.

    Attributes:
        name: a few words joined by hyphens; it is part of what a failure says.
        sentence: what is promised, without a full stop.
        broken: tries a case. It gives what is wrong with it, or "" when the promise is kept;
            whatever the plugin raises is wrong too.
    """

    name: str
    sentence: str
    broken: Callable[[C], str]

    def check(self, case: C) -> None:
        """Try a case.

        Raises:
            RuleBroken: the promise is not kept. What the plugin raised is its cause.
        """
        try:
            wrong = self.broken(case)
        except (Exception, SystemExit) as exc:
            wrong = f"it raised {type(exc).__name__}"
            raise RuleBroken(self.name, self._said(case, wrong)) from exc
        if wrong:
            raise RuleBroken(self.name, self._said(case, wrong))

    def _said(self, case: C, wrong: str) -> str:
        return f"The {case.title} breaks the rule '{self.name}' ({self.sentence}): {wrong}."

    def __str__(self) -> str:
        return self.name


_PATH = re.compile(r"""(?:^|[\s'"(=:])(?:~|\.{0,2})/\w""")


def holds_path(sentence: str) -> bool:
    """Whether a sentence holds a file's path; a format's own, such as ``moov/udta``, is none."""
    return _PATH.search(sentence) is not None


def check_all(rules: Sequence[Rule[C]], case: C) -> None:
    """Try a case with each rule, in order.

    Raises:
        RuleBroken: the first that is broken.
    """
    for rule in rules:
        rule.check(case)
