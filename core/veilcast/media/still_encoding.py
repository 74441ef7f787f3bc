"""Stills that ffmpeg does not encode as they were: grey JPEG, TIFF, and WebP with its looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediascrub.stills import tiff_picture as tiff
from mediascrub.stills.tiff_picture import orientation_only
from mediascrub.stills.tiff_writing import tiff_of
from mediascrub.stills.webp_picture import assembled, read_webp
from veilcast.media.guard import fault

if TYPE_CHECKING:
    from av import Packet, VideoFrame

    from veilcast.media.info import VideoInfo

GREY_JPEG = "grey-jpeg"
"""The encoder here, which is not ffmpeg's: that has no pictures of one component."""
QUALITY = 95
TIFF = "tiff-in-strips"
"""The encoder here, which is not ffmpeg's: that writes only one of the two byte orders."""


def grey_jpeg(frame: VideoFrame) -> Packet[Any]:
    """A frame in the pixel format gray as a JPEG file's bytes, with the frame's times."""
    import av
    import cv2

    done, data = cv2.imencode(".jpg", frame.to_ndarray(), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise fault("A grey picture could not be encoded")
    packet: Packet[Any] = av.Packet(data.tobytes())
    packet.pts = packet.dts = frame.pts
    packet.duration = frame.duration or 0
    if frame.time_base is not None:
        packet.time_base = frame.time_base
    packet.is_keyframe = True
    return packet


def tiff_still(frame: VideoFrame, video: VideoInfo) -> Packet[Any]:
    """A frame as a TIFF file's bytes, with the frame's times and the source's looks.

    Args:
        frame: in one of the pixel formats that `media.codecs` lists.
        video: of the source: its orientation, aspect, colour profile and meaning of alpha.
    """
    import av

    alpha = tiff.ASSOCIATED if video.premultiplied else 2
    data = tiff_of(
        frame,
        alpha=alpha,
        icc=video.icc,
        orientation=video.orientation.exif,
        resolution=tiff.resolution(video.sample_aspect),
    )
    packet: Packet[Any] = av.Packet(data)
    packet.pts = packet.dts = frame.pts
    packet.duration = frame.duration or 0
    if frame.time_base is not None:
        packet.time_base = frame.time_base
    packet.is_keyframe = True
    return packet


def with_looks(packet: Packet[Any], video: VideoInfo) -> Packet[Any]:
    """An encoder's WebP file with the colour profile and the orientation of the source."""
    import av

    turn = video.orientation.exif
    if not video.icc and turn == 1:
        return packet
    exif = orientation_only(turn) if turn != 1 else b""
    done: Packet[Any] = av.Packet(assembled(read_webp(bytes(packet)), icc=video.icc, exif=exif))
    done.pts, done.dts, done.time_base = packet.pts, packet.dts, packet.time_base
    done.duration = packet.duration
    done.is_keyframe = True
    return done
