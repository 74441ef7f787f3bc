"""Keeping one person uncovered by a photo: only whom the model surely knows, and nobody else.

The embedding model is a small graph made here: it averages the picture over 8x8 fields and takes
away each colour's mean. It tells these few pictures apart, and that is all it has to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from skimage.data import astronaut, chelsea

from veilcast.errors import SettingError
from veilcast.extensions import LocateContext
from veilcast.findings import Findings
from veilcast.host import Host
from veilcast.media.frames import FrameIndex
from veilcast.media.probe import probe
from veilcast.models import find
from veilcast.settings import DetectSettings
from veilcast.types import Origin, Track
from veilcast_faces.reference import PersonSettings, unmark_person

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT, FRAMES, RATE = 640, 240, 30, 10
FACE = (174, 67, 96, 114)
"""In the astronaut picture: left, top, width, height."""
TIMES = [n * 1_000_000 // RATE for n in range(FRAMES)]


class Settings(PersonSettings, DetectSettings):
    """What a stage that covers faces has."""


def model(path: Path, *, outputs: int = 1, constant: bool = False) -> Path:
    """The graph that the module's first lines speak of, with an input of 1x3x112x112."""
    nodes = [
        helper.make_node(
            "AveragePool", ["face"], ["fields"], kernel_shape=[14, 14], strides=[14, 14]
        ),
        helper.make_node("ReduceMean", ["fields"], ["mean"], axes=[2, 3], keepdims=1),
        helper.make_node("Sub", ["fields", "mean"], ["lifted"]),
        helper.make_node("Flatten", ["lifted"], ["vector"]),
        helper.make_node("Flatten", ["mean"], ["other"]),
    ]
    weights = []
    if constant:
        # As models answer that get samples in a range they do not know.
        weights = [helper.make_tensor("bias", TensorProto.FLOAT, [1], [1000.0])]
        nodes[3] = helper.make_node("Flatten", ["lifted"], ["flat"])
        nodes.insert(4, helper.make_node("Add", ["flat", "bias"], ["vector"]))
    shapes = {"vector": [1, 192], "other": [1, 3]}
    graph = helper.make_graph(
        nodes,
        "fields",
        [helper.make_tensor_value_info("face", TensorProto.FLOAT, [1, 3, 112, 112])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in list(shapes.items())[:outputs]
        ],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(path))
    return path


def person(height: int) -> Picture:
    """The portrait, head and shoulders, in this height; the face is 0.4 of it."""
    cut = astronaut()[0:285, 80:365]  # type: ignore[no-untyped-call]
    return np.asarray(cv2.resize(cut, (height, height), interpolation=cv2.INTER_AREA))


def stranger(height: int) -> Picture:
    """Somebody whom the model can't take for the person."""
    return np.ascontiguousarray(person(height)[::-1])


SIZE = 200


