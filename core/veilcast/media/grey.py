"""JPEG pictures of one component, which ffmpeg decodes but does not encode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.media.guard import fault

if TYPE_CHECKING:
    from av import Packet, VideoFrame

GREY_JPEG = "grey-jpeg"
"""The encoder here, which is not ffmpeg's: that has no pictures of one component."""
QUALITY = 95


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
