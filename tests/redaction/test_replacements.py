"""Pictures in the place of what is covered: shown as they are, upright, with nothing beneath."""

from __future__ import annotations

import hashlib
import json
from itertools import product
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import pytest
from redaction.covering import FORMATS, HEIGHT, SHAPES, TREATMENTS, WIDTH, box, touched, track
from redaction.pictures import component, components, noise, per_sample, twin

from veilcast.errors import SettingError
from veilcast.media.orientation import Orientation
from veilcast.redaction.covers import TrackCovers, check_settings
from veilcast.redaction.planes import apply_covers
from veilcast.settings import CoverSettings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RED, GREEN, BLUE, WHITE = (220, 30, 40), (20, 160, 60), (30, 60, 210), (240, 240, 240)
QUARTERS = {(0, 0): RED, (0, 1): GREEN, (1, 0): BLUE, (1, 1): WHITE}
"""By row and column."""
ALL = [
    Orientation(transposed=t, mirrored_across=a, mirrored_down=d)
    for t, a, d in product((False, True), repeat=3)
]


def quarters(height: int = 64, width: int = 48) -> NDArray[np.uint8]:
    """R'G'B'A, opaque."""
    drawn = np.full((height, width, 4), 255, np.uint8)
    for (row, column), colour in QUARTERS.items():
        drawn[
            row * height // 2 : (row + 1) * height // 2,
            column * width // 2 : (column + 1) * width // 2,
            :3,
        ] = colour
    return drawn


def saved(folder: Path, rgba: NDArray[Any], name: str = "jane-doe.png") -> Path:
    path = folder / name
    code = cv2.COLOR_RGBA2BGRA if rgba.shape[2] == 4 else cv2.COLOR_RGB2BGR
    assert cv2.imwrite(str(path), cv2.cvtColor(rgba, code))
    return path


def settings(path: Path, **changes: Any) -> CoverSettings:
    return CoverSettings(
        **{"treatment": "picture", "picture": path, "shape": "rectangle", "padding": 0, **changes}
    )


def covered(
    frame: av.VideoFrame,
    chosen: CoverSettings,
    area: tuple[float, float, float, float],
    orientation: Orientation | None = None,
) -> list[NDArray[Any]]:
    found = TrackCovers(track([0], [area]), chosen).at(0)
    assert found is not None
    assert apply_covers(frame, [found], TREATMENTS, orientation or Orientation())
    return components(frame)


@pytest.mark.parametrize(
    ("space", "full"), [(1, False), (5, True)], ids=["bt709-studio", "bt601-full"]
)
@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_every_format_shows_the_picture_in_its_colours(
    pix_fmt: str, space: int, full: bool, tmp_path: Path
) -> None:
    frame = noise(pix_fmt, WIDTH, HEIGHT)
    if pix_fmt.startswith(("gray", "ya")):
        full, space = True, 5  # all that swscale makes of grey
    full = full or pix_fmt.startswith("yuvj")
    frame.colorspace, frame.color_range = space, 2 if full else 1
    before = components(frame)
    got = covered(frame, settings(saved(tmp_path, quarters())), (8, 4, 48, 40))
    for (row, column), colour in QUARTERS.items():
        wanted = av.VideoFrame.from_ndarray(np.full((32, 32, 3), colour, np.uint8), "rgb24")
        wanted = wanted.reformat(
            format=twin(pix_fmt).replace("yuvj", "yuv"),
            dst_colorspace=space,
            dst_color_range=2 if full else 1,
        )
        # The middle of a quarter, two samples of the coarsest component away from the others.
        inside = np.zeros((HEIGHT, WIDTH), bool)
        inside[4 + 20 * row + 8 : 4 + 20 * row + 12, 8 + 24 * column + 8 : 8 + 24 * column + 16] = 1
        colours = [part for part in frame.format.components if not part.is_alpha]
        for index, part in enumerate(colours):
            shown = got[index][per_sample(inside, got[index].shape)]
            scale = 1 << (part.bits - 8)
            assert np.ptp(shown) == 0
            assert abs(int(shown[0]) - int(component(wanted, index)[5, 5])) <= 2 * scale
    outside = ~touched(box(8, 4, 48, 40), "rectangle", WIDTH, HEIGHT)
    for old, new in zip(before, got, strict=True):
        left = ~per_sample(~outside, old.shape)
        assert np.array_equal(old[left], new[left])


@pytest.mark.parametrize("orientation", ALL, ids=str)
@pytest.mark.parametrize("pix_fmt", ["gbrp", "yuv420p", "yuv422p10le"])
def test_it_is_upright_as_displayed(pix_fmt: str, orientation: Orientation, tmp_path: Path) -> None:
    frame = noise(pix_fmt, 96, 64)
    frame.color_range = 2
    width, height = orientation.displayed_size(96, 64)
    area = (10.0, 6.0, 40.0, 44.0)
    covered(frame, settings(saved(tmp_path, quarters())), area, orientation)
    shown = orientation.to_displayed(frame.to_ndarray(format="rgb24"))
    assert shown.shape == (height, width, 3)
    for (row, column), colour in QUARTERS.items():
        x, y = 10 + 20 * column + 10, 6 + 22 * row + 11
        assert shown[y, x].astype(int) == pytest.approx(np.array(colour), abs=4)


