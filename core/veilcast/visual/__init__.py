"""Locating with visual detectors: all that a new visual identifier needs beside its detector.

Frames are sampled by video time and looked at by a first detector; the others are asked at a
lower rate, and at once where the first leaves a question open. What was seen is followed by optical
flow where it is no longer seen, forwards and backwards, and becomes tracks. What a person has
marked is followed without a detector.
"""

from veilcast.visual.locate import locate_visual
from veilcast.visual.marks import Followed, Mark, Stretch, follow_marks

__all__ = ["Followed", "Mark", "Stretch", "follow_marks", "locate_visual"]
