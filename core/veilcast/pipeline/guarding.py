"""Calling plugins: whatever they raise names them and stops the run."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from veilcast.errors import PluginFailedError, VeilcastError
from veilcast.redact.render import Treatments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.extensions import DetectorContext, LoadedDetector, VisualDetector
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
