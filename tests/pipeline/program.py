"""The real program, run in this process on real files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from veilcast.host import Host
from veilcast.pipeline import Outcome, Request, located, run
from veilcast.profile import Profile, load_profile

if TYPE_CHECKING:
    from pathlib import Path

    from veilcast.extensions import Progress
    from veilcast.findings import FindingsDocument


class Quiet:
    """Progress is of no interest here."""

    def phase(self, name: str) -> None: ...

    def stage(self, name: str) -> Progress:
        return lambda activity, done, total: None

    def warning(self, sentence: str) -> None: ...


class Program:
    """Runs of Veilcast, each published under a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.host = Host()
        self._folder = folder
        self._count = 0

    def _fresh(self, what: str) -> Path:
        self._count += 1
        folder = self._folder / f"{self._count}-{what}"
        folder.mkdir()
        return folder

    def profile(self, document: str, regions: str | None = None) -> Profile:
        """A profile from YAML, with what a regions file says."""
        folder = self._fresh("profile")
        path, files = folder / "profile.yaml", {}
        path.write_text(document)
        if regions is not None:
            files["regions"] = folder / "regions.yaml"
            files["regions"].write_text(regions)
        return load_profile(self.host, str(path), files=files)

    def shipped(self, name: str, regions: Path) -> Profile:
        """A profile that comes with Veilcast, with a regions file."""
        return load_profile(self.host, name, files={"regions": regions})

    def run(
        self,
        source: Path,
        profile: Profile,
        *,
        findings: FindingsDocument | None = None,
        keep_intermediates: bool = False,
        named: str = "",
        allow_residual: bool = False,
    ) -> Outcome:
        """Everything, from the source to a published file; nothing is taken from earlier runs."""
        request = Request(
            source=source,
            output=self._fresh("out") / (named or f"delivered{source.suffix}"),
            profile=profile,
            work=self._fresh("work"),
            findings=findings,
            keep_intermediates=keep_intermediates,
            allow_residual=allow_residual,
        )
        return run(self.host, request, Quiet())

    def locate(self, source: Path, profile: Profile) -> FindingsDocument:
        """Only the findings."""
        return located(self.host, source, profile, self._fresh("work"), Quiet())


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """The demonstration, located and delivered with the default profile and its regions."""

    source: Path
    regions: Path
    profile: Profile
    findings: FindingsDocument
    outcome: Outcome


def one_by_one(
    program: Program, consultation: Consultation, findings: FindingsDocument
) -> list[Path]:
    """The delivered clip, and the file that each stage made on the way to it.

    What is not in the findings is found again, and is let through.
    """
    outcome = program.run(
        consultation.source,
        consultation.profile,
        findings=findings,
        keep_intermediates=True,
        allow_residual=True,
    )
    return [outcome.output, *sorted(outcome.output.parent.glob("*-*.nut"))]
