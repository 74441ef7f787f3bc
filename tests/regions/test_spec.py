"""The regions file: what it may say, and how its mistakes are pointed at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import RegionsError
from veilcast.plugin import HIPAA_LETTERS
from veilcast_regions.spec import RegionsSettings

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
regions:
  - label: wristband
    hipaa: H
    box: [466, 292.5, 25%, 12.5 %]
    from: 1.5
    to: 00:01:02.250
    shape: ellipse
    treatment: fill
    fill_colour: "#336699"
    padding: 0.1
  - label: wall monitor
    keyframes:
      - {at: 0, box: [0, 0, 10, 10]}
      - {at: "1:30.5", box: [50%, 50%, 10%, 10%]}
    pixel_size: 24
mute:
  - {from: 2.084, to: 3, treatment: beep, label: name, hipaa: A}
  - {from: 0:04, to: 5}
"""


def read(tmp_path: Path, text: str) -> dict[str, Any]:
    path = tmp_path / "regions.yaml"
    path.write_text(text)
    return RegionsSettings.from_file(path)


def test_everything_that_it_may_say(tmp_path: Path) -> None:
    spec = read(tmp_path, WHOLE)
    band, monitor = spec["regions"]
    assert band.box == (466, 292.5, "25.0%", "12.5%")
    assert (band.start, band.end) == (1_500_000, 62_250_000)
    assert (band.label, band.hipaa, band.shape, band.treatment) == (
        *("wristband", "H", "ellipse", "fill"),
    )
    assert (band.fill_colour, band.padding) == ("#336699", 0.1)
    assert (monitor.start, monitor.end, monitor.box) == (None, None, None)
    assert [frame.at for frame in monitor.keyframes] == [0, 90_500_000]
    assert monitor.pixel_size == 24
    name, other = spec["mute"]
    assert (name.start, name.end, name.treatment) == (2_084_000, 3_000_000, "beep")
    assert (name.label, name.hipaa) == ("name", "A")
    assert (other.start, other.end, other.treatment) == (4_000_000, 5_000_000, "mute")


def test_when_it_was_marked(tmp_path: Path) -> None:
    text = """
    regions:
      - {follow: true, box: [1, 2, "3%", 4]}
      - {follow: true, box: [1, 2, 3, 4], from: 1.5}
      - {follow: true, box: [1, 2, 3, 4], from: 1.5, at: 0:02.5, to: 3}
      - {follow: true, keyframes: [{at: 1, box: [1, 2, 3, 4]}, {at: 2, box: [1, 2, 3, 4]}]}
      - {box: [1, 2, 3, 4]}
    """
    regions = read(tmp_path, text)["regions"]
    assert [region.follow for region in regions] == [True, True, True, True, False]
    assert [region.marked_at for region in regions[:4]] == [
        *((0,), (1_500_000,), (2_500_000,), (1_000_000, 2_000_000)),
    ]


def test_json_says_the_same(tmp_path: Path) -> None:
    text = json.dumps({"regions": [{"box": [1, 2, 3, "4%"], "to": "0:02"}]})
    (region,) = read(tmp_path, text)["regions"]
    assert (region.box, region.end, region.label) == ((1, 2, 3, "4.0%"), 2_000_000, "region")


def test_regions_are_rectangles_with_their_very_edges_unless_they_say_otherwise() -> None:
    settings = RegionsSettings()
    assert (settings.shape, settings.padding, settings.treatment) == ("rectangle", 0.0, "mosaic")


@given(st.integers(min_value=0, max_value=10**10), st.integers(min_value=1, max_value=10**9))
def test_spans_never_shrink_by_reading(
    tmp_path_factory: pytest.TempPathFactory, start_ns: int, length_ns: int
) -> None:
    """Nine digits after the point are rounded outward to microseconds."""
    end_ns = start_ns + length_ns
    written = [f"{ns // 10**9}.{ns % 10**9:09d}" for ns in (start_ns, end_ns)]
    text = f"mute: [{{from: '{written[0]}', to: '{written[1]}'}}]"
    (span,) = read(tmp_path_factory.getbasetemp(), text)["mute"]
    assert span.start * 1000 <= start_ns < span.start * 1000 + 1000
    assert span.end * 1000 - 1000 < end_ns <= span.end * 1000


@pytest.mark.parametrize("letter", [*HIPAA_LETTERS, ""])
def test_hipaa_letters(letter: str, tmp_path: Path) -> None:
    (region,) = read(tmp_path, f"regions: [{{box: [0, 0, 1, 1], hipaa: '{letter}'}}]")["regions"]
    assert region.hipaa == letter


