"""Whatever identifies in a recording is nowhere in its report: not in words, not in pictures."""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from report.making import PLANTED, STEM, TEXT_BOX

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from report.making import Made


def pictures(made: Made) -> list[NDArray[np.uint8]]:
    found = re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", made.html)
    assert found
    return [
        np.asarray(cv2.imdecode(np.frombuffer(base64.b64decode(one), np.uint8), 1), np.uint8)
        for one in found
    ]


@pytest.mark.parametrize("word", PLANTED)
def test_no_planted_word_is_in_page_or_facts(made: Made, word: str) -> None:
    for text in (made.html, made.json):
        assert word.casefold() not in text.casefold()
        for encoded in (word.encode(), word.encode("utf-16-le"), word[::-1].encode()):
            for shift in range(3):
                part = base64.b64encode(b"." * shift + encoded)[4:-4]
                assert len(part) < 8 or part.decode() not in text


def test_no_file_name_path_or_host_is_in_page_or_facts(made: Made) -> None:
    secrets = {STEM, socket.gethostname(), *made.outcome.output.parts[1:-1], str(Path.home())}
    for text in (made.html, made.json):
        words = set(re.findall(r"[^\s\"'<>,;()]+", text))
        # Short names of folders, such as "tmp", are words of other things too.
        for secret in {one for one in secrets if len(one) > 5}:
            assert not any(secret in word for word in words if not word.startswith("data:"))


def test_pictures_carry_no_metadata(made: Made) -> None:
    for one in re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", made.html):
        data = base64.b64decode(one)
        assert b"Exif" not in data
        assert b"\xff\xfe" not in data[:400]  # no comment (ITU-T T.81, B.2.4.5)


def test_the_name_in_the_picture_is_covered_in_every_frame_shown(made: Made) -> None:
    left, top, width, height = TEXT_BOX
    for picture in pictures(made):
        scale = picture.shape[1] / 640
        inside = picture[
            round((top + 6) * scale) : round((top + height - 6) * scale),
            round((left + 6) * scale) : round((left + width - 6) * scale),
        ]
        assert int(inside.max()) - int(inside.min()) < 30  # one colour, but for JPEG's rounding


def test_whoever_reads_the_pictures_finds_no_name(made: Made, tmp_path: Path) -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("Tesseract reads the pictures: install tesseract-ocr")
    read = []
    for number, picture in enumerate(pictures(made)):
        file = tmp_path / f"{number}.png"
        cv2.imwrite(str(file), cv2.resize(picture, None, fx=2, fy=2))
        said = subprocess.run(
            ["tesseract", str(file), "-", "--psm", "11"], check=True, capture_output=True, text=True
        )
        read.append(said.stdout)
    # It can read these pictures: it finds what nobody covered.
    assert any("SIGNPOST" in text for text in read)
    for word in PLANTED:
        assert not any(word.casefold() in text.casefold() for text in read)


def test_the_facts_hold_no_pictures(made: Made) -> None:
    assert "base64" not in made.json
    assert len(json.dumps(json.loads(made.json))) < 60_000
