"""Calls plugins: whatever they raise or return that is wrong names them and stops the run."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from veilcast.compatibility import type_name
from veilcast.errors import (
    Interrupted,
    PluginFailedError,
    PluginFramesError,
    PluginLoadError,
    PluginOutputError,
    VeilcastError,
)
from veilcast.extras import is_module, remedy
from veilcast.pipeline import response_validation as responses
from veilcast.pipeline.watchdog import called, current_call
from veilcast.redaction.render import Treatments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from veilcast.extensions import (
        LineReading,
        Passage,
        Recognized,
        Recognizer,
        TextReader,
        Transcriber,
        Transcription,
        VisualDetector,
    )
    from veilcast.host import Host, Plugin
    from veilcast.pipeline.watchdog import Call
    from veilcast.types import Detection, Picture


_D = TypeVar("_D", "VisualDetector", "Transcriber", "TextReader", "Recognizer")
_FLAT = 0.125
"""Share of the largest sample by which others may differ where there is nothing to be seen."""


@contextlib.contextmanager
def guarded(
    plugin: Plugin,
    what: str,
    *,
    using: Call | None = None,
    wrong: type[VeilcastError] = PluginFailedError,
) -> Iterator[Call]:
    """Turn a plugin's own errors, and its answers that are wrong, into ours.

    The message of a foreign error may hold anything, so only its type is told.

    Args:
        plugin: whose code runs within.
        what: what of it, for people.
        using: the call of another plugin that waits for this one, where that is in another thread.
        wrong: the error for an answer that is not what it has to be.

    Yields:
        The call, whose progress is its sign of life.
    """
    with called(plugin, what, using) as call:
        try:
            yield call
        except VeilcastError as exc:
            _refuse_unreadable(plugin, what, exc)
            _attribute(plugin, exc)
            raise
        except responses.WrongError as exc:
            raise wrong(
                f"The plugin '{plugin.name}' of {plugin.distribution} {plugin.version} gave {exc}, "
                f"in '{what}'; report this to its author."
            ) from exc
        except BaseException as exc:
            # Ctrl-C is the user's. Plugins raise kinds of it, and leave, but that is theirs.
            if type(exc) in (KeyboardInterrupt, GeneratorExit):
                raise
            _blame(plugin, what, exc)


def _refuse_unreadable(plugin: Plugin, what: str, exc: VeilcastError) -> None:
    """A plugin's own kind of our errors has to be one that can be told."""
    try:
        sentence, code = str(exc), exc.exit_code
    except BaseException:  # noqa: BLE001 - it is foreign code, and only asked for a sentence
        _blame(plugin, what, exc)
    if not sentence or not isinstance(code, int) or not 0 < code < 256:
        _blame(plugin, what, exc)


def _attribute(plugin: Plugin, exc: VeilcastError) -> None:
    """A sentence of somebody else's plugin is told as theirs, on one line."""
    named = (PluginFailedError, PluginFramesError, PluginLoadError, PluginOutputError, Interrupted)
    if not (plugin.ours or exc.attributed or isinstance(exc, named)):
        who = f"The plugin '{plugin.name}' of {plugin.distribution} {plugin.version}"
        exc.args = (f"{who} says: {' '.join(str(exc).split())[:500]}",)
        exc.attributed = True


def _blame(plugin: Plugin, what: str, exc: BaseException) -> NoReturn:
    if isinstance(exc, ModuleNotFoundError) and is_module(exc.name):
        raise PluginLoadError(
            f"The plugin '{plugin.name}' of {plugin.distribution} {plugin.version} needs the "
            f"package {exc.name}, which is not installed, for '{what}': "
            f"{remedy(exc.name, plugin.distribution, plugin.name)}."
        ) from exc
    raise PluginFailedError(
        f"The plugin '{plugin.name}' of {plugin.distribution} {plugin.version} failed in "
        f"'{what}' with {type_name(exc)}; report this to its author."
    ) from exc


