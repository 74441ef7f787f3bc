"""What may be found in a bit stream, in words for people."""

from __future__ import annotations

AUXILIARY = "auxiliary data"
CAMERA = "camera data"
CAPTIONS = "captions"
COMMENT = "comment"
COPYRIGHT = "copyright number"
DYNAMIC_HDR = "dynamic HDR data"
ENCODER = "encoder settings"
FILLER = "filler"
FOREIGN = "unspecified units"
HIDDEN_PICTURE = "picture data that is not shown"
HIDDEN_SOUND = "sound inside the picture"
LAYER = "another layer or view of the picture"
MESSAGE = "metadata messages"
PICTURE = "embedded picture"
RECORDED = "recording date"
STRAY = "stray bytes"
TAG = "tag"
TIME_CODE = "time code"
UNSEEN = "picture that is never shown"
USER_DATA = "user data"

DAMAGED = (
    "A stream of the input is damaged, so nobody can say what is written in it beside picture "
    "and sound; get a complete copy of the recording, or convert it first."
)
