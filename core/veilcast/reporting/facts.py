"""From a manifest, and what the delivered file shows, to the facts of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from veilcast.reporting import review
from veilcast.reporting.containers import container_stages, nothing_beside
from veilcast.reporting.report_model import (
    Cover,
    FileFacts,
    Inferred,
    Model,
    Removed,
    ReportFacts,
    Silence,
    Step,
    StreamFacts,
    Uncovered,
)
from veilcast.reporting.statement import not_looked_for, others, statement
from veilcast.reporting.times import DeliveredTime, merged
from veilcast.reporting.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from veilcast.reporting.report_model import Picture, Sheet, Waveform


def facts_of(
    manifest: Mapping[str, Any],
    *,
    duration_us: int,
    picture: Picture | None,
    waveforms: Sequence[Waveform] = (),
    sheet: Sheet,
) -> ReportFacts:
    """Everything that a report says.

    Args:
        manifest: loaded and checked.
        duration_us: of the delivered file.
        picture: its size.
        waveforms: of its sound.
        sheet: the frames that are shown.
    """
    time = DeliveredTime(manifest)
    covers = list(covers_of(manifest, time))
    uncovered = list(_uncovered(manifest, time))
    remaining = review.left(manifest)
    software = manifest["software"]
    return ReportFacts(
        schema="veilcast.report/1",
        verdict=review.verdict(manifest),
        input=_file(manifest["input"]),
        output=_file(manifest["output"]),
        manifest_sha256=manifest["manifest_sha256"],
        created_at=manifest["volatile"]["created_at"],
        seconds={
            plain(phase, 40): float(taken)
            for phase, taken in manifest["volatile"]["seconds"].items()
        },
        profile=plain(manifest["profile"]["name"], 60),
        profile_sha256=manifest["profile"]["sha256"],
        veilcast=plain(software["veilcast"], 40),
        python=plain(software["python"], 40),
        libraries=_plain_mapping(software["libraries"]),
        plugins=_plain_mapping(software["plugins"]),
        models=_models(manifest),
        steps=[_step(entry) for entry in manifest["entries"]],
        duration_us=duration_us,
        picture=picture,
        retimed=time.retimed,
        covers=covers,
        uncovered=uncovered,
        waveforms=list(waveforms),
        silenced=_silenced(covers),
        removed=list(_removed(manifest)),
        container_stages=container_stages(manifest),
        nothing_beside=nothing_beside(manifest, remaining),
        statement=statement(manifest),
        others=others(manifest),
        not_looked_for=not_looked_for(manifest),
        warnings=review.warnings(manifest),
        tasks=review.tasks(covers, uncovered, remaining, sheet, manifest["output"]),
        checks=review.checks(manifest),
        left=remaining,
        sheet=sheet,
    )


def covers_of(manifest: Mapping[str, Any], time: DeliveredTime) -> Iterator[Cover]:
    """Everything covered in picture and sound, in the order of the manifest."""
    for entry in manifest["entries"]:
        for change in entry["changes"]:
            if change["kind"] == "container":
                continue
            from_us, to_us = change["from_us"], change["to_us"]
            yield Cover(
                medium=change["kind"],
                stage=plain(entry["stage"], 40),
                what=plain(change["what"], 60),
                hipaa=change["hipaa"],
                track=change["track"],
                from_us=time.at(from_us),
                to_us=time.at(to_us),
                detector=plain(change["detector"], 60),
                treatment=plain(str(change["how"].get("treatment", "its own")), 40),
                score_min=change["score_min"],
                score_max=change["score_max"],
                frames=change["frames"] or {},
                inferred=[_inferred(stretch, time) for stretch in change.get("inferred", ())],
                streams=change["where"].get("streams"),
                removed_us=time.removed(from_us, to_us),
            )


def _inferred(stretch: str, time: DeliveredTime) -> Inferred:
    start, end, how = stretch.split()
    return Inferred.model_validate(
        {"from_us": time.at(int(start)), "to_us": time.at(int(end)), "how": how}
    )


def _uncovered(manifest: Mapping[str, Any], time: DeliveredTime) -> Iterator[Uncovered]:
    for entry in manifest["entries"]:
        for left in entry["uncovered"]:
            yield Uncovered(
                stage=plain(entry["stage"], 40),
                what=plain(left["what"], 60),
                hipaa=left["hipaa"],
                track=left["track"],
                why=list(left["why"]),
                from_us=time.at(left["from_us"]),
                to_us=time.at(left["to_us"]),
                count=left["count"],
                of=left["of"],
            )


def _silenced(covers: Sequence[Cover]) -> list[Silence]:
    spans = merged((one.from_us, one.to_us) for one in covers if one.medium == "sound")
    return [Silence(from_us=start, to_us=end) for start, end in spans]


def _removed(manifest: Mapping[str, Any]) -> Iterator[Removed]:
    for entry in manifest["entries"]:
        for change in entry["changes"]:
            if change["kind"] == "container":
                yield Removed(
                    stage=plain(entry["stage"], 40),
                    place=plain(change["where"].get("place", "container"), 120),
                    what=plain(change["what"], 120),
                    hipaa=change["hipaa"],
                    count=change["count"],
                    held=plain(str(change["how"].get("held", "")), 200),
                    treatment=plain(str(change["how"].get("treatment", "removed")), 40),
                )


def _file(record: Mapping[str, Any]) -> FileFacts:
    return FileFacts(
        sha256=record["sha256"],
        bytes=record["bytes"],
        kind=record["kind"],
        container=plain(record["container"], 20),
        streams=[
            StreamFacts(index=s["index"], type=plain(s["type"], 20), codec=plain(s["codec"], 40))
            for s in record["streams"]
        ],
    )


def _models(manifest: Mapping[str, Any]) -> list[Model]:
    told = manifest["software"].get("models", {})
    used: dict[str, tuple[str, list[str]]] = {}
    for entry in manifest["entries"]:
        for name, digest in entry["models"].items():
            used.setdefault(name, (digest, []))[1].append(plain(entry["stage"], 40))
    return [
        Model(
            name=plain(name, 60),
            sha256=digest,
            licence=plain(told.get(name, {}).get("licence", "not recorded"), 60),
            origin=plain(told.get(name, {}).get("origin", "not recorded"), 120),
            stages=stages,
        )
        for name, (digest, stages) in sorted(used.items())
    ]


def _step(entry: Mapping[str, Any]) -> Step:
    return Step(
        stage=plain(entry["stage"], 40),
        phase=entry["phase"],
        distribution=plain(entry["plugin"]["distribution"], 60),
        version=plain(entry["plugin"]["version"], 40),
        changes=len(entry["changes"]),
        nothing_to_do=plain(entry["nothing_to_do"]),
    )


def _plain_mapping(values: Mapping[str, Any]) -> dict[str, str]:
    return {plain(name, 60): plain(str(value), 40) for name, value in sorted(values.items())}
