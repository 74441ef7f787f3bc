"""Names that cameras, phones and programs give: they are not taken for people's."""

from __future__ import annotations

from pathlib import Path

import pytest

from veilcast.host import Host
from veilcast.pipeline.naming import name_warnings
from veilcast.profile import Profile, load_profile

NAMES = Path(__file__).with_name("neutral_names.txt").read_text("utf-8").splitlines()
TELLS, DATED = "seems to hold what identifies somebody", "has the date of the recording"


@pytest.fixture(scope="module")
def host() -> Host:
    return Host()


@pytest.fixture(scope="module")
def profile(host: Host) -> Profile:
    return load_profile(host, "default")


def said(host: Host, profile: Profile, name: str) -> tuple[str, ...]:
    stem = name.replace("/", "_").replace(":", "_")
    return name_warnings(host, profile, Path(f"{stem}.mp4"), Path(f"{stem}.deid.mp4"))


@pytest.mark.release
def test_one_neutral_name_in_a_hundred_is_taken_for_somebody_s(
    host: Host, profile: Profile
) -> None:
    assert len(NAMES) > 500
    telling = [name for name in NAMES if any(TELLS in one for one in said(host, profile, name))]
    assert len(telling) <= len(NAMES) / 90, telling


@pytest.mark.parametrize(
    "name",
    ["JOHN0001", "Anna_0001", "IMG 4711902", "MRN0012345", "patient_0042", "GOPR0001 Lopez"],
)
def test_a_camera_s_number_hides_nobody(name: str, host: Host, profile: Profile) -> None:
    assert any(TELLS in one for one in said(host, profile, name))


@pytest.mark.parametrize(
    ("name", "dated"),
    [
        ("PXL_20241130_172007123", True),
        ("2024-11-30 17-20-07", True),
        ("Photo on 30-11-2024 at 17.20", True),
        ("GX011234", False),
        ("DJI_0001", False),
        ("clip 1080p", False),
    ],
)
def test_a_date_in_a_name_is_said_to_be_one(
    name: str, dated: bool, host: Host, profile: Profile
) -> None:
    """It is the day on which somebody was there; but it is no number of theirs."""
    (*others,) = said(host, profile, name)
    assert [DATED in one for one in others] == [True] * dated
