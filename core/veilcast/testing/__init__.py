"""The testing kit for plugins: contracts as rules, media, hosts of one plugin, and whole runs.

For the tests of plugins, not for programs. Its fixtures are a plugin of pytest,
`veilcast.testing.fixtures`; the functions work without pytest too.

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from veilcast.testing.check_rules import CHECK_RULES as CHECK_RULES
    from veilcast.testing.check_rules import CheckCase as CheckCase
    from veilcast.testing.check_rules import check_check as check_check
    from veilcast.testing.detector_case import DetectorCase as DetectorCase
    from veilcast.testing.detector_rules import DETECTOR_RULES as DETECTOR_RULES
    from veilcast.testing.detector_rules import check_detector as check_detector
    from veilcast.testing.hosts import make_host as make_host
    from veilcast.testing.manifests import assert_manifest as assert_manifest
    from veilcast.testing.media import MediaMaker as MediaMaker
    from veilcast.testing.pipeline_runs import Ran as Ran
    from veilcast.testing.pipeline_runs import run_pipeline as run_pipeline
    from veilcast.testing.recognizer_rules import RECOGNISER_RULES as RECOGNISER_RULES
    from veilcast.testing.recognizer_rules import RecogniserCase as RecogniserCase
    from veilcast.testing.recognizer_rules import check_recogniser as check_recogniser
    from veilcast.testing.rule import Rule as Rule
    from veilcast.testing.rule import RuleBroken as RuleBroken
    from veilcast.testing.stage_case import StageCase as StageCase
    from veilcast.testing.stage_rules import STAGE_RULES as STAGE_RULES
    from veilcast.testing.stage_rules import check_stage as check_stage
    from veilcast.testing.text_reader_case import TextReaderCase as TextReaderCase
    from veilcast.testing.text_reader_rules import TEXT_READER_RULES as TEXT_READER_RULES
    from veilcast.testing.text_reader_rules import check_text_reader as check_text_reader
    from veilcast.testing.transcriber_rules import TRANSCRIBER_RULES as TRANSCRIBER_RULES
    from veilcast.testing.transcriber_rules import TranscriberCase as TranscriberCase
    from veilcast.testing.transcriber_rules import check_transcriber as check_transcriber
    from veilcast.testing.treatment_rules import (
        PIXEL_TREATMENT_RULES as PIXEL_TREATMENT_RULES,
    )
    from veilcast.testing.treatment_rules import (
        SOUND_TREATMENT_RULES as SOUND_TREATMENT_RULES,
    )
    from veilcast.testing.treatment_rules import PixelTreatmentCase as PixelTreatmentCase
    from veilcast.testing.treatment_rules import SoundTreatmentCase as SoundTreatmentCase
    from veilcast.testing.treatment_rules import check_treatment as check_treatment

_WHERE = {
    "CHECK_RULES": "check_rules",
    "CheckCase": "check_rules",
    "DETECTOR_RULES": "detector_rules",
    "DetectorCase": "detector_case",
    "MediaMaker": "media",
    "PIXEL_TREATMENT_RULES": "treatment_rules",
    "PixelTreatmentCase": "treatment_rules",
    "RECOGNISER_RULES": "recognizer_rules",
    "Ran": "pipeline_runs",
    "RecogniserCase": "recognizer_rules",
    "Rule": "rule",
    "RuleBroken": "rule",
    "SOUND_TREATMENT_RULES": "treatment_rules",
    "STAGE_RULES": "stage_rules",
    "SoundTreatmentCase": "treatment_rules",
    "StageCase": "stage_case",
    "TEXT_READER_RULES": "text_reader_rules",
    "TRANSCRIBER_RULES": "transcriber_rules",
    "TextReaderCase": "text_reader_case",
    "TranscriberCase": "transcriber_rules",
    "assert_manifest": "manifests",
    "check_check": "check_rules",
    "check_detector": "detector_rules",
    "check_recogniser": "recognizer_rules",
    "check_stage": "stage_rules",
    "check_text_reader": "text_reader_rules",
    "check_transcriber": "transcriber_rules",
    "check_treatment": "treatment_rules",
    "make_host": "hosts",
    "run_pipeline": "pipeline_runs",
}

__all__ = [*_WHERE]  # noqa: PLE0604 - names, as the imports above have them


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
