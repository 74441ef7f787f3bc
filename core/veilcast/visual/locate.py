"""From a source and detectors to tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import SettingError
from veilcast.findings import Findings
from veilcast.findings.advice import not_followed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.extensions import LocateContext
    from veilcast.settings import DetectorChoice, DetectSettings
    from veilcast.visual.chosen import Chosen


def locate_visual(context: LocateContext, stage: str, *, identifier: str | None = None) -> Findings:
    """Run the detectors that the settings name over the source's picture, and follow what they see.

    Anything that any of the detectors reports counts (their union).

    Args:
        context: its settings are `DetectSettings`.
        stage: the name of the calling stage.
        identifier: the class of what the stage covers; None: whatever its detectors find.

    Raises:
        SettingError: an unknown detector, or detectors of different classes.
    """
    from veilcast.visual.detector_looks import DetectorLooks
    from veilcast.visual.watching import watched

    settings: DetectSettings = context.settings
    video = context.media.video
    if video is None:
        return Findings(stage=stage, nothing_to_do="The input has no picture.")
    chosen = _chosen(context, settings.detectors, stage, identifier)
    first = chosen[0].detector
    tracks, looks = watched(
        context,
        DetectorLooks(chosen, context.models, video.displayed_size, settings),
        rate=settings.sample_rate,
        hold=settings.hold,
        identifier=first.identifier,
        hipaa=first.hipaa,
        detector="+".join(one.detector.name for one in chosen),
    )
    warnings = []
    if not tracks:
        warnings.append(
            f"No {first.identifier} was detected; if there is one, lower "
            f"{stage}.confidence, raise {stage}.sample_rate, or mark it as a region."
        )
    warnings += not_followed(stage, tracks, looks)
    return Findings(stage=stage, tracks=tracks, warnings=tuple(warnings), examined=looks)


def _chosen(
    context: LocateContext, choices: Sequence[DetectorChoice], stage: str, identifier: str | None
) -> list[Chosen]:
    from veilcast.visual.chosen import Chosen

    settings: DetectSettings = context.settings
    chosen = []
    for choice in choices:
        if choice.name not in context.detectors:
            raise SettingError(
                f"There is no detector '{choice.name}'; 'veilcast plugins' lists them."
            )
        detector = context.detectors[choice.name]
        if identifier is not None and detector.identifier != identifier:
            fitting = [d.name for d in context.detectors.values() if d.identifier == identifier]
            raise SettingError(
                f"The detector '{choice.name}' finds a {detector.identifier}, but the stage "
                f"'{stage}' covers a {identifier}; choose one of {', '.join(sorted(fitting))}."
            )
        own = choice.own or detector.settings()
        chosen.append(Chosen.of(detector, own, settings.confidence))
    if not chosen or len({one.detector.identifier for one in chosen}) > 1:
        raise SettingError("Name one or more detectors, all of the same identifier class.")
    return chosen
