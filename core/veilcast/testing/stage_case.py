"""What every stage promises, and a stage with a recording to try it with."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from veilcast.testing.opened_recording import Opened, opened, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from veilcast.extensions import Progress, Stage, TextReader, Transcriber
    from veilcast.findings import Findings
    from veilcast.host import Host
    from veilcast.profile import PlannedStage


class StageCase:
    """A stage and a recording to try it with."""

    def __init__(
        self,
        stage: Stage,
        recording: Path,
        *,
        settings: Mapping[str, Any] | None = None,
        host: Host | None = None,
    ) -> None:
        """As `check_stage`."""
        from veilcast.testing.hosts import make_host
        from veilcast.testing.profile_making import profile_of

        self.stage, self.recording = stage, recording
        self.host = make_host(_only(stage)) if host is None else host
        with TemporaryDirectory(prefix="veilcast-testing-") as folder:
            asked = {"stages": [{stage.name: dict(settings or {})}]}
            profile = profile_of(self.host, asked, Path(folder))
        # What is tried is the stage that was given, wherever the host has its own from.
        self.planned: PlannedStage = replace(profile.stages[0], stage=stage)
        self._kept: Findings | None = None

    @property
    def title(self) -> str:
        return f"stage '{self.stage.name}'"

    @property
    def found(self) -> Findings:
        """What it finds in the recording; located once."""
        if self._kept is None:
            with opened(self.recording) as file:
                self._kept = self.locate(file)
        return self._kept

    def locate(
        self,
        file: Opened,
        progress: Progress | None = None,
        transcribers: Mapping[str, Transcriber] | None = None,
        text_readers: Mapping[str, TextReader] | None = None,
    ) -> Any:
        """What it finds in an opened recording, perhaps with others to hear and read for it."""
        from veilcast.extensions import LocateContext
        from veilcast.pipeline.locating import model_files
        from veilcast.pipeline.plugin_calls import (
            guarded_detectors,
            guarded_recognizers,
            guarded_text_readers,
            guarded_transcribers,
        )

        return self.stage.locate(
            LocateContext(
                source=file.path,
                media=file.media,
                frames=file.frames,
                settings=self.planned.settings,
                models=model_files(self.host, self.planned),
                detectors=guarded_detectors(self.host),
                transcribers=transcribers or guarded_transcribers(self.host),
                text_readers=text_readers or guarded_text_readers(self.host),
                recognizers=guarded_recognizers(self.host),
                scratch=file.scratch,
                progress=progress or silent,
            )
        )

    @contextmanager
    def handed_in(self, recording: Path | None = None, name: str = "recording") -> Iterator[Opened]:
        """What the stage is given to redact: the recording, or a lossless intermediate of it."""
        from veilcast.media.probe import probe
        from veilcast.pipeline.plugin_calls import guarded_treatments
        from veilcast.redaction.render import Marks, render_lossless
        from veilcast.types import Phase

        with opened(recording or self.recording, name) as file:
            if self.stage.phase is Phase.CONTAINER:
                yield file
                return
            path = file.path.with_suffix(".intermediate.nut")
            treatments = guarded_treatments(self.host)
            render_lossless(file.path, path, file.media, file.media, Marks(), treatments, silent)
            yield replace(file, path=path, media=probe(path))

    def redact(self, file: Opened, progress: Progress | None = None) -> Any:
        """What it hands back for what was handed in."""
        from veilcast.extensions import RedactContext
        from veilcast.media.probe import probe

        if self.stage.redact is None:
            raise TypeError("this stage has no redact")
        return self.stage.redact(
            RedactContext(
                file=file.path,
                media=file.media,
                source_media=probe(self.recording),
                findings=self.found,
                settings=self.planned.settings,
                scratch=file.scratch,
                progress=progress or silent,
            )
        )


def settled(found: object) -> Findings:
    """Findings as they are after they were kept.

    Raises:
        FindingsError, TypeError, ValueError, AttributeError: they can't be kept.
    """
    from veilcast.findings import Findings, canonical_json, findings_from_json, findings_to_json

    if not isinstance(found, Findings):
        raise TypeError(f"locate gave a {type(found).__name__} and not Findings")
    return findings_from_json(json.loads(canonical_json(findings_to_json(found))))


def _only(stage: Stage) -> object:
    """A plugin that provides one stage."""
    from veilcast.host import hookimpl

    class OneStage:
        @hookimpl
        def veilcast_stages(self) -> Iterable[Stage]:
            yield stage

    return OneStage()
