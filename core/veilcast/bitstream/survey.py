"""PLACEHOLDER until its owner writes this module: overwrite it."""

from collections import Counter


def survey(path, media, progress):
    return Counter()
