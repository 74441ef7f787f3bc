"""The tags that a delivered file may have: those that only describe how to play it.

By ExifTool's groups and names, each with the values that it may take. Nothing else passes: a tag
that nobody has thought of is a failure, not an oversight.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veilcast.media.exif import Tag

_NUMBER = r"-?(\d+(\.\d+)?(e[-+]?\d+)?|inf|undef)"
_NUMBERS = rf"({_NUMBER}([ ,:x]{_NUMBER})*)?"
_BINARY = r"\(Binary data \d+ bytes, use -b option to extract\)"
_NO_BYTES = r"\(Binary data [0-8] bytes, use -b option to extract\)"
_SHORT = rf"([\s\S]{{0,12}}|{_BINARY})"
_NO_DATE = r"0000:00:00 00:00:00Z?"
_FOURCC = r"[A-Za-z0-9 ._-]{0,4}"
_EMPTY = r"\s*"

PADDING = frozenset({("RIFF", "Unknown_JUNK"), ("FLAC", "Padding"), ("QuickTime", "Unknown_free")})
"""Room that muxers leave; its bytes have to be looked at."""

_GROUP1 = {
    "QuickTime": r"QuickTime|Track\d+",
    "Matroska": r"Matroska|Track\d+",
    "PNG": r"PNG|PNG-pHYs|PNG-cICP",
    "M2TS": r"M2TS|AC3",
    "Vorbis": r"Vorbis|Theora",
    "H264": r"H264|Track\d+",
    "EXIF": r"IFD0",
    "APP14": r"Adobe",
    "ICC_Profile": r"ICC_Profile|ICC-(header|chrm|meas|view|cicp)",
}

_WORKING_SPACES = "|".join(
    re.escape(name)
    for name in (
        "sRGB",
        "sRGB IEC61966-2.1",
        "sRGB IEC61966-2-1",
        "sRGB IEC61966-2-1 black scaled",
        "sRGB built-in",
        "GIMP built-in sRGB",
        "RGB built-in",
        "RGB",
        "Gray",
        "c2",
        "c2ci",
        "uRGB",
        "Display P3",
        "DCI(P3) RGB",
        "Adobe RGB (1998)",
        "Apple RGB",
        "ColorMatch RGB",
        "ProPhoto RGB",
        "Generic RGB Profile",
        "Generic Gray Profile",
        "Generic Gray Gamma 2.2 Profile",
        "Gray Gamma 2.2",
        "Dot Gain 20%",
        "Rec. 709",
        "Rec. 2020",
    )
)
_PROFILE_MAKERS = (
    r"(Copyright (\(c\) )?(\d{4} )?)?"
    r"(Apple (Inc\.|Computer, Inc\.)|Adobe Systems Incorporated|Hewlett-Packard Company|"
    r"Google Inc\.|Eastman Kodak Company)(, ?\d{4}| \d{4})?|No copyright, use freely|"
    r"Public Domain|CC0|FB"
)
_IEC = (
    r"IEC http://www\.iec\.ch|IEC 61966-2\.1 Default RGB colour space - sRGB|"
    r"Reference Viewing Condition in IEC61966-2\.1"
)

_RULES: dict[str, dict[str, str]] = {
    "Composite": {_NUMBERS: "ImageSize Megapixels AvgBitrate AudioBitrate Rotation Duration"},
    "File": {
        r"[A-Z0-9]{2,5}|Extended WEBP": "FileType FileTypeExtension",
        r"(video|audio|image)/[a-z0-9.+-]+": "MIMEType",
        r"MM|II": "ExifByteOrder",
        rf"{_NUMBERS}|{_FOURCC}": "Compression",
        # Of a picture in AVI: where HuffYUV has the beginning of its tables.
        rf"{_NUMBERS}|[\s\S]{{4}}": "ColorSpace",
        _NUMBERS: """BMPVersion BitDepth BitsPerSample ColorComponents EncodingProcess ImageHeight
            ImageLength ImageWidth NumColors NumImportantColors PixelsPerMeterX PixelsPerMeterY
            Planes YCbCrSubSampling RedMask GreenMask BlueMask AlphaMask
            RedEndpoint GreenEndpoint BlueEndpoint GammaRed GammaGreen GammaBlue RenderingIntent
            ProfileDataOffset ProfileSize""",
    },
    "QuickTime": {
        _NO_DATE: "CreateDate ModifyDate TrackCreateDate TrackModifyDate MediaCreateDate"
        " MediaModifyDate",
        r"\d+\.\d+\.\d+": "MinorVersion",
        _FOURCC: """MajorBrand CompatibleBrands AudioFormat CompressorID PurchaseFileFormat
            ColorProfiles""",
        r"(vide|soun|sbtl|mdir|url |alis|)": "HandlerType",
        r"(mhlr|dhlr|)": "HandlerClass",
        r"(VideoHandler|SoundHandler|SubtitleHandler|DataHandler|\s*)": "HandlerDescription",
        r"(appl|\s*)": "HandlerVendorID",
        # The muxer writes FFMP into every MOV; it says nothing about anybody.
        r"(FFMP|\s*)": "VendorID",
        r"[a-z]{3}|\d+": "MediaLanguageCode",
        _EMPTY: "CompressorName",
        _NO_BYTES: "Free Wide",
        # Of subtitles that are kept: their texts are another check's.
        r"tx3g": "OtherFormat",
        r"Sans-Serif": "FontTable",
        rf"{_NUMBERS}|{_NUMBER} s": "SampleTime SampleDuration",
        _BINARY: """MediaData NullMediaHeader AVCConfiguration HEVCConfiguration AV1Configuration
            ChunkOffset ChunkOffset64 CompositionTimeToSample CompositionToDecodeTimelineMapping
            IdependentAndDisposableSamples SampleGroupDescription SampleSizes SampleToChunk
            SampleToGroup SyncSampleTable TimeToSampleTable Unknown_elst""",
        _SHORT: """Unknown_edts Unknown_esds Unknown_alac Unknown_btrt Unknown_dac3 Unknown_dec3
            Unknown_dOps Unknown_dfLa Unknown_hvcC Unknown_av1C Unknown_vpcC Unknown_SmDm
            Unknown_CoLL Unknown_mdcv Unknown_clli Unknown_gama Unknown_chan Unknown_mp4a
            Unknown_glbl Unknown_frma Unknown_enda Unknown_ACLR Unknown_APRG Unknown_ARES
            Unknown_AORD Unknown_pcmC Unknown_chnl Unknown_d263 Unknown_damr""",
        _NUMBERS: """AudioBitsPerSample AudioChannelTypes AudioChannels AudioSampleRate
            AverageBitrate AverageFrameRate Balance BitDepth BufferSize ChannelDescriptions
            CleanApertureDimensions ColorPrimaries CurrentTime Duration EncodedPixelsDimensions
            Endianness Gamma GraphicsMode ImageHeight ImageWidth LayoutFlags MatrixCoefficients
            MatrixStructure MaxBitrate MediaDataOffset MediaDataSize MediaDuration
            MediaHeaderVersion MediaTimeScale MovieHeaderVersion NextTrackID
            NumChannelDescriptions OpColor PixelAspectRatio PosterTime PreferredRate
            PreferredVolume PreviewDuration PreviewTime ProductionApertureDimensions
            SelectionDuration SelectionTime SourceImageHeight SourceImageWidth TimeScale
            TrackDuration TrackHeaderVersion TrackID TrackLayer TrackVolume
            TransferCharacteristics VideoFieldOrder VideoFrameRate VideoFullRangeFlag XResolution
            YResolution CleanApertureWidth CleanApertureHeight CleanApertureOffsetX
            CleanApertureOffsetY HEVCConfigurationVersion AV1ConfigurationVersion ChromaFormat
            ChromaSamplePosition BitDepthLuma BitDepthChroma""",
    },
    "Matroska": {
        r"matroska|webm": "DocType",
        r"Lavf|": "MuxingApp WritingApp",
        r"[AV]_[A-Z0-9/_.]{1,24}|S_TEXT/(UTF8|WEBVTT)|D_WEBVTT/SUBTITLES": "CodecID VideoCodecID"
        " AudioCodecID",
        r"[a-z]{3}": "TrackLanguage",
        _SHORT: "TrackUID TagTrackUID SeekID CodecPrivate Matroska_0x0070 Matroska_0x0032",
        # Flags and colour; delays before and after a codec's own samples.
        rf"[\s\S]{{0,200}}|{_BINARY}": """Matroska_0x001d Matroska_0x15b0 Matroska_0x16aa
            Matroska_0x16bb Matroska_0x35a2 Matroska_0x15ae Matroska_0x15ee Matroska_0x15b9
            Matroska_0x13c0 Matroska_0x3670""",
        rf"{_NUMBERS}|\d\d:\d\d:\d\d\.\d{{9}}": "Duration",
        _NUMBERS: """AudioBitsPerSample AudioChannels AudioSampleRate OutputAudioSampleRate CRC-32
            CueBlockNumber CueClusterPosition CueTime CueTrack DisplayHeight DisplayUnit
            DisplayWidth CropTop CropBottom CropLeft CropRight DocTypeReadVersion DocTypeVersion
            EBMLMaxIDLength EBMLMaxSizeLength EBMLReadVersion EBMLVersion ImageHeight ImageWidth
            MaxBlockAdditionID MinCache DefaultDuration SeekPosition TimeCode TimecodeScale
            TrackDefault TrackForced TrackLacing TrackNumber TrackType TrackUsed VideoAspectRatio
            VideoFrameRate VideoScanType VideoStereoMode""",
    },
    "RIFF": {
        r"auds|vids": "StreamType",
        _FOURCC: "VideoCodec",
        rf"{_NUMBERS}|[\x00-\x1f]|{_FOURCC}": "AudioCodec",
        _SHORT: "Unknown_vprp",
        # Of WebP.
        r"\d{1,2}": """WebP_Flags VP8Version HorizontalScale VerticalScale AlphaPreprocessing
            AlphaFiltering AlphaCompression""",
        _NUMBERS: """AspectRatio AudioSampleCount AudioSampleRate AvgBytesPerSec BitsPerSample
            ChannelMask Encoding FrameCount FrameRate ImageHeight ImageWidth MaxDataRate
            NumChannels NumberOfSamples Quality SampleRate SampleSize StreamCount TotalFrameCount
            ValidBitsPerSample VideoFrameCount VideoFrameRate""",
    },
    "ASF": {
        _NO_DATE: "CreationDate",
        r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}": "ErrorCorrectionType StreamType",
        r"0{8}(-0{4}){3}-0{12}": "FileID",
        r"(wmv[123]|vc1|msmpeg4(v[123])?|mpeg4|h264|mjpeg|\s*)": "VideoCodecName",
        r"(Windows Media Audio V[78]|wma(v[12]|pro|lossless|voice)|mp3|mp2|aac|ac3|pcm_[a-z0-9]+"
        r"|\s*)": "AudioCodecName",
        _EMPTY: "VideoCodecDescription AudioCodecDescription",
        _NUMBERS: """AspectRatioX AspectRatioY AudioChannels AudioCodecID AudioSampleRate
            DataPackets Duration FileLength Flags ImageHeight ImageWidth MaxBitrate MaxPacketSize
            MinPacketSize Preroll SendDuration StreamNumber TimeOffset""",
    },
    "MPEG": {
        rf"{_NUMBERS}|Variable": "VideoBitrate",
        _NUMBERS: """AspectRatio AudioBitrate AudioLayer ChannelMode CopyrightFlag Emphasis
            FrameRate
            ImageHeight ImageWidth IntensityStereo MPEGAudioVersion MSStereo ModeExtension
            OriginalMedia SampleRate VBRFrames VBRBytes VBRScale""",
    },
    "M2TS": {
        _NUMBERS: """AudioBitrate AudioChannels AudioSampleRate AudioStreamType Duration
            SurroundMode
            VideoStreamType""",
    },
    "H264": {_NUMBERS: "ImageHeight ImageWidth"},
    "Flash": {
        rf"{_NUMBERS}|True|False|Yes|No": """AudioBitrate AudioSampleSize
            AudioBitsPerSample AudioChannels AudioCodecID
            AudioEncoding AudioSampleRate AudioSampleBits Duration FileSizeBytes FrameRate
            ImageHeight ImageWidth Stereo VideoBitrate VideoCodecID VideoEncoding""",
    },
    "AIFF": {
        _EMPTY: "CompressorName",
        _FOURCC: "CompressionType",
        # The date of the AIFF-C specification, which the format wants here.
        r"1990:05:23 14:40:00": "FormatVersionTime",
        _NUMBERS: "NumChannels NumSampleFrames SampleRate SampleSize",
    },
    "FLAC": {
        r"[0-9a-f]{32}": "MD5Signature",
        _NUMBERS: """BitsPerSample BlockSizeMax BlockSizeMin Channels FrameSizeMax FrameSizeMin
            SampleRate TotalSamples""",
    },
    "Vorbis": {
        r"ffmpeg|Lavf|": "Vendor",
        # For which speakers the channels are, where FLAC itself can't say that.
        r"0x[0-9A-Fa-f]{1,5}": "WaveformatextensibleChannelMask",
        _NUMBERS: "AudioChannels MaximumBitrate MinimumBitrate NominalBitrate SampleRate"
        " VorbisVersion",
    },
    "Opus": {_NUMBERS: "AudioChannels OpusVersion OutputGain SampleRate"},
    "Theora": {
        _NUMBERS: """TheoraVersion ImageWidth ImageHeight XOffset YOffset FrameRate PixelAspectRatio
            ColorSpace NominalVideoBitrate Quality PixelFormat""",
    },
    "JFIF": {_NUMBERS: "JFIFVersion ResolutionUnit XResolution YResolution"},
    "APP14": {_NUMBERS: "DCTEncodeVersion APP14Flags0 APP14Flags1 ColorTransform"},
    "EXIF": {
        r"[1-8]": "Orientation",
        # What the standard wants beside it, with the values that mean nothing.
        r"72": "XResolution",
        r"\d+(\.\d+)?": "YResolution",
        r"[12]": "ResolutionUnit YCbCrPositioning",
        # How a TIFF's samples lie. In other stills `stills.still_residues` lets none of these pass.
        r"\d+": "ImageWidth ImageHeight RowsPerStrip",
        r"(1|2|4|8|16)( (1|2|4|8|16)){0,3}": "BitsPerSample",
        r"1|5|8|32773|32946": "Compression",
        r"[0-4]": "PhotometricInterpretation SamplesPerPixel PlanarConfiguration Predictor",
        r"[012]": "ExtraSamples",
        rf"\d+( \d+)*|{_BINARY}": "StripOffsets StripByteCounts ColorMap",
    },
    "PNG": {
        r"ICC profile|icm": "ProfileName",
        rf"{_NUMBERS}|{_SHORT}": "Palette Transparency",
        _NUMBERS: """BackgroundColor BitDepth BlueX BlueY ColorType Compression Filter Gamma GreenX
            GreenY ImageHeight ImageWidth Interlace PixelUnits PixelsPerUnitX PixelsPerUnitY RedX
            RedY SRGBRendering SignificantBits WhitePointX WhitePointY
            ColorPrimaries TransferCharacteristics MatrixCoefficients VideoFullRangeFlag""",
    },
    "ICC_Profile": {
        _WORKING_SPACES: "ProfileDescription",
        _PROFILE_MAKERS: "ProfileCopyright",
        _IEC: "DeviceMfgDesc DeviceModelDesc ViewingCondDesc",
        _NO_DATE: "ProfileDateTime",
        r"[\x00-\x7f]{0,4}|0": """ColorSpaceData DeviceManufacturer DeviceModel PrimaryPlatform
            ProfileCMMType ProfileClass ProfileConnectionSpace ProfileCreator
            ProfileFileSignature Technology""",
        _BINARY: "RedTRC GreenTRC BlueTRC GrayTRC AToB0 AToB1 AToB2 BToA0 BToA1 BToA2 Gamut",
        _NUMBERS: """BlueMatrixColumn CMMFlags ChromaticAdaptation ChromaticityChannel1
            ChromaticityChannel2 ChromaticityChannel3 ChromaticityChannels ChromaticityColorant
            ConnectionSpaceIlluminant DeviceAttributes GreenMatrixColumn Luminance
            MeasurementBacking MeasurementFlare MeasurementGeometry MeasurementIlluminant
            MeasurementObserver MediaBlackPoint MediaWhitePoint ProfileID ProfileVersion
            RedMatrixColumn RenderingIntent ViewingCondIlluminant ViewingCondIlluminantType
            ViewingCondSurround ColorPrimaries TransferCharacteristics MatrixCoefficients
            VideoFullRangeFlag""",
    },
}

_ALLOWED: dict[tuple[str, str], re.Pattern[str]] = {
    (group, name): re.compile(values)
    for group, rules in _RULES.items()
    for values, names in rules.items()
    for name in names.split()
}

CAPTION = ("QuickTime", "Text")
"""What ExifTool calls the text of a subtitle."""

_FREE_NAMES = frozenset({"Vorbis", "Matroska", "XMP", "PNG", "ASF", "Flash", "ID3", "APE", "JSON"})
"""Groups in which a file can call its tags what it likes, even by a person's name."""


def is_allowed(tag: Tag, values: tuple[object, ...]) -> bool:
    """True when the tag only describes playback and every value is of the harmless kind."""
    pattern = _ALLOWED.get((tag.group0, tag.name))
    if pattern is None or not re.fullmatch(
        _GROUP1.get(tag.group0, re.escape(tag.group0)), tag.group1
    ):
        return False
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return all(pattern.fullmatch(str(value)) for value in flat)


def is_padding(room: bytes, pieces: int) -> bool:
    """True when the bytes that a muxer left free hold next to nothing."""
    return len(room) - room.count(0) <= 12 * pieces


def public_name(tag: Tag) -> str:
    """How to call a tag in a message: its group, and its name where formats define the names."""
    group = tag.group0 or "File"
    return group if group in _FREE_NAMES else f"{group}:{tag.name}"
