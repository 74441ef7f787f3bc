"""What is delivered: the container, and the codec of each stream.

What the source has is continued where something here can write it. Where nothing can, the best
successor takes its place, with a container that holds it; and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from veilcast.errors import SettingError, UnsupportedError
from veilcast.media.codecs import (
    DeliverSettings,
    audio_encoder,
    formats_of,
    takes,
    video_encoder,
)
from veilcast.media.conform.pictures import has_alpha
from veilcast.media.info import CONTAINERS, Conformed
from veilcast.redaction.layout import supported
from veilcast.redaction.successors import (
    ALTERNATIVES,
    HOLDS_ALL,
    LITTLE_ENDIAN,
    LOSSLESS,
    MODERN_FAMILY,
    OWN_SOUND_FILE,
    PICTURES,
    PRESENT,
    READ_ONLY,
    SOUNDS,
    title,
)

if TYPE_CHECKING:
    from veilcast.media.info import AudioInfo, MediaInfo, StreamInfo, VideoInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What becomes of the streams.

    Attributes:
        family: of the delivered container, a key of `CONTAINERS`.
        picture: the codec of the picture where it is encoded, ffmpeg's name; "" without one.
        pix_fmt: its pixel format.
        opaque: the same without transparency.
        copies_picture: the source's packets may stay where nothing is covered.
        sounds: the codec of each sound stream where it is encoded, in order.
        copies_sounds: whether the source's packets may stay, for each.
        settings: of the encoders.
        conformed: what is not continued, and what takes its place.
    """

    family: str
    picture: str
    pix_fmt: str
    opaque: str
    sounds: tuple[str, ...]
    copies_picture: bool = True
    copies_sounds: tuple[bool, ...] = ()
    settings: DeliverSettings
    conformed: tuple[Conformed, ...] = ()


def delivery(media: MediaInfo, settings: DeliverSettings, *, covers: bool) -> Delivery:
    """Choose container and codecs.

    Args:
        media: what the source holds.
        settings: what is asked for.
        covers: anything in it may be covered, so its codecs have to be written. What is only copied
            may have any.

    Raises:
        SettingError: what is asked for can't be in one file.
        UnsupportedError: nothing here can write the picture, in any container.
    """
    if media.kind == "still":
        shown = media.video
        return Delivery(
            family=media.continues or media.container,
            picture=shown.continues or shown.codec if shown is not None else "",
            pix_fmt=shown.pix_fmt if shown is not None else "",
            opaque="",
            sounds=(),
            settings=settings,
        )
    own = media.continues or media.container
    family = _asked_family(own, media, settings)
    if family != own:
        told = settings.container == "same"
        return _moved(family, media, settings, covers=covers, told=told)
    first = _chosen(family, media, settings, covers=covers)
    if settings.container == "same" and _loses(family, first, media):
        # A successor is at home in a container of its own time.
        return _moved(MODERN_FAMILY[family], media, settings, covers=covers)
    return first


def _asked_family(own: str, media: MediaInfo, settings: DeliverSettings) -> str:
    """The container that settings ask for, or that what they ask for has to be in."""
    if settings.container != "same" and media.kind == "video":
        return settings.container
    if not CONTAINERS[own].muxer:
        return READ_ONLY.get(own, "mp4")
    if _fits_all(own, media, settings):
        return own
    if media.kind == "audio":
        return OWN_SOUND_FILE[settings.sound]
    return next((way for way in ALTERNATIVES if _fits_all(way, media, settings)), own)


def _loses(family: str, chosen: Delivery, media: MediaInfo) -> bool:
    """Whether an old container would be given a codec that is not at home in it."""
    if family not in MODERN_FAMILY or (family == "ogg" and media.kind == "audio"):
        return False
    video = media.video
    rules = {told.rule for told in chosen.conformed}
    # AVI counts frames from its beginning on: a picture with times of its own does not go in.
    timed = family == "avi" and video is not None and bool(video.continues)
    own_sound = bool(SOUNDS.get(family)) and media.kind == "video"
    return timed or "picture-codec" in rules or ("sound-codec" in rules and not own_sound)


