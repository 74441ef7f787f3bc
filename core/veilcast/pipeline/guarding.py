"""Calling plugins: whatever they raise names them and stops the run."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from veilcast.errors import PluginFailedError, PluginLoadError, VeilcastError
from veilcast.redaction.render import Treatments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import (
        DetectorContext,
        LoadedDetector,
        LoadedRecognizer,
        LoadedTranscriber,
        Passage,
        Recognized,
        Recognizer,
        RecognizerContext,
        Transcriber,
        TranscriberContext,
        Transcription,
        VisualDetector,
    )
    from veilcast.host import Host, Plugin
    from veilcast.types import Detection, Picture


@contextlib.contextmanager
def guarded(plugin: Plugin, what: str) -> Iterator[None]:
    """Turn a plugin's own errors into ours.

    The message of a foreign error may hold anything, so only its type is told.
    """
    try:
        yield
    except VeilcastError:
        raise
    except ModuleNotFoundError as exc:
        from veilcast.extras import remedy

        module = exc.name or "that it does not name"
        raise PluginLoadError(
            f"The plugin '{plugin.name}' of {plugin.distribution} {plugin.version} needs the "
            f"package {module}, which is not installed, for '{what}': "
            f"{remedy(module, plugin.distribution, plugin.name)}."
        ) from exc
    except (Exception, SystemExit) as exc:
        raise PluginFailedError(
            f"The plugin '{plugin.name}' of {plugin.distribution} {plugin.version} failed in "
            f"'{what}' with {type(exc).__name__}; report this to its author."
        ) from exc


def guarded_treatments(host: Host) -> Treatments:
    """Every treatment, calling its plugin under guard."""

    def guard(treatment: Any) -> Any:
        owner = host.owner("treatment", treatment.name)

        def apply(*arguments: Any) -> Any:
            with guarded(owner, treatment.name):
                return treatment.apply(*arguments)

        return replace(treatment, apply=apply)

    return Treatments(
        pixels={name: guard(treatment) for name, treatment in host.pixel_treatments.items()},
        sounds={name: guard(treatment) for name, treatment in host.sound_treatments.items()},
    )


class _GuardedDetector:
    """A loaded detector whose plugin is called under guard, and what it says is looked at."""

    def __init__(self, detector: LoadedDetector, owner: Plugin, name: str) -> None:
        self._detector, self._owner, self._name = detector, owner, name

    def detect(self, picture: Picture) -> Sequence[Detection]:
        with guarded(self._owner, self._name):
            found = list(self._detector.detect(picture))
            numbers = [
                n for s in found for n in (s.score, s.box.x, s.box.y, s.box.right, s.box.bottom)
            ]
        if not all(map(math.isfinite, numbers)):
            raise PluginFailedError(
                f"The detector '{self._name}' gave a box or score that is not a number; "
                "use another detector or have its plugin mended."
            )
        return found

    def close(self) -> None:
        with guarded(self._owner, self._name):
            self._detector.close()


def guarded_detectors(host: Host) -> Mapping[str, VisualDetector]:
    """Every visual detector, calling its plugin under guard."""

    def guard(detector: VisualDetector) -> VisualDetector:
        owner = host.owner("detector", detector.name)

        def load(context: DetectorContext) -> LoadedDetector:
            with guarded(owner, detector.name):
                return _GuardedDetector(detector.load(context), owner, detector.name)

        return replace(detector, load=load)

    return {name: guard(detector) for name, detector in host.detectors.items()}


class _GuardedTranscriber:
    """A loaded transcriber whose plugin is called under guard, and what it says is looked at."""

    def __init__(self, transcriber: LoadedTranscriber, owner: Plugin, name: str) -> None:
        self._transcriber, self._owner, self._name = transcriber, owner, name

    def transcribe(self, samples: NDArray[np.float32]) -> Transcription:
        with guarded(self._owner, self._name):
            said = self._transcriber.transcribe(samples)
            times = [t for w in said.words for t in (w.start_s, w.end_s) if t is not None]
            sure = [w.confidence for w in said.words]
        if not all(map(math.isfinite, times)) or not all(0 <= c <= 1 for c in sure):
            raise PluginFailedError(
                f"The transcriber '{self._name}' gave a time or confidence that can't be; "
                "use another transcriber or have its plugin mended."
            )
        return said

    def close(self) -> None:
        with guarded(self._owner, self._name):
            self._transcriber.close()


def guarded_transcribers(host: Host) -> Mapping[str, Transcriber]:
    """Every transcriber, calling its plugin under guard."""

    def guard(transcriber: Transcriber) -> Transcriber:
        owner = host.owner("transcriber", transcriber.name)

        def load(context: TranscriberContext) -> LoadedTranscriber:
            with guarded(owner, transcriber.name):
                return _GuardedTranscriber(transcriber.load(context), owner, transcriber.name)

        return replace(transcriber, load=load)

    return {name: guard(transcriber) for name, transcriber in host.transcribers.items()}


class _GuardedRecognizer:
    """A loaded recogniser whose plugin is called under guard, and what it says is looked at."""

    def __init__(self, loaded: LoadedRecognizer, recognizer: Recognizer, owner: Plugin) -> None:
        self._loaded, self._recognizer, self._owner = loaded, recognizer, owner

    def recognize(self, passage: Passage) -> Sequence[Recognized]:
        with guarded(self._owner, self._recognizer.name):
            found = list(self._loaded.recognize(passage))
            right = all(
                0 <= one.start < one.end <= len(passage.content)
                and 0 <= one.score <= 1
                and one.identifier in self._recognizer.identifiers
                for one in found
            )
        if not right:
            raise PluginFailedError(
                f"The recogniser '{self._recognizer.name}' gave a span outside the text, a score "
                "outside 0 to 1 or a class that it does not declare; report this to its author."
            )
        return found

    def close(self) -> None:
        with guarded(self._owner, self._recognizer.name):
            self._loaded.close()


def guarded_recognizers(host: Host) -> Mapping[str, Recognizer]:
    """Every recogniser, calling its plugin under guard."""

    def guard(recognizer: Recognizer) -> Recognizer:
        owner = host.owner("recognizer", recognizer.name)

        def load(context: RecognizerContext) -> LoadedRecognizer:
            with guarded(owner, recognizer.name):
                return _GuardedRecognizer(recognizer.load(context), recognizer, owner)

        return replace(recognizer, load=load)

    return {name: guard(recognizer) for name, recognizer in host.recognizers.items()}
