"""The page is one document, well-formed, that needs nothing but itself and can be read by all."""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from report.making import looked, manifest, sound, track

from veilcast.manifest import sound_change
from veilcast.reporting.facts import facts_of
from veilcast.reporting.page import LARGEST, page
from veilcast.reporting.report_building import Report, fitted
from veilcast.reporting.report_model import Frame, Picture, Reason, Sheet, Waveform
from veilcast.reporting.sheet import BUDGET, Thumbnail
from veilcast.types import Item

if TYPE_CHECKING:
    from report.making import Made

html5lib = pytest.importorskip("html5lib", reason="html5lib says whether a page is well-formed")
XLINK = "http://www.w3.org/1999/xlink"


def parsed(text: str) -> Any:
    """The tree of a page that breaks no rule of HTML's syntax."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def rendered(record: dict[str, Any], waveforms: tuple[Waveform, ...] = ()) -> str:
    facts = facts_of(
        record,
        duration_us=60_000_000,
        picture=Picture(width=1280, height=720),
        waveforms=waveforms,
        sheet=Sheet(frames=[], left_out=0),
    )
    return page(Report(facts=facts, pictures=()))


@pytest.fixture(scope="module")
def tree(made: Made) -> Any:
    return parsed(made.html)


def test_nothing_is_loaded_and_nothing_runs(made: Made, tree: Any) -> None:
    policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not tree.findall(".//script")
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not str(name).startswith("on")
            assert name != "style"  # its policy would not let it through
            if str(name).rpartition("}")[2] in ("src", "href", "action", "srcset"):
                assert value.startswith(("#", "data:")), value
    assert "url(" not in made.html
    assert "@import" not in made.html


def test_it_has_a_language_a_title_landmarks_and_headings_in_order(tree: Any) -> None:
    assert tree.get("lang") == "en"
    assert tree.find(".//title").text.startswith("De-identification report")
    for landmark in ("header", "nav", "main", "footer"):
        assert len(tree.findall(f".//{landmark}")) == 1
    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch(r"h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_links_lead_to_them(tree: Any) -> None:
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for element in tree.iter():
        if str(element.get("href", "")).startswith("#"):
            assert element.get("href")[1:] in ids
        for one in str(element.get("aria-labelledby", "")).split():
            assert one in ids


def test_every_picture_and_lane_says_what_it_shows(tree: Any) -> None:
    images = tree.findall(".//img")
    assert images
    for image in images:
        assert image.get("alt").startswith("Frame at")
        assert base64.b64decode(image.get("src").partition(",")[2]).startswith(b"\xff\xd8\xff")
    lanes = [e for e in tree.iter() if str(e.tag).endswith("svg") and e.get("role") == "img"]
    assert len(lanes) >= 5  # two regions, two classes of sound, and the waveform
    assert all(lane.get("aria-label") for lane in lanes)
    titles = [e.text for e in tree.iter() if str(e.tag).rpartition("}")[2] == "title"]
    assert any("0:00.50\u20130:01.25 name" in str(title) and "beep" in title for title in titles)


def test_it_says_what_was_not_looked_for_and_never_that_it_complies(made: Made) -> None:
    assert "not looked for" in made.html
    assert "Voice prints" in made.html
    assert "complian" not in made.html.lower()
    assert "complies" not in made.html.lower()


def test_what_plugins_write_is_text() -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    record = manifest(
        tracks=[track(1, 0, 50)],
        items=[Item(place=nasty, kind=nasty)],
        looked_for=[looked(nasty, "", "pixels")],
        warnings=[nasty],
    )
    record["entries"][0]["changes"][0]["what"] = nasty
    record["entries"][0]["plugin"]["distribution"] = nasty
    record["entries"][0]["stage"] = nasty
    text = rendered(record)
    assert "<script" not in text
    assert "<img" not in text
    parsed(text)


@pytest.mark.release
def test_hundreds_of_tracks_in_an_hour_stay_below_three_megabytes() -> None:
    hour_us = 3_600_000_000
    tracks = [track(n, n * 8_000_000, 240, step_us=120_000) for n in range(1, 440)]
    record = manifest(
        tracks=tracks,
        items=[Item(place=f"moov > trak > part {n}", kind="tags", count=n) for n in range(300)],
    )
    record["entries"][0]["changes"] += [
        sound_change(sound(n, n * 2_000_000, f"class {n % 20}", "A"), {"treatment": "beep"})
        .model_dump()
        for n in range(1700)
    ]  # fmt: skip
    picture = Thumbnail(width=320, height=180, jpeg=b"\xff\xd8\xff" + b"x" * (BUDGET // 240))
    reason = Reason(risk="held", stage="faces", what="face", track=1, box=[9, 9, 9, 9], detail="")
    frames = [Frame(at_us=n * 1_000_000, reasons=[reason] * 3) for n in range(240)]
    wave = Waveform(stream=1, lows=[-99] * 1200, highs=[99] * 1200)

    def facts(sheet: Sheet) -> Any:
        return facts_of(
            record,
            duration_us=hour_us,
            picture=Picture(width=1920, height=1080),
            waveforms=(wave, wave),
            sheet=sheet,
        )

    report = fitted(facts, Sheet(frames=frames, left_out=1000), (picture,) * 240)
    text = page(report)
    assert len(text.encode()) < LARGEST < 3_000_000
    assert len(report.pictures) > 50
    assert len(report.pictures) == len(report.facts.sheet.frames)
    assert report.facts.sheet.left_out == 1240 - len(report.pictures)
    assert f"{report.facts.sheet.left_out:,} frames of less risk did not fit" in text
    parsed(text)
    # Many tracks share lanes; all of them are in the facts.
    assert text.count('class="lane"') < 60
    assert sum(one.medium == "picture" for one in report.facts.covers) == 439


def test_a_still_has_no_timeline_and_a_recording_of_sound_no_frames() -> None:
    facts = facts_of(
        manifest(kind="still", tracks=[track(1, 0, 1)]),
        duration_us=0,
        picture=Picture(width=100, height=80),
        sheet=Sheet(frames=[], left_out=0),
    )
    still = page(Report(facts=facts, pictures=()))
    assert 'id="timeline"' not in still
    parsed(still)
    heard = rendered(manifest(kind="audio"), (Waveform(stream=0, lows=[-5], highs=[5]),))
    assert 'id="sheet"' not in heard
    assert "Waveform of the delivered sound" in heard
    parsed(heard)


def test_nothing_is_said_to_be_gone_that_nobody_looked_at() -> None:
    gone = "nothing else is in the copy"
    assert gone not in rendered(manifest())
    assert "No stage of this run looked at tags and streams" in rendered(manifest())
    record = manifest(looked_for=[looked("any tag", "A", "metadata", "whole")])
    record["entries"][0]["phase"] = "container"
    assert gone in rendered(record)
    still = {
        "check": "tags", "kind": "residual", "sentence": "A tag is left.", "identifier": "",
        "from_us": None, "to_us": None, "box": None, "score": None, "accepted": True,
    }  # fmt: skip
    record["entries"][-1]["settings"]["findings"] = [still]
    assert gone not in rendered(record)
    record["entries"][-1]["settings"]["findings"] = []
    record["output"]["streams"].append({"index": 2, "type": "subtitle", "codec": "mov_text"})
    assert gone not in rendered(record)


def test_a_page_with_somebody_left_uncovered_does_not_look_clean() -> None:
    record = manifest()
    record["entries"][0]["uncovered"] = [
        {
            "what": "face", "hipaa": "Q", "track": 1, "why": ["keep"], "from_us": 0,
            "to_us": 2_000_000, "path": ["0 1 2 3 4"], "count": 50, "of": 50,
        }
    ]  # fmt: skip
    text = rendered(record)
    assert 'class="verdict uncovered"' in text
    assert "Nothing more was found" not in text
    parsed(text)


def test_the_foot_of_the_page_claims_only_what_holds(made: Made) -> None:
    foot = made.html[made.html.index("<footer") :]
    assert "holds no names" not in foot
    assert "Labels of regions are" in foot
