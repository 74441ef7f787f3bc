"""Profiles: which stages run, with which settings, and how the result is delivered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from veilcast.errors import ModelMissingError, ProfileError, SettingError, UnknownKeyError
from veilcast.findings import canonical_json
from veilcast.host import PROJECT, nearest
from veilcast.media.codecs import DeliverSettings
from veilcast.models import find
from veilcast.settings import (
    AUTO,
    NONE,
    DetectSettings,
    IdentifierSettings,
    ReadPictureSettings,
    TranscriberChoice,
    TranscribeSettings,
)
from veilcast.text.policies import CLASSES
from veilcast.yamlfile import YamlError, load_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from veilcast.extensions import Stage
    from veilcast.host import Host
    from veilcast.settings import StageSettings

Model = TypeVar("Model", bound=BaseModel)

_KEYS = ("summary", "stages", "deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStage:
    """A stage with its validated settings."""

    stage: Stage
    settings: StageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Stages in the order in which they run.

    Attributes:
        name: of a shipped profile, or ``custom`` for a file (file names may hold PHI).
    """

    name: str
    stages: tuple[PlannedStage, ...]
    deliver: DeliverSettings

    def settings_json(self) -> dict[str, Any]:
        """Every setting as plain JSON values."""
        return {
            "stages": [
                {"stage": p.stage.name, "settings": p.settings.model_dump(mode="json")}
                for p in self.stages
            ],
            "deliver": self.deliver.model_dump(mode="json"),
        }

    @property
    def sha256(self) -> str:
        """Of the canonical settings."""
        return hashlib.sha256(canonical_json(self.settings_json())).hexdigest()


def load_profile(
    host: Host,
    name: str = "default",
    *,
    overrides: Sequence[str] = (),
    files: Mapping[str, Path] | None = None,
    known: Path | None = None,
) -> Profile:
    """Read a profile and validate every setting.

    Args:
        host: provides stages and shipped profiles.
        name: of a shipped profile, or the path of a YAML file.
        overrides: ``stage.key=value`` or ``deliver.key=value``; the value is read as YAML.
        files: by stage, a file that the stage reads settings from (such as marked regions).
        known: a file of what is known of the person, for every stage that reads text.

    Raises:
        ProfileError and its kin: something does not exist or is malformed.
    """
    document, known_as = _document(host, name)
    raw_stages = _raw_stages(document)
    deliver = dict(_mapping(document.get("deliver"), "deliver"))
    for stage_name, path in (files or {}).items():
        stage = host.stage(stage_name)
        settings = raw_stages.setdefault(stage_name, {})
        settings.update(stage.settings.from_file(path))
    for override in overrides:
        _apply(host, override, raw_stages, deliver)
    stages = []
    if known is not None:
        _give_known(host, raw_stages, known)
    for stage_name, settings in raw_stages.items():
        stage = host.stage(stage_name)
        model = _validate(stage.settings, settings, f"stage '{stage_name}'")
        if isinstance(model, DetectSettings):
            model = _with_detectors(host, model, stage_name)
        if isinstance(model, TranscribeSettings):
            model = _with_transcriber(host, model, stage_name)
        if isinstance(model, ReadPictureSettings):
            model = _with_reader(host, model, stage_name)
        if isinstance(model, IdentifierSettings):
            _check_reading(host, model, f"stage '{stage_name}'")
        stages.append(PlannedStage(stage=stage, settings=model))
    if not stages:
        raise ProfileError("The profile names no stage; list at least one under 'stages:'.")
    # Phase first, then the profile's own order: never the order in which plugins were found.
    stages.sort(key=lambda planned: planned.stage.phase.rank)
    return Profile(
        name=known_as,
        stages=tuple(stages),
        deliver=_validate(DeliverSettings, deliver, "'deliver'"),
    )


def identifier_settings(
    host: Host, overrides: Sequence[str], known: Path | None = None
) -> IdentifierSettings:
    """Settings for reading text outside a profile.

    Args:
        host: provides the recognisers that they may name.
        overrides: ``key=value``; the value is read as YAML.
        known: a file of what is known of the person.

    Raises:
        ProfileError and its kin: something does not exist or is malformed.
    """
    values: dict[str, Any] = {} if known is None else {"known": known}
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise UnknownKeyError("--set takes key=value, for example policy=gdpr.")
        try:
            values[key.strip()] = load_yaml(text)
        except YamlError as exc:
            raise SettingError(f"The value of --set {key} is not valid.") from exc
    settings = _validate(IdentifierSettings, values, "the text")
    _check_reading(host, settings, "the text")
    return settings


