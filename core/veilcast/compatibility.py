"""The version of the plugin API, and what makes a plugin one that can't be used.

The rule is semantic versioning's (2.0.0, items 7 and 8): what is added counts up the minor number,
what is taken away or changed the major one. So a plugin fits when it was written for the same
major version, and for no later minor one.
"""

from __future__ import annotations

import re

API_VERSION = "1.0"
"""Of everything in `veilcast.plugin`. A plugin says which it was written for in `veilcast_api`."""

DECLARED = "veilcast_api"
"""The attribute of a plugin, or of its module, that says which version it was written for."""

_FIRST = "1.0"
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\Z")
_LONGEST = 300


class UnusableError(Exception):
    """A plugin breaks a rule; the message is a sentence for its author and its user."""


def check_api(declared: object) -> None:
    """The compatibility rule.

    Args:
        declared: what the plugin says; None when it says nothing, which means 1.0.

    Raises:
        UnusableError: it was written for another API, or what it says is no version.
    """
    said = _VERSION.match(declared) if isinstance(declared, str) else None
    if declared is None:
        said = _VERSION.match(_FIRST)
    if said is None:
        raise UnusableError(
            f'its {DECLARED} is no version in two numbers, such as "{API_VERSION}"; '
            "its author has to correct it"
        )
    ours = tuple(map(int, API_VERSION.split(".")))
    theirs = int(said[1]), int(said[2])
    if theirs[0] == ours[0] and theirs[1] <= ours[1]:
        return
    todo = "upgrade Veilcast" if theirs > ours else "upgrade the plugin, or use an older Veilcast"
    raise UnusableError(
        f"it was written for version {said[0]} of the plugin API and this Veilcast has "
        f"{API_VERSION}; {todo}"
    )


def why_not_loaded(exc: BaseException) -> str:
    """Why a plugin could not be loaded, in one line that begins with the type of what it raised."""
    kind = type_name(exc)
    if isinstance(exc, UnusableError):
        return text_of(exc)
    if isinstance(exc, ModuleNotFoundError) and exc.name:
        return (
            f"{kind}: it needs the module '{exc.name}', which is not installed; "
            "install the plugin again, with what it requires"
        )
    said = text_of(exc)
    return f"{kind}: {said}" if said else kind


def type_name(exc: BaseException) -> str:
    """The name of an error's type, which is all that is told of foreign errors."""
    name = type(exc).__name__
    return name if name.isidentifier() and len(name) <= 80 else "an error"


def text_of(exc: BaseException) -> str:
    """What an error says, on one short line; nothing when it can't say it."""
    try:
        said = " ".join(str(exc).split())
    except Exception:  # noqa: BLE001 - it is foreign code, and only asked for a sentence
        return ""
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} ..."
