"""WebP and TIFF stills from the input to the delivered file: covered, scrubbed, or refused."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from redaction.pictures import components
from testmedia import seen
from thorough import only

from veilcast.errors import NotMediaError, TruncatedError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pipeline.program import Program

NAMED = "Margaret Holloway 4471902"
SCRUBBED = "stages: [metadata]"
MARKED = """
stages:
  - regions:
      treatment: fill
      fill_colour: "#808080"
      regions:
        - {label: mark, box: ["25%", "20%", "25%", "30%"]}
  - metadata
"""
WIDTH, HEIGHT = 160, 121
COVERED = (slice(24, 61), slice(40, 80))
"""Rows and columns of the mark, outward to whole pixels."""


def scene(channels: int = 3) -> NDArray[np.uint8]:
    """Smooth colours with an edge and a little noise, as cameras give."""
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [across, 2 * down, 255 - across, 100 + down][:channels]
    picture = np.stack(planes, axis=-1).astype(float)
    picture[70:, 100:, :3] += 40
    noise = np.random.default_rng(4).normal(0, 2, picture.shape)
    return np.clip(picture + noise, 1, 255).astype(np.uint8)


def tagged(path: Path) -> Path:
    """With what cameras and editors leave."""
    tags = [f"-EXIF:Artist={NAMED}", f"-XMP-dc:Title={NAMED}", "-EXIF:SerialNumber=83312"]
    place = ["-EXIF:GPSLatitude=51.4801", "-EXIF:GPSLatitudeRef=N"]
    command = ["exiftool", "-q", "-m", "-overwrite_original", *tags, *place, str(path)]
    subprocess.run(command, check=True)
    return path


def lossy_webp(path: Path) -> None:
    Image.fromarray(scene()).save(path, quality=90)


def lossy_webp_with_alpha(path: Path) -> None:
    Image.fromarray(scene(4)).save(path, quality=90)


def lossless_webp(path: Path) -> None:
    Image.fromarray(scene()).save(path, lossless=True)


def lossless_webp_with_alpha(path: Path) -> None:
    Image.fromarray(scene(4)).save(path, lossless=True)


def rgb_tiff(path: Path) -> None:
    Image.fromarray(scene()).save(path, compression="tiff_lzw")


def rgba_tiff(path: Path) -> None:
    Image.fromarray(scene(4)).save(path, compression="tiff_adobe_deflate")


def grey_tiff(path: Path) -> None:
    Image.fromarray(scene()[..., 1]).save(path, compression="packbits")


def palette_tiff(path: Path) -> None:
    Image.fromarray(scene()).quantize(40).save(path)


def bilevel_tiff(path: Path) -> None:
    Image.fromarray(scene()[..., 0] > 120).save(path, compression="packbits")


def fax_tiff(path: Path) -> None:
    Image.fromarray(scene()[..., 0] > 120).save(path, compression="group4")


def bilevel_png(path: Path) -> None:
    Image.fromarray(scene()[..., 0] > 120).save(path)


def deep_tiff(path: Path) -> None:
    fine = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint16)
    cv2.imwrite(str(path), scene().astype(np.uint16) * 256 + fine)


def deep_tiff_of_big_ends(path: Path) -> None:
    import tifffile

    fine = scene().astype(np.uint16) * 256 + 77
    tifffile.imwrite(path, fine, photometric="rgb", byteorder=">", rowsperstrip=9)


def tiff_in_planes(path: Path) -> None:
    import tifffile

    planes = scene().transpose(2, 0, 1)
    tifffile.imwrite(path, planes, photometric="rgb", planarconfig="separate", rowsperstrip=9)


MAKERS = {
    "lossy.webp": lossy_webp,
    "lossy_alpha.webp": lossy_webp_with_alpha,
    "lossless.webp": lossless_webp,
    "lossless_alpha.webp": lossless_webp_with_alpha,
    "rgb.tif": rgb_tiff,
    "rgba.tiff": rgba_tiff,
    "grey.tif": grey_tiff,
    "palette.tif": palette_tiff,
    "bilevel.tif": bilevel_tiff,
    "fax.tif": fax_tiff,
    "bilevel.png": bilevel_png,
    "deep.tif": deep_tiff,
    "deep_big.tif": deep_tiff_of_big_ends,
    "planes.tif": tiff_in_planes,
}
QUICK = ("lossy.webp", "lossless_alpha.webp", "rgb.tif", "palette.tif", "fax.tif", "deep_big.tif")
LOSSY = ("lossy.webp", "lossy_alpha.webp")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stills")


@pytest.fixture(scope="module", params=only(QUICK, MAKERS))
def still(request: pytest.FixtureRequest, folder: Path) -> Path:
    path = folder / request.param
    MAKERS[request.param](path)
    return tagged(path)


def shown(path: Path) -> tuple[str, list[NDArray[Any]]]:
    """The pixel format, and the samples of every component."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        name = frame.format.name
        wide = {"pal8": "rgba", "monob": "gray"}.get(name)
        return name, components(frame.reformat(format=wide) if wide else frame)


