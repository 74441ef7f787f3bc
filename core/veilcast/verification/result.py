"""The result of all checks on one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from veilcast.errors import UnverifiableError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.extensions import Problem

SCHEMA = "veilcast.verification/1"
Verdict = Literal["clean", "residual", "unverifiable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem, the check that found it, and whether a reviewer accepted it."""

    check: str
    problem: Problem
    accepted: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values: times in microseconds, the box in whole displayed pixels."""
        problem, box = self.problem, self.problem.box
        where = None
        if box is not None:
            left, top = int(box.x // 1), int(box.y // 1)
            where = [left, top, int(-(-box.right // 1)) - left, int(-(-box.bottom // 1)) - top]
        return {
            "check": self.check,
            "kind": problem.kind,
            "sentence": problem.sentence,
            "identifier": problem.identifier,
            "from_us": problem.from_us,
            "to_us": problem.to_us,
            "box": where,
            "score": None if problem.score is None else round(problem.score, 4),
            "accepted": self.accepted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What all checks said of one file.

    Attributes:
        checks: the names of those that ran.
        findings: everything that they found, what is broken first, then by check and time.
    """

    checks: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """``clean``; ``residual``: something may be left; ``unverifiable``: nothing can be said."""
        if any(finding.problem.kind == "broken" for finding in self.findings):
            return "unverifiable"
        return "residual" if self.open else "clean"

    @property
    def open(self) -> tuple[Finding, ...]:
        """What nobody has accepted."""
        return tuple(finding for finding in self.findings if not finding.accepted)

    def also(self, check: str, problems: Sequence[Problem]) -> Verification:
        """With another check's problems."""
        more = [Finding(check=check, problem=problem) for problem in problems]
        return Verification(
            checks=tuple(sorted({*self.checks, check})),
            findings=ordered([*self.findings, *more]),
        )

    def to_json(self) -> dict[str, Any]:
        """The machine-readable result. It holds no value, word or path."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "checks": list(self.checks),
            "findings": [finding.to_json() for finding in self.findings],
        }

    def raise_for(self, *, allow_residual: bool = False) -> None:
        """Stop unless the file may be published.

        Raises:
            UnverifiableError: it is broken, which nobody can allow.
            VerificationError: something is left.
        """
        verdict = self.verdict
        if verdict == "clean" or (verdict == "residual" and allow_residual):
            return
        first, *others = self.open
        more = f" (and {len(others)} more)" if others else ""
        sentence = f"Verification failed: {first.problem.sentence}{more}"
        if verdict == "unverifiable":
            raise UnverifiableError(sentence)
        raise VerificationError(sentence)


def ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """What is broken first; then by check, time and sentence."""

    def key(finding: Finding) -> tuple[bool, str, int, str]:
        problem = finding.problem
        at = -1 if problem.from_us is None else problem.from_us
        return problem.kind != "broken", finding.check, at, problem.sentence

    return tuple(sorted(findings, key=key))
