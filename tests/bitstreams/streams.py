"""Streams made by real encoders, what decoders make of them, and strings planted in them."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import av

from mediascrub.codecs import scrubber
from mediascrub.codecs.scrubber import LateScrubber

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable
    from pathlib import Path

SECRET = b"Jane Roe, MRN 4711"

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=192x160:r=25:d=1.2"]
NOISE = ["-f", "lavfi", "-i", "anoisesrc=d=1.5:c=pink:a=0.3:seed=1"]
X264 = ["-c:v", "libx264", "-preset", "veryfast"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params"]
QUIET = "log-level=none:pools=none:frame-threads=1"

BUFFER = "vbv-maxrate=900:vbv-bufsize=900"
OPEN = "open-gop=1:keyint=10:aud=1:nal-hrd=vbr:" + BUFFER
CONSTANT = ["-b:v", "2M", "-maxrate", "2M", "-bufsize", "200k"]
TAPE = ["-f", "lavfi", "-i", "testsrc2=s=720x576:r=25:d=0.4"]
TAPE += ["-f", "lavfi", "-i", "sine=d=0.4:r=48000"]

RECIPES: dict[str, list[str]] = {
    "bframes.mp4": [*PICTURE, *X264, "-bf", "3"],
    "open_gop.ts": [*PICTURE, *X264, "-bf", "3", "-x264-params", OPEN],
    "refresh.mkv": [*PICTURE, *X264, "-x264-params", "intra-refresh=1:keyint=12"],
    "interlaced.avi": [*PICTURE, *X264, "-bf", "2", "-x264-params", "tff=1:pic-struct=1"],
    "cbr.ts": [*PICTURE, *X264, "-x264-params", "nal-hrd=cbr:filler=1", *CONSTANT],
    "hevc.mp4": [*PICTURE, *X265, QUIET + ":open-gop=1:keyint=10:info=1:hash=1"],
    "fields.ts": [*PICTURE, *X265, QUIET + ":interlace=tff:info=1:aud=1:hrd=1:" + BUFFER],
    "av1.mkv": [*PICTURE, "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"],
    "vp8.webm": [*PICTURE, "-c:v", "libvpx", "-auto-alt-ref", "1", "-lag-in-frames", "16"],
    "vp9.mkv": [*PICTURE, "-c:v", "libvpx-vp9", "-cpu-used", "5", "-lag-in-frames", "16"],
    "mpeg1.mpg": [*PICTURE, "-c:v", "mpeg1video", "-bf", "2"],
    "mpeg2.ts": [*PICTURE, "-c:v", "mpeg2video", "-bf", "2", "-flags", "+ildct+ilme"],
    "part2.avi": [*PICTURE, "-c:v", "mpeg4", "-bf", "2", "-flags", "+qpel"],
    "xvid.mp4": [*PICTURE, "-c:v", "libxvid", "-bf", "2"],
    "motion.avi": [*PICTURE, "-c:v", "mjpeg"],
    "tape.avi": [*TAPE, "-pix_fmt", "yuv420p", "-ac", "2", "-target", "pal-dv"],
    "layer3.mp3": [*NOISE, "-c:a", "libmp3lame", "-b:a", "128k"],
    "loud.mkv": [*NOISE, "-c:a", "libmp3lame", "-b:a", "320k", "-ac", "2"],
    "slow.mkv": [*NOISE, "-c:a", "libmp3lame", "-b:a", "16k", "-ar", "22050", "-ac", "1"],
    "aac.m4a": [*NOISE, "-c:a", "aac"],
    "aac.ts": [*NOISE, "-c:a", "aac"],
    "vorbis.mkv": [*NOISE, "-c:a", "libvorbis", "-metadata:s", f"title={SECRET.decode()}"],
    "vorbis.ogg": [*NOISE, "-c:a", "libvorbis", "-metadata:s", f"title={SECRET.decode()}"],
    "theora.ogg": [*PICTURE, "-c:v", "libtheora", "-metadata:s", f"title={SECRET.decode()}"],
    "opus.ogg": [*NOISE, "-c:a", "libopus"],
}


class Stream(NamedTuple):
    """A stream as a demuxer gives it."""

    codec: str
    extradata: bytes
    packets: list[bytes]


class Cleaned(NamedTuple):
    """The same after a scrubber."""

    stream: Stream
    removed: Counter[str]


def make(folder: Path, name: str, *extra: str) -> Path:
    """The file of a recipe, made when first asked for."""
    path = folder / name
    if not path.exists():
        if path.suffix == ".avi" and name.startswith("tape"):
            raw = folder / "tape.dv"
            run(*RECIPES[name], str(raw))
            run("-i", str(raw), "-map", "0", "-c", "copy", str(path))
        else:
            run(*RECIPES[name], *extra, str(path))
    return path


def run(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


def read(path: Path, index: int = 0) -> Stream:
    with av.open(str(path)) as container:
        stream = container.streams[index]
        context = stream.codec_context
        packets = [bytes(packet) for packet in container.demux(stream) if packet.size]
        return Stream(context.codec.canonical_name, bytes(context.extradata or b""), packets)


def clean(stream: Stream) -> Cleaned:
    made = scrubber(stream.codec, stream.extradata)
    assert made is not None
    if isinstance(made, LateScrubber):
        after = [done for packet in stream.packets for done in made.push(packet)]
        after += made.flush()
        assert len(after) == len(stream.packets)
    else:
        after = [made.packet(packet) for packet in stream.packets]
    kept = [packet for packet in after if packet is not None]
    return Cleaned(Stream(stream.codec, made.extradata, kept), made.removed)


def decoded(stream: Stream) -> list[str]:
    """A hash for each frame: its samples, its kind, and how it is shown."""
    names = {"av1": "libdav1d"}
    context: Any = av.CodecContext.create(names.get(stream.codec, stream.codec), "r")
    if stream.extradata:
        context.extradata = stream.extradata
    if stream.codec in ("opus", "vorbis"):
        context.sample_rate, context.layout = 48_000, "mono"
    context.thread_count = 1
    out = []
    for number, data in enumerate([*stream.packets, None]):
        packet = None
        if data is not None:
            packet = av.Packet(len(data))
            packet.update(data)
            packet.pts = packet.dts = number
        try:
            frames = context.decode(packet)
        except av.error.InvalidDataError:
            out.append("damaged")
            continue
        for frame in frames:
            digest = hashlib.sha256(frame.to_ndarray().tobytes())
            looks = getattr(frame, "interlaced_frame", 0), frame.format.name
            digest.update(repr((looks, getattr(frame, "pict_type", 0))).encode())
            out.append(digest.hexdigest())
    return out


def holds(stream: Stream, secret: bytes = SECRET) -> bool:
    return any(secret in data for data in [stream.extradata, *stream.packets])


def changed(stream: Stream, change: Any) -> Stream:
    """The stream with every packet changed by a function."""
    return stream._replace(packets=[change(packet) for packet in stream.packets])


def behind_lengths(units: Iterable[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(4) + unit for unit in units)


def behind_start_codes(units: Iterable[bytes]) -> bytes:
    return b"".join(b"\0\0\0\1" + unit for unit in units)


def message(kind: int, payload: bytes, header: bytes = b"\x06") -> bytes:
    """An SEI unit with one message."""
    size = b"\xff" * (len(payload) // 255) + bytes([len(payload) % 255])
    body = bytes([kind]) + size + payload + b"\x80"
    out = bytearray()
    for byte in body:
        if byte <= 3 and out[-2:] == b"\0\0":
            out.append(3)
        out.append(byte)
    return header + bytes(out)


CAPTIONS = b"\xb5\x00\x31GA94\x03" + SECRET
SETTINGS = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef") + b"x264 - core 164 " + SECRET