def box(left: int) -> list[float]:
    """Where the face is of who stands at this place."""
    scale = SIZE / 285
    return [left + (FACE[0] - 80) * scale, 20 + FACE[1] * scale, FACE[2] * scale, FACE[3] * scale]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Three places at which somebody stands; the middle one changes after a second and a half."""

    host: Host
    path: Path
    photo: Path

    def context(self, **settings: Any) -> LocateContext:
        media = probe(self.path)
        read = Settings.model_validate({"detectors": ["yunet"], **settings})
        return LocateContext(
            source=self.path,
            media=media,
            frames=FrameIndex(self.path, media, load=lambda: None, store=lambda _: None),
            settings=read,
            models={"yunet": find(self.host.model("yunet"))},
            detectors=self.host.detectors,
            scratch=self.path.parent,
            progress=lambda activity, done, total: None,
        )

    def kept(self, tracks: list[Track], **settings: Any) -> tuple[set[int], tuple[str, ...]]:
        """The tracks that are to be left uncovered, and what the user is told."""
        settings = {"keep_person": str(self.photo), **settings}
        given = Findings(stage="faces", tracks=tuple(tracks))
        found = unmark_person(self.context(**settings), given)
        assert [track.id for track in found.tracks] == [track.id for track in tracks]
        for track in found.tracks:
            assert track.options.get("cover", True) in (True, False)
        return {t.id for t in found.tracks if t.options.get("cover") is False}, found.warnings


def track(
    number: int, left: int, *, frames: slice = slice(None), seen: slice = slice(None, None, 2)
) -> Track:
    times = TIMES[frames]
    origins = np.full(len(times), Origin.INTERPOLATED, dtype=np.uint8)
    origins[seen] = Origin.DETECTED
    return Track(
        id=number,
        identifier="face",
        hipaa="Q",
        detector="test",
        times_us=np.array(times, dtype=np.int64),
        boxes=np.array([box(left)] * len(times)),
        scores=np.full(len(times), 0.9),
        origins=origins,
    )


LEFT, MIDDLE, RIGHT = 0, 220, 440
CHANGE = 15


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    folder = tmp_path_factory.mktemp("reference")
    path, photo = folder / "clip.mkv", folder / "photo.png"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        for number in range(FRAMES):
            picture = np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8)
            here = [(LEFT, person), (RIGHT, stranger)]
            here.append((MIDDLE, person if number < CHANGE else stranger))
            for left, who in here:
                picture[20 : 20 + SIZE, left : left + SIZE] = who(SIZE)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    cv2.imwrite(str(photo), person(500)[:, :, ::-1])
    return Clip(host=Host(), path=path, photo=photo)


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(model(tmp_path_factory.mktemp("model") / "fields.onnx"))


def test_only_the_person_is_kept(clip: Clip, fields: str) -> None:
    tracks = [track(1, LEFT), track(2, RIGHT)]
    kept, told = clip.kept(tracks, embedding_model=fields)
    assert kept == {1}
    assert told == ("Recognised as the person to keep, and left uncovered: 1; check them.",)


def test_a_track_that_goes_over_to_somebody_else_stays_covered(clip: Clip, fields: str) -> None:
    both, first = track(1, MIDDLE), track(2, MIDDLE, frames=slice(0, CHANGE))
    assert clip.kept([both], embedding_model=fields)[0] == set()
    assert clip.kept([first], embedding_model=fields)[0] == {2}


def test_nobody_is_in_two_places_at_once(clip: Clip, fields: str) -> None:
    tracks = [track(1, LEFT), track(2, MIDDLE, frames=slice(0, CHANGE)), track(3, RIGHT)]
    kept, (told,) = clip.kept(tracks, embedding_model=fields)
    assert kept == set()
    assert told.startswith("Tracks 1, 2 are all like")


def test_the_same_face_seen_twice_is_no_contradiction(clip: Clip, fields: str) -> None:
    assert clip.kept([track(1, LEFT), track(2, LEFT + 3)], embedding_model=fields)[0] == {1, 2}


def test_who_was_never_seen_or_is_too_small_stays_covered(clip: Clip, fields: str) -> None:
    from dataclasses import replace

    unseen = track(1, LEFT, seen=slice(0, 0))
    boxes = np.array([[60.0, 80.0, 31.0, 36.0]] * FRAMES)
    small = replace(track(2, LEFT), boxes=boxes)
    kept, (told,) = clip.kept([unseen, small], embedding_model=fields)
    assert kept == set()
    assert told.startswith("No track was recognised")


def test_a_stricter_likeness_keeps_fewer(clip: Clip, fields: str) -> None:
    settings = {"embedding_model": fields, "keep_similarity": 0.9999}
    assert clip.kept([track(1, LEFT)], **settings)[0] == set()


def test_without_a_photo_nothing_changes(clip: Clip) -> None:
    found = Findings(stage="faces", tracks=(track(1, LEFT),))
    assert unmark_person(clip.context(), found) is found


def test_the_model_is_the_users_to_give(clip: Clip) -> None:
    with pytest.raises(ValueError, match="'keep' or rectangles by 'outside'"):
        Settings.model_validate({"keep_person": str(clip.photo)})


def test_files_are_told_by_hash_only(clip: Clip, fields: str) -> None:
    said = clip.context(keep_person=str(clip.photo), embedding_model=fields).settings
    assert str(clip.path.parent) not in said.model_dump_json()
    assert len(said.model_dump(mode="json")["keep_person"]) == 64


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (np.hstack([person(300), person(300)]), "2 faces"),
        (chelsea(), "no face"),  # type: ignore[no-untyped-call]
        (None, "no picture"),
    ],
    ids=["two", "none", "text"],
)
def test_the_photo_shows_one_face(
    picture: Picture | None, said: str, clip: Clip, fields: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    if picture is None:
        photo.write_text("Quixby")
    else:
        cv2.imwrite(str(photo), picture[:, :, ::-1])
    with pytest.raises(SettingError, match=said):
        clip.kept([track(1, LEFT)], embedding_model=fields, keep_person=str(photo))


def test_a_model_that_takes_everything_for_the_person_is_refused(
    clip: Clip, tmp_path: Path
) -> None:
    everything = model(tmp_path / "model.onnx", constant=True)
    with pytest.raises(SettingError, match="embedding_range"):
        clip.kept([track(1, LEFT), track(2, RIGHT)], embedding_model=str(everything))


def test_a_model_of_another_kind_is_refused(clip: Clip, tmp_path: Path) -> None:
    two = model(tmp_path / "two.onnx", outputs=2)
    with pytest.raises(SettingError, match="one vector"):
        clip.kept([track(1, LEFT)], embedding_model=str(two))
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"Quixby")
    with pytest.raises(SettingError, match="graph"):
        clip.kept([track(1, LEFT)], embedding_model=str(broken))


def test_a_file_that_changes_during_the_run_is_refused(
    clip: Clip, fields: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(clip.photo.read_bytes())
    context = clip.context(keep_person=str(photo), embedding_model=fields)
    cv2.imwrite(str(photo), stranger(500)[:, :, ::-1])
    with pytest.raises(SettingError, match="changed"):
        unmark_person(context, Findings(stage="faces", tracks=(track(1, LEFT),)))