@pytest.mark.parametrize("treatment", ["fill", "picture", "emoji"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "p010le", "gray", "rgba", "yuv444p12le"])
def test_nothing_of_what_was_there_is_left_under_it(
    pix_fmt: str, shape: str, treatment: str, tmp_path: Path
) -> None:
    """One that is transparent in parts, over two frames: what is covered comes out equal."""
    glass = quarters()
    glass[:20, :, 3], glass[20:40, :, 3] = 0, 100
    chosen = settings(
        saved(tmp_path, glass), treatment=treatment, shape=shape, fill_colour="#204060"
    )
    area = (9.3, 5.1, 30.0, 24.0)
    results = [covered(noise(pix_fmt, WIDTH, HEIGHT, seed), chosen, area) for seed in (1, 2)]
    inside = touched(box(*area), shape, WIDTH, HEIGHT)
    colours = sum(not part.is_alpha for part in noise(pix_fmt, 64, 48).format.components)
    for one, other in list(zip(*results, strict=True))[:colours]:
        mask = per_sample(inside, one.shape)
        assert np.array_equal(one[mask], other[mask])


def test_where_it_is_transparent_the_fill_colour_shows(tmp_path: Path) -> None:
    glass = np.zeros((40, 40, 4), np.uint8)
    glass[:, 20:] = (200, 100, 0, 128)
    frame = noise("gbrp", WIDTH, HEIGHT)
    chosen = settings(saved(tmp_path, glass), fill_colour="#0000ff")
    covered(frame, chosen, (0, 0, 40, 40))
    shown = frame.to_ndarray(format="rgb24")
    assert shown[20, 5].tolist() == [0, 0, 255]
    assert shown[20, 35].tolist() == pytest.approx([100, 50, 127], abs=1)


def test_the_part_beyond_the_edge_of_the_frame_is_cut_off_and_not_squeezed(tmp_path: Path) -> None:
    path = saved(tmp_path, np.random.default_rng(0).integers(0, 256, (50, 60, 4)).astype(np.uint8))
    whole, part = noise("yuv444p", 96, 96), noise("yuv444p", 64, 48)
    large = covered(whole, settings(path), (16.5, 20.25, 60, 50))
    small = covered(part, settings(path), (16.5 - 32, 20.25 - 32, 60, 50))
    for one, other in zip(large, small, strict=True):
        assert np.array_equal(one[32:71, 32:77], other[:39, :45])


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("side", [9, 31, 200, 1000])
def test_large_pictures_are_averaged_and_small_ones_smoothed(side: int, tmp_path: Path) -> None:
    """A fine chequerboard comes out grey, and not as whichever squares were hit."""
    fine = np.indices((1500, 1500)).sum(axis=0) % 2 * 255
    path = saved(tmp_path, np.repeat(fine[..., None], 3, axis=2).astype(np.uint8))
    frame = noise("gray", 1024, 1024)
    (shown,) = covered(frame, settings(path), (3, 5, side, side))
    part = shown[5 : 5 + side, 3 : 3 + side].astype(int)
    assert part.mean() == pytest.approx(127.5, abs=2)
    assert part.std() < (60 if side == 1000 else 25)


def test_sixteen_bits_reach_from_black_to_white(tmp_path: Path) -> None:
    for value in (0, 255):
        frame = noise("gray16le", WIDTH, HEIGHT)
        path = saved(tmp_path, np.full((9, 9, 4), (value, value, value, 255), np.uint8))
        (shown,) = covered(frame, settings(path), (0, 0, WIDTH, HEIGHT))
        assert (shown == value * 257).all()


def _grey(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2GRAY), np.uint8)[..., None]


