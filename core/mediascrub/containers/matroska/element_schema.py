"""Which elements a player needs, and what they hold (RFC 9559, 5.1; RFC 8794, 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediascrub.containers.codec_configs import dolby_vision
from mediascrub.containers.matroska.element_values import (
    CODECS,
    language,
    one_of,
    real,
    section,
    simple_tag,
    sint,
    uint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mediascrub.containers.fields import Handler

_TRACKS = 0xFFFF
_POSITION = 1 << 48


@dataclass(frozen=True, slots=True)
class Spec:
    """An element: its name, and what reads its body, what may be in it, or what it is called.

    Attributes:
        name: of the specification.
        read: reads its body.
        children: what may be in it, by identifier.
        several: it may be there more than once.
        refused: what it is, where no player needs it, with its HIPAA letter.
        hipaa: as in `Part`.
    """

    name: str
    read: Handler | None = None
    children: Mapping[int, Spec] | None = None
    several: bool = False
    refused: str = ""
    hipaa: str = ""


def _flag(name: str) -> Spec:
    return Spec(name, uint(1))


def _identifier(name: str) -> Spec:
    return Spec(name, refused="unique number")


_APP = one_of("Lavf", "", kind="name of a program")
_HEADER = {
    0x4286: Spec("EBMLVersion", uint(1)),
    0x42F7: Spec("EBMLReadVersion", uint(1)),
    0x42F2: Spec("EBMLMaxIDLength", uint(4)),
    0x42F3: Spec("EBMLMaxSizeLength", uint(8)),
    0x4282: Spec("DocType", one_of("matroska", "webm", kind="unknown document type")),
    0x4287: Spec("DocTypeVersion", uint(5)),
    0x4285: Spec("DocTypeReadVersion", uint(5)),
    0x4281: Spec("DocTypeExtension", refused="extension of the document type"),
}
_SEEK = {0x53AB: Spec("SeekID", section), 0x53AC: Spec("SeekPosition", uint(_POSITION))}
_INFO = {
    0x2AD7B1: Spec("TimestampScale", uint(10**12)),
    0x4489: Spec("Duration", real()),
    0x4D80: Spec("MuxingApp", _APP),
    0x5741: Spec("WritingApp", _APP),
    0x4461: Spec("DateUTC", refused="date", hipaa="C"),
    0x7BA9: Spec("Title", refused="title"),
    0x7384: Spec("SegmentFilename", refused="file name"),
    0x73A4: _identifier("SegmentUUID"),
    0x3CB923: _identifier("PrevUUID"),
    0x3EB923: _identifier("NextUUID"),
    0x4444: _identifier("SegmentFamily"),
    0x3C83AB: Spec("PrevFilename", refused="file name"),
    0x3E83BB: Spec("NextFilename", refused="file name"),
    0x6924: Spec("ChapterTranslate", refused="chapters"),
}
_MASTERING = {
    0x55D1 + n: Spec(name, real())
    for n, name in enumerate(
        "PrimaryRChromaticityX PrimaryRChromaticityY PrimaryGChromaticityX PrimaryGChromaticityY "
        "PrimaryBChromaticityX PrimaryBChromaticityY WhitePointChromaticityX "
        "WhitePointChromaticityY LuminanceMax LuminanceMin".split()
    )
}
_COLOUR = {
    0x55B1 + n: Spec(name, uint(_TRACKS))
    for n, name in enumerate(
        "MatrixCoefficients BitsPerChannel ChromaSubsamplingHorz ChromaSubsamplingVert "
        "CbSubsamplingHorz CbSubsamplingVert ChromaSitingHorz ChromaSitingVert Range "
        "TransferCharacteristics Primaries MaxCLL MaxFALL".split()
    )
} | {0x55D0: Spec("MasteringMetadata", children=_MASTERING)}
_PROJECTION = {
    0x7671: Spec("ProjectionType", uint(3)),
    0x7672: Spec("ProjectionPrivate", refused="description of the projection"),
    0x7673: Spec("ProjectionPoseYaw", real(180)),
    0x7674: Spec("ProjectionPosePitch", real(180)),
    0x7675: Spec("ProjectionPoseRoll", real(180)),
}
_FOURCC = one_of(
    *"Y800 Y8 GREY Y16 RGB2 BGR2 BGRA RGBA I420 YV12 YUY2 UYVY YUYV 2vuy v210 I422 I444 NV12 "
    "b48r b64a raw P422 YVYU".split(),
    kind="unknown format",
)
_VIDEO = {
    0x9A: Spec("FlagInterlaced", uint(2)),
    0x9D: Spec("FieldOrder", uint(14)),
    0x53B8: Spec("StereoMode", uint(14)),
    0x53C0: Spec("AlphaMode", uint(1)),
    0xB0: Spec("PixelWidth", uint(_TRACKS)),
    0xBA: Spec("PixelHeight", uint(_TRACKS)),
    0x54AA: Spec("PixelCropBottom", uint(_TRACKS)),
    0x54BB: Spec("PixelCropTop", uint(_TRACKS)),
    0x54CC: Spec("PixelCropLeft", uint(_TRACKS)),
    0x54DD: Spec("PixelCropRight", uint(_TRACKS)),
    0x54B0: Spec("DisplayWidth", uint()),
    0x54BA: Spec("DisplayHeight", uint()),
    0x54B2: Spec("DisplayUnit", uint(4)),
    0x54B3: Spec("AspectRatioType", uint(3)),
    0x2EB524: Spec("UncompressedFourCC", _FOURCC),
    0x2383E3: Spec("FrameRate", real(10_000)),
    0x55B0: Spec("Colour", children=_COLOUR),
    0x7670: Spec("Projection", children=_PROJECTION),
}
_AUDIO = {
    0xB5: Spec("SamplingFrequency", real(1e7)),
    0x78B5: Spec("OutputSamplingFrequency", real(1e7)),
    0x9F: Spec("Channels", uint(255)),
    0x6264: Spec("BitDepth", uint(64)),
}
_MAPPING = {
    0x41E7: Spec("BlockAddIDType", one_of("dvcC", "dvvC", "dvwC", kind="addition to blocks")),
    0x41A4: Spec("BlockAddIDName", one_of("Dolby Vision configuration", kind="name")),
    0x41ED: Spec("BlockAddIDExtraData", dolby_vision),
    0x41F0: Spec("BlockAddIDValue", uint(255)),
}
_ENTRY = {
    0xD7: Spec("TrackNumber", uint(_TRACKS)),
    0x73C5: Spec("TrackUID", uint(_TRACKS, "unique number")),
    0x83: Spec("TrackType", uint(17)),
    0xB9: _flag("FlagEnabled"),
    0x88: _flag("FlagDefault"),
    0x55AA: _flag("FlagForced"),
    0x55AB: _flag("FlagHearingImpaired"),
    0x55AC: _flag("FlagVisualImpaired"),
    0x55AD: _flag("FlagTextDescriptions"),
    0x55AE: _flag("FlagOriginal"),
    0x55AF: _flag("FlagCommentary"),
    0x9C: _flag("FlagLacing"),
    0xAA: _flag("CodecDecodeAll"),
    0x6DE7: Spec("MinCache", uint(255)),
    0x6DF8: Spec("MaxCache", uint(255)),
    0x23E383: Spec("DefaultDuration", uint(1 << 40)),
    0x234E7A: Spec("DefaultDecodedFieldDuration", uint(1 << 40)),
    0x23314F: Spec("TrackTimestampScale", real(1000)),
    0x55EE: Spec("MaxBlockAdditionID", uint(255)),
    0x22B59C: Spec("Language", language),
    0x22B59D: Spec("LanguageBCP47", language),
    0x86: Spec("CodecID", one_of(*CODECS, kind="unknown codec")),
    0x63A2: Spec("CodecPrivate", refused="codec configuration of an unknown codec"),
    0x56AA: Spec("CodecDelay", uint(1 << 40)),
    0x56BB: Spec("SeekPreRoll", uint(1 << 40)),
    0xE0: Spec("Video", children=_VIDEO),
    0xE1: Spec("Audio", children=_AUDIO),
    0x536E: Spec("Name", refused="track's name"),
    0x258688: Spec("CodecName", refused="codec's name"),
    0x7446: Spec("AttachmentLink", refused="reference to an attachment"),
    0x6D80: Spec("ContentEncodings", refused="content encoding"),
    0x41E4: Spec("BlockAdditionMapping", children=_MAPPING, several=True),
    0xE2: Spec("TrackOperation", refused="operation on tracks"),
    0x6624: Spec("TrackTranslate", refused="chapters"),
}
_MORE = {0xEE: Spec("BlockAddID", uint(1)), 0xA5: Spec("BlockAdditional")}
_GROUP = {
    0xA1: Spec("Block"),
    0x9B: Spec("BlockDuration", uint(1 << 40)),
    0xFA: Spec("ReferencePriority", uint(255)),
    0xFB: Spec("ReferenceBlock", sint()),
    0x75A2: Spec("DiscardPadding", sint()),
    0x75A1: Spec(
        "BlockAdditions", children={0xA6: Spec("BlockMore", children=_MORE, several=True)}
    ),
    0xA4: Spec("CodecState", refused="codec state"),
}
_CLUSTER = {
    0xE7: Spec("Timestamp", uint(_POSITION)),
    0xA7: Spec("Position", uint(_POSITION)),
    0xAB: Spec("PrevSize", uint(_POSITION)),
    0xA3: Spec("SimpleBlock", several=True),
    0xA0: Spec("BlockGroup", children=_GROUP, several=True),
}
_CUE_POSITIONS = {
    0xF7: Spec("CueTrack", uint(_TRACKS)),
    0xF1: Spec("CueClusterPosition", uint(_POSITION)),
    0xF0: Spec("CueRelativePosition", uint(_POSITION)),
    0xB2: Spec("CueDuration", uint(1 << 40)),
    0x5378: Spec("CueBlockNumber", uint()),
}
_CUE = {
    0xB3: Spec("CueTime", uint(_POSITION)),
    0xB7: Spec("CueTrackPositions", children=_CUE_POSITIONS, several=True),
}
_TAG = {
    0x63C0: Spec(
        "Targets",
        children={
            0x63C5: Spec("TagTrackUID", uint(_TRACKS, "unique number")),
            0x68CA: Spec("TargetTypeValue", uint(70)),
        },
    ),
    0x67C8: Spec("SimpleTag", simple_tag, several=True),
}
_SEGMENT = {
    0x114D9B74: Spec(
        "SeekHead", children={0x4DBB: Spec("Seek", children=_SEEK, several=True)}, several=True
    ),
    0x1549A966: Spec("Info", children=_INFO),
    0x1654AE6B: Spec("Tracks", children={0xAE: Spec("TrackEntry", children=_ENTRY, several=True)}),
    0x1F43B675: Spec("Cluster", children=_CLUSTER, several=True),
    0x1C53BB6B: Spec("Cues", children={0xBB: Spec("CuePoint", children=_CUE, several=True)}),
    0x1254C367: Spec("Tags", children={0x7373: Spec("Tag", children=_TAG, several=True)}),
    0x1043A770: Spec("Chapters", refused="chapters"),
    0x1941A469: Spec("Attachments", refused="attached files"),
}
EBML, SEGMENT, CLUSTER, VOID, CRC = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xEC, 0xBF
TRACK_ENTRY, CODEC_PRIVATE, SIMPLE_BLOCK, BLOCK, ADDITIONAL = 0xAE, 0x63A2, 0xA3, 0xA1, 0xA5
TOP = {
    EBML: Spec("EBML", children=_HEADER),
    SEGMENT: Spec("Segment", children=_SEGMENT),
}
"""Elements by identifier, each with what may be in it."""
SECTIONS = frozenset(_SEGMENT)
"""What ends a cluster of unknown size."""