def _check_reading(host: Host, settings: IdentifierSettings, where: str) -> None:
    """What is asked for by name exists: a class with a slip in it would never be found."""
    for recognizer in settings.recognizers:
        host.recognizer(recognizer)
    classes = {c for recognizer in host.recognizers.values() for c in recognizer.identifiers}
    for identifier in settings.identifiers:
        if identifier not in classes | CLASSES.keys():
            hint = nearest(identifier, classes | CLASSES.keys())
            raise SettingError(
                f"No recogniser finds the class '{identifier}' that {where} names: {hint}"
            )


def _give_known(host: Host, stages: dict[str, dict[str, Any]], known: Path) -> None:
    reading = [name for name in stages if issubclass(host.stage(name).settings, IdentifierSettings)]
    if not reading:
        raise ProfileError(
            "No stage of this profile reads text, so what is known of the person can't be looked "
            "for; add the stage 'speech' to the profile."
        )
    for name in reading:
        stages[name]["known"] = known


def _with_detectors(host: Host, settings: DetectSettings, stage: str) -> DetectSettings:
    """With what is said of each detector read as that detector's own settings."""
    choices = []
    for choice in settings.detectors:
        model = host.detector(choice.name).settings
        own = _validate(model, choice.said, f"detector '{choice.name}' of stage '{stage}'")
        choices.append(choice.model_copy(update={"own": own}))
    return settings.model_copy(update={"detectors": tuple(choices)})


def _with_reader(host: Host, settings: ReadPictureSettings, stage: str) -> ReadPictureSettings:
    """With what is said of the text readers read as their own settings."""
    settled = []
    for choice in settings.readers:
        where = f"text reader '{choice.name}' of stage '{stage}'"
        own = _validate(host.text_reader(choice.name).settings, choice.said, where)
        settled.append(choice.model_copy(update={"own": own}))
    return settings.model_copy(update=dict(zip(("reader", "scout"), settled, strict=False)))


def _with_transcriber(host: Host, settings: TranscribeSettings, stage: str) -> TranscribeSettings:
    """With the transcriber settled, and what is said of it read as its own settings."""
    choice = settings.transcriber
    if choice.name == AUTO:
        choice = _best_transcriber(host, settings.language)
    choice = _settled(host, choice, settings.language, stage)
    beside = settings.beside
    if beside.name == AUTO:
        beside = _second_transcriber(host, choice, settings.language)
    if beside.name != NONE:
        if beside.name == choice.name:
            raise SettingError(
                f"The stage '{stage}' has '{choice.name}' listen twice; name another transcriber "
                "in 'beside', or none."
            )
        beside = _settled(host, beside, settings.language, stage)
    return settings.model_copy(update={"transcriber": choice, "beside": beside})


def _settled(host: Host, choice: TranscriberChoice, language: str, stage: str) -> TranscriberChoice:
    """With what is said of a transcriber read as its own settings."""
    transcriber = host.transcriber(choice.name)
    where = f"transcriber '{choice.name}' of stage '{stage}'"
    own = _validate(transcriber.settings, choice.said, where)
    languages = own.languages or transcriber.languages
    if languages and language not in languages:
        raise SettingError(
            f"The transcriber '{transcriber.name}' does not understand the language "
            f"'{language}' with these settings; it knows {', '.join(languages)}."
        )
    return choice.model_copy(update={"own": own})


def _second_transcriber(host: Host, first: TranscriberChoice, language: str) -> TranscriberChoice:
    """One that needs no model and knows the language, beside one that finds more."""
    if not host.transcriber(first.name).reduced:
        for transcriber in sorted(host.transcribers.values(), key=lambda each: each.name):
            own = transcriber.settings()
            languages = own.languages or transcriber.languages
            if transcriber.reduced and language in languages and not transcriber.models(own):
                return TranscriberChoice(name=transcriber.name)
    return TranscriberChoice(name=NONE)


