"""The published schema takes what Veilcast writes, and refuses what it would not read."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np
import pytest

from veilcast.errors import FindingsError
from veilcast.findings import (
    Findings,
    FindingsDocument,
    document_from_bytes,
    document_to_bytes,
)
from veilcast.findings.schema import schema
from veilcast.types import Item, Origin, Sound, Track

if TYPE_CHECKING:
    from collections.abc import Callable

SHA = "0123456789abcdef" * 4


def document() -> FindingsDocument:
    track = Track(
        id=3,
        identifier="face",
        hipaa="Q",
        detector="centerface+yunet",
        times_us=np.array([0, 40_000, 80_000, 120_000], dtype=np.int64),
        boxes=np.array([[10.5, -3, 30, 40], [12, 0, 30, 40], [14, 0.25, 3, 4], [1e4, 2, 30, 4]]),
        scores=np.array([0.91, np.nan, np.nan, np.nan]),
        origins=np.array(list(Origin), dtype=np.uint8),
        options={"treatment": "fill", "padding": 0.5},
    )
    sound = Sound(
        id=1,
        identifier="name",
        hipaa="A",
        detector="regions",
        start_us=0,
        end_us=1,
        score=0.5,
        streams=(0, 2),
    )
    return FindingsDocument(
        input_sha256=SHA,
        stages=(
            Findings(
                stage="faces",
                tracks=(track,),
                sounds=(sound, sound),
                items=(Item(place="EXIF", kind="locations", count=2, hipaa="B"),),
                warnings=("A sentence.",),
                models={"centerface": SHA},
                examined=7,
            ),
            Findings(stage="metadata", nothing_to_do="There is nothing."),
        ),
        located_with={"faces": SHA},
    )


def written() -> Any:
    return json.loads(document_to_bytes(document()))


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_what_is_written_is_valid() -> None:
    validator().validate(written())
    empty = FindingsDocument(input_sha256=SHA, stages=(), located_with={})
    validator().validate(json.loads(document_to_bytes(empty)))


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document but those within free-form options."""
    if at and at[-1] == "options":
        return [at]
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    return [at, *(path for key, item in pairs for path in paths(item, (*at, key)))]


FREE = {"models", "located_with"}
NAMED = [path for path in paths(written()) if path and isinstance(path[-1], str)]
OURS = [path for path in NAMED if not FREE & set(path[:-1])]


def place(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value


def refused(value: Any) -> None:
    assert not validator().is_valid(value)
    with pytest.raises(FindingsError):
        document_from_bytes(json.dumps(value).encode())


@pytest.mark.parametrize("path", OURS, ids=lambda path: ".".join(map(str, path)))
def test_nothing_may_be_missing(path: tuple[Any, ...]) -> None:
    value = written()
    del place(value, path)[path[-1]]
    refused(value)


@pytest.mark.parametrize("path", paths(written())[1:], ids=lambda path: ".".join(map(str, path)))
def test_nothing_may_be_of_another_kind(path: tuple[Any, ...]) -> None:
    value = written()
    holder = place(value, path)
    holder[path[-1]] = "?" if isinstance(holder[path[-1]], (list, dict)) else [[]]
    assert not validator().is_valid(value)


def test_nothing_is_there_that_nobody_reads() -> None:
    for path in paths(written()):
        value = written()
        found = place(value, (*path, "")) if path else value
        if isinstance(found, dict) and not FREE & set(path) and "options" not in path:
            found["whose"] = "a name"
            assert not validator().is_valid(value), path


def track(value: Any) -> Any:
    return value["stages"][0]["tracks"][0]


BROKEN: dict[str, Callable[[Any], object]] = {
    "another schema": lambda v: v.update(schema="veilcast.findings/9"),
    "no hash": lambda v: v.update(input_sha256="../../elsewhere"),
    "a name as identifier": lambda v: track(v).update(identifier="Quixby Vantongeren"),
    "no such letter": lambda v: track(v).update(hipaa="S"),
    "two letters": lambda v: track(v).update(hipaa="AB"),
    "a detector of words": lambda v: track(v).update(detector="who knows"),
    "a stage of words": lambda v: v["stages"][0].update(stage="../faces"),
    "an origin": lambda v: track(v)["origins"].__setitem__(0, "guessed"),
    "a box without a width": lambda v: track(v)["boxes"][1].__setitem__(2, 0),
    "a box of three": lambda v: track(v)["boxes"][1].pop(),
    "no frames": lambda v: track(v).update(times_us=[], boxes=[], scores=[], origins=[]),
    "a sound before the start": lambda v: v["stages"][0]["sounds"][0].update(start_us=-1),
    "a sound without a length": lambda v: v["stages"][0]["sounds"][0].update(end_us=0),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_breaks_a_rule_is_refused_by_schema_and_program(how: str) -> None:
    value = copy.deepcopy(written())
    BROKEN[how](value)
    refused(value)


def test_all_that_is_named_is_described() -> None:
    """A schema is for people too."""
    bare = []

    def look(part: Any, at: str) -> None:
        for name, inner in part.get("properties", {}).items():
            described = "description" in inner or "$ref" in inner
            simple = "const" in inner or name in {"score", "place", "kind"}
            if not described and not simple:
                bare.append(f"{at}.{name}")
            look(inner, f"{at}.{name}")

    whole = schema()
    look(whole, "document")
    for name, part in whole["$defs"].items():
        look(part, name)
    assert bare == []
