"""HEIC and AVIF stills come out as PNG: the picture as it is shown, and nothing else of them."""

from __future__ import annotations

import struct
import subprocess
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from pipeline.heif_files import Item, box, coded, full_box, grid, heic
from pipeline.program import Quiet
from testmedia import seen

from veilcast.errors import TruncatedError, UnsupportedError, VeilcastError
from veilcast.media.heif_picture import as_png
from veilcast.pipeline import Request, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program

SECRET = b"Margaret Holloway 4471902"
SCRUBBED = "stages: [metadata]"
MARKED = """
stages:
  - regions:
      treatment: fill
      fill_colour: "#808080"
      regions:
        - {label: mark, box: ["25%", "25%", "25%", "25%"]}
  - metadata
"""
EXIF = (
    b"\0\0\0\0MM\0*\0\0\0\x08\0\x02"
    + struct.pack(">HHII", 0x010E, 2, len(SECRET) + 1, 38)
    + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    + bytes(4)
    + SECRET
    + b"\0"
)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:source>'
    + SECRET
    + b"</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def scene() -> NDArray[np.uint8]:
    down, across = np.mgrid[0:96, 0:128]
    picture = np.stack([across * 2, down * 2, 255 - across], axis=-1).astype(np.uint8)
    picture[10:30, 20:40] = (250, 20, 20)
    return picture


def tiled(*properties: bytes, hidden: bool = True) -> bytes:
    """Four tiles of 64 by 64, of which the lower ones stick out."""
    padded = np.pad(scene(), ((0, 32), (0, 0), (0, 0)), mode="edge")
    tiles = [
        coded(np.ascontiguousarray(padded[top : top + 64, left : left + 64]), hidden=hidden)
        for top in (0, 64)
        for left in (0, 64)
    ]
    whole = grid(2, 2, 128, 96, *properties)
    return heic([whole, *tiles], references=[(b"dimg", 1, [2, 3, 4, 5])])


def dirty() -> bytes:
    """With EXIF, XMP, a thumbnail, a depth picture, and words in every name and corner."""
    depth = coded(scene()[::2, ::2].copy(), hidden=True)
    depth.properties.append(full_box(b"auxC", 0, 0, b"urn:mpeg:hevc:2015:auxid:2\0"))
    items = [
        coded(scene(), box(b"uuid", b"0123456789abcdef", SECRET)),
        coded(scene()[::4, ::4].copy()),
        depth,
        Item(kind=b"Exif", data=EXIF),
        Item(kind=b"mime", data=XMP, content=b"application/rdf+xml"),
        Item(kind=b"uri ", data=SECRET, content=SECRET),
    ]
    references = [(b"thmb", 2, [1]), (b"auxl", 3, [1]), (b"cdsc", 4, [1]), (b"cdsc", 5, [1])]
    return heic(items, references=references) + box(b"free", SECRET)


def clap(width: int, height: int, right: int, down: int) -> bytes:
    return box(b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, right, 1, down, 1))


SHOWN: dict[str, tuple[bytes, Callable[[NDArray[Any]], NDArray[Any]]]] = {
    # Turns are anticlockwise (ISO/IEC 23008-12, 6.5.10); mirrors exchange top and bottom, or
    # left and right (6.5.12).
    "irot 1": (heic([coded(scene(), box(b"irot", b"\1"))]), np.rot90),
    "irot 2": (heic([coded(scene(), box(b"irot", b"\2"))]), lambda p: np.rot90(p, 2)),
    "irot 3": (heic([coded(scene(), box(b"irot", b"\3"))]), lambda p: np.rot90(p, 3)),
    "imir 0": (heic([coded(scene(), box(b"imir", b"\0"))]), np.flipud),
    "imir 1": (heic([coded(scene(), box(b"imir", b"\1"))]), np.fliplr),
    "clap": (heic([coded(scene(), clap(100, 80, -6, 3))]), lambda p: p[11:91, 8:108]),
    "tiles": (tiled(), lambda p: p),
    "turned tiles": (tiled(box(b"irot", b"\1")), np.rot90),
    "dirty": (dirty(), lambda p: p),
}


@pytest.mark.quick(every=9)
@pytest.mark.parametrize("name", SHOWN)
def test_the_picture_is_what_is_shown(name: str, tmp_path: Path, program: Program) -> None:
    data, turn = SHOWN[name]
    source = tmp_path / "photo.heic"
    source.write_bytes(data)
    out = program.run(source, program.profile(SCRUBBED), named="photo.png").output
    shown = seen.still(out)[..., ::-1]
    # Colours went through 8 bits of luma and chroma.
    assert np.abs(shown.astype(int) - turn(scene())).max() <= 2
    left = out.read_bytes()
    assert SECRET not in left
    assert b"ftyp" not in left
    chunks = {left[i - 4 : i] for i in range(4, len(left)) if left[i - 4 : i] in (b"eXIf", b"iTXt")}
    assert not chunks


def test_what_was_said_of_the_picture_is_told_as_removed(tmp_path: Path, program: Program) -> None:
    source = tmp_path / "photo.heic"
    source.write_bytes(dirty())
    found = program.locate(source, program.profile(SCRUBBED)).stages[0].items
    assert {"EXIF", "XMP"} <= {item.place for item in found}


def test_marks_are_where_the_picture_shows_them(tmp_path: Path, program: Program) -> None:
    source = tmp_path / "photo.heic"
    source.write_bytes(tiled(box(b"irot", b"\1")))
    out = program.run(source, program.profile(MARKED), named="photo.png").output
    shown = seen.still(out)[..., ::-1].astype(int)
    upright = np.rot90(scene()).astype(int)
    assert shown.shape == upright.shape
    inside = (slice(32, 64), slice(24, 48))
    assert np.abs(shown[inside] - 128).max() == 0
    shown[inside] = upright[inside]
    assert np.abs(shown - upright).max() <= 2