def pixels(path: Path) -> NDArray[Any]:
    """Read by libraries other than ffmpeg; palettes and single bits as what they stand for."""
    if path.name.startswith(("deep", "delivered")):
        deep = seen.still(path)
        if deep.dtype == np.uint16:
            return deep
    with Image.open(path) as picture:
        wide = {"P": "RGBA", "1": "L"}.get(picture.mode, picture.mode)
        return np.asarray(picture.convert(wide))


def listed(path: Path) -> dict[str, str]:
    """ExifTool's full listing by group and name."""
    done = subprocess.run(
        ["exiftool", "-a", "-u", "-ee", "-G1", "-s", "-n", str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [line.split(":", 1) for line in done.stdout.splitlines()]
    return {" ".join(key.split()): value.strip() for key, value in lines}


def assert_nothing_left(path: Path) -> None:
    data = path.read_bytes()
    for form in ("utf-8", "utf-16-le", "utf-16-be"):
        assert NAMED.encode(form) not in data
    left = {key for key in listed(path) if key.startswith(("[ExifIFD", "[GPS", "[XMP", "[IPTC"))}
    assert not left
    assert not {key for key in listed(path) if "Artist" in key or "Serial" in key}


@pytest.mark.quick(every=6)
def test_tags_go_and_every_sample_stays(still: Path, program: Program) -> None:
    delivered = program.run(still, program.profile(SCRUBBED)).output
    assert_nothing_left(delivered)
    before, after = shown(still), shown(delivered)
    assert after[0] == before[0]
    for old, new in zip(before[1], after[1], strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.quick(every=6)
def test_the_mark_is_covered_and_the_rest_is_not(still: Path, program: Program) -> None:
    delivered = program.run(still, program.profile(MARKED)).output
    assert_nothing_left(delivered)
    before, after = pixels(still), pixels(delivered)
    top = 65535 if after.dtype == np.uint16 else 255
    colours = slice(None) if after.ndim == 2 else slice(0, 3)
    inner = after[COVERED][2:-2, 2:-2, ...][..., colours] / top
    assert np.abs(inner - 128 / 255).max() < 0.02
    far = np.ones(before.shape[:2], dtype=bool)
    margin = 16 if still.name in LOSSY else 0
    far[24 - margin : 61 + margin, 40 - margin : 80 + margin] = False
    difference = np.abs(before[far].astype(float) - after[far])
    if still.name in LOSSY:
        assert difference[..., colours].mean() < 1.5
    else:
        assert difference.max() == 0
    if before.ndim == 3 and before.shape[2] == 4:
        np.testing.assert_array_equal(after[..., 3], before[..., 3])


@pytest.mark.release
def test_lossless_webp_stays_lossless(folder: Path, program: Program) -> None:
    source = folder / "stays.webp"
    lossless_webp(source)
    delivered = program.run(source, program.profile(MARKED)).output.read_bytes()
    assert delivered[12:16] == b"VP8L"


@pytest.mark.release
@pytest.mark.parametrize("document", [SCRUBBED, MARKED])
@pytest.mark.parametrize(
    "name", only(["rgb.tif"], ["lossy.webp", "lossless_alpha.webp", "rgb.tif"])
)
@pytest.mark.parametrize("turn", [6, 3])
def test_it_is_turned_as_it_was(
    name: str, document: str, turn: int, tmp_path: Path, program: Program
) -> None:
    source = tmp_path / name
    MAKERS[name](source)
    command = ["exiftool", "-q", "-n", "-overwrite_original", f"-IFD0:Orientation={turn}"]
    subprocess.run([*command, str(source)], check=True)
    delivered = program.run(tagged(source), program.profile(document)).output
    assert listed(delivered)["[IFD0] Orientation"] == str(turn)
    assert_nothing_left(delivered)


@pytest.mark.release
@pytest.mark.parametrize("document", [MARKED, SCRUBBED])
@pytest.mark.parametrize("name", ["lossy.webp", "lossless_alpha.webp", "rgb.tif"])
def test_a_colour_profile_stays_without_a_word_of_its_device(
    name: str, document: str, tmp_path: Path, program: Program
) -> None:
    common = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    device = common.replace(b"s\0R\0G\0B", b"W\0a\0r\0d").replace(
        b"sRGB built-in", b"Ward 4 monitor"
    )
    for number, profile in enumerate((common, device)):
        source = tmp_path / f"{number}-{name}"
        picture = Image.fromarray(scene(4 if "alpha" in name else 3))
        picture.save(source, icc_profile=profile, lossless="lossless" in name)
        delivered = program.run(source, program.profile(document)).output
        said = listed(delivered)
        assert "[ICC_Profile] RedMatrixColumn" in said
        assert not any("Ward" in value or "monitor" in value for value in said.values())
        assert not any(word in delivered.read_bytes() for word in (b"Ward 4", b"W\0a\0r\0d"))


@pytest.mark.release
def test_pixels_that_are_not_square_stay_so(tmp_path: Path, program: Program) -> None:
    source = tmp_path / "fax.tif"
    Image.fromarray(scene()).save(source, dpi=(204, 98))
    for document in (SCRUBBED, MARKED):
        said = listed(program.run(source, program.profile(document)).output)
        ratio = float(said["[IFD0] YResolution"]) / float(said["[IFD0] XResolution"])
        assert ratio == pytest.approx(98 / 204, rel=1e-4)


@pytest.mark.release
@pytest.mark.parametrize("name", ["mat2_dirty.webp", "mat2_dirty.tiff"])
def test_real_files_come_out_clean(name: str, shared: Path, program: Program) -> None:
    source = shared / "data" / "metadata" / name
    delivered = program.run(source, program.profile(SCRUBBED)).output
    for old, new in zip(shown(source)[1], shown(delivered)[1], strict=True):
        np.testing.assert_array_equal(new, old)
    groups = {key.split("]")[0][1:] for key in listed(delivered)}
    assert groups <= {"ExifTool", "System", "File", "RIFF", "IFD0", "Composite"}
    gone = ("Make", "Model", "Software", "Date", "Description", "Orientation", "Exif")
    names = {key.split()[1] for key in listed(delivered) if not key.startswith("[System")}
    assert not [
        name
        for name in names
        if name.startswith(gone) and name not in {"ExifToolVersion", "ExifByteOrder"}
    ]


def two_pages(path: Path) -> None:
    first = Image.fromarray(scene())
    first.save(path, save_all=True, append_images=[Image.fromarray(255 - scene())])


def in_tiles(path: Path) -> None:
    import tifffile

    tifffile.imwrite(path, scene(), photometric="rgb", tile=(32, 32))


def of_inks(path: Path) -> None:
    Image.fromarray(scene(4), "CMYK").save(path)


def of_floats(path: Path) -> None:
    Image.fromarray(scene()[..., 0].astype(np.float32)).save(path)


def raw(path: Path) -> None:
    import tifffile

    tifffile.imwrite(
        path, scene(), photometric="rgb", extratags=[(50706, 1, 4, (1, 4, 0, 0), False)]
    )


def huge_webp(path: Path) -> None:
    lossless_webp(path)
    data = bytearray(path.read_bytes())
    data[21:25] = (0x0FFFFFFF).to_bytes(4, "little")
    path.write_bytes(data)


def huge_png(path: Path) -> None:
    Image.fromarray(scene()).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (60_000).to_bytes(4) * 2
    path.write_bytes(data)


def huge_tiff(path: Path) -> None:
    import tifffile

    tifffile.imwrite(path, np.zeros((1, 400_000_000), np.bool_))


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "pages.tif": (two_pages, "more than one page"),
    "tiles.tif": (in_tiles, "tiles"),
    "inks.tif": (of_inks, "can't be vouched for"),
    "floats.tif": (of_floats, "can't be vouched for"),
    "raw.dng": (raw, "Raw camera files"),
    "huge.webp": (huge_webp, "larger than"),
    "huge.png": (huge_png, "larger than"),
    "huge.tif": (huge_tiff, "larger than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_t_be_vouched_for_is_refused_with_a_reason(
    name: str, tmp_path: Path, program: Program
) -> None:
    make, reason = REFUSED[name]
    source = tmp_path / name
    make(source)
    with pytest.raises(UnsupportedError, match=reason) as refusal:
        program.run(source, program.profile(SCRUBBED))
    assert refusal.value.exit_code == 18


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("name", ["lossy.webp", "lossless.webp", "rgb.tif", "grey.tif"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_still_that_ends_early_is_refused(
    name: str, share: float, tmp_path: Path, program: Program
) -> None:
    source = tmp_path / name
    MAKERS[name](source)
    data = source.read_bytes()
    source.write_bytes(data[: max(13, int(len(data) * share))])
    with pytest.raises(TruncatedError):
        program.run(source, program.profile(SCRUBBED))


@pytest.mark.parametrize("name", ["text.webp", "text.tif"])
def test_text_by_another_name_is_refused(name: str, tmp_path: Path, program: Program) -> None:
    source = tmp_path / name
    source.write_text("Nothing to see here.\n" * 30)
    with pytest.raises(NotMediaError):
        program.run(source, program.profile(SCRUBBED))
