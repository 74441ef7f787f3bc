"""Of long lists of like cases, a part is in the quick set; the others are for the release set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

T = TypeVar("T")


def some(cases: Iterable[T], every: int = 2) -> list[Any]:
    """Parameters: every so manieth case, the first among them, is in the quick set.

    In the lists that this is for, neighbours are alike: no kind is left out as a whole.
    """
    return [
        case if number % every == 0 else pytest.param(case, marks=pytest.mark.release)
        for number, case in enumerate(cases)
    ]


def only(quick: Collection[T], cases: Iterable[T]) -> list[Any]:
    """Parameters: these cases are in the quick set, and have to be among them all.

    Raises:
        ValueError: one is not: it was renamed, and would no longer be tried.
    """
    cases = list(cases)
    if missing := [case for case in quick if case not in cases]:
        raise ValueError(f"no such cases: {missing}")
    return [
        case if case in quick else pytest.param(case, marks=pytest.mark.release) for case in cases
    ]
