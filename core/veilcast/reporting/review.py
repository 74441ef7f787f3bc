"""The verdict in a sentence, and what a reviewer should look at, most pressing first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from veilcast.errors import ManifestError
from veilcast.reporting.report_model import Left, Note, Task, Verdict
from veilcast.reporting.words import lasting, plain, several
from veilcast.timing import US

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.reporting.report_model import Cover, Sheet, Uncovered

_LONG_US = US
"""A stretch that was not seen is worth a task of its own from this length on."""
_UNSURE = 0.5
UNHEARD = "unintelligible"
"""The class of speech that was covered because nobody could tell what was said."""
_SHOWN = 12
"""Tasks of one kind that are told one by one."""

_DECIDES = "whether it may be released is for a person to decide"


def verdict(manifest: Mapping[str, Any]) -> Verdict:
    """One sentence. It never says that a recording is free of identifiers: nobody knows that."""
    said = _verification(manifest)
    still, accepted = _open(said), [one for one in said["findings"] if one["accepted"]]
    checks = several(len(said["checks"]), "check")
    warned = len(warnings(manifest))
    then, bare = _DECIDES, _left_uncovered(manifest)
    if warned:
        verb = "is" if warned == 1 else "are"
        then = f"there {verb} {several(warned, 'warning')} to read, and {_DECIDES}"
    if still:
        return Verdict(
            word="residual",
            sentence=f"This copy was published although {several(len(still), 'thing')} in it may "
            "identify somebody, because whoever ran Veilcast allowed that: look at "
            f"{'it' if len(still) == 1 else 'them'} before anything else"
            f"{f'; {bare}' if bare else ''}.",
        )
    if bare:
        seen = (
            f"{several(len(accepted), 'thing')} that a reviewer had accepted, and nothing else"
            if accepted
            else "nothing else"
        )
        return Verdict(
            word="uncovered",
            sentence=f"{bare[0].upper()}{bare[1:]}; looking again with {checks}, Veilcast found "
            f"{seen} of what it looks for; {then}.",
        )
    if accepted:
        return Verdict(
            word="accepted",
            sentence=f"Looking again with {checks}, Veilcast found "
            f"{several(len(accepted), 'thing')} that a reviewer had accepted, and nothing else of "
            f"what it looks for; {then}.",
        )
    return Verdict(
        word="clean",
        sentence=f"Looking again with {checks}, Veilcast found nothing more of what it looks for; "
        f"{then}.",
    )


def _left_uncovered(manifest: Mapping[str, Any]) -> str:
    """What somebody asked to leave as it is: ``1 face is left uncovered, as was asked``."""
    bare = [one for entry in manifest["entries"] for one in entry["uncovered"]]
    if not bare:
        return ""
    counts = Counter(plain(one["what"], 60) for one in bare)
    named = " and ".join(several(count, what) for what, count in sorted(counts.items()))
    verb = "is" if len(bare) == 1 else "are"
    part = "" if all(one["count"] == one["of"] for one in bare) else " wholly or in part,"
    return f"{named} {verb} left uncovered,{part} as was asked"


def left(manifest: Mapping[str, Any]) -> list[Left]:
    """What looking again at the delivered file found."""
    return [
        Left(
            check=plain(one["check"], 40),
            sentence=plain(one["sentence"]),
            what=plain(one["identifier"], 60),
            from_us=one["from_us"],
            to_us=one["to_us"],
            score=one["score"],
            accepted=one["accepted"],
        )
        for one in _verification(manifest)["findings"]
    ]


def checks(manifest: Mapping[str, Any]) -> list[str]:
    """The names of the checks that ran."""
    return [plain(name, 40) for name in _verification(manifest)["checks"]]


def warnings(manifest: Mapping[str, Any]) -> list[Note]:
    """How the source was changed before the work, and what the stages wanted the user to know."""
    conformed = manifest["input"].get("conformed", ())
    return [
        *(Note(stage="source", sentence=plain(one["sentence"])) for one in conformed),
        *(
            Note(stage=plain(entry["stage"], 40), sentence=plain(sentence))
            for entry in manifest["entries"]
            for sentence in entry["warnings"]
        ),
    ]


def tasks(
    covers: Sequence[Cover],
    uncovered: Sequence[Uncovered],
    remaining: Sequence[Left],
    sheet: Sheet,
    output: Mapping[str, Any],
) -> list[Task]:
    """What a person should look at or listen to, the most pressing first."""
    found = [
        *_of_what_is_left(remaining),
        *_of_uncovered(uncovered),
        *_of_stretches(covers),
        *_of_unsure(covers),
        *_of_unheard(covers),
    ]
    if sheet.left_out:
        found.append(
            Task(
                sentence=f"{several(sheet.left_out, 'frame')} of less risk did not fit into this "
                "report; see those tracks in the recording.",
                from_us=None,
                to_us=None,
            )
        )
    return [*found, Task(sentence=_whole(output), from_us=None, to_us=None)]


def _whole(output: Mapping[str, Any]) -> str:
    if output["kind"] == "audio":
        return "Listen to the whole copy: what no transcriber understood is in no list."
    if output["kind"] == "still":
        return (
            "Look at the copy in its full size, its edges and reflections too: what no detector "
            "saw is in no list."
        )
    if any(stream["type"] == "audio" for stream in output["streams"]):
        return (
            "Watch and listen to the whole copy: what no detector saw and no transcriber "
            "understood is in no list."
        )
    return "Watch the whole copy: what no detector saw is in no list."


def _of_what_is_left(remaining: Sequence[Left]) -> Iterator[Task]:
    still = [one for one in remaining if not one.accepted]
    for one in still[:_SHOWN]:
        yield Task(
            sentence=f"Check {one.check}: {one.sentence}", from_us=one.from_us, to_us=one.to_us
        )
    if len(still) > _SHOWN:
        yield _more(len(still) - _SHOWN, "thing was found again", "things were found again")


def _of_uncovered(uncovered: Sequence[Uncovered]) -> Iterator[Task]:
    for one in uncovered[:_SHOWN]:
        yield Task(
            sentence=f"{one.what.capitalize()} {_where(one)}, as was asked "
            f"({', '.join(one.why)}): make sure that this is meant.",
            from_us=one.from_us,
            to_us=one.to_us,
        )
    if len(uncovered) > _SHOWN:
        yield _more(len(uncovered) - _SHOWN, "thing is uncovered", "things are uncovered")


def _where(one: Uncovered) -> str:
    if one.track is None:
        return "can be heard"
    return f"(track {one.track}) is uncovered in {several(one.count, 'frame')}"


def _of_stretches(covers: Sequence[Cover]) -> Iterator[Task]:
    long = sorted(
        (
            (stretch, cover)
            for cover in covers
            for stretch in cover.inferred
            if stretch.to_us - stretch.from_us >= _LONG_US
        ),
        key=lambda pair: pair[0].from_us - pair[0].to_us,
    )
    for stretch, cover in long[:_SHOWN]:
        how = "followed by motion" if stretch.how == "flow" else "held in its place"
        yield Task(
            sentence=f"The cover of {cover.what} (track {cover.track}) was {how} for "
            f"{lasting(stretch.to_us - stretch.from_us)} while nothing was detected: see that it "
            "stays where it should.",
            from_us=stretch.from_us,
            to_us=stretch.to_us,
        )
    if len(long) > _SHOWN:
        yield _more(len(long) - _SHOWN, "more such stretch", "more such stretches")


def _of_unsure(covers: Sequence[Cover]) -> Iterator[Task]:
    unsure = [
        cover
        for cover in covers
        if cover.score_max is not None and cover.score_max < _UNSURE and cover.medium == "picture"
    ]
    if unsure:
        yield Task(
            sentence=f"{several(len(unsure), 'track')} never scored {_UNSURE} or more: what is "
            "covered there may be nothing, and something like it may have been missed elsewhere.",
            from_us=min(cover.from_us for cover in unsure),
            to_us=max(cover.to_us for cover in unsure),
        )


def _of_unheard(covers: Sequence[Cover]) -> Iterator[Task]:
    unheard = [cover for cover in covers if cover.what == UNHEARD]
    for one in unheard[:_SHOWN]:
        yield Task(
            sentence="Speech that was not understood is covered here, because a name or number was "
            "announced: listen to what is around it.",
            from_us=one.from_us,
            to_us=one.to_us,
        )
    if len(unheard) > _SHOWN:
        yield _more(len(unheard) - _SHOWN, "more such span", "more such spans")


def _more(count: int, one: str, many: str) -> Task:
    return Task(
        sentence=f"{several(count, one, many)}; the tables below have all of them.",
        from_us=None,
        to_us=None,
    )


def _open(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in said["findings"] if not one["accepted"]]


def _verification(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    for entry in manifest["entries"]:
        if entry["phase"] == "verify":
            settings: Mapping[str, Any] = entry["settings"]
            ran, found = settings.get("checks"), settings.get("findings")
            named = isinstance(ran, list) and all(isinstance(one, str) and one for one in ran)
            if not (named and ran and isinstance(found, list)):
                raise ManifestError(
                    "The manifest does not say by which checks the file was examined, or what "
                    "they found; get the original file."
                )
            return settings
    raise ManifestError("The manifest does not say that the file was examined; run Veilcast again.")
