"""Every extension point.

Hooks declare and the host executes: each hook takes no argument and returns descriptors; the host
calls what they hold itself, so that a failure names its plugin. A plugin is a module (or object)
with any of these functions, marked with `hookimpl` and named by an entry point in the group
``veilcast``:

    # my_plugin.py
    from veilcast.plugin import Detection, VisualDetector, hookimpl

    class Tattoos:
        def __init__(self, context):  # a DetectorContext
            self.model = my_model(context.models["tattoo"], context.least_score)

        def detect(self, picture):
            return [Detection(box=box, score=score) for box, score in self.model(picture)]

        def close(self):
            self.model.free()

    @hookimpl
    def veilcast_detectors():
        yield VisualDetector(name="tattoo", identifier="tattoo", hipaa="R", models=("tattoo",),
                             summary="Tattoos on bare skin", load=Tattoos)

    # pyproject.toml
    [project.entry-points.veilcast]
    tattoo = "my_plugin"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

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

PROJECT = "veilcast"
"""The pluggy project name and the entry-point group."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def veilcast_stages() -> Iterable[Stage]:  # type: ignore[empty-body]
    """Whole stages: file in, file out."""


@hookspec
def veilcast_detectors() -> Iterable[VisualDetector]:  # type: ignore[empty-body]
    """Pictures in, boxes out."""


@hookspec
def veilcast_transcribers() -> Iterable[Transcriber]:  # type: ignore[empty-body]
    """Sound in, words with times out."""


@hookspec
def veilcast_recognizers() -> Iterable[Recognizer]:  # type: ignore[empty-body]
    """Text in, spans of identifiers out: in speech, subtitles, tags and on the screen."""


@hookspec
def veilcast_treatments() -> Iterable[PixelTreatment | SoundTreatment]:  # type: ignore[empty-body]
    """How covered pixels and sounds are destroyed."""


@hookspec
def veilcast_checks() -> Iterable[Check]:  # type: ignore[empty-body]
    """What the delivered file must pass."""


@hookspec
def veilcast_models() -> Iterable[ModelFile | ModelFolder]:  # type: ignore[empty-body]
    """Models by name: where they come from, their checksum and licence."""


@hookspec
def veilcast_profiles() -> Iterable[ProfileDocument]:  # type: ignore[empty-body]
    """Ready settings for a use."""
