"""Hosts of chosen plugins only: what else is installed beside them is not looked for."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veilcast.host import Host

BASE = ("checks", "metadata", "profiles", "treatments")
"""The built-in plugins that no run does without."""


def make_host(*plugins: object, also: Sequence[str] = ()) -> Host:
    """A host of these plugins, of the built-in ones in `BASE`, and of those named in `also`.

    Args:
        *plugins: modules, or objects with hooks. They need not be installed.
        also: names of further built-in plugins, as ``veilcast plugins`` lists them.

    Raises:
        AssertionError: a plugin could not be loaded; it says why.
        ValueError: a name in `also` is of no built-in plugin.
    """
    from veilcast.host import PROJECT, Host

    ours = {
        point.name: point
        for point in importlib.metadata.entry_points(group=PROJECT)
        if point.dist is not None and point.dist.name == PROJECT
    }
    if unknown := sorted({*also} - ours.keys()):
        raise ValueError(f"there is no built-in plugin {unknown[0]!r}: {', '.join(sorted(ours))}")
    objects = {_name_of(one, number): one for number, one in enumerate(plugins, 1)}
    if len(objects) < len(plugins):
        raise ValueError("the same plugin is given twice")
    wanted = [ours[name] for name in sorted({*BASE, *also})]
    host = Host(wanted, objects=objects)
    for plugin in host.plugins:
        if plugin.failure:
            raise AssertionError(f"The plugin '{plugin.name}' was not loaded: {plugin.failure}.")
    return host


def _name_of(plugin: object, number: int) -> str:
    own = getattr(plugin, "__name__", None)
    return str(own) if own else f"{type(plugin).__name__}-{number}"
