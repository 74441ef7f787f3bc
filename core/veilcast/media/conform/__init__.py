"""Bringing a source into a form that the pipeline keeps exactly, where it is not in one.

Most recordings are kept as they are, frame by frame and sample by sample. Some can't be: times are
missing or jump, the picture changes its size, a packet is broken, a codec can be read but not
written. Those are decoded once, by rules, into a file that has none of this; from there on that
file is the source. Whatever the locators are shown is what is delivered, so no rule can hide a
picture from them. Each rule that was applied has a name and says in a sentence what it did.

    by_pillow   pictures that ffmpeg does not read, and that nothing here writes
    scan        packets only, cheap: is there anything to look at more closely?
    pictures    decoding that goes on where something is broken, and counts it
    sounds      the same for sound, with every sample at its time
    rules       what is done about it
    writing     the file
"""

from veilcast.media.conform.patience import silent
from veilcast.media.conform.rules import Look, Wanted, conform

__all__ = ["Look", "Wanted", "conform", "silent"]
