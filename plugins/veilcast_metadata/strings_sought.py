"""What must not stand in a delivered file: what is known, what was covered, what was removed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from veilcast.media.guard import media_errors, open_input
from veilcast.plugin import IdentifierSettings, load_known
from veilcast_metadata.allow import CAPTION, is_allowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from veilcast.plugin import CheckContext

KNOWN = "A known identifier"
COVERED = "A covered word"
TAG = "A value of a removed tag"
CHAPTER = "A chapter title"
SUBTITLE = "A text of a removed subtitle"

SHORTEST = 4
MOST = 4000
"""Texts that are looked for at once. Of more subtitles, some: what is left of a stream that was not
removed holds those as well."""
_PIECE = 48
"""Characters of a long text that are looked for: its beginning, its middle and its end."""

_PLAYBACK = """
    videohandler soundhandler datahandler subtitlehandler core media video audio quicktime
    matroska webm lavf lavc ffmpeg service01 isommp41mp42iso2iso4iso5iso6avc1hev1hvc1dash qt
    ftyp moov mvhd trak tkhd mdia mdhd hdlr minf vmhd smhd dinf dref stbl stsd stts stss ctts stsc
    stsz stco co64 sgpd sbgp edts elst udta meta free skip wide mdat moof traf trun tfhd tfdt mvex
    trex sidx mehd gmhd gmin text data name mean keys ilst alis rsrc url urn btrt pasp colr clap
    fiel chan wave frma esds mp4a alac dops dfla dac3 dec3 hvcc avcc av1c vpcc mdcv clli smdm coll
    h264 h265 hevc mpeg4 mpeg2video mpeg1video mjpeg prores opus vorbis flac theora speex
    v_mpeg4/iso/avc v_mpegh/iso/hevc v_vp8 v_vp9 v_av1 a_opus a_vorbis a_aac a_flac a_mpeg/l3
    a_pcm/int/lit s_text/utf8 s_text/ass s_text/webvtt riff hdrlavih strl strh strf odml idx1 movi
    junk info list fmt vids auds jfif exif adobe icc_profile srgb iec61966 ihdr plte idat iend
    gama chrm trns phys acsp mntrrgb xyz desc cprt wtpt bkpt rxyz gxyz bxyz rtrc gtrc btrc
    vorbiscomment opushead opustags encoder handler sound video audio undetermined
    arial serif sans-serif
    windows media format windows media audio onmetadata duration width height framerate stereo
    audiosamplerate audiosamplesize audiocodecid videocodecid videodatarate filesize
"""
_WORDS = "\n".join(_PLAYBACK.split())
"""What any file may hold to be played. A text that is part of one of these proves nothing."""
_OWN_KEYS = frozenset({"major_brand", "minor_version", "compatible_brands", "language", "duration"})
_BINARY = re.compile(r"\(Binary data \d+ bytes")
_BRANDS = re.compile(
    r"(isom|iso[2-9a-c]|avc1|mp4[12]|mp71|hev1|hvc1|av01|dash|msdh|msix|cmfc|mmp4|qt  |M4[ABVP] |"
    r"3g[2ep][0-9a-z])+"
)
"""What an MP4 says of the specifications that it follows, which others write down as a tag."""
_EMPTY_DATE = re.compile(r"[0:\s+\-./TZ]*")


@dataclass(frozen=True, slots=True)
class Sought:
    """A text, and what it is."""

    kind: str
    text: str


def sought(context: CheckContext, *, keeps_subtitles: bool) -> list[Sought]:
    """Everything to look for, each text once, what matters most first.

    Args:
        context: of the check.
        keeps_subtitles: the delivered file has subtitles, so that their words are no trace.
    """
    found: dict[str, str] = {}
    for kind, text in _texts(context, keeps_subtitles=keeps_subtitles):
        for piece in _pieces(text):
            if piece.casefold() not in _WORDS:
                found.setdefault(piece, kind)
    listed = [Sought(kind, text) for text, kind in found.items()]
    if len(listed) <= MOST:
        return listed
    first = [each for each in listed if each.kind != SUBTITLE][:MOST]
    others = [each for each in listed if each.kind == SUBTITLE]
    room = MOST - len(first)
    return first + (others[:: -(-len(others) // room)] if room and others else [])


def _texts(context: CheckContext, *, keeps_subtitles: bool) -> Iterator[tuple[str, str]]:
    for treated in context.treated:
        settings = treated.settings
        if isinstance(settings, IdentifierSettings) and settings.known is not None:
            for value in load_known(settings.known.path).raw_values():
                yield KNOWN, value
    for treated in context.treated:
        for text in treated.texts:
            for form in _covered(text, keeps_subtitles=keeps_subtitles):
                yield COVERED, form
    if context.original is not None:
        yield from _removed(context, context.original, keeps_subtitles=keeps_subtitles)


def _covered(text: str, *, keeps_subtitles: bool) -> Iterator[str]:
    """A phrase as it was said, as one writes it, and those of its words that tell something."""
    from veilcast.text.ordinary import ORDINARY
    from veilcast.text.spoken import to_written

    words = text.split()
    said = " ".join(words)
    written = to_written(words, ()).content
    plain = [re.sub(r"^\W+|\W+$", "", word) for word in words]
    for form in (said, " ".join(plain), written, *(word for word in plain if word.isalpha())):
        # In subtitles that are kept, a word that was part of a name here may be any word there.
        if " " in form or not keeps_subtitles or form.casefold() not in ORDINARY:
            yield form


def _removed(
    context: CheckContext, original: Path, *, keeps_subtitles: bool
) -> Iterator[tuple[str, str]]:
    from veilcast.media import exif
    from veilcast.media.probe import probe

    still_format = probe(original).still_format
    with media_errors(), open_input(original, still_format) as container:
        for chapter in container.chapters():
            for value in chapter["metadata"].values():
                yield CHAPTER, value
        for key, value in _metadata(container):
            if key.casefold() not in _OWN_KEYS and _is_free(value):
                yield TAG, value
    kept = "\n".join(_allowed_values(context.delivered))
    captions = list(subtitle_texts(original, still_format))
    # ExifTool lists subtitles as tags, too.
    told = "\n".join(map(_one_line, captions)) if keeps_subtitles else ""
    for tag, values in exif.list_values(original):
        if tag.group0 in ("Composite", "ExifTool") or is_allowed(tag, values):
            continue
        if keeps_subtitles and (tag.group0, tag.name) == CAPTION:
            continue
        for value in _flat(values):
            if _is_free(value) and value.casefold() not in kept and _one_line(value) not in told:
                yield TAG, value
    if not keeps_subtitles:
        yield from ((SUBTITLE, text) for text in captions)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _metadata(container: Any) -> Iterator[tuple[str, str]]:
    yield from container.metadata.items()
    for stream in container.streams:
        yield from stream.metadata.items()


def _allowed_values(path: Path) -> Iterator[str]:
    """What the delivered file says to be played: a maker's name in a colour profile, say."""
    from veilcast.media import exif

    for tag, values in exif.list_values(path):
        if is_allowed(tag, values):
            yield from (value.casefold() for value in _flat(values))


