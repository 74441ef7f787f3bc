"""Which rules a plugin breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.testing import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.testing import Rule


def rules_broken(rules: Sequence[Rule[Any]], case: Any) -> list[str]:
    """The names of all rules that a case breaks."""
    return [rule.name for rule in rules if _is_broken(rule, case)]


def _is_broken(rule: Rule[Any], case: Any) -> bool:
    try:
        rule.check(case)
    except RuleBroken as broken:
        told = broken
    else:
        return False
    assert told.rule == rule.name
    assert rule.name in str(told)
    assert case.title in str(told)
    return True
