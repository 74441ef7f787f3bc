"""The settings that stages derive theirs from."""

from veilcast.settings.base import (
    ChosenFile,
    PrivateFile,
    PrivateWords,
    StageSettings,
    UserFile,
)
from veilcast.settings.choice import Choice
from veilcast.settings.covering import CoverSettings
from veilcast.settings.detect import DetectorChoice, DetectorSettings, DetectSettings
from veilcast.settings.identifiers import IdentifierSettings
from veilcast.settings.text_reading import (
    ReadPictureSettings,
    TextReaderChoice,
    TextReaderSettings,
)
from veilcast.settings.track_selection import SelectionSettings, TrackTime
from veilcast.settings.transcription import (
    AUTO,
    NONE,
    SoundSettings,
    TranscriberChoice,
    TranscriberSettings,
    TranscribeSettings,
)

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
    "ReadPictureSettings",
    "SelectionSettings",
    "SoundSettings",
    "StageSettings",
    "TextReaderChoice",
    "TextReaderSettings",
    "TrackTime",
    "TranscribeSettings",
    "TranscriberChoice",
    "TranscriberSettings",
    "UserFile",
]