def _flat(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        elif isinstance(value, dict):
            yield from _flat(value.values())
        elif isinstance(value, str):
            yield value
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**6:
            yield str(abs(value))  # a serial number looks like any other


def _is_free(value: str) -> bool:
    """Whether somebody may have written this, or it is a long number or a date."""
    if _BINARY.match(value) or _BRANDS.fullmatch(value) or _EMPTY_DATE.fullmatch(value):
        return False
    if sum(char.isalpha() for char in value) >= SHORTEST:
        return True
    return re.search(r"[1-9]\d{6}|\d{6}[1-9]|\d{4}[-:/.]\d\d[-:/.]\d\d", value) is not None


def _pieces(text: str) -> Iterator[str]:
    """A short text as it is, and of a long one as much as proves it."""
    for line in text.replace("\r", "\n").split("\n"):
        bare = line.strip().strip("\0")
        if len(bare) <= 2 * _PIECE:
            candidates = [bare]
        else:
            middle = len(bare) // 2
            candidates = [bare[:_PIECE], bare[middle : middle + _PIECE], bare[-_PIECE:]]
        if re.match(r"\d{4}[-:/.]\d\d[-:/.]\d\d", bare):
            candidates.append(bare[:10])
        for candidate in candidates:
            if sum(char.isalnum() for char in candidate) >= SHORTEST:
                yield candidate


def subtitle_texts(path: Path, still_format: str | None) -> Iterator[str]:
    """The texts of all subtitle streams, without styles."""
    for codec, packet in subtitle_packets(path, still_format):
        data = packet
        if codec == "mov_text":
            # ETSI TS 126 245, 5.17: a length of two bytes, the text, then boxes of styles.
            data = data[2 : 2 + int.from_bytes(data[:2], "big")]
        text = data.decode("utf-8", "replace")
        if codec in ("ass", "ssa"):
            text = text.split(",", 8)[-1].replace(r"\N", "\n")
        yield re.sub(r"\{[^}]*\}|<[^>]*>", "", text)


def subtitle_packets(path: Path, still_format: str | None) -> Iterator[tuple[str, bytes]]:
    """The packets of all subtitle streams, each with its codec."""
    with media_errors(), open_input(path, still_format) as container:
        streams: list[Any] = [s for s in container.streams if s.type == "subtitle"]
        if not streams:
            return
        for packet in container.demux(streams):
            if packet.size:
                context = packet.stream.codec_context
                # FFmpeg knows no decoder for some: what they say is taken as plain text.
                yield context.name if context else "", bytes(packet)
