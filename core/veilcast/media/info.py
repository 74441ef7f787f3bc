"""What a file holds, as values: streams, containers, and the facts that delivery must keep."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from veilcast.timing import us_ceil, us_floor

if TYPE_CHECKING:
    from veilcast.media.colour import Colour
    from veilcast.media.hdr import StaticHdr
    from veilcast.media.orientation import Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformed:
    """How what is delivered differs from the user's own file, beside what was covered.

    Attributes:
        rule: its name, for programs.
        sentence: for people; without anything that identifies.
    """

    rule: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """One stream.

    Attributes:
        index: in the file.
        type: ``video``, ``audio``, ``subtitle``, ``data`` or ``attachment``.
        role: ``picture``, ``sound``, or ``side`` for everything that is not played as such.
        codec: ffmpeg's name, or ``unknown``.
        time_base: seconds per pts tick.
        start: presentation time of the first frame or sample, in seconds, as in the file.
        duration: in seconds, as its header says, or None.
        cover_art: a picture attached for display, not a frame of the recording.
        default: players choose it among streams of its type.
        forced: players show it even where subtitles are off.
        language: ISO 639-2, three letters, or "" when it says none.
        continues: the codec of the user's own file, when this stream was decoded from it.
        number: its index in the user's own file, when that is another; that is how people name it.
    """

    index: int
    type: str
    role: str
    codec: str
    time_base: Fraction
    start: Fraction
    duration: Fraction | None = None
    cover_art: bool = False
    default: bool = False
    forced: bool = False
    language: str = ""
    continues: str = ""
    number: int | None = None

    def beside(self) -> StreamInfo:
        """The same stream, left behind: it is not delivered."""
        names = [one.name for one in fields(StreamInfo)]
        return StreamInfo(**{name: getattr(self, name) for name in names} | {"role": "side"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo(StreamInfo):
    """A picture stream: what the delivered one must have too.

    `width` and `height` are as stored; `orientation` turns stored into displayed. `icc` is the
    colour profile of a still whose encoder does not keep it itself; `premultiplied` says that its
    colours are already multiplied by alpha; `alpha_beside` that transparency is coded beside the
    picture (VP8 and VP9), so that decoders show what it hides.
    """

    pix_fmt: str
    width: int
    height: int
    sample_aspect: Fraction
    orientation: Orientation
    rate: Fraction
    profile: str
    field_order: str
    colour: Colour
    hdr: StaticHdr | None = None
    bit_rate: int | None
    icc: bytes = field(default=b"", repr=False)
    premultiplied: bool = False
    alpha_beside: bool = False

    @property
    def displayed_size(self) -> tuple[int, int]:
        """Width and height after rotation."""
        return self.orientation.displayed_size(self.width, self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioInfo(StreamInfo):
    """A sound stream."""

    rate_hz: int
    channels: int
    layout: str
    sample_fmt: str
    bits: int
    bit_rate: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """A media file.

    Attributes:
        kind: ``video``, ``still`` or ``audio``.
        container: family, a key of `CONTAINERS`.
        size: bytes.
        streams: all of them, in file order.
        origin: the presentation start, in seconds: time 0 of findings, regions and manifest.
        duration: seconds as the header says, or None.
        chapters: how many.
        tags: how many global, stream and chapter tags there are.
        converted_from: the family that the user's own file is of, when this is made from it.
        continues: the family whose place the delivered file takes, when it is another than
            `container`.
        conformed: what had to be changed for that, or was left behind.
        later: by how many seconds all of it comes later than in the user's own file.
    """

    kind: Literal["video", "still", "audio"]
    container: str
    size: int
    streams: tuple[StreamInfo, ...]
    origin: Fraction
    duration: Fraction | None
    chapters: int
    tags: int
    converted_from: str = ""
    continues: str = ""
    conformed: tuple[Conformed, ...] = ()
    later: Fraction = Fraction(0)

    @property
    def video(self) -> VideoInfo | None:
        """The picture stream, when there is one."""
        return next((s for s in self.streams if isinstance(s, VideoInfo)), None)

    @property
    def audio(self) -> tuple[AudioInfo, ...]:
        """The sound streams in file order."""
        return tuple(s for s in self.streams if isinstance(s, AudioInfo))

    @property
    def side(self) -> tuple[StreamInfo, ...]:
        """Everything that is neither picture nor sound."""
        return tuple(s for s in self.streams if s.role == "side")

    def time_us(self, pts: int, time_base: Fraction) -> int:
        """Microseconds from the presentation start, floored."""
        return us_floor(pts * time_base - self.origin)

    @property
    def duration_us(self) -> int:
        """The header's duration in microseconds, 0 when it has none."""
        return us_ceil(self.duration) if self.duration is not None else 0

    @property
    def still_format(self) -> str | None:
        """The demuxer that reads this still."""
        return CONTAINERS[self.container].still_format


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container family: ffmpeg's muxer, "" where it is only read, and the usual ending."""

    muxer: str
    suffix: str
    still_format: str | None = None
    also: tuple[str, ...] = ()
    """Other endings in use."""


