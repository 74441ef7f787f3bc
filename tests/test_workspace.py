"""Work folders: private, resumable, tidied; publishing: all or nothing."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilcast.errors import (
    DiskFullError,
    OutputExistsError,
    UnreadableError,
    UnwritableError,
    UsageError,
)
from veilcast.workspace import (
    check_room,
    check_target,
    default_root,
    file_sha256,
    open_workspace,
    publish,
)

SHA = hashlib.sha256(b"input").hexdigest()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "work"


def test_everything_in_it_is_its_owners_alone(root: Path) -> None:
    before = os.umask(0)
    try:
        with open_workspace(root, SHA) as workspace:
            inner = workspace.folder_for("stage")
            workspace.keep("findings.json", b"{}")
            for folder in (root, workspace.folder, workspace.scratch, inner):
                assert mode(folder) == 0o700
            assert mode(workspace.folder / "findings.json") == 0o600
    finally:
        os.umask(before)


def test_a_work_folder_that_others_could_read_is_closed(root: Path) -> None:
    with open_workspace(root, SHA) as workspace:
        folder = workspace.folder
    folder.chmod(0o755)
    with open_workspace(root, SHA):
        assert mode(folder) == 0o700


def test_what_is_kept_is_there_the_next_time(root: Path) -> None:
    with open_workspace(root, SHA) as workspace:
        assert workspace.cached("findings.json") is None
        workspace.keep("findings.json", b"first")
        workspace.keep("findings.json", b"second")
    with open_workspace(root, SHA) as workspace:
        assert workspace.cached("findings.json") == b"second"
    with open_workspace(root, hashlib.sha256(b"other").hexdigest()) as workspace:
        assert workspace.cached("findings.json") is None, "another input's are not"


def test_scratch_goes_whatever_happens(root: Path) -> None:
    def interrupted() -> None:
        with open_workspace(root, SHA) as workspace:
            (workspace.folder_for("stage") / "half.nut").write_bytes(b"x")
            workspace.keep("findings.json", b"{}")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(root / SHA[:24]) == ["findings.json"]


def test_scratch_of_a_killed_run_goes_and_that_of_a_running_one_stays(root: Path) -> None:
    script = (
        "import os, sys, time\nfrom pathlib import Path\n"
        "from veilcast.workspace import open_workspace\n"
        f"with open_workspace(Path({str(root)!r}), {SHA!r}) as w:\n"
        "    (w.scratch / 'half.nut').touch()\n    print('ready', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"ready\n"
        with open_workspace(root, SHA) as workspace:
            assert len(names(workspace.folder)) == 2, "a run in parallel is not disturbed"
        other.kill()
    assert len(names(workspace.folder)) == 1
    with open_workspace(root, SHA) as workspace:
        assert names(workspace.folder) == [workspace.scratch.name]


def test_the_input_has_a_neutral_name(root: Path, tmp_path: Path) -> None:
    source = tmp_path / "Quixby %03d.mp4"
    source.write_bytes(b"x")
    with open_workspace(root, SHA) as workspace:
        link = workspace.link(source)
        assert "Quixby" not in link.name
        assert "%" not in link.name
        assert link.read_bytes() == b"x"


def test_a_work_folder_that_can_not_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError, match="--work"), open_workspace(tmp_path / "file", SHA):
        pass


def test_where_work_folders_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VEILCAST_WORK", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.delenv("VEILCAST_WORK")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root() == tmp_path / "veilcast" / "work"


@given(st.binary(max_size=3000))
def test_file_hashes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "hashed"
    path.write_bytes(data)
    assert file_sha256(path) == hashlib.sha256(data).hexdigest()


def test_the_hash_of_what_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UnreadableError):
            file_sha256(path)


def test_room(tmp_path: Path) -> None:
    check_room(tmp_path, 1)
    with pytest.raises(DiskFullError):
        check_room(tmp_path, 1 << 60)


# Publishing


@pytest.fixture
def finished(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "scratch"
    folder.mkdir()
    files = [folder / "a", folder / "b"]
    for file in files:
        file.write_text(f"new {file.name}")
        file.chmod(0o600)
    return files


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_all_appear_like_the_users_other_files(finished: list[Path], out: Path) -> None:
    before = os.umask(0o027)
    try:
        publish([(file, out / file.name) for file in finished], force=False)
        assert os.umask(0o027) == 0o027, "left as it was"
    finally:
        os.umask(before)
    assert names(out) == ["a", "b"]
    assert [(out / name).read_text() for name in "ab"] == ["new a", "new b"]
    assert mode(out / "a") == mode(out / "b") == 0o640


def test_private_ones_do_not(finished: list[Path], out: Path) -> None:
    publish([(finished[0], out / "findings.json")], force=False, private=True)
    assert mode(out / "findings.json") == 0o600


def test_one_that_is_missing_keeps_all_away(finished: list[Path], out: Path) -> None:
    finished[1].unlink()
    with pytest.raises(UnwritableError):
        publish([(file, out / file.name) for file in finished], force=False)
    assert names(out) == []


def test_one_that_is_there_keeps_all_away(finished: list[Path], out: Path) -> None:
    (out / "b").write_text("precious")
    with pytest.raises(OutputExistsError):
        publish([(file, out / file.name) for file in finished], force=False)
    assert names(out) == ["b"]
    assert (out / "b").read_text() == "precious"
    publish([(file, out / file.name) for file in finished], force=True)
    assert (out / "b").read_text() == "new b"


def test_what_a_killed_run_left_beside_goes_and_that_of_a_running_one_stays(
    finished: list[Path], out: Path
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for ending in ("partial", "before"):
        (out / f".a.{ended.pid}-0123abcd.{ending}").write_text("half")
        (out / f".a.{os.getppid()}-0123abcd.{ending}").write_text("at work")
    publish([(finished[0], out / "a")], force=True)
    parent = [f".a.{os.getppid()}-0123abcd.{ending}" for ending in ("before", "partial")]
    assert names(out) == [*parent, "a"]
    assert (out / "a").read_text() == "new a"


class Meddled(type(Path())):  # type: ignore[misc]
    """A finished file; while it is brought to its place, somebody does something there."""

    def replace(self, target: Path) -> Path:
        meddle()
        return super().replace(target)  # type: ignore[no-any-return]


def meddle() -> None:
    """Set by a test."""


@pytest.mark.parametrize("old", [None, "old a"])
def test_what_was_there_comes_back_when_one_can_not_be_renamed(
    old: str | None, finished: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if old is not None:
        (out / "a").write_text(old)
    monkeypatch.setitem(globals(), "meddle", (out / "b").mkdir)
    with pytest.raises(UnwritableError):
        publish([(finished[0], out / "a"), (Meddled(finished[1]), out / "b")], force=True)
    assert names(out) == (["b"] if old is None else ["a", "b"])
    if old is not None:
        assert (out / "a").read_text() == old


def test_what_appeared_in_the_meantime_is_kept(
    finished: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "meddle", lambda: (out / "b").write_text("precious"))
    with pytest.raises(OutputExistsError):
        publish([(finished[0], out / "a"), (Meddled(finished[1]), out / "b")], force=False)
    assert names(out) == ["b"]
    assert (out / "b").read_text() == "precious"


@pytest.mark.parametrize("force", [False, True])
def test_two_at_once_to_the_same_targets(force: bool, tmp_path: Path, out: Path) -> None:
    """One of them whole, or the last of them whole; never files of both."""

    def run(number: int) -> str:
        folder = tmp_path / f"run{number}"
        folder.mkdir(exist_ok=True)
        files = [(folder / name, out / name) for name in "abc"]
        for file, _ in files:
            file.write_text(str(number))
        try:
            publish(files, force=force)
        except OutputExistsError:
            return "there already"
        return "published"

    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            answers = list(pool.map(run, range(4)))
            assert names(out) == ["a", "b", "c"]
            assert len({(out / name).read_text() for name in "abc"}) == 1
            assert answers.count("published") == (4 if force else 1)
            for name in "abc":
                (out / name).unlink()


def test_targets_that_can_not_be(out: Path) -> None:
    (out / "there").touch()
    for target, error in (
        (out, UnwritableError),
        (out / "none" / "a", UnwritableError),
        (out / "there" / "a", UnwritableError),
        (out / ("x" * 250), UnwritableError),
        (out / ("x" * 300), UnwritableError),
        (out / "there", OutputExistsError),
    ):
        with pytest.raises(error):
            check_target([out / "fine", target], force=False)
    check_target([out / "fine", out / "there"], force=True)


def test_the_source_is_no_target_under_any_of_its_names(out: Path) -> None:
    source = out / "source"
    source.touch()
    (out / "soft").symlink_to("source")
    (out / "hard").hardlink_to(source)
    for name in ("source", "soft", "hard", "../out/source"):
        with pytest.raises(UsageError):
            check_target([out / name], force=True, source=source)
    check_target([out / "other"], force=True, source=source)
