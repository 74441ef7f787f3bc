"""A package that a plugin needs and this Python lacks: what to install."""

from __future__ import annotations

import importlib.metadata
import re

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
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
    extras = []
    for line in _requires(distribution):
        requirement = _REQUIREMENT.match(line)
        if requirement is None or _normal(requirement[1]) != package:
            continue
        needs = True
        extras += _EXTRA.findall(line)
    if extras:
        extra = plugin if plugin in extras else extras[0]
        return f"install {distribution}[{extra}]"
    if needs:
        return f"install {distribution} again, with all that it needs"
    return f"install it, or report this to the author of {distribution}"


def _requires(distribution: str) -> list[str]:
    try:
        return importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # what is not installed declares nothing


def _normal(name: str) -> str:
    """As package indexes compare names (Python Packaging User Guide, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()
