"""One name for a new plugin, and what follows from it."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass

from veilcast.errors import UsageError
from veilcast.findings.json_forms import CLASS

OURS = "veilcast-"
"""A distribution that begins so may be called `veilcast-badges` and what it provides `badges`."""
_VALID = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)
_RESERVED = frozenset({"conftest", "src", "test", "tests", "veilcast"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a new plugin and its parts are called.

    Attributes:
        distribution: what pip calls it, normalised: ``veilcast-badges``.
        module: what Python calls it: ``veilcast_badges``.
        thing: what profiles call what it provides: ``badges``.
        identifier: the class of what it finds: ``badges``, with spaces for hyphens.
    """

    distribution: str
    module: str
    thing: str
    identifier: str


def named(name: str) -> Names:
    """What follows from a name.

    Args:
        name: of the distribution, in any spelling that the packaging specification allows (Python
            Packaging User Guide, "Names and normalization", once PEP 503).

    Raises:
        UsageError: it is no such name, or it would hide something that is there.
    """
    if not _VALID.fullmatch(name):
        raise UsageError(
            "A plugin's name is made of letters, digits, '-', '_' and '.', and begins and ends "
            "with a letter or a digit, for example veilcast-badges."
        )
    distribution = re.sub(r"[-_.]+", "-", name).lower()
    module = distribution.replace("-", "_")
    thing = distribution.removeprefix(OURS)
    identifier = thing.replace("-", " ")
    if not module.isidentifier() or keyword.iskeyword(module) or not CLASS.match(identifier):
        raise UsageError(
            "Python could not import a package of this name, or it is longer than 32 letters; "
            "take one that begins with a letter and is no word of Python, for example "
            "veilcast-badges."
        )
    if module in _RESERVED or module in sys.stdlib_module_names:
        raise UsageError(
            f"The name '{distribution}' would hide a module of that name; put 'veilcast-' in front."
        )
    if importlib.util.find_spec(module) is not None:
        raise UsageError(f"There is a module '{module}' in this Python already; take another name.")
    return Names(
        distribution=distribution,
        module=module,
        thing=thing,
        identifier=identifier,
    )