BOX = "regions: [{box: [0, 0, 9, 9], "
FAULTS = {
    # text: line, key, what is said
    "regions:\n  - box: [0, 0, 9, 9]\n    shpae: ellipse": (3, "regions.0.shpae", "not permitted"),
    "regions:\n  - label: a\n": (2, "regions.0", "either 'box' or 'keyframes'"),
    "regions:\n  - box: [0, 0, 9, 9]\n    keyframes: [{at: 0, box: [0, 0, 9, 9]}]": (
        *(2, "regions.0", "either 'box' or 'keyframes'"),
    ),
    "regions:\n  - box:\n      - 0\n      - 0\n      - 9": (2, "regions.0.box", "required"),
    "regions:\n  - box:\n      - 0\n      - wide\n      - 9\n      - 9": (
        *(4, "regions.0.box.1", "percentage"),
    ),
    "regions:\n  - box: [0, 0, 9, 9]\n    hipaa: S": (3, "regions.0.hipaa", "pattern"),
    "regions:\n  - box: [0, 0, 9, 9]\n    hipaa: h": (3, "regions.0.hipaa", "pattern"),
    "regions:\n  - box: [0, 0, 9, 9]\n    label: Margaret": (3, "regions.0.label", "lower case"),
    "regions:\n  - box: [0, 0, 9, 9]\n    label: ": (3, "regions.0.label", "lower case"),
    "regions:\n  - box: [0, 0, 9, 9]\n    from: soon": (3, "regions.0.from", "HH:MM:SS.mmm"),
    "regions:\n  - box: [0, 0, 9, 9]\n    from: -1": (3, "regions.0.from", "HH:MM:SS.mmm"),
    "regions:\n  - box: [0, 0, 9, 9]\n    to: 1:75": (3, "regions.0.to", "HH:MM:SS.mmm"),
    "regions:\n  - box: [0, 0, 9, 9]\n    from: 3\n    to: 3": (2, "regions.0", "later than"),
    "regions:\n  - box: [0, 0, 9, 9]\n    padding: 2": (3, "regions.0.padding", "less than"),
    "regions:\n  - box: [0, 0, 9, 9]\n    shape: star": (3, "regions.0.shape", "ellipse"),
    "regions:\n  - keyframes: [{at: 1, box: [0, 0, 9, 9]}, {at: 1, box: [9, 9, 9, 9]}]": (
        *(2, "regions.0", "must rise"),
    ),
    "regions:\n  - keyframes:\n      - {box: [0, 0, 9, 9]}": (3, "regions.0.keyframes.0.at", "req"),
    f"{BOX} at: 1}}]": (1, "regions.0", "follow: true"),
    "regions:\n  - follow: true\n    at: 1\n    keyframes: [{at: 1, box: [0, 0, 9, 9]}]": (
        *(2, "regions.0", "follow: true"),
    ),
    f"{BOX} follow: true, from: 2, at: 1}}]": (1, "regions.0", "between 'from' and 'to'"),
    f"{BOX} follow: true, at: 3, to: 3}}]": (1, "regions.0", "between 'from' and 'to'"),
    "regions:\n  - {follow: true, from: 1, keyframes: [{at: 0, box: [0, 0, 9, 9]}]}": (
        *(2, "regions.0", "between 'from' and 'to'"),
    ),
    f"{BOX} follow: 1}}]": (1, "regions.0.follow", "boolean"),
    f"{BOX} follow: 'yes'}}]": (1, "regions.0.follow", "boolean"),
    "mute:\n  - from: 1\n    to: 2\n  - from: 1": (4, "mute.1.to", "required"),
    "mute:\n  - from: 2\n    to: 1": (2, "mute.0", "later than"),
    "mute:\n  - from: 2\n    to: 3\n    treatment: hum": (4, "mute.0.treatment", "beep"),
    "rectangles: []": (1, "rectangles", "not permitted"),
    "regions: 3": (1, "regions", "tuple"),
    f"{BOX} from: 1.2.3}}]": (1, "regions.0.from", "HH:MM:SS.mmm"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_mistake_is_pointed_at(text: str, tmp_path: Path) -> None:
    line, key, said = FAULTS[text]
    with pytest.raises(RegionsError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"The regions file is malformed at line {line}, key '{key}': ")
    assert said in message
    assert "Margaret" not in message, "values may be names"


@pytest.mark.parametrize(
    "size",
    [".nan", ".inf", "-.inf", "nan%", "inf%", "1e400%", "--5%", "'%'", "true", "null", "[1]"],
)
def test_sizes_are_numbers(size: str, tmp_path: Path) -> None:
    with pytest.raises(RegionsError, match=r"malformed at line 1, key 'regions\.0\.box\.2'"):
        read(tmp_path, f"regions: [{{box: [0, 0, {size}, 9]}}]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("regions: [", "not valid YAML"),
        ("regions: []\nregions: []", "not valid YAML (line 2)"),
        ("a: b: c", "not valid YAML (line 1)"),
        ("", "mapping"),
        ("- box: [0, 0, 9, 9]", "mapping"),
        ("just words", "mapping"),
    ],
)
def test_what_is_no_regions_file(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RegionsError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / "binary.yaml"):
        with pytest.raises(RegionsError, match="can't be read"):
            RegionsSettings.from_file(path)
