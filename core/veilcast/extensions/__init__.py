"""The descriptors that plugins hand to the host: what each extension point yields.

Descriptors are plain frozen data with callables in them. Building one must be cheap: heavy modules
are imported inside the callables, so that listing plugins never loads a model runtime.
"""

from veilcast.extensions.checks import Check, CheckContext, Problem, Treated
from veilcast.extensions.models import (
    Download,
    HubRepository,
    ModelFile,
    ModelFolder,
    WheelFile,
    WheelFolder,
    WheelMember,
)
from veilcast.extensions.profiles import ProfileDocument
from veilcast.extensions.recognizers import (
    LoadedRecognizer,
    Passage,
    Recognized,
    Recognizer,
    RecognizerContext,
)
from veilcast.extensions.stages import (
    Cache,
    LocateContext,
    LookedFor,
    Progress,
    RedactContext,
    Stage,
)
from veilcast.extensions.text_readers import (
    LineReading,
    LoadedTextReader,
    TextLine,
    TextReader,
    TextReaderContext,
)
from veilcast.extensions.transcribers import (
    Heard,
    LoadedTranscriber,
    Transcriber,
    TranscriberContext,
    Transcription,
)
from veilcast.extensions.treatments import PixelTreatment, Plane, SoundPart, SoundTreatment
from veilcast.extensions.visual_detectors import DetectorContext, LoadedDetector, VisualDetector

__all__ = [
    "Cache",
    "Check",
    "CheckContext",
    "DetectorContext",
    "Download",
    "Heard",
    "HubRepository",
    "LineReading",
    "LoadedDetector",
    "LoadedRecognizer",
    "LoadedTextReader",
    "LoadedTranscriber",
    "LocateContext",
    "LookedFor",
    "ModelFile",
    "ModelFolder",
    "Passage",
    "PixelTreatment",
    "Plane",
    "Problem",
    "ProfileDocument",
    "Progress",
    "Recognized",
    "Recognizer",
    "RecognizerContext",
    "RedactContext",
    "SoundPart",
    "SoundTreatment",
    "Stage",
    "TextLine",
    "TextReader",
    "TextReaderContext",
    "Transcriber",
    "TranscriberContext",
    "Transcription",
    "Treated",
    "VisualDetector",
    "WheelFile",
    "WheelFolder",
    "WheelMember",
]
