"""The plugin manager behind a typed facade: the only module that knows pluggy.

A plugin that can't be loaded is remembered with its reason, and shown. Until it is gone or mended
no recording is worked on (`Host.check_loaded`): doing so without it would be a leak.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import inspect
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from veilcast import __version__, hookspecs
from veilcast.compatibility import DECLARED, UnusableError, check_api, why_not_loaded
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
    TextReader,
    Transcriber,
    VisualDetector,
)
from veilcast.extensions.validity import why_unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

PROJECT = "veilcast"
"""The group of the entry points, and pluggy's name for the project."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as one of the hooks in `veilcast.hookspecs`."""

_KINDS: dict[str, tuple[str, tuple[type[Any], ...]]] = {
    "veilcast_stages": ("stage", (Stage,)),
    "veilcast_detectors": ("detector", (VisualDetector,)),
    "veilcast_transcribers": ("transcriber", (Transcriber,)),
    "veilcast_text_readers": ("text reader", (TextReader,)),
    "veilcast_recognizers": ("recognizer", (Recognizer,)),
    "veilcast_treatments": ("treatment", (PixelTreatment, SoundTreatment)),
    "veilcast_checks": ("check", (Check,)),
    "veilcast_models": ("model", (ModelFile, ModelFolder)),
    "veilcast_profiles": ("profile", (ProfileDocument,)),
}

