"""Nothing in the bytes of a delivered file spells what was known, covered or removed."""

from __future__ import annotations

import base64
import subprocess
import time
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from veilcast.extensions import CheckContext, Problem, Treated
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.settings import IdentifierSettings
from veilcast_metadata.strings import CHUNK, examine

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Siobhán Kavanagh"
KNOWN = f"names: [{NAME}]\nphones: 617 555 0143\nbirth_dates: 1981-05-03\nmrn: '06158394'\n"


def ffmpeg(*arguments: object) -> None:
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip with a title, a chapter and a subtitle."""
    folder = tmp_path_factory.mktemp("original")
    (folder / "told.srt").write_text("1\n00:00:00,100 --> 00:00:01,000\nThe lighthouse keeper.\n")
    (folder / "marks.txt").write_text(
        ";FFMETADATA1\ntitle=Knee of Beatrice Holloway\ndate=2023-02-07\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=800\ntitle=Ravi tells his story\n"
    )
    path = folder / "original.mkv"
    pictures = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=10:d=1.2")
    sounds = ("-f", "lavfi", "-i", "anoisesrc=r=16000:d=1.2:seed=3")
    inputs = (*pictures, *sounds, "-i", folder / "told.srt", "-i", folder / "marks.txt")
    maps = ("-map", "0", "-map", "1", "-map", "2", "-map_metadata", "3", "-map_chapters", "3")
    ffmpeg(*inputs, *maps, "-c:v", "mpeg4", "-c:a", "flac", "-c:s", "srt", path)
    return path


@pytest.fixture(scope="module")
def clean(original: Path) -> Path:
    """The same picture and sound, and nothing else."""
    path = original.with_name("clean.mkv")
    remux(original, path, probe(original), progress=lambda *_: None)
    return path


def known(folder: Path, text: str = KNOWN) -> Treated:
    path = folder / "known.yaml"
    path.write_text(text)
    return Treated(stage="speech", settings=IdentifierSettings(known=str(path)))


def found(path: Path, *treated: Treated, original: Path | None = None) -> list[Problem]:
    return examine(
        CheckContext(
            delivered=path,
            delivered_media=probe(path),
            source=None,
            source_media=None,
            source_frames=None,
            progress=lambda *_: None,
            original=original,
            treated=treated,
        )
    )


def with_bytes(clean: Path, folder: Path, data: bytes) -> Path:
    """The clean file with an element of Matroska at its end that readers pass over (RFC 8794)."""
    path = folder / "planted.mkv"
    void = b"\xec" + (len(data) | 1 << 56).to_bytes(8, "big") + data
    path.write_bytes(clean.read_bytes() + void)
    return path


def test_a_file_without_traces_passes(clean: Path, original: Path, tmp_path: Path) -> None:
    covered = Treated(stage="speech", settings=None, texts=("Margaret Holloway", "four four seven"))
    assert found(clean, known(tmp_path), covered, original=original) == []


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("A value of a removed tag", "Knee of Beatrice Holloway"),
        ("A value of a removed tag", "2023:02:07"),
        ("A chapter title", "RAVI TELLS HIS STORY"),
        ("A text of a removed subtitle", "the lighthouse keeper."),
    ],
)
def test_what_was_in_tags_chapters_and_subtitles_is_found_where_it_is_left(
    clean: Path, original: Path, tmp_path: Path, kind: str, left: str
) -> None:
    (problem,) = found(with_bytes(clean, tmp_path, left.encode()), original=original)
    assert problem.kind == "residual"
    assert problem.sentence.startswith(f"{kind} is left in the delivered file")
    assert left not in problem.sentence


def test_the_original_itself_holds_them_all(original: Path) -> None:
    told = " ".join(problem.sentence for problem in found(original, original=original))
    assert "A value of a removed tag" in told
    assert "A chapter title" in told


def test_what_subtitles_that_are_kept_still_say_is_no_trace(tmp_path: Path) -> None:
    captions = tmp_path / "told.srt"
    captions.write_text("1\n00:00:00,100 --> 00:00:01,000\nMy knee hurts,\nsince the winter.\n")
    original, kept = tmp_path / "original.mp4", tmp_path / "kept.mp4"
    sound = ("-f", "lavfi", "-i", "anoisesrc=r=16000:d=1.2:seed=3")
    titled = ("-metadata", "title=Visit of Beatrice Holloway")
    ffmpeg(*sound, "-i", captions, "-c:a", "aac", "-c:s", "mov_text", *titled, original)
    copied = ("-map", "0", "-c", "copy", "-map_metadata", "-1")
    ffmpeg("-i", original, *copied, "-fflags", "+bitexact", "-flags", "+bitexact", kept)
    assert found(kept, original=original) == []
    ffmpeg("-i", original, "-map", "0", "-c", "copy", kept)
    assert [p.sentence for p in found(kept, original=original)] == [
        "A value of a removed tag is left in the delivered file, outside picture and sound."
    ]


ESCAPED = {
    "as it is": NAME.encode(),
    "in capitals": NAME.upper().encode(),
    "decomposed": unicodedata.normalize("NFD", NAME).encode(),
    "without accents": b"Siobhan Kavanagh",
    "UTF-16, little end first": NAME.encode("utf-16-le"),
    "UTF-16, big end first": NAME.upper().encode("utf-16-be"),
    "Windows": NAME.encode("cp1252"),
    "Macintosh": NAME.encode("mac_roman"),
    "in a file name": b"siobhan_kavanagh_left.mov",
    "in an address": b"?q=Siobh%C3%A1n%20Kavanagh&x",
    "in base64": base64.b64encode(b"p=" + NAME.encode() + b";"),
    "phone": b"+1 (617) 555-0143",
    "phone, digits": b"6175550143",
    "date": b"1981:05:03 00:00:00",
    "date, day first": b"03.05.1981",
    "number in UTF-16": "06158394".encode("utf-16-le"),
}


@pytest.mark.quick(every=6)
@pytest.mark.parametrize("data", ESCAPED.values(), ids=ESCAPED)
def test_a_known_identifier_is_found_however_it_is_written(
    clean: Path, tmp_path: Path, data: bytes
) -> None:
    path = with_bytes(clean, tmp_path, b"\x00\x01" + data + b"\x00")
    (problem,) = found(path, known(tmp_path))
    assert problem.kind == "residual"
    assert problem.sentence.startswith("A known identifier is left")
    assert "Kavanagh" not in problem.sentence


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Margaret Holloway", b"from=HOLLOWAY;"),
        ("four four seven one nine zero two", b"MRN 4471902."),
        ("margaret at example dot org", b"<margaret@example.org>"),
    ],
)
def test_what_was_said_and_covered_is_found_as_one_writes_it(
    clean: Path, tmp_path: Path, said: str, left: bytes
) -> None:
    covered = Treated(stage="speech", settings=None, texts=(said,))
    assert found(clean, covered) == []
    (problem,) = found(with_bytes(clean, tmp_path, left), covered)
    assert problem.sentence.startswith("A covered word")


def test_part_of_a_longer_word_is_no_trace(clean: Path, tmp_path: Path) -> None:
    path = with_bytes(clean, tmp_path, b"Cannabis\x00Marketing\x00VideoHandler")
    assert found(path, known(tmp_path, "names: [Anna, Mark, Hand]")) == []


def test_compressed_text_is_read(tmp_path: Path) -> None:
    picture = tmp_path / "plain.png"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=1:r=1", "-frames:v", "1", picture)
    data = picture.read_bytes()
    packed = b"Comment\0\0" + zlib.compress(f"seen by {NAME} today".encode())
    chunk = len(packed).to_bytes(4, "big") + b"zTXt" + packed
    chunk += zlib.crc32(b"zTXt" + packed).to_bytes(4, "big")
    path = tmp_path / "packed.png"
    path.write_bytes(data[:33] + chunk + data[33:])  # behind IHDR
    assert found(picture, known(tmp_path)) == []
    assert [p.sentence for p in found(path, known(tmp_path))] == [
        "A known identifier is left in the delivered file, in compressed data."
    ]


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random samples: every short text is in them somewhere."""
    path = tmp_path_factory.mktemp("noise") / "noise.wav"
    samples = np.random.default_rng(1).integers(0, 256, 24 << 20, np.uint8).tobytes()
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=262.144", "-c:a", "pcm_s16le", path)
    header = path.read_bytes()[: -len(samples)]
    path.write_bytes(header + samples)
    return path


