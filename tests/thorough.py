"""What is tried on every change, and what in the release set only.

A test is in the quick set unless it is marked. ``@pytest.mark.release`` leaves it to the release
set; ``@pytest.mark.quick(every=4)`` keeps every fourth of its cases, the first among them. In the
lists that this is for, neighbours are alike: no kind is left out as a whole. `only` names cases.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

T = TypeVar("T")


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--release", action="store_true", help="try everything: the tests marked `release` too"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the release set out, unless it is asked for."""
    if config.getoption("release"):
        return
    cases: Counter[str] = Counter()
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        released = item.get_closest_marker("release") is not None
        if not released and (mark := item.get_closest_marker("quick")):
            test = item.nodeid.partition("[")[0]
            released = cases[test] % mark.kwargs["every"] != 0
            cases[test] += 1
        (left_out if released else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
