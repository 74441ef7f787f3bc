"""Profiles: what ships, what may be changed, and how mistakes are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from veilcast.errors import (
    ProfileError,
    RegionsError,
    SettingError,
    UnknownKeyError,
    UnknownStageError,
    VeilcastError,
)
from veilcast.host import Host
from veilcast.profile import load_profile
from veilcast.types import Phase

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def host() -> Host:
    return Host()


def settings_of(host: Host, name: str, stage: str = "faces", **more: Any) -> dict[str, Any]:
    profile = load_profile(host, name, **more)
    found: dict[str, Any] = next(
        item["settings"] for item in profile.settings_json()["stages"] if item["stage"] == stage
    )
    return found


@pytest.mark.parametrize(
    ("name", "pixel_size", "padding"),
    [
        ("consultation", 20, 0.30),
        ("telehealth", 20, 0.30),
        ("exam", 20, 0.40),
        ("procedure", 24, 0.45),
        ("sensitive", 32, 0.40),
    ],
)
def test_shipped_profiles(name: str, pixel_size: int, padding: float, host: Host) -> None:
    faces = settings_of(host, name)
    assert (faces["pixel_size"], faces["padding"]) == (pixel_size, padding)
    usual = settings_of(host, "default")
    assert faces["pixel_size"] > usual["pixel_size"], "covers are coarser"
    assert faces["padding"] > usual["padding"], "and larger"
    finding = ("sample_rate", "confidence", "min_size", "hold", "detectors")
    assert [faces[key] for key in finding] == [usual[key] for key in finding], "no fewer are found"
    treatment = "fill" if name == "sensitive" else "mosaic"
    assert (faces["treatment"], faces["shape"]) == (treatment, "ellipse")
    assert faces["blocks_across"] == usual["blocks_across"]
    profile = load_profile(host, name)
    assert profile.name == name
    assert [p.stage.name for p in profile.stages] == [
        "faces",
        "text",
        "regions",
        "speech",
        "metadata",
    ]
    assert profile.deliver.container == "same"
    assert profile.deliver.codec == "same"


def test_no_other_profiles_ship(host: Host) -> None:
    assert set(host.profiles) == {
        *("default", "consultation", "telehealth", "exam", "procedure", "sensitive", "fast")
    }


def test_a_file_is_a_profile_too(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "Quixby.yaml"
    path.write_text(
        "summary: ours\nstages: [metadata, regions, faces: {sample_rate: every_frame}]\n"
        "deliver: {container: mp4, codec: h264, crf: 18, preset: veryfast}\n"
    )
    profile = load_profile(host, str(path))
    assert [p.stage.phase for p in profile.stages] == [
        Phase.PICTURE,
        Phase.PICTURE,
        Phase.CONTAINER,
    ], "phases decide the order, and within one the profile does"
    assert [p.stage.name for p in profile.stages] == ["regions", "faces", "metadata"]
    assert settings_of(host, str(path))["sample_rate"] == "every_frame"
    assert (profile.deliver.crf, profile.deliver.preset) == (18, "veryfast")
    assert profile.name == "custom", "a file's name may hold a patient's"
    (tmp_path / "p.json").write_text('{"stages": ["faces", {"metadata": null}]}')
    assert len(load_profile(host, str(tmp_path / "p.json")).stages) == 2


def test_settings_are_changed_one_by_one(host: Host) -> None:
    overrides = [
        "faces.padding=0.5",
        "faces.detectors=blazeface-short",
        "faces.fill_colour='#00ff00'",
        "deliver.crf=30",
    ]
    changed = settings_of(host, "exam", overrides=overrides)
    assert changed["padding"] == 0.5
    assert [choice["name"] for choice in changed["detectors"]] == ["blazeface-short"]
    assert changed["fill_colour"] == "#00ff00"
    assert changed["pixel_size"] == 20, "what was not named stays"
    assert load_profile(host, "exam", overrides=overrides).deliver.crf == 30


def test_the_hash_tells_settings_apart_and_nothing_else(host: Host) -> None:
    plain = load_profile(host)
    assert load_profile(host).sha256 == plain.sha256
    padding = settings_of(host, "default")["padding"]
    assert load_profile(host, overrides=[f"faces.padding={padding:.3f}"]).sha256 == plain.sha256
    assert load_profile(host, overrides=["faces.padding=0.26"]).sha256 != plain.sha256
    assert load_profile(host, overrides=["deliver.crf=20"]).sha256 != plain.sha256


def test_a_regions_file_adds_its_stage(host: Host, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("stages: [metadata]")
    (tmp_path / "r.yaml").write_text("regions: [{box: [0, 0, 9, 9]}]")
    profile = load_profile(host, str(tmp_path / "p.yaml"), files={"regions": tmp_path / "r.yaml"})
    assert [p.stage.name for p in profile.stages] == ["regions", "metadata"]
    with pytest.raises(RegionsError):
        load_profile(host, files={"regions": tmp_path / "none.yaml"})


def test_only_stages_with_a_file_of_their_own_read_one(host: Host, tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="does not read a file"):
        load_profile(host, files={"faces": tmp_path})


PROFILES = {
    "stages: [faces, regoins]": (UnknownStageError, "did you mean 'regions'?"),
    "stages: [faces: {pading: 0.3}]": (UnknownKeyError, "did you mean 'padding'?"),
    "{stages: [faces], deliver: {preste: fast}}": (UnknownKeyError, "did you mean 'preset'?"),
    "{stages: [faces], delivery: {crf: 20}}": (UnknownKeyError, "did you mean 'deliver'?"),
    "stages: [faces: {padding: 3}]": (SettingError, "'padding'"),
    "stages: [faces: {padding: yes please}]": (SettingError, "'padding'"),
    "stages: [faces: {sample_rate: often}]": (SettingError, "'sample_rate'"),
    "stages: []": (ProfileError, "at least one"),
    "deliver: {crf: 20}": (ProfileError, "'stages:' is a list"),
    "stages: faces": (ProfileError, "'stages:' is a list"),
    "stages: [[faces]]": (ProfileError, "Each item"),
    "stages: [{faces: {}, regions: {}}]": (ProfileError, "Each item"),
    "stages: [7]": (ProfileError, "Each item"),
    "stages: [faces: 3]": (ProfileError, "'faces' is not a mapping"),
    "stages: [faces, faces: {padding: 1}]": (ProfileError, "listed twice"),
    "{stages: [faces], deliver: fast}": (ProfileError, "'deliver' is not a mapping"),
    "[faces]": (ProfileError, "mapping"),
    "": (ProfileError, "mapping"),
    "stages: [faces\nx: ]": (ProfileError, "line 2"),
    "stages: [faces]\nstages: [metadata]": (ProfileError, "line 2"),
}


@pytest.mark.parametrize("text", PROFILES)
def test_a_malformed_profile(text: str, host: Host, tmp_path: Path) -> None:
    kind, said = PROFILES[text]
    path = tmp_path / "profile.yaml"
    path.write_text(text)
    with pytest.raises(kind) as caught:
        load_profile(host, str(path))
    assert said in str(caught.value)
    assert type(caught.value) is kind, "each kind of mistake has an exit code of its own"


SETS = {
    "faces.pading=0.3": (UnknownKeyError, "did you mean 'padding'?"),
    "faces.my-key=0.3": (UnknownKeyError, "'my-key'"),
    "fases.padding=0.3": (UnknownStageError, "did you mean 'faces'?"),
    "deliver.presets=slow": (UnknownKeyError, "did you mean 'preset'?"),
    "padding=0.3": (UnknownKeyError, "stage.key=value"),
    "faces.padding": (UnknownKeyError, "stage.key=value"),
    "faces.=1": (UnknownKeyError, "stage.key=value"),
    "faces.padding=much": (SettingError, "'padding' of stage 'faces'"),
    "faces.padding=": (SettingError, "'padding'"),
    "faces.padding={": (SettingError, "faces.padding"),
    "faces.padding=-0.1": (SettingError, "'padding'"),
    "faces.sample_rate=0": (SettingError, "'sample_rate' of stage 'faces'"),
    "faces.sample_rate=15.5": (SettingError, "'sample_rate'"),
    "faces.sample_rate=.nan": (SettingError, "'sample_rate'"),
    "faces.sample_rate=.inf": (SettingError, "'sample_rate'"),
    "faces.confidence=0": (SettingError, "'confidence'"),
    "faces.hold=.inf": (SettingError, "'hold'"),
    "faces.pixel_size=3": (SettingError, "'pixel_size'"),
    "faces.pixel_size=41": (SettingError, "'pixel_size'"),
    "faces.shape=star": (SettingError, "rectangle"),
    "faces.detectors=7": (SettingError, "give a name"),
    "faces.detectors=[]": (SettingError, "'detectors'"),
    "faces.fill_colour=red": (SettingError, "'fill_colour'"),
    "speech.identifiers={persn: false}": (SettingError, "did you mean 'person'"),
    "speech.identifiers={person: 1.5}": (SettingError, "'identifiers.person'"),
    "speech.policy=hippa": (SettingError, "hipaa-safe-harbor"),
    "speech.recognizers=[nams]": (SettingError, "did you mean 'names'"),
    "speech.transcriber=wisper": (SettingError, "did you mean 'whisper'"),
    "speech.transcriber={name: whisper, model: huge}": (SettingError, "'model'"),
    "speech.known=nowhere.yaml": (SettingError, "'known'"),
    "metadata.keep=all": (UnknownKeyError, "'keep'"),
    "deliver.codec=mpeg17": (SettingError, "h264"),
    "deliver.container=zip": (SettingError, "mp4"),
    "deliver.crf=-1": (SettingError, "'crf'"),
    "deliver.crf=1.5": (SettingError, "'crf'"),
    "deliver.preset=hasty": (SettingError, "'preset'"),
    "regions.regions=[{box: [1, 2, 3]}]": (SettingError, "'regions.0.box"),
}


@pytest.mark.parametrize("override", SETS)
def test_a_setting_that_can_not_be(override: str, host: Host) -> None:
    kind, said = SETS[override]
    with pytest.raises(kind) as caught:
        load_profile(host, overrides=[override])
    assert said in str(caught.value)
    assert type(caught.value) is kind


def test_the_sentence_never_repeats_a_value(host: Host) -> None:
    for override in ("faces.padding=Quixby", "faces.detectors=[[Quixby]]", "deliver.crf=Quixby"):
        with pytest.raises(VeilcastError) as caught:
            load_profile(host, overrides=[override])
        assert "Quixby" not in str(caught.value)


def test_a_profile_that_is_not_there(host: Host, tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="did you mean 'consultation'"):
        load_profile(host, "consultaton")
    for name in ("Quixby.yaml", "Quixby"):
        with pytest.raises(ProfileError) as caught:
            load_profile(host, str(tmp_path / name))
        assert "Quixby" not in str(caught.value)
    (tmp_path / "p.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match="can't be read"):
        load_profile(host, str(tmp_path / "p.yaml"))
