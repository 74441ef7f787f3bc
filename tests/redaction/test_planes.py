from __future__ import annotations

import subprocess
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from redaction.covering import (
    FORMATS,
    HEIGHT,
    PARAMS,
    SHAPES,
    TREATMENTS,
    WIDTH,
    box,
    cover,
    touched,
)
from redaction.pictures import component, components, noise, per_sample, raw, steps, twin

from veilcast.errors import PluginOutputError, SettingError, UnsupportedError
from veilcast.extensions import PixelTreatment, Plane
from veilcast.media.orientation import Orientation
from veilcast.redaction.layout import supported
from veilcast.redaction.planes import apply_covers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

PROMISED = [
    *(f"yuv{sub}p" for sub in ("420", "422", "444", "440", "411", "410")),
    *(f"yuvj{sub}p" for sub in ("420", "422", "444", "440", "411")),
    *(f"yuv{sub}p{bits}le" for sub in ("420", "422", "444") for bits in (9, 10, 12, 14, 16)),
    *("yuv440p10le", "yuv440p12le", "yuva420p", "yuva422p10le", "yuva444p16le"),
    *("nv12", "nv21", "nv16", "nv24", "p010le", "p012le", "p016le", "p210le", "p216le"),
    *("gray", "gray10le", "gray12le", "gray16le", "gray16be", "ya8", "ya16be"),
    *("gbrp", *(f"gbrp{bits}le" for bits in (9, 10, 12, 14, 16)), "gbrap", "gbrap16le"),
    *("rgb24", "bgr24", "rgba", "bgra", "argb", "abgr", "rgb0", "bgr0", "0rgb", "0bgr"),
    *("rgb48le", "rgb48be", "bgr48le", "bgr48be", "rgba64le", "rgba64be", "yuyv422", "uyvy422"),
]


@pytest.mark.parametrize("pix_fmt", PROMISED)
def test_promised_formats_are_supported(pix_fmt: str) -> None:
    assert supported(pix_fmt)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_covers_every_touched_sample_and_no_other(pix_fmt: str, shape: str) -> None:
    frame = noise(pix_fmt, WIDTH, HEIGHT)
    before = components(frame)
    area = box(33.3, -5.2, 37.9, 38.1)
    assert apply_covers(frame, [cover(area, shape)], TREATMENTS)
    after = components(frame)

    inner = touched(area, shape, WIDTH, HEIGHT)
    outer = touched(area, shape, WIDTH, HEIGHT, slack=0.05)
    assert inner.any()
    assert not outer.all()
    colours = sum(not part.is_alpha for part in frame.format.components)
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if index >= colours:
            assert np.array_equal(old, new), "alpha is left alone"
            continue
        covered = per_sample(inner, old.shape)
        assert len(np.unique(new[covered])) == 1
        left = ~per_sample(outer, old.shape)
        assert np.array_equal(old[left], new[left])


@pytest.mark.parametrize("treatment", ["mosaic", "blur"])
@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_destroys_inside_and_repeats_exactly(pix_fmt: str, treatment: str) -> None:
    area = box(9.0, 7.5, 33.0, 30.0)
    one = cover(area, "ellipse", treatment, block_px=16)
    results = []
    for _ in range(2):
        frame = noise(pix_fmt, WIDTH, HEIGHT)
        before = components(frame)
        assert apply_covers(frame, [one], TREATMENTS)
        results.append(components(frame))
    inner = touched(area, "ellipse", WIDTH, HEIGHT)
    colours = sum(not part.is_alpha for part in frame.format.components)
    for index, (old, new, again) in enumerate(zip(before, *results, strict=True)):
        assert np.array_equal(new, again)
        covered = per_sample(inner, old.shape)
        if index < colours:
            # Noise averages out: little of its spread is left.
            assert new[covered].std() < old[covered].std() / 2
        left = ~per_sample(touched(area, "ellipse", WIDTH, HEIGHT, slack=0.05), old.shape)
        assert np.array_equal(old[left], new[left])


