"""The testing kit for plugins: contracts as rules, media, hosts of one plugin, and whole runs.

For the tests of plugins, not for programs. Its fixtures are a plugin of pytest,
`veilcast.testing.fixtures`; the functions work without pytest too.

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from veilcast.testing.checks import CHECK_RULES as CHECK_RULES
    from veilcast.testing.checks import CheckCase as CheckCase
    from veilcast.testing.checks import check_check as check_check
    from veilcast.testing.detector_rules import DETECTOR_RULES as DETECTOR_RULES
    from veilcast.testing.detector_rules import check_detector as check_detector
    from veilcast.testing.detectors import DetectorCase as DetectorCase
    from veilcast.testing.hosts import make_host as make_host
    from veilcast.testing.manifests import assert_manifest as assert_manifest
    from veilcast.testing.media import MediaMaker as MediaMaker
    from veilcast.testing.recognizers import RECOGNISER_RULES as RECOGNISER_RULES
    from veilcast.testing.recognizers import RecogniserCase as RecogniserCase
    from veilcast.testing.recognizers import check_recogniser as check_recogniser
    from veilcast.testing.rules import Rule as Rule
    from veilcast.testing.rules import RuleBroken as RuleBroken
    from veilcast.testing.runs import Ran as Ran
    from veilcast.testing.runs import run_pipeline as run_pipeline
    from veilcast.testing.stage_rules import STAGE_RULES as STAGE_RULES
    from veilcast.testing.stage_rules import check_stage as check_stage
    from veilcast.testing.stages import StageCase as StageCase
    from veilcast.testing.transcribers import TRANSCRIBER_RULES as TRANSCRIBER_RULES
    from veilcast.testing.transcribers import TranscriberCase as TranscriberCase
    from veilcast.testing.transcribers import check_transcriber as check_transcriber
    from veilcast.testing.treatments import (
        PIXEL_TREATMENT_RULES as PIXEL_TREATMENT_RULES,
    )
    from veilcast.testing.treatments import (
        SOUND_TREATMENT_RULES as SOUND_TREATMENT_RULES,
    )
    from veilcast.testing.treatments import PixelTreatmentCase as PixelTreatmentCase
    from veilcast.testing.treatments import SoundTreatmentCase as SoundTreatmentCase
    from veilcast.testing.treatments import check_treatment as check_treatment

_WHERE = {
    "CHECK_RULES": "checks",
    "CheckCase": "checks",
    "DETECTOR_RULES": "detector_rules",
    "DetectorCase": "detectors",
    "MediaMaker": "media",
    "PIXEL_TREATMENT_RULES": "treatments",
    "PixelTreatmentCase": "treatments",
    "RECOGNISER_RULES": "recognizers",
    "Ran": "runs",
    "RecogniserCase": "recognizers",
    "Rule": "rules",
    "RuleBroken": "rules",
    "SOUND_TREATMENT_RULES": "treatments",
    "STAGE_RULES": "stage_rules",
    "SoundTreatmentCase": "treatments",
    "StageCase": "stages",
    "TRANSCRIBER_RULES": "transcribers",
    "TranscriberCase": "transcribers",
    "assert_manifest": "manifests",
    "check_check": "checks",
    "check_detector": "detector_rules",
    "check_recogniser": "recognizers",
    "check_stage": "stage_rules",
    "check_transcriber": "transcribers",
    "check_treatment": "treatments",
    "make_host": "hosts",
    "run_pipeline": "runs",
}

__all__ = [*_WHERE]  # noqa: PLE0604 - names, as the imports above have them


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
