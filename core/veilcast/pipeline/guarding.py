"""Calling plugins: whatever they raise names them and stops the run."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from veilcast.errors import PluginFailedError, VeilcastError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast.host import Plugin


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