@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_mosaic_blocks_are_the_rounded_average_of_what_was_there(pix_fmt: str) -> None:
    frame = noise(pix_fmt, WIDTH, HEIGHT)
    before = components(frame)
    apply_covers(frame, [cover(box(8, 4, 48, 24), treatment="mosaic")], TREATMENTS)
    after = components(frame)
    for old, new in list(zip(before, after, strict=True))[: 1 if "a" in twin(pix_fmt) else 3]:
        across, down = steps(old.shape, WIDTH, HEIGHT)
        for y in (4, 16):
            for x in (8, 20, 32, 44):
                block = np.s_[y // down : (y + 12) // down, x // across : (x + 12) // across]
                expected = int(np.floor(old[block].astype(np.float64).mean() + 0.5))
                assert (new[block] == expected).all()


@pytest.mark.parametrize("space", [1, 5, 9], ids=["bt709", "bt601", "bt2020"])
@pytest.mark.parametrize("full", [False, True], ids=["studio", "full"])
@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_fill_is_the_colour_that_swscale_makes(pix_fmt: str, full: bool, space: int) -> None:
    frame = noise(pix_fmt, 32, 32)
    if pix_fmt.startswith(("gray", "ya")):
        full, space = True, 5  # all that swscale makes of grey
    full = full or pix_fmt.startswith("yuvj")
    frame.colorspace, frame.color_range = space, 2 if full else 1
    apply_covers(frame, [cover(box(0, 0, 32, 32))], TREATMENTS)

    red_green_blue = np.full((32, 32, 3), PARAMS["rgb"], dtype=np.uint8)
    wanted = av.VideoFrame.from_ndarray(red_green_blue, "rgb24").reformat(
        format=twin(pix_fmt).replace("yuvj", "yuv"),
        dst_colorspace=space,
        dst_color_range=2 if full else 1,
    )
    colours = sum(not part.is_alpha for part in frame.format.components)
    for index, got in enumerate(components(frame)[:colours]):
        scale = 1 << (frame.format.components[index].bits - 8)
        assert len(np.unique(got)) == 1
        assert abs(int(got[0, 0]) - int(component(wanted, index)[5, 5])) <= 2 * scale


def test_depths_agree() -> None:
    covers = [cover(box(5, 5, 40, 30), "ellipse", name) for name in ("mosaic", "blur", "fill")]
    for one in covers:
        eight, ten = noise("yuv420p", WIDTH, HEIGHT), av.VideoFrame(WIDTH, HEIGHT, "yuv420p10le")
        for index in range(3):
            component(ten, index)[...] = component(eight, index).astype(np.uint16) * 4
        apply_covers(eight, [one], TREATMENTS)
        apply_covers(ten, [one], TREATMENTS)
        for index in range(3):
            difference = component(ten, index) / 4 - component(eight, index)
            assert abs(difference).max() <= 1.5


def test_interleaved_and_planar_agree() -> None:
    """The same picture as NV12, P010 and planar, covered: still the same picture."""
    covers = [cover(box(5.5, 3.5, 31, 35), "ellipse", "mosaic")]
    for interleaved in ("nv12", "nv21", "nv16", "nv24", "p010be", "p016be", "yuyv422", "uyvy422"):
        frame = noise(interleaved, WIDTH, HEIGHT)
        planar = frame.reformat(format=twin(interleaved))
        apply_covers(frame, covers, TREATMENTS)
        apply_covers(planar, covers, TREATMENTS)
        for got, wanted in zip(components(frame), components(planar), strict=True):
            assert np.array_equal(got, wanted)


def test_high_bits_of_p010_stay_clean() -> None:
    frame = noise("p010le", 64, 48)
    apply_covers(frame, [cover(box(0, 0, 64, 48), treatment="blur")], TREATMENTS)
    for plane in frame.planes:
        assert (np.frombuffer(bytes(plane), "<u2") & 0x3F).max() == 0


@pytest.mark.parametrize(("height", "known"), [(480, 5), (720, 1)], ids=["bt601", "bt709"])
def test_unknown_matrix_is_guessed_by_height(height: int, known: int) -> None:
    filled = []
    for code in (2, known):
        frame = noise("yuv420p", 64, height)
        frame.colorspace = code
        apply_covers(frame, [cover(box(0, 0, 64, 64))], TREATMENTS)
        filled.append([int(samples[0, 0]) for samples in components(frame)])
    assert filled[0] == filled[1]


@pytest.mark.parametrize(
    "outside", [(-50, 0, 50, 20), (63, 0, 10, 10), (0, 47, 10, 10), (10, -9.5, 10, 9.5)]
)
def test_a_cover_beside_the_picture_changes_nothing(outside: tuple[float, ...]) -> None:
    frame = noise("yuv420p", WIDTH, HEIGHT)
    before = raw(frame)
    assert not apply_covers(frame, [cover(box(*outside))], TREATMENTS)
    assert not apply_covers(frame, [], TREATMENTS)
    assert raw(frame) == before


def test_a_sliver_in_the_last_odd_pixel_is_covered() -> None:
    frame = noise("yuv420p", WIDTH, HEIGHT)
    before = components(frame)
    assert apply_covers(frame, [cover(box(62.999, 46.999, 5, 5))], TREATMENTS)
    for old, new in zip(before, components(frame), strict=True):
        changed = np.argwhere(old != new).tolist()
        assert changed in ([], [[old.shape[0] - 1, old.shape[1] - 1]])
    assert components(frame)[0][46, 62] != before[0][46, 62]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_boxes_are_in_the_displayed_picture(
    transposed: bool, across: bool, down: bool, shape: str
) -> None:
    orientation = Orientation(transposed=transposed, mirrored_across=across, mirrored_down=down)
    width, height = orientation.displayed_size(WIDTH, HEIGHT)
    frame = noise("gray16le", WIDTH, HEIGHT)
    before = component(frame, 0).copy()
    area = box(3.5, 20.25, 21.0, 12.0)
    apply_covers(frame, [cover(area, shape)], TREATMENTS, orientation)
    changed = orientation.to_displayed(before != component(frame, 0))
    assert changed.shape == (height, width)
    assert changed[touched(area, shape, width, height)].all()
    assert not changed[~touched(area, shape, width, height, slack=0.05)].any()


def test_later_frames_of_a_decoder_do_not_see_the_cover(tmp_path: Path) -> None:
    """Decoders predict from the frames they gave out: writing into those would smear the cover."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        # Every frame is given out as soon as it is decoded, and the next is predicted from it.
        stream.options = {"g": "50", "tune": "zerolatency"}
        for number in range(20):
            frame = noise("yuv420p", 128, 96)
            for index in range(3):
                # What is covered now is beside the cover in the next frame.
                samples = component(frame, index)
                samples[...] = np.roll(samples, number * samples.shape[1] // 64, axis=1)
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    area = box(40, 30, 40, 40)
    outside = ~touched(area, "rectangle", 128, 96)
    with av.open(str(path)) as plain, av.open(str(path)) as covered:
        # One thread: else later frames are decoded before the first is out.
        covered.streams.video[0].codec_context.thread_count = 1
        count = 0
        for wanted, frame in zip(plain.decode(video=0), covered.decode(video=0), strict=True):
            pts, colour = frame.pts, frame.color_range
            assert apply_covers(frame, [cover(area)], TREATMENTS)
            assert (frame.pts, frame.color_range) == (pts, colour)
            for old, new in zip(components(wanted), components(frame), strict=True):
                left = per_sample(outside, old.shape)
                assert np.array_equal(old[left], new[left])
                assert len(np.unique(new[~left])) == 1
            count += 1
    assert count == 20


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "bgr24", "rgb48le"])
def test_pictures_stored_bottom_row_first(pix_fmt: str) -> None:
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_buffer(
            width=WIDTH,
            height=HEIGHT,
            format=av.VideoFormat(pix_fmt),
            time_base=Fraction(1, 25),
        ),
        graph.add("vflip"),
        graph.add("buffersink"),
    ).configure()
    frame = noise(pix_fmt, WIDTH, HEIGHT)
    graph.push(frame)
    flipped = graph.pull()
    assert isinstance(flipped, av.VideoFrame)
    assert flipped.planes[0].line_size < 0

    usual = av.VideoFrame(WIDTH, HEIGHT, pix_fmt)
    for source, target in zip(frame.planes, usual.planes, strict=True):
        rows = np.frombuffer(bytes(source), np.uint8).reshape(source.height, -1)
        target.update(rows[::-1].tobytes())
    del frame, graph, source  # else the memory is shared, and covering copies it the usual way up
    for picture in (flipped, usual):
        assert apply_covers(picture, [cover(box(10, 30.5, 20, 40), "ellipse")], TREATMENTS)
    assert flipped.planes[0].line_size < 0
    # libav's own reading of both.
    read = [picture.reformat(format="gbrp16le") for picture in (flipped, usual)]
    for got, wanted in zip(*map(components, read), strict=True):
        assert np.array_equal(got, wanted)


def test_interlaced_chroma_is_covered_in_both_fields(tmp_path: Path) -> None:
    """A chroma row of interlaced 4:2:0 shows on two rows of its own field."""
    path = tmp_path / "interlaced.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.2"),
            *("-c:v", "libx264", "-x264opts", "tff=1", "-flags", "+ilme+ildct", str(path)),
        ],
        check=True,
    )
    with av.open(str(path)) as source:
        frame = next(source.decode(video=0))
    assert frame.interlaced_frame
    before = components(frame)
    # Row 6 is the top field's, row 7 the bottom field's: their chroma is in rows 2 and 3.
    apply_covers(frame, [cover(box(0, 6, 64, 2), rgb=[255, 0, 255])], TREATMENTS)
    for old, new, rows in zip(before, components(frame), ([6, 7], [2, 3], [2, 3]), strict=True):
        assert len(np.unique(new[rows])) == 1
        assert np.array_equal(np.delete(old, rows, axis=0), np.delete(new, rows, axis=0))
    # An ellipse over one row of the bottom field takes that field's chroma (the other may go too).
    before = components(frame)
    apply_covers(frame, [cover(box(0, 17.2, 64, 0.5), "ellipse", rgb=[0, 255, 0])], TREATMENTS)
    after = components(frame)
    for index, (row, allowed) in enumerate([(17, [17]), (9, [8, 9]), (9, [8, 9])]):
        old, new = before[index], after[index]
        assert len(np.unique(new[row])) == 1
        assert np.array_equal(np.delete(old, allowed, axis=0), np.delete(new, allowed, axis=0))


@pytest.mark.parametrize(
    "pix_fmt", ["pal8", "monow", "monob", "bayer_rggb8", "xyz12le", "rgb565le", "x2rgb10le"]
)
def test_other_formats_are_refused_untouched(pix_fmt: str) -> None:
    frame = av.VideoFrame(64, 48, pix_fmt)
    before = raw(frame)
    assert not supported(pix_fmt)
    with pytest.raises(UnsupportedError, match=r"^[A-Z][^.]*\.$"):
        apply_covers(frame, [cover(box(0, 0, 10, 10))], TREATMENTS)
    assert raw(frame) == before


@pytest.mark.parametrize("pix_fmt", ["vaapi", "cuda", "grayf32le", "gbrpf16le", "nonsense"])
def test_formats_without_integer_samples_are_not_supported(pix_fmt: str) -> None:
    assert not supported(pix_fmt)


def test_an_unknown_treatment_is_an_error_and_nothing_is_written() -> None:
    frame = noise("yuv420p", WIDTH, HEIGHT)
    before = raw(frame)
    with pytest.raises(SettingError, match="blur, emoji, fill, mosaic, picture"):
        apply_covers(
            frame,
            [cover(box(0, 0, 9, 9)), cover(box(0, 0, 9, 9), treatment="glow")],
            TREATMENTS,
        )
    assert raw(frame) == before


@pytest.mark.parametrize(
    "apply",
    [
        lambda samples, plane, params: samples[:-1],
        lambda samples, plane, params: samples.astype(np.float32),
        lambda samples, plane, params: samples | 0x8000,
        lambda samples, plane, params: None,
    ],
)
def test_a_treatment_that_returns_other_samples_is_an_error(apply: Callable[..., Any]) -> None:
    frame = noise("yuv420p10le", WIDTH, HEIGHT)
    bad = PixelTreatment(name="bad", summary="", apply=apply)
    with pytest.raises(PluginOutputError, match="bad"):
        apply_covers(frame, [cover(box(4, 4, 9, 9), treatment="bad")], {"bad": bad})


def test_a_treatment_cannot_write_outside_the_ellipse() -> None:
    def scribble(samples: NDArray[Any], plane: Plane, params: Mapping[str, Any]) -> NDArray[Any]:
        samples[...] = 0
        return samples

    frame = noise("yuv420p", WIDTH, HEIGHT)
    before = components(frame)
    area = box(10, 10, 20, 20)
    treatments = {"scribble": PixelTreatment(name="scribble", summary="", apply=scribble)}
    apply_covers(frame, [cover(area, "ellipse", "scribble")], treatments)
    outside = ~touched(area, "ellipse", WIDTH, HEIGHT, slack=0.05)
    for old, new in zip(before, components(frame), strict=True):
        left = ~per_sample(~outside, old.shape)
        assert np.array_equal(old[left], new[left])
