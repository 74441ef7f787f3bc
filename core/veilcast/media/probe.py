"""Finding out what a file holds, with ffprobe."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from veilcast.errors import (
    EmptyInputError,
    NotMediaError,
    ToolMissingError,
    TruncatedError,
    UnreadableError,
    UnsupportedError,
)
from veilcast.media import exif, hdr
from veilcast.media.apertures import refuse_cropped
from veilcast.media.colour import Colour
from veilcast.media.disabled_tracks import unplayed
from veilcast.media.guard import DAMAGED, OPEN_OPTIONS, media_errors, open_input
from veilcast.media.heif import is_heif
from veilcast.media.info import (
    DISPLAYED_AS,
    AudioInfo,
    Conformed,
    MediaInfo,
    StreamInfo,
    VideoInfo,
)
from veilcast.media.orientation import Orientation
from veilcast.media.stills import examine, still_format
from veilcast.timing import US

if TYPE_CHECKING:
    from pathlib import Path


_FAMILIES = {
    "avi": "avi",
    "mpegts": "ts",
    "mpeg": "mpg",
    "asf": "wmv",
    "flv": "flv",
    "nut": "nut",
    "wav": "wav",
    "w64": "w64",
    "aiff": "aiff",
    "flac": "flac",
    "mp3": "mp3",
    "ogg": "ogg",
    "aac": "aac",
    "amr": "amr",
    "caf": "caf",
    "au": "au",
    "mxf": "mxf",
    "dv": "dv",
    "h264": "h264",
    "hevc": "hevc",
    "ivf": "ivf",
    "jpeg_pipe": "jpeg",
    "png_pipe": "png",
    "webp_pipe": "webp",
    "tiff_pipe": "tiff",
}
_FIELDS = {"dvvideo": "bb"}
_KINDS = {"video": "video", "audio": "sound"}
_FIRST_BOXES = frozenset((b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"junk"))
_TRUNCATED = re.compile(rb"moov atom not found|partial file|[Tt]runcated|ended prematurely")


def probe(path: Path) -> MediaInfo:
    """Examine a file with ffprobe.

    Args:
        path: a neutral name (the work folder's link to the input).

    Raises:
        UnreadableError, EmptyInputError, NotMediaError, TruncatedError, UnsupportedError,
        ToolMissingError: as their names say.
    """
    head = _head(path)
    if is_heif(head):
        raise UnsupportedError("HEIC and AVIF stills have to be converted; use PNG or JPEG.")
    still = still_format(head)
    with media_errors():
        facts = examine(path, still) if still else None
    _refuse_compressed_header(path, head)
    _refuse_second_sound(path, head)
    data = _ffprobe(path, still)
    family = _family(data["format"], head)
    refuse_cropped(path, family)
    streams = tuple(_stream(s) for s in data.get("streams", []))
    off = unplayed(path, family, streams)
    told = tuple(
        Conformed(
            rule="switched-off",
            sentence=f"A {s.role} track is left behind: it is switched off, so nobody sees or "
            "hears it.",
        )
        for s in streams
        if s.index in off
    )
    streams = tuple(s.beside() if s.index in off else s for s in streams)
    if facts is not None:
        said: dict[str, Any] = {
            "orientation": Orientation.from_exif(exif.orientation(path)),
            "icc": facts.icc,
            "premultiplied": facts.premultiplied,
        }
        streams = tuple(replace(s, **said) if isinstance(s, VideoInfo) else s for s in streams)
    streams = tuple(_with_hdr(s, path) for s in streams)
    if family in ("mkv", "webm", "wmv"):
        streams = tuple(_with_first_sample(s, path) for s in streams)
    streams, others = _one_picture(streams)
    told += others
    told += tuple(
        Conformed(
            rule="unknown-track",
            sentence=f"A {_KINDS[s.type]} track is left behind: nothing here can decode it.",
        )
        for s in streams
        if s.role == "side" and s.type in _KINDS and s.codec == "unknown" and not s.cover_art
    )
    pictures = [s for s in streams if s.role == "picture"]
    sounds = [s for s in streams if s.role == "sound"]
    if not pictures and not sounds:
        raise NotMediaError("The input holds neither picture nor sound that Veilcast can decode.")
    duration = data["format"].get("duration")
    kind: Literal["video", "still", "audio"]
    kind = "still" if still else "video" if pictures else "audio"
    return MediaInfo(
        kind=kind,
        container=family,
        size=path.stat().st_size,
        streams=streams,
        origin=min(s.start for s in streams if s.role != "side"),
        duration=Fraction(duration) if duration is not None else None,
        conformed=told,
        chapters=len(data.get("chapters", [])),
        tags=sum(
            len(part.get("tags", {}))
            for part in (data["format"], *data.get("streams", []), *data.get("chapters", []))
        ),
    )


def _unknown(codec: str) -> bool:
    """Whether nothing here decodes a codec of this name."""
    import av

    try:
        av.codec.Codec(codec, "r")
    except av.codec.codec.UnknownCodecError:
        return True
    return False


def _one_picture(
    streams: tuple[StreamInfo, ...],
) -> tuple[tuple[StreamInfo, ...], tuple[Conformed, ...]]:
    """Of several pictures the one that plays by default is kept: of those the largest, the first.

    Drones and cameras write previews beside the picture, and phones thumbnails and depth maps.
    """
    pictures = [stream for stream in streams if isinstance(stream, VideoInfo)]
    if len(pictures) < 2:
        return streams, ()
    kept = max(pictures, key=lambda s: (s.default, s.width * s.height, -s.index))
    told = Conformed(
        rule="other-picture",
        sentence=f"{len(pictures) - 1} more video tracks are left behind: "
        "only the one that plays by default is delivered.",
    )
    return tuple(s.beside() if s in pictures and s != kept else s for s in streams), (told,)


def _refuse_compressed_header(path: Path, head: bytes) -> None:
    """QuickTime's compressed movie header may claim any size, and ffmpeg takes so much memory."""
    if head[4:8] not in _FIRST_BOXES:
        return
    from mediascrub.containers.mp4.box_reader import BoxReader

    with media_errors(), BoxReader.open(path) as reader:
        if reader.descend(0, reader.size, "moov", "cmov") is not None:
            raise UnsupportedError(
                "The input's movie header is compressed, as QuickTime did long ago; "
                "write the file anew with another program first."
            )


def _refuse_second_sound(path: Path, head: bytes) -> None:
    """A WAV has one data chunk. Of several, each player plays another one."""
    if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:12] != b"WAVE":
        return
    at, found, size = 12, 0, path.stat().st_size
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            chunk = file.read(8)
            found += chunk[:4] == b"data"
            length = int.from_bytes(chunk[4:], "little")
            at += 8 + length + (length & 1)
    if found > 1:
        raise UnsupportedError(
            "The input has more than one part with sound, and only one of them would be played; "
            "save it anew with the program that you hear all of it with."
        )


