"""What a plugin author imports: this module and nothing else of Veilcast."""

from __future__ import annotations

from veilcast.errors import NoPictureError, RegionsError, SettingError, VeilcastError
from veilcast.extensions import (
    Check,
    CheckContext,
    DetectorContext,
    Download,
    LoadedDetector,
    LocateContext,
    ModelFile,
    PixelTreatment,
    Plane,
    ProfileDocument,
    Progress,
    RedactContext,
    SoundTreatment,
    Stage,
    VisualDetector,
    WheelMember,
)
from veilcast.findings import Findings
from veilcast.hookspecs import hookimpl
from veilcast.offline import cut_off
from veilcast.settings import (
    CoverSettings,
    DetectorChoice,
    DetectorSettings,
    DetectSettings,
    StageSettings,
    UserFile,
)
from veilcast.timing import parse_time, us_ceil, us_floor
from veilcast.types import (
    HIPAA_LETTERS,
    Box,
    Cover,
    Detection,
    Item,
    Origin,
    Phase,
    Picture,
    Sound,
    Track,
)
from veilcast.visual import Followed, Mark, Stretch, follow_marks, locate_visual
from veilcast.yamlfile import YamlError, line_of, load_yaml

__all__ = [
    "HIPAA_LETTERS",
    "Box",
    "Check",
    "CheckContext",
    "Cover",
    "CoverSettings",
    "DetectSettings",
    "Detection",
    "DetectorChoice",
    "DetectorContext",
    "DetectorSettings",
    "Download",
    "Findings",
    "Followed",
    "Item",
    "LoadedDetector",
    "LocateContext",
    "Mark",
    "ModelFile",
    "NoPictureError",
    "Origin",
    "Phase",
    "Picture",
    "PixelTreatment",
    "Plane",
    "ProfileDocument",
    "Progress",
    "RedactContext",
    "RegionsError",
    "SettingError",
    "Sound",
    "SoundTreatment",
    "Stage",
    "StageSettings",
    "Stretch",
    "Track",
    "UserFile",
    "VeilcastError",
    "VisualDetector",
    "WheelMember",
    "YamlError",
    "cut_off",
    "follow_marks",
    "hookimpl",
    "line_of",
    "load_yaml",
    "locate_visual",
    "parse_time",
    "us_ceil",
    "us_floor",
]
