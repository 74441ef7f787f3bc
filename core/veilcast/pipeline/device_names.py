"""How devices and programs name files: what of a name they wrote, and not a person.

Cameras write four characters and a counter (DCF, JEITA CP-3461), phones the date and the time, and
programs a number of their own.
"""

from __future__ import annotations

import re

from veilcast.text.ordinary import ORDINARY

_DATE = r"(?:19|20)\d\d[-_. ]?(?:0[1-9]|1[0-2])[-_. ]?(?:0[1-9]|[12]\d|3[01])"
_DAY_FIRST = r"(?:0?[1-9]|[12]\d|3[01])[-.](?:0?[1-9]|1[0-2])[-.](?:(?:19|20)\d\d|\d\d)"
_MONTH_FIRST = r"(?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01])[-.](?:(?:19|20)\d\d|\d\d)"
_EIGHT = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d(?=[-_]\d{6}(?!\d))"
_SHORT = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?=[-_](?:[01]\d|2[0-3])[0-5]\d[0-5]\d)"
_TIME = (
    r"(?:(?:[-_T. ]{0,3}|\s+at\s+|\s+-\s+)(?:[01]?\d|2[0-3])[-_.:h ]?[0-5]\d"
    r"(?:[-_.:m ]?[0-5]\d(?:[-_.]?\d{2,3}(?!\d))?)?(?:\s?[AP]M)?)?"
)
_STAMP = re.compile(
    rf"(?<!\d)(?:{_DATE}|{_DAY_FIRST}|{_MONTH_FIRST}|{_EIGHT}|{_SHORT}){_TIME}(?!\d)"
)
_OF_PROGRAMS = re.compile(
    r"(?i)(?<![a-z])(fb_img|snapchat|received|rpreplay_final|dji_export|lv_\d|image_picker|"
    r"telegram-cloud-photo-size)[-_]?[\d-]{4,}"
)
_OF_MEETINGS = re.compile(r"(video|audio|audio_only)\d{10}")
"""Zoom's own names for what it recorded on a computer."""
_COUNTED = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z_]{0,11}?)([-_ ]?)(0\d{2,5}|\d{1,4})(?!\d)")
_EIGHT_CHARACTERS = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Z0-9]{0,3}[A-Z])([A-Z0-9]{3,4})_?(\d{4})(?![0-9])"
)
_REELS = re.compile(r"(?<![A-Za-z0-9])[A-Z]\d{3}_?(?:\d{8}_)?C\d{3}(?:_?\w{4,12})?")
"""Cinema cameras: the camera's letter, its reel, the clip."""
_FOLDERS = re.compile(r"(?<!\d)1\d\d[-_]\d{4}(?!\d)")
_ZEROS = re.compile(r"(?<![A-Za-z0-9])(?:([A-Za-z]+)[-_ ])?00\d{2,5}(?!\d)")
_SIZE = re.compile(r"(?<!\d)\d{3,4}x\d{3,4}(?!\d)")
_OF_PEOPLE = frozenset(
    "acct account case chart claim dob hn id ins insurance member mr mrn nhs no nr num number "
    "order pat patient pid pt record ref room ssn study subject visit".split()
)
"""A number after one of these is not a counter."""
_TECHNICAL = frozenset(
    # Formats of files, pictures and sound; transports; standards of television.
    """aac adpcm aiff alac alpha amr apng avc avchd avi avif bdmv bluray braw bwf capcut cfr cinepak
    broll cmyk codec codecs dash decode demo divx dng dnxhd dolby dts dvd dvr encode exif
    export exported ffmpeg fixture flac flv fps gbr gif gray grey handbrake hdr hdv heic heif
    hevc hlg hls ico icc interlaced intra jpeg jpg jitter mime mjpeg mkv mov mpeg mpg mts
    multicam mxf nut ogg ogv opus pal pcm png preview progressive prores proxy qcif render
    rescale rescaled rgb rgba rtmp rtp rtsp sdr sgi sine smpte srgb srt svt tiff timeline
    trailer transcode uhd vfr vga vob vod vorbis vtt wav webm webp wma wmv xavc xdroot xvid
    xyz yuv yuva yuvj yuy
    """
    # Prefixes and makers of cameras, phones, drones, recorders and of what watches.
    """ anafi akaso amba android anker apple arlo arri autel axon azrecorder azrecorderfree bandicam
    blackmagic blackvue blink bodycam bwc camcorder camtasia canon cimg dahua dashcam dcim
    dji dsc dscf dscn eufy evo fuji fujifilm garmin google gopr gopro gpmd grmn hero
    hikvision honor huawei hubsan hyperlapse img imgp inshot insta instax ipcam ipad iphone
    kazam kodak leica lumix logitech max mavic mdvr memo mimo motorola movi mvi mvimg nest
    nextbase nikon nokia nvr olympus oneplus oppo panasonic pano parrot pentax pict pixel pxl
    realme rec red redmi reolink lapse rexing ricoh ring rode samsung sandisk sanyo screen
    screencap screencast screenrecorder screenrecording screenshot sigma simplescreenrecorder
    sjcam skydio snapchat sony spatial sunp super svid tascam tesla theta thinkware time
    timelapse transcend viofo vid vivo vista watchguard webcam wyze xiaomi xrecorder yuneec
    yun zenfone zenmuse zoom zte
    """
    # Programs and services.
    """ adobe bluejeans chrome discord facebook facetime fraps gotomeeting instagram jitsi kazam
    linkedin loom meet messenger obs premiere quicktime resolve sharex signal skype slack teams
    telegram tiktok twitter viber vimeo vlc webex wechat whatsapp youtube
    aufnahme bildschirmaufnahme bildschirmfoto capture captura enregistrement foto grabacion neue
    rec sam scan scanned scr tmp""".split()
)
"""They look like names of people to whoever does not know them."""
_VOWELS = frozenset("aeiouy")
_ENDINGS = ("s", "es", "d", "ed", "ing", "er")
_BEGINNINGS = ("re", "un", "pre", "sub", "multi", "auto", "super", "time", "over")


def without_stamps(stem: str) -> tuple[str, bool]:
    """A file's name without what devices and programs number with, and whether a date was in it."""
    reels = _REELS.sub(" ", stem)
    rest, dates = _STAMP.subn(" ", reels)
    rest = _OF_PROGRAMS.sub(r"\1 ", rest)
    rest = _OF_MEETINGS.sub(r"\1 ", rest)
    for numbers in (_SIZE, _FOLDERS):
        rest = numbers.sub(" ", rest)
    rest = _ZEROS.sub(_uncounted, rest)
    rest = _EIGHT_CHARACTERS.sub(_uncounted, rest)
    return _COUNTED.sub(_uncounted, rest), bool(dates)


def is_technical(word: str) -> bool:
    """Whether a word is of devices, formats and programs, or is not said of anybody.

    Args:
        word: in small letters.
    """
    if word in _TECHNICAL or (word.isalpha() and not _VOWELS & set(word)):
        return True
    shorter = [word.removesuffix(end) for end in _ENDINGS if word.endswith(end)]
    shorter += [one[:-1] for one in shorter if len(one) > 3 and one[-1] == one[-2]]
    shorter += [one + "e" for one in shorter]
    longer = [word.removeprefix(first) for first in _BEGINNINGS if word.startswith(first)]
    return any(len(one) > 3 and one in ORDINARY for one in (*shorter, *longer))


def _uncounted(found: re.Match[str]) -> str:
    word = found[1] or ""
    return found[0] if word.casefold().strip("_") in _OF_PEOPLE else f"{word} "