def _moved(
    family: str, media: MediaInfo, settings: DeliverSettings, *, covers: bool, told: bool = True
) -> Delivery:
    before = media.continues or media.container
    if media.kind == "audio":
        kinds = {_kind(one.continues or one.codec) for one in media.audio}
        same = OWN_SOUND_FILE.get(kinds.pop(), "m4a") if len(kinds) == 1 else "mkv"
        family = same if family == "mp4" else family
    chosen = _chosen(family, media, settings, covers=covers)
    change = Conformed(
        rule="container",
        sentence=f"Delivered as {_ending(family)} instead of {_ending(before)}.",
    )
    return replace(chosen, conformed=(*chosen.conformed, *[change] * told))


def _ending(family: str) -> str:
    return CONTAINERS[family].suffix[1:].upper()


def _chosen(family: str, media: MediaInfo, settings: DeliverSettings, *, covers: bool) -> Delivery:
    told: list[Conformed] = []
    picture, pix_fmt, opaque, copies = "", "", "", True
    if media.video is not None:
        picture, pix_fmt, copies = _picture(family, media, media.video, settings, covers=covers)
        if has_alpha(pix_fmt) or media.video.alpha_beside:
            plain = replace(media.video, pix_fmt=_opaque(pix_fmt))
            opaque = _written(plain, picture, settings) or ""
        told += _succeeds("picture", media.video, picture, settings.codec, copies=copies)
    sounds, copied = [], []
    for one in media.audio:
        codec, is_copied = _sound(family, media, one, settings)
        sounds.append(codec)
        copied.append(is_copied)
        if covers or not is_copied:
            told += _succeeds("sound", one, codec, settings.sound, copies=is_copied)
    return Delivery(
        family=family,
        picture=picture,
        pix_fmt=pix_fmt,
        opaque=opaque,
        copies_picture=copies,
        sounds=tuple(sounds),
        copies_sounds=tuple(copied),
        settings=settings,
        conformed=tuple(dict.fromkeys(told)),
    )


def _picture(
    family: str, media: MediaInfo, video: VideoInfo, settings: DeliverSettings, *, covers: bool
) -> tuple[str, str, bool]:
    """The codec, the pixel format that it is given, and whether the source's packets may stay."""
    same_family = family == (media.continues or media.container)
    source = video.continues or video.codec
    holds = same_family or _holds(PICTURES, family, source)
    copies = holds and not video.continues and settings.codec in ("same", source)
    if copies and not covers:
        return source, video.pix_fmt, True
    # What is encoded anew in another container may as well be in a codec of that one's time.
    keeps = same_family or (holds and (not video.continues or source in PRESENT))
    exact = ["ffv1"] * (source in LOSSLESS and _holds(PICTURES, family, "ffv1"))
    candidates = [source] * keeps + exact + list(PICTURES.get(family, ()))
    if settings.codec != "same":
        if not ((settings.codec == source and keeps) or _holds(PICTURES, family, settings.codec)):
            raise SettingError(_together(family, settings.codec, "deliver.codec", PICTURES))
        candidates = [settings.codec]
    for codec in candidates:
        written = _written(video, codec, settings)
        if codec != source and settings.codec == "same" and codec in ("h264", "hevc"):
            written = _played(video)
        if written is not None and _muxes(family, codec, written, video, settings):
            return codec, written, copies
    # Its container has a successor, which is asked next; or a sentence says what can be done.
    if family in MODERN_FAMILY and settings.container == "same":
        return PICTURES["mp4"][0], video.pix_fmt, False
    raise UnsupportedError(
        f"Nothing here can write the input's picture into {family} as it is asked for; choose "
        "--set deliver.container=mkv --set deliver.codec=ffv1, which keeps most."
    )


def _played(video: VideoInfo) -> str:
    """The pixel format that every player of H.264 and HEVC knows, where the size allows it."""
    import av

    if video.width % 2 or video.height % 2:
        return "yuv444p"
    deep = av.VideoFormat(video.pix_fmt).components[0].bits > 8
    return "yuv420p10le" if deep else "yuv420p"


def _muxes(
    family: str, codec: str, pix_fmt: str, video: VideoInfo, settings: DeliverSettings
) -> bool:
    """Whether a container takes what the encoder of this codec writes."""
    encoder = video_encoder(replace(video, pix_fmt=pix_fmt), codec, settings)
    return takes(CONTAINERS[family].muxer, encoder.name)


_OPAQUE = {"rgba": "rgb24", "argb": "rgb24", "bgra": "bgr24", "abgr": "bgr24", "pal8": "rgb24"}


def _opaque(pix_fmt: str) -> str:
    """The pixel format that has all of this one but its transparency."""
    plain = _OPAQUE.get(pix_fmt) or pix_fmt.replace("yuva", "yuv").replace("gbrap", "gbrp")
    return plain.replace("rgba64", "rgb48").replace("ya8", "gray").replace("ya16", "gray16")


