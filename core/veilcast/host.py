"""The plugin manager behind a typed facade: the only caller of pluggy.

A plugin that can't be loaded is remembered with its reason, and shown. It becomes an error as soon
as anything it might have provided is asked for: skipping it would be a leak.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from veilcast import __version__, hookspecs
from veilcast.errors import PluginLoadError, ProfileError, SettingError, UnknownStageError
from veilcast.extensions import (
    Check,
    ModelFile,
    ModelFolder,
    PixelTreatment,
    ProfileDocument,
    Recognizer,
    SoundTreatment,
    Stage,
    Transcriber,
    VisualDetector,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

_KINDS: dict[str, tuple[str, tuple[type[Any], ...]]] = {
    "veilcast_stages": ("stage", (Stage,)),
    "veilcast_detectors": ("detector", (VisualDetector,)),
    "veilcast_transcribers": ("transcriber", (Transcriber,)),
    "veilcast_recognizers": ("recognizer", (Recognizer,)),
    "veilcast_treatments": ("treatment", (PixelTreatment, SoundTreatment)),
    "veilcast_checks": ("check", (Check,)),
    "veilcast_models": ("model", (ModelFile, ModelFolder)),
    "veilcast_profiles": ("profile", (ProfileDocument,)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin as found: where it came from, what it provides, why it failed."""

    name: str
    distribution: str
    version: str
    provides: tuple[str, ...] = ()
    failure: str = ""


@dataclass(slots=True)
class _Registry:
    owners: dict[tuple[str, str], Plugin] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    clashes: dict[tuple[str, str], str] = field(default_factory=dict)


