"""The HIPAA statement: for each identifier A-R, where it was looked for, and where it was not."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal

from veilcast.reporting.report_model import Cell, Identifier, NotLookedFor
from veilcast.reporting.words import plain
from veilcast.text.policies import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    (
        "speech",
        "Voice prints",
        "Nothing changes a voice; a known speaker can be recognised by it.",
        "voice",
    ),
    ("pixels", "Gait and movement", "The way somebody walks or moves stays as it is.", "gait"),
    (
        "pixels",
        "Tattoos, scars and birthmarks",
        "Marks on the skin stay unless they lie under another cover.",
        "tattoo scar birthmark",
    ),
    (
        "pixels",
        "Hair, clothes, jewellery and build",
        "Somebody who knows the person may know them by these.",
        "clothes clothing hair jewellery",
    ),
    (
        "pixels",
        "Backgrounds and rooms",
        "Rooms, views from windows, uniforms and signs can tell the place.",
        "background room logo",
    ),
    (
        "pixels",
        "Text that could not be read",
        "Small, blurred, hidden and handwritten text is missed most, and all text without the "
        "stage text.",
        "",
    ),
    (
        "pixels",
        "Faces that detectors do not see",
        "Small, hidden, turned-away, mirrored and drawn faces are missed most.",
        "",
    ),
    (
        "speech",
        "Words that were not understood",
        "A name that was misheard is not recognised; noise, accents and distance hide most.",
        "",
    ),
    (
        "speech",
        "Sounds around the speakers",
        "Announcements, bells, machines and other people's talk can tell the place.",
        "",
    ),
    (
        "",
        "Meaning",
        "What somebody is, did or says can identify without any name or number.",
        "",
    ),
)
"""Where it may be (anywhere: ""), what may identify, why it stays, and the words in a class that
would say that one of them is looked for."""


_ONLY_MARKED = (
    "No stage of this profile looks for identifiers there; it covers only what a person marked."
)
_UNSOUGHT = (
    (
        "text",
        "subtitles",
        "The copy has subtitles, and no stage of this profile reads them or takes them out.",
    ),
    (
        "metadata",
        "tags",
        "No stage of this profile takes out tags, chapters and attachments; what delivery did not "
        "leave behind is still there.",
    ),
    ("pixels", "the picture", _ONLY_MARKED),
    ("speech", "the sound", _ONLY_MARKED),
)
"""Where no stage may have looked at all, what it is called, and what that means."""


def statement(manifest: Mapping[str, Any]) -> list[Identifier]:
    """One row for each letter, each with a cell for pixels, speech, text and metadata."""
    absent = _absent(manifest["input"])
    looked: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for entry, one in looked_for(manifest):
        looked[one["hipaa"], one["where"]].append((one["how"], entry["stage"]))
    covered = _covered(manifest)

    def cell(letter: str, where: str) -> Cell:
        said, count = looked[letter, where], covered.get((letter, where), 0)
        if where in absent or (letter, where) in _IMPOSSIBLE:
            return Cell(state="absent", by=[], covered=count)
        if where == "text" and not said and _dropped_subtitles(manifest):
            return Cell(state="whole", by=_deliveries(manifest), covered=count)
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
            for _, one in looked_for(manifest)
            if not one["hipaa"]
        }
    )


def not_looked_for(manifest: Mapping[str, Any]) -> list[NotLookedFor]:
    """What stays whatever was found, as plainly as what was covered.

    Where some stage looks for one such thing, that is said; the others still were not looked for.
    """
    absent = _absent(manifest["input"])
    listed = []
    for where, what, why, words in _NEVER:
        if where in absent:
            continue
        sought = sorted(_sought(manifest, where, words.split()))
        but = f" Only {', '.join(sought)} was looked for." if sought else ""
        listed.append(NotLookedFor(what=what, why=f"{why}{but}"))
    if _dropped_subtitles(manifest):
        absent.add("text")
    for where, what, why in _UNSOUGHT:
        unsought = not any(
            one["where"] == where and one["how"] != "marked" for _, one in looked_for(manifest)
        )
        if where not in absent and unsought:
            listed.insert(0, NotLookedFor(what=f"Anything in {what}", why=why))
    return listed


def _dropped_subtitles(manifest: Mapping[str, Any]) -> bool:
    """Whether the source has subtitles and the copy has none."""
    had, has = (
        any(stream["type"] == "subtitle" for stream in manifest[file]["streams"])
        for file in ("input", "output")
    )
    return had and not has


def _deliveries(manifest: Mapping[str, Any]) -> list[str]:
    return [plain(e["stage"], 40) for e in manifest["entries"] if e["phase"] == "deliver"]


def _sought(manifest: Mapping[str, Any], where: str, words: Sequence[str]) -> set[str]:
    """The classes that were looked for there and have one of these words in their name."""
    found = set()
    for _, one in looked_for(manifest):
        if one["how"] == "sought" and one["where"] == where:
            named = re.split(r"[\W_]+", str(one["identifier"]).lower())
            if any(part in (word, f"{word}s") for part in named for word in words):
                found.add(plain(one["identifier"], 60))
    return found


def looked_for(
    manifest: Mapping[str, Any],
) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """What was looked for, found or not, each with the manifest's entry of its stage."""
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