def _with_hdr(stream: StreamInfo, path: Path) -> StreamInfo:
    if isinstance(stream, VideoInfo) and stream.colour.transfer in hdr.TRANSFERS:
        return replace(stream, hdr=hdr.read_hdr(path, stream.index))
    return stream


def _with_first_sample(stream: StreamInfo, path: Path) -> StreamInfo:
    """Matroska's packets start a codec's delay before anything is heard, and so do ASF's."""
    if not isinstance(stream, AudioInfo):
        return stream
    with media_errors(), open_input(path) as container:
        frame: Any = next(container.decode(container.streams[stream.index]), None)
    if frame is None or frame.pts is None:
        return stream
    return replace(stream, start=frame.pts * frame.time_base)


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnreadableError("The input does not exist or is not a file.")
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as exc:
        raise UnreadableError("The input may not be read; check its permissions.") from exc
    if not head:
        raise EmptyInputError("The input is empty (0 bytes).")
    return head


def _ffprobe(path: Path, still: str | None) -> dict[str, Any]:
    import ffmpeg

    options: dict[str, Any] = dict(OPEN_OPTIONS)
    if still:
        options["f"] = still
    try:
        data: dict[str, Any] = ffmpeg.probe(str(path), show_chapters=None, **options)
    except FileNotFoundError as exc:
        raise ToolMissingError(
            "ffprobe is not installed; install ffmpeg (Debian/Ubuntu: apt-get install ffmpeg)."
        ) from exc
    except ffmpeg.Error as exc:
        if _TRUNCATED.search(exc.stderr or b""):
            raise TruncatedError(DAMAGED) from exc
        raise NotMediaError(
            "The input is not a media file that Veilcast understands; "
            "check that it is a video, a recording or a picture."
        ) from exc
    if not data.get("format") or not data.get("streams"):
        raise NotMediaError("The input holds neither picture nor sound that Veilcast can decode.")
    return data


