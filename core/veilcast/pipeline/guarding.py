"""Calling plugins: whatever they raise names them and stops the run."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from veilcast.errors import PluginFailedError, VeilcastError
from veilcast.redact.render import Treatments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.host import Host, Plugin


@contextlib.contextmanager
def guarded(plugin: Plugin, what: str) -> Iterator[None]:
    """Turn a plugin's own errors into ours.

    The message of a foreign error may hold anything, so only its type is told.
    """
    try:
        yield
    except VeilcastError:
        raise
    except (Exception, SystemExit) as exc:
        raise PluginFailedError(
            f"The plugin '{plugin.name}' of {plugin.distribution} {plugin.version} failed in "
            f"'{what}' with {type(exc).__name__}; report this to its author."
        ) from exc


def guarded_treatments(host: Host) -> Treatments:
    """Every treatment, calling its plugin under guard."""

    def guard(treatment: Any) -> Any:
        owner = host.owner("treatment", treatment.name)

        def apply(*arguments: Any) -> Any:
            with guarded(owner, treatment.name):
                return treatment.apply(*arguments)

        return replace(treatment, apply=apply)

    return Treatments(
        pixels={name: guard(treatment) for name, treatment in host.pixel_treatments.items()},
        sounds={name: guard(treatment) for name, treatment in host.sound_treatments.items()},
    )