_specified = pluggy.HookspecMarker(PROJECT)
for _hook in _KINDS:
    _specified(getattr(hookspecs, _hook))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin as found: where it came from, what it provides, why it failed.

    Attributes:
        name: of its entry point.
        distribution: the installed distribution that brought it.
        version: of that distribution.
        provides: each a kind and a name, such as ``stage faces``.
        failure: why it could not be loaded, on one line; "" when it was.
    """

    name: str
    distribution: str
    version: str
    provides: tuple[str, ...] = ()
    failure: str = ""

    @property
    def ours(self) -> bool:
        """Whether it comes with Veilcast."""
        return self.distribution == PROJECT


@dataclass(slots=True)
class _Registry:
    owners: dict[tuple[str, str], Plugin] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    clashes: dict[tuple[str, str], str] = field(default_factory=dict)


_NOBODY = ("not-installed", "0")
MOST = 10_000
"""How many things a hook may give: one that never ends must not fill the memory."""


class Host:
    """Everything that plugins provide, by kind and name."""

    def __init__(
        self,
        entry_points: Iterable[importlib.metadata.EntryPoint] | None = None,
        *,
        objects: Mapping[str, object] | None = None,
    ) -> None:
        """Load plugins.

        Args:
            entry_points: which; all of the group ``veilcast`` when None.
            objects: plugins that no distribution has brought, by name: modules, or objects.
        """
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._registry = _Registry(things={kind: {} for kind, _ in _KINDS.values()})
        self._modules: dict[str, Any] = {}
        if entry_points is None:
            entry_points = importlib.metadata.entry_points(group=PROJECT)
        # Sorted, so that nothing depends on the order in which distributions were installed.
        points = sorted(entry_points, key=lambda p: (p.name, p.value))
        named = sorted((objects or {}).items())
        self.plugins = (
            *(self._load(point.name, *_brought_by(point), point.load) for point in points),
            *(self._load(name, *_NOBODY, partial(_as_given, one)) for name, one in named),
        )

    def _load(self, name: str, distribution: str, version: str, load: Callable[[], Any]) -> Plugin:
        key = f"{distribution}:{name}"
        try:
            loaded = load()
            module = loaded if inspect.ismodule(loaded) else _module_of(loaded)
            check_api(getattr(loaded, DECLARED, getattr(module, DECLARED, None)))
            self._manager.register(loaded, name=key)
            self._check_hooks(key)
            provided = self._collect(loaded)
        # A plugin may raise anything, or leave; that is kept and shown.
        except BaseException as exc:
            if self._manager.has_plugin(key):
                # Else its unknown hooks would fail the check of every plugin after it.
                self._manager.unregister(name=key)
            if type(exc) is KeyboardInterrupt:  # the user's; a plugin's own are of other types
                raise
            return Plugin(
                name=name,
                distribution=distribution,
                version=version,
                failure=why_not_loaded(exc),
            )
        for kind, what, thing in provided:
            owner = self._registry.owners.get((kind, what))
            if owner is not None:
                self._registry.clashes[kind, what] = (
                    f"The {kind} '{what}' is provided by both {owner.distribution} and "
                    f"{distribution} (as '{owner.name}' and '{name}'); uninstall one of them."
                )
            self._registry.things[kind][what] = thing
        plugin = Plugin(
            name=name,
            distribution=distribution,
            version=version,
            provides=tuple(f"{kind} {what}" for kind, what, _ in provided),
        )
        for kind, what, _ in provided:
            self._registry.owners[kind, what] = plugin
        self._modules[key] = module
        return plugin

    def _check_hooks(self, key: str) -> None:
        """Pluggy's own check, with a sentence for people where there is no such hook."""
        for caller in self._manager.get_hookcallers(self._manager.get_plugin(key)) or ():
            if caller.spec is None:
                raise UnusableError(
                    f"it has a hook '{caller.name}', which this Veilcast {__version__} does not "
                    f"know: {nearest(caller.name, _KINDS)} Upgrade Veilcast, or have it corrected"
                )
        self._manager.check_pending()

    def _collect(self, loaded: Any) -> list[tuple[str, str, Any]]:
        others = [p for p in self._manager.get_plugins() if p is not loaded]
        hooks = {caller.name for caller in self._manager.get_hookcallers(loaded) or ()}
        provided: dict[tuple[str, str], Any] = {}
        for hook, (kind, types) in _KINDS.items():
            answers: Any = self._manager.subset_hook_caller(hook, others)()
            if hook in hooks and not answers:
                # Pluggy leaves such answers out; whoever forgot to yield should hear of it.
                raise TypeError(f"{hook} gave None; yield what it provides, or return a list")
            for things in answers:
                for count, thing in enumerate(things):
                    if not isinstance(thing, types):
                        raise TypeError(f"{hook} gave a {type(thing).__name__}")
                    if wrong := why_unusable(thing):
                        raise UnusableError(f"{wrong}; have it corrected")
                    if (kind, thing.name) in provided:
                        raise UnusableError(f"it provides the {kind} '{thing.name}' twice")
                    if count >= MOST:
                        raise UnusableError(f"{hook} gives more than {MOST} things")
                    provided[kind, thing.name] = thing
        return [(kind, name, thing) for (kind, name), thing in provided.items()]

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
    def text_readers(self) -> Mapping[str, TextReader]:
        """By name."""
        return self._all("text reader")

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

    def text_reader(self, name: str) -> TextReader:
        """The text reader of this name; errors as in `stage`."""
        return _need(self, "text reader", name, self.text_readers, SettingError)

    def recognizer(self, name: str) -> Recognizer:
        """The recogniser of this name; errors as in `stage`."""
        return _need(self, "recognizer", name, self.recognizers, SettingError)

    def model(self, name: str) -> ModelFile | ModelFolder:
        """The model of this name; errors as in `stage`."""
        return _need(self, "model", name, self.models, SettingError)

    def check_loaded(self) -> None:
        """Every installed plugin is there: what one would have looked for must not be missed.

        Raises:
            PluginLoadError: one could not be loaded.
        """
        failed = [plugin for plugin in self.plugins if plugin.failure]
        if failed:
            which = ", ".join(f"'{p.name}' of {p.distribution} {p.version}" for p in failed)
            raise PluginLoadError(
                f"Nothing is done while a plugin can't be loaded ({which}), or what it looks for "
                "would be missed; 'veilcast plugins' says why: mend it or uninstall it."
            )

    def owner(self, kind: str, name: str) -> Plugin:
        """Which plugin provides it."""
        return self._registry.owners[kind, name]

    def code_digest(self, plugin: Plugin) -> str:
        """SHA-256 over the files of a plugin and of core: located results are kept by it."""
        module = self._modules[f"{plugin.distribution}:{plugin.name}"]
        digest = hashlib.sha256(__version__.encode())
        for part in (sys.modules["veilcast"], module):
            file = Path(str(getattr(part, "__file__", None)))
            files = sorted(file.parent.rglob("*")) if file.name == "__init__.py" else [file]
            for source in files:  # what a plugin carries, such as a language model, decides too
                if source.is_file() and source.parent.name != "__pycache__":
                    digest.update(source.name.encode() + b"\0" + source.read_bytes())
        return digest.hexdigest()


def _brought_by(point: importlib.metadata.EntryPoint) -> tuple[str, str]:
    return (point.dist.name, point.dist.version) if point.dist else ("unknown", "unknown")


def _as_given(plugin: object) -> object:
    return plugin


def _module_of(plugin: object) -> Any:
    """Where an object comes from: an instance's class, or the thing itself, says it."""
    where = plugin if hasattr(plugin, "__module__") else type(plugin)
    return sys.modules.get(str(where.__module__))


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