class Host:
    """Everything that plugins provide, by kind and name."""

    def __init__(self, entry_points: Iterable[importlib.metadata.EntryPoint] | None = None) -> None:
        """Load plugins.

        Args:
            entry_points: which; all of the group ``veilcast`` when None.
        """
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._registry = _Registry(things={kind: {} for kind, _ in _KINDS.values()})
        self._modules: dict[str, Any] = {}
        if entry_points is None:
            entry_points = importlib.metadata.entry_points(group=hookspecs.PROJECT)
        # Sorted, so that nothing depends on the order in which distributions were installed.
        self.plugins = tuple(
            self._load(point) for point in sorted(entry_points, key=lambda p: (p.name, p.value))
        )

    def _load(self, point: importlib.metadata.EntryPoint) -> Plugin:
        distribution = point.dist.name if point.dist else "unknown"
        version = point.dist.version if point.dist else "unknown"
        key = f"{distribution}:{point.name}"
        try:
            loaded = point.load()
            self._manager.register(loaded, name=key)
            self._manager.check_pending()
            provided = self._collect(loaded)
        # A plugin may raise anything, or leave; that is kept and shown.
        except (Exception, SystemExit) as exc:  # noqa: BLE001
            if self._manager.has_plugin(key):
                # Else its unknown hooks would fail the check of every plugin after it.
                self._manager.unregister(name=key)
            return Plugin(
                name=point.name,
                distribution=distribution,
                version=version,
                failure=f"{type(exc).__name__}: {exc}",
            )
        names = []
        for kind, name, thing in provided:
            names.append(f"{kind} {name}")
            owner = self._registry.owners.get((kind, name))
            if owner is not None:
                self._registry.clashes[kind, name] = (
                    f"The {kind} '{name}' is provided by both {owner.distribution} and "
                    f"{distribution}; uninstall one of them."
                )
            self._registry.things[kind][name] = thing
        plugin = Plugin(
            name=point.name, distribution=distribution, version=version, provides=tuple(names)
        )
        for kind, name, _ in provided:
            self._registry.owners[kind, name] = plugin
        self._modules[key] = sys.modules[point.module]
        return plugin

    def _collect(self, loaded: Any) -> list[tuple[str, str, Any]]:
        others = [p for p in self._manager.get_plugins() if p is not loaded]
        provided: list[tuple[str, str, Any]] = []
        for hook, (kind, types) in _KINDS.items():
            answers: Any = self._manager.subset_hook_caller(hook, others)()
            for things in answers:
                for thing in things:
                    if not isinstance(thing, types):
                        raise TypeError(f"{hook} gave a {type(thing).__name__}")
                    provided.append((kind, thing.name, thing))
        return provided

    def _all(self, kind: str) -> Mapping[str, Any]:
        for (clashing, _), message in self._registry.clashes.items():
            if clashing == kind:
                raise PluginLoadError(message)
        return self._registry.things[kind]

    @property
    def stages(self) -> Mapping[str, Stage]:
        """By name."""
        return self._all("stage")

    @property
    def detectors(self) -> Mapping[str, VisualDetector]:
        """By name."""
        return self._all("detector")

    @property
    def transcribers(self) -> Mapping[str, Transcriber]:
        """By name."""
        return self._all("transcriber")

    @property
    def recognizers(self) -> Mapping[str, Recognizer]:
        """By name."""
        return self._all("recognizer")

    @property
    def pixel_treatments(self) -> Mapping[str, PixelTreatment]:
        """By name."""
        things = self._all("treatment")
        return {name: t for name, t in things.items() if isinstance(t, PixelTreatment)}

    @property
    def sound_treatments(self) -> Mapping[str, SoundTreatment]:
        """By name."""
        things = self._all("treatment")
        return {name: t for name, t in things.items() if isinstance(t, SoundTreatment)}

    @property
    def checks(self) -> Mapping[str, Check]:
        """By name."""
        return self._all("check")

    @property
    def models(self) -> Mapping[str, ModelFile | ModelFolder]:
        """By name."""
        return self._all("model")

    @property
    def profiles(self) -> Mapping[str, ProfileDocument]:
        """By name."""
        return self._all("profile")

    def stage(self, name: str) -> Stage:
        """The stage of this name.

        Raises:
            UnknownStageError: nothing provides it.
            PluginLoadError: nothing provides it and a plugin failed to load, perhaps the one.
        """
        return _need(self, "stage", name, self.stages, UnknownStageError)

    def detector(self, name: str) -> VisualDetector:
        """The detector of this name; errors as in `stage`."""
        return _need(self, "detector", name, self.detectors, SettingError)

    def transcriber(self, name: str) -> Transcriber:
        """The transcriber of this name; errors as in `stage`."""
        return _need(self, "transcriber", name, self.transcribers, SettingError)

    def recognizer(self, name: str) -> Recognizer:
        """The recogniser of this name; errors as in `stage`."""
        return _need(self, "recognizer", name, self.recognizers, SettingError)

    def model(self, name: str) -> ModelFile | ModelFolder:
        """The model of this name; errors as in `stage`."""
        return _need(self, "model", name, self.models, SettingError)

    def owner(self, kind: str, name: str) -> Plugin:
        """Which plugin provides it."""
        return self._registry.owners[kind, name]

    def code_digest(self, plugin: Plugin) -> str:
        """SHA-256 over the files of a plugin and of core: located results are kept by it."""
        module = self._modules[f"{plugin.distribution}:{plugin.name}"]
        digest = hashlib.sha256(__version__.encode())
        for part in (sys.modules["veilcast"], module):
            file = Path(str(part.__file__))
            files = sorted(file.parent.rglob("*")) if file.name == "__init__.py" else [file]
            for source in files:  # what a plugin carries, such as a language model, decides too
                if source.is_file() and source.parent.name != "__pycache__":
                    digest.update(source.name.encode() + b"\0" + source.read_bytes())
        return digest.hexdigest()


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known name, or all of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"known: {', '.join(known)}." if known else "there are none."


def _need(host: Host, kind: str, name: str, known: Mapping[str, T], error: type[ProfileError]) -> T:
    if name in known:
        return known[name]
    failed = [plugin for plugin in host.plugins if plugin.failure]
    if failed:
        which = ", ".join(f"{p.name} (of {p.distribution} {p.version})" for p in failed)
        raise PluginLoadError(
            f"There is no {kind} '{name}', and these plugins could not be loaded: {which}; "
            f"'veilcast plugins' says why."
        )
    raise error(f"There is no {kind} '{name}': {nearest(name, known)}")