class Listening(Quiet):
    """Remembers what the user was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def warning(self, sentence: str) -> None:
        self.told.append(sentence)


def test_the_name_follows_the_format_and_the_user_is_told(tmp_path: Path, program: Program) -> None:
    source = tmp_path / "photo.heic"
    source.write_bytes(tiled())
    reporter = Listening()
    request = Request(
        source=source,
        output=tmp_path / "photo.deid.heic",
        profile=program.profile(SCRUBBED),
        work=tmp_path / "work",
        named=False,
    )
    outcome = run(program.host, request, reporter)
    assert outcome.output == tmp_path / "photo.deid.png"
    assert outcome.output.read_bytes().startswith(b"\x89PNG")
    assert any("delivered as PNG" in sentence for sentence in reporter.told)
    assert b'"container": "heic"' in outcome.manifest.read_bytes().replace(b'":"', b'": "')


def test_avif_is_decoded_too(tmp_path: Path, program: Program) -> None:
    source = tmp_path / "photo.avif"
    Image.fromarray(scene()).save(source, quality=95, subsampling="4:4:4", exif=EXIF[4:])
    out = program.run(source, program.profile(SCRUBBED), named="photo.png").output
    with Image.open(source) as opened:
        wanted = np.asarray(ImageOps.exif_transpose(opened).convert("RGB")).astype(int)
    shown = seen.still(out)[..., ::-1]
    assert np.abs(shown - wanted).max() <= 2
    assert SECRET not in out.read_bytes()


@pytest.mark.release
def test_a_real_file_comes_out_clean(shared: Path, program: Program) -> None:
    source = shared / "data" / "metadata" / "mat2_dirty.heic"
    out = program.run(source, program.profile(SCRUBBED), named="photo.png").output
    with av.open(str(source)) as container:
        frame = next(container.decode(video=0))
        assert frame.format.name == "yuv444p12le"
        luma = np.frombuffer(memoryview(frame.planes[0]), "<u2").reshape(frame.height, -1)[
            :, : frame.width
        ]
    rgb = seen.still(out)[..., ::-1] / 65535
    again = rgb @ np.array([0.299, 0.587, 0.114])
    inside = (rgb.min(axis=-1) > 0) & (rgb.max(axis=-1) < 1)  # nothing was clipped there
    assert inside.mean() > 0.5
    assert np.abs(again - luma / 4095)[inside].max() < 1e-4
    listed = subprocess.run(
        ["exiftool", "-a", "-u", "-ee", "-G1", str(out)], check=True, capture_output=True, text=True
    ).stdout
    groups = {line.split("]")[0][1:] for line in listed.splitlines()}
    colours = {"ICC-header", "ICC_Profile"}
    assert groups - colours == {"ExifTool", "System", "File", "PNG", "Composite"}
    said = " ".join(line for line in listed.splitlines() if "[ICC" in line)
    assert not any(word in said for word in ("GIMP", "Little CMS", "Apple", "2022"))


def with_alpha() -> bytes:
    alpha = coded(scene())
    alpha.properties.append(full_box(b"auxC", 0, 0, b"urn:mpeg:hevc:2015:auxid:1\0"))
    return heic([coded(scene()), alpha], references=[(b"auxl", 2, [1])])


def huge() -> bytes:
    data = heic([coded(scene())])
    small = full_box(b"ispe", 0, 0, struct.pack(">II", 128, 96))
    return data.replace(small, full_box(b"ispe", 0, 0, struct.pack(">II", 60_000, 60_000)))


def in_another_file() -> bytes:
    data = heic([coded(scene())])
    at = data.index(b"iloc") + 12
    return data[: at + 2] + b"\0\1" + data[at + 4 :]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a second picture": (lambda: heic([coded(scene()), coded(scene())]), "more than one picture"),
    "transparency": (with_alpha, "can't be vouched for"),
    "a sequence": (lambda: heic([coded(scene())], brand=b"msf1"), "can't be vouched for"),
    "data elsewhere": (in_another_file, "can't be vouched for"),
    "a huge picture": (huge, "larger than"),
    "an overlay": (
        lambda: heic([Item(kind=b"iovl", data=bytes(20), properties=[])]),
        "can't be vouched for",
    ),
    "HDR": (
        lambda: heic([coded(scene())]).replace(b"nclx\0\1\0\x0d", b"nclx\0\x09\0\x10"),
        "HDR",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_t_be_vouched_for_is_refused_with_a_reason(
    name: str, tmp_path: Path, program: Program
) -> None:
    make, reason = REFUSED[name]
    source = tmp_path / "photo.heic"
    source.write_bytes(make())
    with pytest.raises(UnsupportedError, match=reason):
        program.run(source, program.profile(SCRUBBED), named="photo.png")


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("share", [0.01, 0.1, 0.4, 0.7, 0.98])
def test_a_picture_that_ends_early_is_refused(
    share: float, tmp_path: Path, program: Program
) -> None:
    source = tmp_path / "photo.heic"
    data = tiled()
    source.write_bytes(data[: max(16, int(share * len(data)))])
    with pytest.raises(TruncatedError):
        program.run(source, program.profile(SCRUBBED), named="photo.png")


DIRTY = dirty()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_an_error_of_ours_or_a_picture(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(DIRTY)
    places = st.integers(0, 1500) | st.integers(0, len(damaged) - 1)
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(places)] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "photo.heic").write_bytes(damaged)
    try:
        as_png(folder / "photo.heic", folder / "photo.png")
    except VeilcastError:
        return
    assert (folder / "photo.png").read_bytes().startswith(b"\x89PNG")
