"""YAML (and JSON, which it contains) with line numbers for error messages."""

from __future__ import annotations

from typing import Any


class YamlError(ValueError):
    """Not valid YAML; the message says where, and never what."""


def load_yaml(text: str) -> Any:
    """The document's values. Mappings and lists remember their lines, see `line_of`.

    Raises:
        YamlError: malformed, or a key given twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        raise YamlError(f"line {mark.line + 1}" if mark else "malformed") from exc
    except YAMLError as exc:
        raise YamlError("malformed") from exc


def line_of(container: Any, key: Any) -> int:
    """The line (from 1) of a mapping's key or a list's item; 0 when not known."""
    marks = getattr(container, "lc", None)
    if marks is None:
        return 0
    try:
        position = marks.key(key) if isinstance(container, dict) else marks.item(key)
    except (KeyError, IndexError, TypeError):
        position = (marks.line, marks.col)
    return int(position[0]) + 1
