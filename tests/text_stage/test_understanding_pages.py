"""What a label says of the lines beside and below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from text_stage.judged import covered, judge_of, placed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from veilcast_text.understanding import Judge


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with judge_of() as loaded:
        yield loaded


def test_a_label_on_the_row_and_one_above_decide_about_the_value(judge: Judge) -> None:
    for x, y in ((150, 11), (10, 36)):
        lines = [placed("Consultant"), placed("Thornbriar Ng", x, y), placed("SpO2 98 %", 400, 300)]
        found = judge.judge(lines)
        assert covered(lines, found, 1) == "Thornbriar Ng"
        assert covered(lines, found, 2) == ".... .. %"


def test_a_value_of_ordinary_words_is_covered_where_a_colon_asks_for_a_name(judge: Judge) -> None:
    lines = [placed("Surname:"), placed("WARD", 120, 10)]
    assert covered(lines, judge.judge(lines), 1) == "WARD"


@pytest.mark.parametrize("turn", [0, 0.1, 1.57, 3.14])
def test_a_table_is_read_by_its_header_however_it_is_turned(judge: Judge, turn: float) -> None:
    rows = [
        ("Bed", "Name", "MRN", "Diet"),
        ("4", "PAGE", "44719", "Soft"),
        ("5", "MARK", "55182", "Normal"),
    ]
    lines = [
        placed(text, 10 + 120 * column, 10 + 30 * row, turn)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    ]
    found = judge.judge(lines)
    shown = [covered(lines, found, number) for number in range(len(lines))]
    assert shown[4:] == [".", "PAGE", "44719", "....", ".", "MARK", "55182", "......"]


def test_pieces_of_one_line_are_read_together(judge: Judge) -> None:
    lines = [placed("DOB:"), placed("7", 60), placed("MAR", 80), placed("1951", 125)]
    found = judge.judge(lines)
    assert [covered(lines, found, number) for number in (1, 2, 3)] == ["7", "MAR", "1951"]


def test_a_vital_sign_beside_a_name_is_none_of_it(judge: Judge) -> None:
    lines = [placed("Mrs Okonkwo"), placed("HR 72", 150, 10), placed("SpO2 98", 150, 36)]
    found = judge.judge(lines)
    assert covered(lines, found) == "Mrs Okonkwo"
    assert [covered(lines, found, number) for number in (1, 2)] == [".. ..", ".... .."]


def test_a_name_in_pieces_is_read_together_with_a_surname_that_is_a_word(judge: Judge) -> None:
    lines = [placed("Patient: Margaret"), placed("Young", 210, 10)]
    assert covered(lines, judge.judge(lines), 1) == "Young"


def test_an_address_runs_over_several_lines(judge: Judge) -> None:
    lines = [placed("Address:"), placed("Flat 2", 120), placed("The Old Mill", 120, 36)]
    found = judge.judge(lines)
    assert [covered(lines, found, number) for number in (1, 2)] == ["Flat 2", "The Old Mill"]


def test_a_value_that_could_not_be_read_is_told_of(judge: Judge) -> None:
    lines = [placed("Patient:"), placed("", 120)]
    (found,) = judge.judge(lines)
    assert (found.line, found.start, found.end, found.identifier) == (1, 0, 0, "unintelligible")


def test_who_is_named_in_one_line_is_found_in_others(judge: Judge) -> None:
    lines = [placed("Patient: Featherwell, Q"), placed("see featherwell notes", 10, 200)]
    assert covered(lines, judge.judge(lines), 1) == "... featherwell ....."


def test_the_same_lines_give_the_same_again(judge: Judge) -> None:
    lines = [placed("Name"), placed("Margaret Holloway", 120), placed("DOB 7.3.51", 10, 60)]
    assert judge.judge(lines) == judge.judge(lines) == judge_of().judge(lines)


def test_no_lines_are_nothing(judge: Judge) -> None:
    assert judge.judge([]) == []
