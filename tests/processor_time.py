"""Processor seconds of every test and fixture, and the budget that the whole suite has to keep.

Processor seconds and not seconds by the clock: a busy machine makes no change look slow. What the
child processes of a test took counts with it, as soon as they have ended.

In CI (where ``CI`` is set) a run of the whole quick set that takes more than
`processor_budget_s` in pyproject.toml fails. ``--times FILE`` writes what each test took, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli.forking import forked

if TYPE_CHECKING:
    from collections.abc import Generator

SLOWEST = 25
"""So many tests and fixtures are named at the end of a run."""
PHASES = ("setup", "call", "teardown")


def used_s() -> float:
    """Processor seconds of this process, all its threads, and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime + forked.processor_s


class Stopwatch:
    """In each process that runs tests: measures, and puts the figures into the reports."""

    def __init__(self) -> None:
        self._fixtures: list[tuple[str, float]] = []
        self._within: list[float] = [0.0]
        self._phase_s = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any]
    ) -> Generator[None, object, object]:
        """Measure a fixture, without those that it asked for."""
        began = used_s()
        self._within.append(0.0)
        try:
            return (yield)
        finally:
            took = used_s() - began
            own = took - self._within.pop()
            self._within[-1] += took
            self._fixtures.append((f"{fixturedef.baseid}::{fixturedef.argname}", own))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, None, None]:
        yield from self._measured()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, None, None]:
        yield from self._measured()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, None, None]:
        yield from self._measured()

    def _measured(self) -> Generator[None, None, None]:
        began = used_s()
        try:
            yield
        finally:
            self._phase_s = used_s() - began

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hand the figures on: attributes of a report reach the process that collects reports."""
        report = yield
        vars(report).update(processor_s=self._phase_s, fixtures_s=self._fixtures)
        self._phase_s, self._fixtures = 0.0, []
        return report


@dataclass
class Took:
    """What one test took, in processor seconds by phase; its fixtures are in ``setup``."""

    setup: float = 0.0
    call: float = 0.0
    teardown: float = 0.0
    outcome: str = "passed"
    fixtures: list[tuple[str, float]] = field(default_factory=list)

    @property
    def own_s(self) -> float:
        """Without its fixtures, which others may share."""
        return self.all_s - sum(seconds for _, seconds in self.fixtures)

    @property
    def all_s(self) -> float:
        return self.setup + self.call + self.teardown


class Tally:
    """In the process that reports: adds up, names the slowest, holds the sum against the budget."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tests: dict[str, Took] = defaultdict(Took)
        self._budget_s = float(config.getini("processor_budget_s"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = self._tests[report.nodeid]
        # A worker that died reports a test without figures.
        setattr(test, report.when or "call", getattr(report, "processor_s", 0.0))
        test.fixtures += getattr(report, "fixtures_s", [])
        if report.outcome != "passed":
            test.outcome = report.outcome

    @property
    def _sum_s(self) -> float:
        return sum(test.all_s for test in self._tests.values())

    def _over_budget(self) -> bool:
        """Whether this was the whole quick set, in CI, and took too much."""
        option = self._config.option
        whole = self._config.args_source is pytest.Config.ArgsSource.TESTPATHS and not (
            option.keyword or option.markexpr or option.release or option.testmon
        )
        return bool(os.environ.get("CI")) and whole and self._sum_s > self._budget_s

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if target := self._config.getoption("times"):
            tests = {name: vars(test) for name, test in self._tests.items()}
            Path(target).write_text(json.dumps(tests, indent=0))
        if self._over_budget() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self._tests) <= SLOWEST:
            return
        took: dict[str, list[float]] = defaultdict(list)
        for name, test in self._tests.items():
            took[name].append(test.own_s)
            for fixture, seconds in test.fixtures:
                took[f"fixture {fixture}"].append(seconds)
        terminalreporter.section("slowest, in processor seconds")
        for name, each in sorted(took.items(), key=lambda item: -sum(item[1]))[:SLOWEST]:
            times = f"  (made {len(each)} times)" if len(each) > 1 else ""
            terminalreporter.write_line(f"{sum(each):7.2f}  {name}{times}")
        terminalreporter.write_line(
            f"{self._sum_s:7.0f}  all {len(self._tests)} tests; the budget of the quick set is "
            f"{self._budget_s:.0f}"
        )
        if self._over_budget():
            terminalreporter.write_line(
                "Over the budget: make tests cheaper, or mark what need not be tried on every "
                "change with pytest.mark.release.",
                red=True,
            )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("processor_budget_s", "processor seconds that the quick set may take in CI")
    parser.addoption("--times", metavar="FILE", help="write what each test took to this file")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Stopwatch())
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(config))
