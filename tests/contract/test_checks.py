"""Every built-in check keeps the rules of the testing kit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from veilcast.host import Host
from veilcast.testing import CHECK_RULES, CheckCase, MediaMaker, make_host, run_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from veilcast.testing import Rule

    Cases = Callable[[str], CheckCase]

HOST = Host()
NAMES = sorted(HOST.checks)
BY_ITSELF = {"streams", "structure", "tags"}
"""What these look for is in the file. Tags and settings of the encoder are left in any new one."""
BY_COMPARING = {"playback"}
"""What this finds is that a file is not like its source."""
NEED_TO_FIND = {"stops", "sound-problems", "tells-nothing"}
"""Rules for which a check must have something to find; of the others tests of their own say it."""


@pytest.fixture(scope="module")
def case_of(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """Gives the case of a check by name: a file that was delivered, and one that never should."""
    folder = tmp_path_factory.mktemp("delivered")
    maker = MediaMaker(folder)
    hum = np.sin(np.arange(6400) / 9) / 3
    source = maker.video(0.4, (96, 64), sound=hum)
    other = maker.video(0.2, (96, 64), [((250, 10, 10), (20, 20, 40, 30))], sound=hum)

    @cache
    def delivered() -> Path:
        return run_pipeline(source, folder, make_host(), profile={"stages": ["metadata"]}).output

    @cache
    def get(name: str) -> CheckCase:
        against: Any = {} if name in BY_ITSELF else {"source": source}
        return CheckCase(HOST.checks[name], delivered(), other, host=HOST, **against)

    return get


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        pytest.param(name, rule, id=f"{name}-{rule}")
        for name in NAMES
        for rule in CHECK_RULES
        if rule.name not in NEED_TO_FIND or name in BY_ITSELF | BY_COMPARING
    ],
)
def test_it_keeps_the_rule(name: str, rule: Rule[CheckCase], case_of: Cases) -> None:
    rule.check(case_of(name))