def guarded_treatments(host: Host) -> Treatments:
    """Every treatment, calling its plugin under guard."""

    def guard(treatment: Any, alike: Callable[[Any, Any], bool]) -> Any:
        owner = host.owner("treatment", treatment.name)

        def apply(samples: Any, *numbers: Any) -> Any:
            given = samples.shape, samples.dtype
            before = None if owner.ours else samples.copy()
            with guarded(owner, treatment.name, wrong=PluginOutputError):
                result = treatment.apply(samples, *numbers)
                if (
                    getattr(result, "shape", None) != given[0]
                    or not hasattr(result, "dtype")
                    or not alike(result.dtype, given[1])
                ):
                    raise responses.WrongError("samples of another shape or type than it was given")
                if before is not None and _left_alone(before, result):
                    raise responses.WrongError("back what it should have destroyed")
            return result

        return replace(treatment, apply=apply)

    pixels, sounds = host.pixel_treatments, host.sound_treatments
    return Treatments(
        pixels={name: guard(one, lambda its, given: its == given) for name, one in pixels.items()},
        sounds={name: guard(one, lambda its, _: its.kind == "f") for name, one in sounds.items()},
    )


def _left_alone(before: NDArray[Any], after: NDArray[Any]) -> bool:
    """Whether something was there to be destroyed, and all of it still is."""
    if not before.size or float(before.max()) - float(before.min()) <= _FLAT * float(before.max()):
        return False
    return bool((before == after).all())


class _Guarded:
    """Something that a plugin loaded: it is called under guard, and its answers are validated."""

    def __init__(
        self,
        loaded: Any,
        methods: Mapping[str, Callable[[Any, Any], Any]],
        guard: Callable[[], AbstractContextManager[Call]],
    ) -> None:
        """Wrap it.

        Args:
            loaded: what the descriptor's `load` gave.
            methods: by name; each takes one argument. What is given to it and what it answered
                become the answer as it may be used.
            guard: what each call is made in.
        """
        self._loaded, self._guard = loaded, guard
        for method, validated in methods.items():
            setattr(self, method, partial(self._ask, method, validated))

    def _ask(self, method: str, validated: Callable[[Any, Any], Any], given: Any) -> Any:
        with self._guard():
            return validated(getattr(self._loaded, method)(given), given)

    def close(self) -> None:
        with self._guard():
            self._loaded.close()


def _guarded_all(
    host: Host,
    kind: str,
    descriptors: Mapping[str, _D],
    methods: Mapping[str, Callable[[_D, Any, Any], Any]],
) -> dict[str, _D]:
    """Descriptors whose plugins are called under guard, on behalf of who is called now."""
    using = current_call()

    def guard(one: _D) -> _D:
        under = partial(guarded, host.owner(kind, one.name), one.name, using=using)

        def load(context: Any) -> Any:
            with under():
                loaded = _ready(one.load(context), methods)
                own = {method: partial(validated, one) for method, validated in methods.items()}
                return _Guarded(loaded, own, under)

        return replace(one, load=load)

    return {name: guard(one) for name, one in descriptors.items()}


def guarded_detectors(host: Host) -> Mapping[str, VisualDetector]:
    """Every visual detector, calling its plugin under guard."""

    def validated(detector: VisualDetector, said: Any, picture: Picture) -> Sequence[Detection]:
        return responses.detections(said)

    return _guarded_all(host, "detector", host.detectors, {"detect": validated})


def guarded_transcribers(host: Host) -> Mapping[str, Transcriber]:
    """Every transcriber, calling its plugin under guard."""

    def validated(
        transcriber: Transcriber, said: Any, samples: NDArray[np.float32]
    ) -> Transcription:
        return responses.transcription(said, len(samples) / transcriber.rate_hz)

    return _guarded_all(host, "transcriber", host.transcribers, {"transcribe": validated})


def guarded_text_readers(host: Host) -> Mapping[str, TextReader]:
    """Every text reader, calling its plugin under guard."""

    def found(reader: TextReader, said: Any, picture: Picture) -> list[NDArray[np.float64]]:
        return responses.corners(said, picture.shape[1], picture.shape[0])

    def read(reader: TextReader, said: Any, picture: Picture) -> LineReading:
        return responses.line_reading(said)

    return _guarded_all(host, "text reader", host.text_readers, {"find": found, "read": read})


def guarded_recognizers(host: Host) -> Mapping[str, Recognizer]:
    """Every recogniser, calling its plugin under guard."""

    def validated(recognizer: Recognizer, said: Any, passage: Passage) -> Sequence[Recognized]:
        return responses.spans(said, len(passage.content), recognizer)

    return _guarded_all(host, "recognizer", host.recognizers, {"recognize": validated})


def _ready(loaded: Any, methods: Iterable[str]) -> Any:
    """What `load` gave, if it can be used."""
    if not all(callable(getattr(loaded, method, None)) for method in (*methods, "close")):
        needed = "(), ".join(methods)
        raise responses.WrongError(f"something without {needed}() and close() when it was loaded")
    return loaded
