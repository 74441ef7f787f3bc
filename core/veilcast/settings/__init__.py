"""The settings that stages derive theirs from."""

from veilcast.settings.base import (
    ChosenFile,
    PrivateFile,
    PrivateWords,
    StageSettings,
    UserFile,
)
from veilcast.settings.choice import Choice
from veilcast.settings.covers import CoverSettings
from veilcast.settings.detect import DetectorChoice, DetectorSettings, DetectSettings
from veilcast.settings.selection import SelectionSettings, TrackTime
from veilcast.settings.speech import (
    AUTO,
    NONE,
    SoundSettings,
    TranscriberChoice,
    TranscriberSettings,
    TranscribeSettings,
)
from veilcast.settings.text import IdentifierSettings

__all__ = [
    "AUTO",
    "NONE",
    "Choice",
    "ChosenFile",
    "CoverSettings",
    "DetectSettings",
    "DetectorChoice",
    "DetectorSettings",
    "IdentifierSettings",
    "PrivateFile",
    "PrivateWords",
    "SelectionSettings",
    "SoundSettings",
    "StageSettings",
    "TrackTime",
    "TranscribeSettings",
    "TranscriberChoice",
    "TranscriberSettings",
    "UserFile",
]