def _best_transcriber(host: Host, language: str) -> TranscriberChoice:
    """The first whose models are here; those that find less come last."""
    for transcriber in sorted(host.transcribers.values(), key=lambda t: (bool(t.reduced), t.name)):
        for variant in transcriber.variants:
            own = transcriber.settings.model_validate(variant)
            languages = own.languages or transcriber.languages
            if languages and language not in languages:
                continue
            try:
                for name in transcriber.models(own):
                    find(host.model(name))
            except ModelMissingError:
                continue
            return TranscriberChoice.model_validate({"name": transcriber.name, **variant})
    raise ModelMissingError(
        "No transcriber for this language has its model on this machine; "
        "'veilcast models list' shows which can be pulled."
    )


def _document(host: Host, name: str) -> tuple[dict[str, Any], str]:
    shipped = host.profiles.get(name)
    whose = "profile"
    if shipped is not None:
        text, known_as = shipped.text, name
        owner = host.owner("profile", name)
        if owner.distribution != PROJECT:
            whose = f"profile '{name}' of {owner.distribution} {owner.version}"
    else:
        path = Path(name)
        is_name = len(path.parts) == 1 and path.suffix not in (".yaml", ".yml", ".json")
        if is_name and not path.is_file():
            raise ProfileError(f"There is no profile '{name}': {nearest(name, host.profiles)}")
        try:
            text, known_as = path.read_text(encoding="utf-8"), "custom"
        except (OSError, UnicodeDecodeError) as exc:
            raise ProfileError("The profile file can't be read.") from exc
    try:
        value = load_yaml(text)
    except YamlError as exc:
        raise ProfileError(f"The {whose} is not valid YAML ({exc}).") from exc
    if not isinstance(value, dict):
        raise ProfileError(f"The {whose} is not a mapping with 'stages:' and perhaps 'deliver:'.")
    for key in value:
        if key not in _KEYS:
            raise UnknownKeyError(f"A profile has no key '{key}': {nearest(str(key), _KEYS)}")
    return value, known_as


def _raw_stages(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    listed = document.get("stages")
    if not isinstance(listed, list):
        raise ProfileError("'stages:' is a list, each item a stage's name or 'name: {settings}'.")
    stages: dict[str, dict[str, Any]] = {}
    for item in listed:
        pairs = {item: {}} if isinstance(item, str) else item
        if not isinstance(pairs, dict) or len(pairs) != 1:
            raise ProfileError("Each item of 'stages:' is a stage's name or 'name: {settings}'.")
        name, settings = next(iter(pairs.items()))
        if name in stages:
            raise ProfileError(f"The stage '{name}' is listed twice.")
        stages[str(name)] = dict(_mapping(settings, str(name)))
    return stages


def _mapping(value: object, key: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ProfileError(f"What the profile says of '{key}' is not a mapping of settings.")
    return value


def _apply(
    host: Host, override: str, stages: dict[str, dict[str, Any]], deliver: dict[str, Any]
) -> None:
    target, equals, text = override.partition("=")
    stage_name, dot, key = target.strip().partition(".")
    if not equals or not dot or not key:
        raise UnknownKeyError("--set takes stage.key=value, for example faces.padding=0.4.")
    try:
        value = load_yaml(text)
    except YamlError as exc:
        raise SettingError(f"The value of --set {stage_name}.{key} is not valid.") from exc
    if stage_name == "deliver":
        deliver[key] = value
        return
    if stage_name not in stages:
        host.stage(stage_name)
        raise UnknownKeyError(
            f"The profile does not run the stage '{stage_name}'; it runs: {', '.join(stages)}."
        )
    stages[stage_name][key] = value


def _validate(model: type[Model], values: Mapping[str, Any], where: str) -> Model:
    try:
        return model.model_validate(dict(values))
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        # Without pydantic's own steps into a union, such as 'constrained-float'.
        first_part, *others = first["loc"] or ("",)
        parts = [part for part in others if isinstance(part, int) or part.isidentifier()]
        key = ".".join(map(str, (first_part, *parts)))
        if first["type"] == "extra_forbidden":
            hint = nearest(key, model.model_fields)
            raise UnknownKeyError(f"There is no setting '{key}' in {where}: {hint}") from None
        message = first["msg"].removeprefix("Value error, ")
        message = message[0].lower() + message[1:]
        raise SettingError(f"The setting '{key}' of {where} is not valid: {message}.") from None