CONTAINERS = {
    "mp4": Container(muxer="mp4", suffix=".mp4", also=(".m4v", ".insv")),
    "mov": Container(muxer="mov", suffix=".mov", also=(".qt",)),
    "m4a": Container(muxer="ipod", suffix=".m4a", also=(".m4b",)),
    "3gp": Container(muxer="3gp", suffix=".3gp", also=(".3g2",)),
    "mkv": Container(muxer="matroska", suffix=".mkv", also=(".mka",)),
    "webm": Container(muxer="webm", suffix=".webm"),
    "avi": Container(muxer="avi", suffix=".avi"),
    "ts": Container(
        muxer="mpegts",
        suffix=".ts",
        also=(
            ".m2ts",
            ".mts",
        ),
    ),
    "mpg": Container(
        muxer="vob",
        suffix=".mpg",
        also=(
            ".mpeg",
            ".vob",
            ".mod",
        ),
    ),
    "wmv": Container(
        muxer="asf",
        suffix=".wmv",
        also=(
            ".asf",
            ".wma",
        ),
    ),
    "flv": Container(muxer="flv", suffix=".flv"),
    "nut": Container(muxer="nut", suffix=".nut"),
    "wav": Container(muxer="wav", suffix=".wav", also=(".wave",)),
    "w64": Container(muxer="w64", suffix=".w64"),
    "aiff": Container(muxer="aiff", suffix=".aiff", also=(".aif",)),
    "flac": Container(muxer="flac", suffix=".flac"),
    "mp3": Container(muxer="mp3", suffix=".mp3"),
    "ogg": Container(
        muxer="ogg",
        suffix=".ogg",
        also=(
            ".opus",
            ".oga",
            ".ogv",
        ),
    ),
    "aac": Container(muxer="adts", suffix=".aac"),
    "amr": Container(muxer="", suffix=".amr", also=(".awb",)),
    "caf": Container(muxer="", suffix=".caf"),
    "au": Container(muxer="", suffix=".au", also=(".snd",)),
    "mxf": Container(muxer="", suffix=".mxf"),
    "dv": Container(muxer="", suffix=".dv", also=(".dif",)),
    "h264": Container(muxer="", suffix=".h264", also=(".264",)),
    "hevc": Container(muxer="", suffix=".hevc", also=(".265", ".h265")),
    "ivf": Container(muxer="", suffix=".ivf"),
    "gif": Container(muxer="", suffix=".gif"),
    "bmp": Container(muxer="", suffix=".bmp"),
    "jpeg": Container(
        muxer="image2",
        suffix=".jpg",
        still_format="jpeg_pipe",
        also=(
            ".jpeg",
            ".jpe",
        ),
    ),
    "png": Container(muxer="image2", suffix=".png", still_format="png_pipe"),
    "webp": Container(muxer="image2", suffix=".webp", still_format="webp_pipe"),
    "tiff": Container(muxer="image2", suffix=".tif", still_format="tiff_pipe", also=(".tiff",)),
}

DISPLAYED_AS = {"pal8": "rgba", "monob": "gray", "monow": "gray"}
"""Pixel formats that are decoded into another one without loss: covers can't be palette entries,
and a mosaic of black and white is grey."""


def anchored(media: MediaInfo, like: MediaInfo) -> MediaInfo:
    """An intermediate, its time 0 where its first frame is as late as in `like`.

    Its own earliest stream may start a fraction of a sample sooner or later than the source's, and
    that must not move a frame. Without a picture the first sound stream takes the frame's place.
    """
    mine = media.video or next(iter(media.audio), None)
    theirs = like.video or next(iter(like.audio), None)
    if mine is None or theirs is None:
        return media
    return replace(media, origin=mine.start - (theirs.start - like.origin))
