"""Tracking, shared by every visual detector: sightings in, a box for every frame out.

A detector looks at a few pictures a second. Between these looks, and where it misses a face that
is there, the cover has to stay. Covering too much is safe and exposing is not, so nothing that was
seen is ever dropped, and wherever two readings of the sightings are possible both are covered.
"""

from veilcast.tracking.cuts import CutDetector
from veilcast.tracking.looks import Look, TrackingSettings
from veilcast.tracking.track_building import build_tracks

__all__ = ["CutDetector", "Look", "TrackingSettings", "build_tracks"]
