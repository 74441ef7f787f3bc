"""Recognisers on text, without a recording: to try policies, and for transcripts made elsewhere."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from veilcast.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def recognize_text(
    source: Path | None,
    *,
    known: Path | None,
    settings: Sequence[str],
    language: str,
    as_json: bool,
) -> None:
    """Print a text with its identifiers replaced, or where they are."""
    from veilcast.host import Host
    from veilcast.offline import cut_off
    from veilcast.pipeline.plugin_calls import guarded_recognizers
    from veilcast.pipeline.recognizer_models import reading_models
    from veilcast.profile import identifier_settings
    from veilcast.recognition import Reader
    from veilcast.text.plain import find_in_text, redacted_text

    cut_off()
    host = Host()
    host.check_loaded()
    chosen = identifier_settings(host, settings, known)
    text = _read(source)
    models = reading_models(host, language)
    with Reader(chosen, guarded_recognizers(host), models, language, "text") as reader:
        found = find_in_text(reader, text)
        if reader.foreign:
            typer.echo(
                f"warning: these recognisers do not know the language: {', '.join(reader.foreign)}",
                err=True,
            )
    if not as_json:
        sys.stdout.write(redacted_text(text, found))
        return
    for span in found:
        one = span.found
        row = {
            "start": span.start,
            "end": span.end,
            "identifier": one.identifier,
            "hipaa": one.hipaa,
            "score": round(one.score, 4),
            "reason": one.reason,
            "recognizer": one.recognizer,
        }
        typer.echo(json.dumps(row))


def _read(source: Path | None) -> str:
    try:
        if source is None:
            return sys.stdin.read()
        return source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise UnreadableError(
            "The text can't be read; give a UTF-8 text file that you may read."
        ) from exc