def _written(video: VideoInfo, codec: str, settings: DeliverSettings) -> str | None:
    """The pixel format in which this codec can be written: the picture's own, or the nearest."""
    import av
    from av.codec.codec import find_best_pix_fmt_of_list

    try:
        video_encoder(video, codec, settings)
    except UnsupportedError:
        offered = formats_of(codec)
    else:
        return video.pix_fmt
    alpha = has_alpha(video.pix_fmt)
    fitting = [name for name in offered if supported(name) and has_alpha(name) == alpha]
    fitting = fitting or [name for name in offered if supported(name) and not has_alpha(name)]
    if not fitting:
        return None
    best, _ = find_best_pix_fmt_of_list(fitting, av.VideoFormat(video.pix_fmt).name)
    return None if best is None else best.name


def _sound(
    family: str, media: MediaInfo, audio: AudioInfo, settings: DeliverSettings
) -> tuple[str, bool]:
    """The codec where it is encoded, and whether the source's packets may stay where it is not."""
    source = audio.continues or audio.codec
    same_family = family == (media.continues or media.container)
    foreign = not same_family and source.endswith("be") and family in LITTLE_ENDIAN
    holds = same_family or _holds(SOUNDS, family, _kind(source))
    copies = holds and not foreign and not audio.continues
    if settings.sound != "same":
        if not _fits(family, media, audio, settings.sound):
            raise SettingError(_together(family, settings.sound, "deliver.sound", SOUNDS))
        already = settings.sound == "pcm" and source.startswith("pcm_") and not foreign
        return source if already else _named(settings.sound, audio), copies
    if foreign:
        return source.removesuffix("be") + "le", False
    # WAV can't say how much of MP3's beginning is to be skipped.
    delayed = family in ("wav", "w64") and source == "mp3"
    if holds and not delayed and _hears(family, audio, source):
        return source, copies
    successors = [codec for codec in SOUNDS.get(family, ()) if codec != "vorbis"]
    return _named(successors[0], audio) if successors else "aac", copies


def _hears(family: str, audio: AudioInfo, codec: str) -> bool:
    try:
        encoder = audio_encoder(audio, codec, 0)
    except UnsupportedError:
        return False
    return takes(CONTAINERS[family].muxer, encoder.name)


def _fits(family: str, media: MediaInfo, audio: AudioInfo, codec: str) -> bool:
    own = family == (media.continues or media.container)
    return (own and codec == _kind(audio.continues or audio.codec)) or _holds(SOUNDS, family, codec)


def _fits_all(family: str, media: MediaInfo, settings: DeliverSettings) -> bool:
    """Whether a container holds the codecs that are asked for."""
    own = family == (media.continues or media.container)
    if settings.codec != "same" and media.video is not None:
        source = media.video.continues or media.video.codec
        kept = own and settings.codec == source
        if not kept and not _holds(PICTURES, family, settings.codec):
            return False
    if settings.sound == "same":
        return True
    return all(_fits(family, media, one, settings.sound) for one in media.audio)


def _holds(table: dict[str, tuple[str, ...]], family: str, codec: str) -> bool:
    return family in HOLDS_ALL or codec in table.get(family, ())


def _kind(codec: str) -> str:
    return "pcm" if codec.startswith("pcm_") else codec


def _named(codec: str, audio: AudioInfo) -> str:
    if codec != "pcm":
        return codec
    return "pcm_s24le" if audio.bits > 16 else "pcm_s16le"


def _succeeds(
    what: str, stream: StreamInfo, after: str, asked: str, *, copies: bool
) -> list[Conformed]:
    before = stream.continues or stream.codec
    if title(before) == title(after) or asked != "same":
        return []
    when = "Where anything is covered in it, t" if copies else "T"
    return [
        Conformed(
            rule=f"{what}-codec",
            sentence=f"{when}he {what} is delivered as {title(after)} instead of {title(before)}.",
        )
    ]


def _together(family: str, codec: str, key: str, table: dict[str, tuple[str, ...]]) -> str:
    ways = [name for name in ("mp4", "mkv", "webm", "mov") if _holds(table, name, codec)]
    return (
        f"deliver: a {family} file does not hold {title(codec)}; leave {key} as it is, or choose "
        f"--set deliver.container={ways[0] if ways else 'mkv'}."
    )
