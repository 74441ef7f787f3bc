"""What is covered in a line that was read in a picture, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from text_stage.judged import covered, judge_of, placed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from veilcast_text.understanding import Identified, Judge


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with judge_of() as loaded:
        yield loaded


def left(judge: Judge, text: str) -> str:
    lines = [placed(text)]
    return covered(lines, judge.judge(lines))


def hidden(judge: Judge, text: str, *values: str) -> list[str]:
    """Those of the values that are not wholly covered."""
    shown = left(judge, text)
    return [value for value in values if shown[text.index(value) :][: len(value)] != value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("PT: BRIGHTWATERSON, THANDOLWETHU", "BRIGHTWATERSON, THANDOLWETHU"),
        ("Patient Name: Hrubesova, Q", "Hrubesova, Q"),
        ("Name Zynthia Okwuchukwu", "Zynthia Okwuchukwu"),
        ("HOLLOWAY, MARGARET", "HOLLOWAY, MARGARET"),
        ("HOLLOWAY MARGARET 68 yrs F", "HOLLOWAY MARGARET"),
        ("Mrs Kallasvuori", "Kallasvuori"),
        ("Mr Ward", "Ward"),
        ("Nurse Mbekezeli", "Mbekezeli"),
        ("Rm 12 Llanbedrog", "Llanbedrog"),
        ("J. Okonkwo-Reyes RN", "J. Okonkwo-Reyes"),
        ("Aoifelle Thornbriar (Host)", "Aoifelle Thornbriar"),
        ("Ngaio's iPhone", "Ngaio"),
        ("Amara N.", "Amara N"),
        ("Holloway_Margaret_CT.dcm - Viewer", "Holloway_Margaret"),
        (r"C:\Users\mholloway\Desktop", "mholloway"),
    ],
)
def test_names_are_covered_whatever_list_has_them(judge: Judge, text: str, value: str) -> None:
    assert not hidden(judge, text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("DOB:07/03/1951", "07/03/1951"),
        ("DOB O7/O3/195l", "O7/O3/195l"),
        ("HOLLOWAYMARGARET", "HOLLOWAYMARGARET"),
        ("PatientName:Vanterhaegen", "Vanterhaegen"),
        ("MRN447192", "447192"),
        ("MRN 447l9O2", "447l9O2"),
        ("H0LL0WAY, MARGARET", "H0LL0WAY, MARGARET"),
        ("Narne: 8rightwaterson", "8rightwaterson"),
        ("Patlent: Hrubesova", "Hrubesova"),
        ("Surnpme: Tupaarnaq", "Tupaarnaq"),
    ],
)
def test_what_was_misread_or_run_together_is_covered(judge: Judge, text: str, value: str) -> None:
    assert not hidden(judge, text, value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("07-MAR-1951", ["07-MAR-1951"]),
        ("7.3.51", ["7.3.51"]),
        ("03/07/51 68 yrs M", ["03/07/51"]),
        ("2024-03-07 14:22:05", ["2024-03-07 14:22:05"]),
        ("07 MAR 2024 14:22", ["07 MAR 2024 14:22"]),
        ("HOLLOWAY M 94 yrs F", ["HOLLOWAY M", "94"]),
        ("NHS No: 447 192 8830", ["447 192 8830"]),
        ("Acc: AB4471920 Tel: 0161 496 0722", ["AB4471920", "0161 496 0722"]),
        ("S/N: DE51234567", ["DE51234567"]),
        ("m.holloway@example.org", ["m.holloway@example.org"]),
    ],
)
def test_dates_and_numbers_are_covered(judge: Judge, text: str, values: list[str]) -> None:
    assert not hidden(judge, text, *values)


@pytest.mark.parametrize(
    "text",
    """Sinus Rhythm|ALARM|Fire Exit|SpO2 98 %|HR 72|Philips IntelliVue|Metoprolol 25 mg|14:22:05
    |LOT 23B1445|NIBP 120/80 (93)|Zoom Meeting|File Edit View|Patient Monitor|Patient: Adult
    |Nurse Call|Smith & Nephew|Hamilton C6|Model: MX800|Care Plan|Bed 4 Empty
    |Collected: 06:10|NWMWNLMM|UA|Resull|Immunisations""".replace("\n    ", "").split("|"),
)
def test_ordinary_lines_are_left(judge: Judge, text: str) -> None:
    assert not [char for char in left(judge, text) if char.isalnum()]


def test_what_the_user_knows_denies_and_allows(tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("names: Bernard Monitor\nmrn: '4471902'\n", "utf-8")
    with judge_of(known=known, deny=["Ward Round"], allow=["Hrubesova"]) as judge:
        assert not hidden(judge, "Bemard M0NITOR", "Bemard M0NITOR")
        assert not hidden(judge, "x 447l9OZ", "447l9OZ")
        assert not hidden(judge, "Ward Round", "Ward Round")
        assert left(judge, "Name: Hrubesova") == "....: ........."


def test_a_policy_chooses_the_classes() -> None:
    with judge_of(policy="names-only") as judge:
        assert left(judge, "Pt: Hrubesova / 07/03/1951") == "..: Hrubesova / ../../...."


def test_reasons_hold_no_words(judge: Judge) -> None:
    found: list[Identified] = judge.judge([placed("PT: BRIGHTWATERSON, THANDOLWETHU")])
    assert found
    for one in found:
        assert one.hipaa == "A"
        assert not {"brightwaterson", "thandolwethu"} & set(one.reason.lower().split())
