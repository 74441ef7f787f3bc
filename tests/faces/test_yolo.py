"""YOLO detectors of the user's own: every head, and what can't be used is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from contract.graphs import BOX, HEADS, export, grid, save
from onnx import TensorProto, helper, numpy_helper

from veilcast.errors import SettingError
from veilcast.plugin import DetectorContext
from veilcast_faces.settings import YoloSettings
from veilcast_faces.yolo import Yolo, head_of

if TYPE_CHECKING:
    from pathlib import Path


def opened(path: Path | None, **said: Any) -> Yolo:
    settings = YoloSettings(model=path, **said) if path else YoloSettings(**said)
    return Yolo(DetectorContext(settings=settings, least_score=0.5, models={}, threads=1))


@pytest.mark.parametrize("head", HEADS)
def test_every_head_gives_the_same_boxes(tmp_path: Path, head: str) -> None:
    detector = opened(export(tmp_path / "model.onnx", head))
    picture = np.full((128, 128, 3), 114, np.uint8)
    picture[40 : 40 + BOX, 64 : 64 + BOX] = (255, 0, 0)
    found = detector.detect(picture)
    best = found[0].box
    assert (best.x, best.y, best.width, best.height) == (64, 40, BOX, BOX)
    assert found[0].score == pytest.approx(1, abs=1e-5)
    assert len(found) < 4, "anchors of one cell suppress each other"


def test_scores_of_all_classes_count(tmp_path: Path) -> None:
    """A graph of two classes, told by its metadata; the thing is of the second."""
    boxes = grid(64)
    rows = np.zeros((1, len(boxes), 6), np.float32)
    rows[0, :, :4] = boxes
    rows[0, 0, 5], rows[0, 9, 4] = 0.9, 0.8
    model = constant(tmp_path, rows.transpose(0, 2, 1), 64, {"names": "{0: 'car', 1: 'face'}"})
    scores = [seen.score for seen in opened(model).detect(np.zeros((64, 64, 3), np.uint8))]
    assert scores == pytest.approx([0.9, 0.8])


@pytest.mark.parametrize("size", [(512, 512), (1024, 512), (700, 900), (90, 60)])
def test_pictures_of_any_size_fit_a_graph_of_one_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """Larger ones are shrunk and never stretched; boxes come back in the picture's pixels."""
    detector = opened(export(tmp_path / "model.onnx", "v8"))
    width, height = size
    side = min(size) // 3
    picture = np.full((height, width, 3), 114, np.uint8)
    x, y = width // 2, height // 2
    picture[y : y + side, x : x + side] = (255, 0, 0)
    scale = min(1, 128 / max(size))
    found = detector.detect(picture)
    assert found
    for seen in found:
        assert seen.box.width == pytest.approx(BOX / scale)
        assert seen.box.height == pytest.approx(BOX / scale)
        assert x < seen.box.x + seen.box.width / 2 < x + side
        assert y < seen.box.y + seen.box.height / 2 < y + side


def test_boxes_count_tells_the_families_apart() -> None:
    cells = 80 * 80 + 40 * 40 + 20 * 20
    assert head_of(cells * 3, 6, 640, 640, 1) == (False, True, slice(5, 6))
    assert head_of(cells * 3, 16, 640, 640, 1) == (False, True, slice(15, 16))
    assert head_of(5, cells, 640, 640, 1) == (True, False, slice(4, 5))
    assert head_of(20, cells, 640, 640, 1) == (True, False, slice(4, 5))
    assert head_of(cells, 5, 640, 640, 1) == (False, False, slice(4, 5))
    assert head_of(5, cells + 100, 640, 640, 1) == (True, False, slice(4, 5)), "a fourth grid"
    assert head_of(300, 6, 640, 640, 1) is None, "suppression built in"
    assert head_of(64, cells, 640, 640, 1) is None
    assert head_of(84, cells, 640, 640, 80) == (True, False, slice(4, 84))


def constant(folder: Path, answer: np.ndarray, side: int, facts: dict[str, str]) -> Path:
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["images"], ["most"], axes=[0, 1, 2, 3], keepdims=0),
            helper.make_node("Mul", ["most", "zero"], ["nothing"]),
            helper.make_node("Add", ["answer", "nothing"], ["output0"]),
        ],
        "constant",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, list(answer.shape))],
        [
            numpy_helper.from_array(answer, "answer"),
            numpy_helper.from_array(np.zeros((), np.float32), "zero"),
        ],
    )
    return save(folder / "constant.onnx", graph, facts)


@pytest.mark.parametrize("shape", [(1, 300, 6), (1, 7, 84), (84,), (1, 64, 8, 8)])
def test_an_answer_that_is_not_understood_stops(tmp_path: Path, shape: tuple[int, ...]) -> None:
    model = constant(tmp_path, np.zeros(shape, np.float32), 64, {})
    with pytest.raises(SettingError, match="not understood"):
        opened(model).detect(np.zeros((64, 64, 3), np.uint8))


def test_without_a_usable_model_it_stops(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="'model'"):
        opened(None)
    junk = tmp_path / "secret-name.onnx"
    junk.write_bytes(b"no graph at all")
    with pytest.raises(SettingError) as caught:
        opened(junk)
    assert "secret-name" not in str(caught.value)


def test_a_model_that_changes_under_way_stops(tmp_path: Path) -> None:
    model = export(tmp_path / "model.onnx", "v8")
    settings = YoloSettings(model=model)
    export(model, "v5")
    with pytest.raises(SettingError, match="when the run began"):
        Yolo(DetectorContext(settings=settings, least_score=0.5, models={}, threads=1))


def test_settings_hold_no_path(tmp_path: Path) -> None:
    model = export(tmp_path / "of-jane-doe.onnx", "v8")
    written = YoloSettings(model=model).model_dump_json()
    assert "jane" not in written
