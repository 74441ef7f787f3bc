"""The HIPAA statement: for each identifier A-R, where it was looked for, and where it was not."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

from veilcast.reporting.records import Cell, Identifier, NotLookedFor
from veilcast.reporting.words import plain
from veilcast.text.policies import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = {
    "A": "Names",
    "B": "Places smaller than a state",
    "C": "Dates but for the year, and ages over 89",
    "D": "Telephone numbers",
    "E": "Fax numbers",
    "F": "Email addresses",
    "G": "Social security numbers",
    "H": "Medical record numbers",
    "I": "Health plan numbers",
    "J": "Account numbers",
    "K": "Certificate and licence numbers",
    "L": "Vehicle identifiers and plates",
    "M": "Device identifiers and serial numbers",
    "N": "Web addresses",
    "O": "IP addresses",
    "P": "Biometric identifiers, voice prints among them",
    "Q": "Full-face pictures and the like",
    "R": "Any other unique number, mark or code",
}
"""45 CFR 164.514(b)(2)(i)(A) to (R), shortened."""

WHERE = ("pixels", "speech", "text", "metadata")
_STRENGTH = ("sought", "whole", "marked")

_WHERE_OF = {"picture": "pixels", "sound": "speech"}
_IMPOSSIBLE = {("Q", "speech"), ("Q", "text")}
"""Nobody's face is in a sound or in letters."""

_NEVER = (
    ("Voice prints", "Nothing changes a voice; a known speaker can be recognised by it.", "voice"),
    ("Gait and movement", "The way somebody walks or moves stays as it is.", "gait"),
    (
        "Tattoos, scars and birthmarks",
        "Marks on the skin stay unless they lie under another cover.",
        "tattoo scar birthmark",
    ),
    (
        "Hair, clothes, jewellery and build",
        "Somebody who knows the person may know them by these.",
        "clothes clothing hair jewellery",
    ),
    (
        "Backgrounds and rooms",
        "Rooms, views from windows, uniforms and signs can tell the place.",
        "background room logo",
    ),
    (
        "Text in the picture",
        "Screens, wristbands, badges, letters and signs are not read.",
        "text screen wristband badge document name",
    ),
    (
        "Faces that detectors do not see",
        "Small, hidden, turned-away, mirrored and drawn faces are missed most.",
        "",
    ),
    (
        "Meaning",
        "What somebody is, did or says can identify without any name or number.",
        "",
    ),
)
"""What may identify, why it stays, and the words in a class that would say it is looked for."""


def statement(manifest: Mapping[str, Any]) -> list[Identifier]:
    """One row for each letter, each with a cell for pixels, speech, text and metadata."""
    absent = _absent(manifest["input"])
    looked: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for entry, one in _looked_for(manifest):
        looked[one["hipaa"], one["where"]].append((one["how"], entry["stage"]))
    covered = _covered(manifest)

    def cell(letter: str, where: str) -> Cell:
        said, count = looked[letter, where], covered.get((letter, where), 0)
        if where in absent or (letter, where) in _IMPOSSIBLE:
            return Cell(state="absent", by=[], covered=count)
        state: Literal["sought", "marked", "whole", "not"] = "not"
        for how in _STRENGTH:
            if any(one == how for one, _ in said):
                state = how  # type: ignore[assignment]
                break
        return Cell(state=state, by=sorted({plain(stage, 40) for _, stage in said}), covered=count)

    return [
        Identifier(letter=letter, name=name, **{where: cell(letter, where) for where in WHERE})
        for letter, name in NAMES.items()
    ]


def others(manifest: Mapping[str, Any]) -> list[str]:
    """Classes without a letter of the rule that were looked for, e.g. what a person marked."""
    return sorted(
        {
            f"{plain(one['identifier'], 60)} ({one['where']})"
            for _, one in _looked_for(manifest)
            if not one["hipaa"]
        }
    )


def not_looked_for(manifest: Mapping[str, Any]) -> list[NotLookedFor]:
    """What stays whatever was found, as plainly as what was covered.

    Where some stage looks for such a thing on its own, the sentence is left out; where a person
    marked one, it stays: the others were not looked for.
    """
    sought = {
        word
        for _, one in _looked_for(manifest)
        if one["how"] == "sought" and one["where"] == "pixels"
        for word in str(one["identifier"]).lower().replace("-", " ").replace("_", " ").split()
    }
    listed = [
        NotLookedFor(what=what, why=why)
        for what, why, words in _NEVER
        if not _named(words.split(), sought)
    ]
    absent = _absent(manifest["input"])
    for where, what in (("pixels", "the picture"), ("speech", "the sound")):
        unsought = not any(
            one["where"] == where and one["how"] == "sought" for _, one in _looked_for(manifest)
        )
        if where not in absent and unsought:
            listed.insert(
                0,
                NotLookedFor(
                    what=f"Anything in {what}",
                    why="No stage of this profile looks for identifiers there; it covers only "
                    "what a person marked.",
                ),
            )
    return listed


def _named(words: Iterable[str], sought: set[str]) -> bool:
    return any(one in (word, f"{word}s") for word in words for one in sought)


def _looked_for(
    manifest: Mapping[str, Any],
) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for entry in manifest["entries"]:
        if entry["nothing_to_do"]:
            continue
        told = entry.get("looked_for", ())
        yield from ((entry, {"how": "sought", **one}) for one in told)
        # Whatever a stage found it looked for, though it did not say so.
        known = {(one["hipaa"], one["where"]) for one in told}
        for change in entry["changes"]:
            where = _WHERE_OF.get(change["kind"])
            if where is not None and (change["hipaa"], where) not in known:
                known.add((change["hipaa"], where))
                yield (
                    entry,
                    {
                        "identifier": change["what"],
                        "hipaa": change["hipaa"],
                        "where": where,
                        "how": "sought",
                    },
                )


def _absent(source: Mapping[str, Any]) -> set[str]:
    """Media that the source does not have."""
    types = {stream["type"] for stream in source["streams"]}
    absent = set()
    if source["kind"] == "audio":
        absent.add("pixels")
    if "audio" not in types:
        absent.add("speech")
    if "subtitle" not in types:
        absent.add("text")
    return absent


def _covered(manifest: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """How many tracks, spans or things were covered, by letter and medium."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for entry in manifest["entries"]:
        for change in entry["changes"]:
            where = _WHERE_OF.get(change["kind"])
            if where is not None:
                counts[change["hipaa"], where] += 1
            elif change["how"].get("treatment") == "redacted":
                counts[change["hipaa"], "text"] += change["count"]
            else:
                held = {CLASSES.get(name, "") for name in _held(change)}
                for letter in {change["hipaa"], *held} - {""}:
                    counts[letter, "metadata"] += (
                        change["count"] if letter == change["hipaa"] else 1
                    )
    return counts


def _held(change: Mapping[str, Any]) -> list[str]:
    held = str(change["how"].get("held", ""))
    return held.split(", ") if held else []
