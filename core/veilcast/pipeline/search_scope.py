"""What each stage of a profile looks for, found or not: for the manifest and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import PluginOutputError
from veilcast.extensions import LookedFor
from veilcast.pipeline.plugin_calls import guarded
from veilcast.settings import IdentifierSettings, TranscribeSettings
from veilcast.text.known import KEYS
from veilcast.text.policies import CLASSES, POLICIES
from veilcast.types import HIPAA_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.host import Host
    from veilcast.profile import PlannedStage

AUTO = "auto"


def looked_for(host: Host, planned: PlannedStage) -> tuple[LookedFor, ...]:
    """The classes of identifiers that a stage looks for with its settings, each once, sorted.

    Raises:
        PluginFailedError, PluginOutputError: the stage does not say it as it should.
    """
    stage, settings = planned.stage, planned.settings
    if stage.looks_for is None:
        said = [*_by_detectors(host, planned), *_by_reading(host, planned)]
    else:
        with guarded(host.owner("stage", stage.name), stage.name):
            said = list(stage.looks_for(settings, counted(host, planned)))
        if not all(_is_right(one) for one in said):
            raise PluginOutputError(
                f"The stage '{stage.name}' does not say what it looks for as it should; "
                "report this to its author."
            )
    return tuple(sorted(set(said), key=lambda o: (o.where, o.identifier, o.hipaa, o.how)))


def counted(host: Host, planned: PlannedStage) -> dict[str, str]:
    """The classes in text that count with a stage's settings, each with its letter.

    Those that the user lists as known count whatever the policy. Recognisers that do not know the
    language are left out where the settings name one.
    """
    settings = planned.settings
    if not isinstance(settings, IdentifierSettings):
        return {}
    language = str(getattr(settings, "language", AUTO))
    letters = dict(CLASSES)
    found: set[str] = set()
    for name in settings.recognizers or tuple(sorted(host.recognizers)):
        recognizer = host.recognizer(name)
        letters.update(recognizer.identifiers)
        if language == AUTO or not recognizer.languages or language in recognizer.languages:
            found.update(recognizer.identifiers)
    counts = {identifier for identifier in found if _counts(settings, identifier)}
    if settings.known is not None:
        counts.update(identifier for _, identifier in KEYS.values())
    if settings.deny:
        counts.add("other")
    return {identifier: letters[identifier] for identifier in sorted(counts)}


def _counts(settings: IdentifierSettings, identifier: str) -> bool:
    said = settings.identifiers.get(identifier)
    if said is not None:
        return said is not False
    if identifier == "number" and settings.all_numbers:
        return True
    return POLICIES[settings.policy].covers(identifier)


def _by_detectors(host: Host, planned: PlannedStage) -> Iterator[LookedFor]:
    for name in planned.stage.detectors(planned.settings):
        detector = host.detector(name)
        yield LookedFor(identifier=detector.identifier, hipaa=detector.hipaa, where="pixels")


def _by_reading(host: Host, planned: PlannedStage) -> Iterator[LookedFor]:
    spoken = isinstance(planned.settings, TranscribeSettings)
    for identifier, letter in counted(host, planned).items():
        yield LookedFor(identifier=identifier, hipaa=letter, where="speech" if spoken else "text")


def _is_right(one: object) -> bool:
    return (
        isinstance(one, LookedFor)
        and isinstance(one.identifier, str)
        and (one.hipaa == "" or (len(one.hipaa) == 1 and one.hipaa in HIPAA_LETTERS))
        and one.where in ("pixels", "speech", "text", "metadata")
        and one.how in ("sought", "marked", "whole")
    )