def test_short_names_in_coded_data_are_chance(noise: Path, tmp_path: Path) -> None:
    names = [f"{a}{b}{c}{d}" for a in "jklm" for b in "aeo" for c in "nrst" for d in "aeioy"]
    held = noise.read_bytes().lower()
    assert any(name.encode() in held for name in names)
    assert found(noise, known(tmp_path, f"names: [{', '.join(names)}]")) == []


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("at", [5_000_000, CHUNK - 7], ids=["within", "between two blocks"])
def test_a_long_name_in_coded_data_is_no_chance(noise: Path, tmp_path: Path, at: int) -> None:
    path = tmp_path / "hidden.wav"
    data = bytearray(noise.read_bytes())
    name = NAME.encode()
    data[at : at + len(name)] = name
    path.write_bytes(data)
    (problem,) = found(path, known(tmp_path))
    assert "in coded" in problem.sentence


@pytest.mark.release
def test_quiet_plain_samples_are_not_taken_for_text(tmp_path: Path) -> None:
    path = tmp_path / "quiet.wav"
    walk = np.cumsum(np.random.default_rng(2).normal(0, 2.5, 20_000_000))
    samples = (104 + 14 * np.sin(walk / 40) + np.sin(walk)).astype(np.uint8)  # among the letters
    data = samples.tobytes()
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono:d=2500", "-c:a", "pcm_u8", path)
    path.write_bytes(path.read_bytes()[: -len(data)] + data)
    names = [f"{a}{b}{c}{d}n" for a in "jklm" for b in "ik" for c in "lmnp" for d in "klmo"]
    assert any(name.encode() in data for name in names)
    assert found(path, known(tmp_path, f"names: [{', '.join(names)}]")) == []


def test_an_interrupt_gets_through(noise: Path, tmp_path: Path) -> None:
    class StopNow(Exception):
        pass

    def stop(activity: str, done: int, total: int | None) -> None:
        if done > CHUNK:
            raise StopNow

    context: dict[str, Any] = {"source": None, "source_media": None, "source_frames": None}
    began = time.monotonic()
    with pytest.raises(StopNow):
        examine(
            CheckContext(
                delivered=noise,
                delivered_media=probe(noise),
                progress=stop,
                treated=(known(tmp_path),),
                **context,
            )
        )
    assert time.monotonic() - began < 20
