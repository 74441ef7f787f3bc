"""A package that a plugin needs and this Python lacks: what to install."""

from __future__ import annotations

import importlib.metadata
import re
from collections import Counter
from typing import TypeGuard

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_LONGEST = 100
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def remedy(module: str, distribution: str, plugin: str = "") -> str:
    """What brings a missing module.

    Args:
        module: what could not be imported, e.g. ``presidio_analyzer.engine``.
        distribution: whose code wanted it.
        plugin: its name; where several extras bring the module, the one of this name is told.

    Returns:
        What to do, as the end of a sentence: ``install veilcast[faces]``.
    """
    package = _normal(module.partition(".")[0])
    needs = False
    extras: list[str] = []
    lines = _requires(distribution)
    for line in lines:
        requirement = _REQUIREMENT.match(line)
        if requirement is None or _normal(requirement[1]) != package:
            continue
        needs = True
        extras += _EXTRA.findall(line)
    if extras:
        # The one that installs least: an extra that joins others is written out by build tools.
        sizes = Counter(extra for line in lines for extra in _EXTRA.findall(line))
        extra = plugin if plugin in extras else min(extras, key=lambda name: sizes[name])
        return f"install {distribution}[{extra}]"
    if needs:
        return f"install {distribution} again, with all that it needs"
    return f"install it, or report this to the author of {distribution}"


def is_module(name: object) -> TypeGuard[str]:
    """Whether this can be told as the name of a module: foreign code may say anything."""
    return (
        isinstance(name, str)
        and len(name) <= _LONGEST
        and all(part.isidentifier() for part in name.split("."))
    )


def _requires(distribution: str) -> list[str]:
    try:
        return importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # what is not installed declares nothing


def _normal(name: str) -> str:
    """Without what separates words: a module may have none where its distribution has."""
    return re.sub(r"[-_.]+", "", name).lower()
