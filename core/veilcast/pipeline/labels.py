"""Labels are the user's own words and go into findings, manifest and report: none may name anybody.

What is listed as known of the people is looked for in them with the matching that names of files
are read with: what sounds like it counts too. Recognisers are not asked: a label is a class of
thing by its form, and they would have to be loaded for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.errors import FindingsError, SettingError
from veilcast.pipeline.search_scope import looked_for
from veilcast.settings import IdentifierSettings
from veilcast.text.disclosure import Listed
from veilcast.text.policies import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from veilcast.findings import Findings
    from veilcast.host import Host
    from veilcast.profile import PlannedStage, Profile


def listed(profile: Profile) -> Listed:
    """What the user listed of the people, for any stage.

    Raises:
        SettingError: the list can't be read any more.
    """
    return Listed(p.settings for p in profile.stages if isinstance(p.settings, IdentifierSettings))


def check_labels(host: Host, profile: Profile) -> None:
    """Refuse labels in settings, such as those of regions, that say what is known of somebody.

    Raises:
        SettingError: one does.
    """
    known = listed(profile)
    for planned in profile.stages:
        labels = _marked(host, planned)
        if wrong := sum(map(known.said_in, labels)):
            raise SettingError(
                f"{wrong} of the {len(labels)} labels of stage '{planned.stage.name}' say what is "
                "listed as known of somebody, and labels are written into findings, manifest and "
                "report; label the kind of thing, such as 'wristband', and not whose it is."
            )


def check_written_labels(host: Host, profile: Profile, found: Sequence[Findings]) -> None:
    """Refuse classes that a person wrote into findings, if they say what is known of somebody.

    Raises:
        FindingsError: one does.
    """
    known, declared = listed(profile), declared_classes(host)
    for findings in found:
        if any(known.said_in(one) for one in set(classes_in(findings)) - declared):
            raise FindingsError(
                f"A label in the findings of stage '{findings.stage}' says what is listed as "
                "known of somebody, and labels are written into manifest and report; label the "
                "kind of thing, such as 'wristband', and not whose it is."
            )


def declared_classes(host: Host) -> frozenset[str]:
    """The classes that core and plugins have names for: they say nothing of anybody."""
    return frozenset(
        [
            *CLASSES,
            *(detector.identifier for detector in host.detectors.values()),
            *(name for one in host.recognizers.values() for name in one.identifiers),
        ]
    )


def classes_in(findings: Findings) -> Iterator[str]:
    """Every class of thing that a stage's findings name."""
    yield from (track.identifier for track in findings.tracks)
    yield from (sound.identifier for sound in findings.sounds)
    for word in findings.words:
        if word.identifier:
            yield word.identifier
    for caption in findings.captions:
        for span in caption.spans:
            yield span.identifier
    for item in findings.items:
        yield from item.held


def _marked(host: Host, planned: PlannedStage) -> list[str]:
    """What a person says that they marked: the other classes are the plugin's own words."""
    labels = {one.identifier for one in looked_for(host, planned) if one.how == "marked"}
    return sorted(labels - declared_classes(host))