def test_grey_and_deep_and_turned_files_are_read_as_they_look(tmp_path: Path) -> None:
    drawn = quarters()
    upright = saved(tmp_path, drawn)
    deep = tmp_path / "deep.png"
    cv2.imwrite(str(deep), cv2.cvtColor(drawn, cv2.COLOR_RGBA2BGRA).astype(np.uint16) * 257)
    grey = tmp_path / "grey.png"
    cv2.imwrite(str(grey), _grey(drawn))
    # A JPEG stored on its side: EXIF Orientation 6 is turned clockwise for display.
    stored = np.ascontiguousarray(np.rot90(drawn[..., :3]))
    data = cv2.imencode(".jpg", stored[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    tag = bytes.fromhex("4d4d002a00000008000101120003000000010006000000000000")
    exif = b"Exif\0\0" + tag
    turned = tmp_path / "turned.jpg"
    turned.write_bytes(
        data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:]
    )

    def shown(path: Path) -> NDArray[np.int64]:
        frame = noise("gbrp", 96, 96)
        covered(frame, settings(path), (0, 0, 48, 64))
        return frame.to_ndarray(format="rgb24")[:64, :48].astype(int)

    assert np.array_equal(shown(upright), drawn[..., :3])
    assert np.array_equal(shown(deep), drawn[..., :3])
    assert np.array_equal(shown(grey), np.repeat(_grey(drawn), 3, axis=2))
    middles = np.s_[16::32, 12::24]
    assert abs(shown(turned)[middles] - drawn[..., :3][middles]).max() <= 8


def test_the_emoji_is_a_smiling_face() -> None:
    frame = noise("gbrp", 240, 240)
    chosen = CoverSettings(treatment="emoji", shape="rectangle", padding=0, fill_colour="#eeffff")
    covered(frame, chosen, (20, 20, 200, 200))
    shown = frame.to_ndarray(format="rgb24").astype(int)
    corner, skin = shown[22, 22], shown[120, 120]
    assert corner.tolist() == [0xEE, 0xFF, 0xFF]
    # Yellow, with two dark eyes above and a mouth that is higher at its ends.
    assert skin[0] > 200
    assert skin[1] > 150
    assert skin[2] < 120
    dark = shown.sum(axis=2) < 300
    dark[:20], dark[220:], dark[:, :20], dark[:, 220:] = False, False, False, False  # noise
    eyes, mouth = dark[:120], dark[120:]
    count, *_ = cv2.connectedComponents(eyes.astype(np.uint8))
    assert count == 3
    low = [int(np.flatnonzero(mouth[:, x]).max()) for x in (75, 120, 165)]
    assert low[1] > max(low[0], low[2]) + 10
    whole = shown[20:220, 20:220]
    assert abs(whole - whole[:, ::-1]).max() <= 2


def test_the_same_answer_for_every_frame(tmp_path: Path) -> None:
    chosen = settings(saved(tmp_path, quarters()), shape="ellipse")
    first, *others = (covered(noise("yuv420p", 64, 48), chosen, (5, 5, 30, 30)) for _ in range(3))
    for other in others:
        assert all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


# What a user can get wrong


def test_a_picture_has_to_be_named() -> None:
    with pytest.raises(ValueError, match="PNG or JPEG"):
        CoverSettings(treatment="picture")
    with pytest.raises(SettingError, match=r"Track 3 .* 'picture'"):
        TrackCovers(track([0], [(0, 0, 9, 9)], treatment="picture"), CoverSettings())


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a not one of these", b"\x89PNG\r\n\x1a\n and then nothing", b"\xff\xd8\xff\xe0"],
)
def test_a_file_that_is_no_picture_is_found_before_any_work(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "jane-doe.png"
    path.write_bytes(data)
    with pytest.raises(SettingError, match=r"^The picture to show [^.]*\.$") as caught:
        check_settings(settings(path), TREATMENTS)
    assert "jane" not in str(caught.value)


def test_a_picture_that_changes_on_the_way_stops_the_run(tmp_path: Path) -> None:
    path = saved(tmp_path, quarters())
    chosen = settings(path)
    saved(tmp_path, quarters(30, 30))
    with pytest.raises(SettingError, match="has changed"):
        check_settings(chosen, TREATMENTS)
    path.unlink()
    with pytest.raises(SettingError, match="can't be read"):
        check_settings(chosen, TREATMENTS)


def test_only_its_hash_is_written_down(tmp_path: Path) -> None:
    path = saved(tmp_path, quarters())
    chosen = settings(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert chosen.model_dump(mode="json")["picture"] == sha256
    how = TrackCovers(track([0], [(0, 0, 9, 9)]), chosen).described()
    assert how["picture"] == sha256
    assert "jane" not in json.dumps([how, chosen.model_dump(mode="json")])


def test_a_track_says_which_picture_by_its_hash(tmp_path: Path) -> None:
    path = saved(tmp_path, quarters())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    one = track([0], [(0, 0, 9, 9)], treatment="picture", picture=sha256)
    plain = CoverSettings(picture=path)
    assert TrackCovers(one, plain).described()["picture"] == sha256
    with pytest.raises(SettingError, match="picture"):
        TrackCovers(one, CoverSettings())


@pytest.mark.parametrize("treatment", ["picture", "emoji"])
def test_a_cover_that_is_far_larger_than_the_frame(treatment: str, tmp_path: Path) -> None:
    """It takes the memory of the frame, and not of the cover."""
    frame = noise("yuv420p", WIDTH, HEIGHT)
    chosen = settings(saved(tmp_path, quarters()), treatment=treatment)
    for samples in covered(frame, chosen, (-4e6, -4e6, 8e6 + 60, 8e6 + 40)):
        # A speck of it, greatly enlarged.
        assert np.ptp(samples.astype(int)) <= 8