def _family(fmt: dict[str, Any], head: bytes) -> str:
    name = fmt["format_name"]
    if name.startswith("mov,"):
        # ffprobe's tag of that name may be one that a program copied from another file.
        brand = head[8:12].decode("latin-1").strip().lower() if head[4:8] == b"ftyp" else ""
        if brand.startswith(("m4a", "m4b")):
            return "m4a"
        if brand.startswith("3g"):
            return "3gp"
        return "mov" if brand in ("qt", "") else "mp4"
    if name.startswith("matroska"):
        return "webm" if b"webm" in head[:64] else "mkv"
    try:
        return _FAMILIES[name]
    except KeyError:
        raise NotMediaError(
            "The input is of a container family that Veilcast does not read."
        ) from None


def _fraction(text: object, default: Fraction) -> Fraction:
    try:
        return Fraction(str(text).replace(":", "/"))
    except (ValueError, ZeroDivisionError):
        return default


def _stream(data: dict[str, Any]) -> StreamInfo:
    kind = data.get("codec_type", "unknown")
    cover = bool(data.get("disposition", {}).get("attached_pic"))
    time_base = _fraction(data.get("time_base"), Fraction(1, US))
    start_pts = data.get("start_pts")
    duration = data.get("duration")
    common: dict[str, Any] = {
        "index": int(data["index"]),
        "type": kind,
        "codec": data.get("codec_name", "unknown"),
        "time_base": time_base,
        "start": Fraction(0) if start_pts is None else int(start_pts) * time_base,
        "duration": None if duration is None else Fraction(duration),
        "cover_art": cover,
        "default": bool(data.get("disposition", {}).get("default")),
        "forced": bool(data.get("disposition", {}).get("forced")),
        "language": _language(data.get("tags", {})),
    }
    if kind == "video" and not cover:
        if _unknown(common["codec"]) or not data.get("pix_fmt") or not data.get("width"):
            return StreamInfo(**common | {"codec": "unknown"}, role="side")
        return _video(data, common)
    if kind == "audio":
        if _unknown(common["codec"]) or not int(data.get("sample_rate", 0)):
            return StreamInfo(**common | {"codec": "unknown"}, role="side")
        return AudioInfo(
            **common,
            role="sound",
            rate_hz=int(data["sample_rate"]),
            channels=int(data["channels"]),
            layout=data.get("channel_layout", ""),
            sample_fmt=data.get("sample_fmt", ""),
            bits=int(data.get("bits_per_raw_sample") or data.get("bits_per_sample") or 0),
            bit_rate=_bit_rate(data),
        )
    return StreamInfo(**common, role="side")


def _language(tags: dict[str, str]) -> str:
    """Only a code is taken over: whatever else a tag says is nothing that playing needs."""
    said = str(tags.get("language", "")).lower()
    return said if re.fullmatch("[a-z]{3}", said) and said != "und" else ""


def _bit_rate(data: dict[str, Any]) -> int | None:
    value = data.get("bit_rate")
    return int(value) if value is not None else None


def _video(data: dict[str, Any], common: dict[str, Any]) -> VideoInfo:
    aspect = _fraction(data.get("sample_aspect_ratio"), Fraction(1))
    return VideoInfo(
        **common,
        role="picture",
        pix_fmt=DISPLAYED_AS.get(data["pix_fmt"], data["pix_fmt"]),
        width=int(data["width"]),
        height=int(data["height"]),
        sample_aspect=aspect if aspect > 0 else Fraction(1),
        orientation=_orientation(data),
        rate=_fraction(data.get("avg_frame_rate"), Fraction(0))
        or _fraction(data.get("r_frame_rate"), Fraction(25)),
        profile=str(data.get("profile", "")),
        # DV is interlaced, bottom field first (IEC 61834), and its header does not say so.
        field_order=data.get("field_order", _FIELDS.get(common["codec"], "progressive")),
        colour=Colour.from_names(
            range_name=data.get("color_range"),
            matrix=data.get("color_space"),
            primaries=data.get("color_primaries"),
            transfer=data.get("color_transfer"),
        ),
        bit_rate=_bit_rate(data),
        alpha_beside=str(data.get("tags", {}).get("alpha_mode", "0")) == "1",
    )


def _orientation(data: dict[str, Any]) -> Orientation:
    for side in data.get("side_data_list", []):
        if "displaymatrix" in side:
            rows = [
                line.split(":", 1)[1].split()
                for line in side["displaymatrix"].split("\n")
                if ":" in line
            ]
            return Orientation.from_matrix([int(value) for row in rows for value in row])
    return Orientation.from_matrix(None)
