"""Which rules a plugin breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.testing import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.testing import Rule


def rules_broken(rules: Sequence[Rule[Any]], case: Any) -> list[str]:
    """The names of all rules that a case breaks."""
    broken = []
    for rule in rules:
        try:
            rule.check(case)
        except RuleBroken as exc:
            assert exc.rule == rule.name
            assert rule.name in str(exc)
            assert case.title in str(exc)
            broken.append(rule.name)
    return broken
