"""Veilcast de-identifies video, audio and stills on the user's own machine."""

__version__ = "0.1.0"
