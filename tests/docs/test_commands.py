"""Every command of the README and of the pages is typed as it stands there, or says why not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from docs.reading import ROOT, blocks, name_of
from docs.typed import PAGES, Command, Desk, Done, Note, commands, notes

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

BY_PAGE = {page: commands(page) for page in PAGES}
ALL = [command for listed in BY_PAGE.values() for command in listed]
RUN = [command for command in ALL if command.note is None]
NOT_RUN = [command for command in ALL if command.note is not None]


def ids(listed: list[Command]) -> list[str]:
    return [command.where for command in listed]


@pytest.fixture(scope="module")
def results(media: Corpus, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """What came of each command. Pages are independent of each other, so two are read at once."""
    folder = tmp_path_factory.mktemp("desks")
    recording = media["consultation.mp4"]

    def read(page: Path) -> dict[str, Done]:
        typed = [command for command in BY_PAGE[page] if command.note is None]
        if not typed:
            return {}
        name = name_of(page).replace("/", "-")
        return Desk(folder / name, recording).type_all(typed)

    with ThreadPoolExecutor(2) as pool:
        return {where: done for page in pool.map(read, BY_PAGE) for where, done in page.items()}


@pytest.mark.release
@pytest.mark.parametrize("command", RUN, ids=ids(RUN))
def test_a_command_works_as_it_stands(command: Command, results: dict[str, Done]) -> None:
    done = results[command.where]
    assert done.code == 0, (
        f"{command.where}: this ends with {done.code}: {command.text}\n{done.said}\nMend the page, "
        f"or say why it is not run in a comment above the block: <!-- not run: WHY -->"
    )


@pytest.mark.parametrize("command", NOT_RUN, ids=ids(NOT_RUN))
def test_a_command_that_is_not_run_here_says_why(command: Command) -> None:
    note = command.note
    assert note
    if note.kind == "run by":
        test = ROOT / note.why
        assert test.is_file(), f"{command.where}: there is no {note.why}"
        named = command.block.page.rpartition("/")[2] in test.read_text(encoding="utf-8")
        assert named, f"{command.where}: {note.why} does not read this page"
    else:
        assert len(note.why.split()) >= 2, f"{command.where}: {note.why!r} is no reason"


@pytest.mark.parametrize("page", PAGES, ids=[name_of(page) for page in PAGES])
def test_every_note_is_about_a_command(page: Path) -> None:
    used = {(command.block.where, command.note) for command in BY_PAGE[page]}
    for block in blocks(page):
        for note in notes(block):
            assert (block.where, note) in used, f"{block.where}: nothing here is {note}"


def test_most_commands_are_typed() -> None:
    left_out = [command for command in NOT_RUN if command.note and command.note.kind == "not run"]
    assert len(RUN) > 2 * len(left_out)
    assert len(RUN) > 10


@pytest.mark.parametrize("page", PAGES, ids=[name_of(page) for page in PAGES])
def test_python_on_a_page_is_run_by_a_test(page: Path) -> None:
    name = name_of(page)
    if not any(block.language == "python" for block in blocks(page)):
        return
    tests = [test for test in (ROOT / "tests").rglob("test_*.py") if test.name != "test_docs.py"]
    assert any(name in test.read_text(encoding="utf-8") for test in tests), (
        f"{name} has Python, and no test names the page"
    )


PAGE = """
<!-- of no matter -->
<!-- not run `b --far`: it flies away -->
```sh
a --near   # a remark

# nothing
b --far
cat >c.txt <<'END'
a --never
END
d \\
  --long
```

<!-- run by tests/docs/test_commands.py -->
```text
$ e
what it says
```

```python
f = 1
```
"""


def test_commands_and_notes_are_read_off_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    far = Note("not run", "b --far", "it flies away")
    elsewhere = Note("run by", None, "tests/docs/test_commands.py")
    assert [(command.number, command.text, command.note) for command in commands(page)] == [
        (5, "a --near", None),
        (8, "b --far", far),
        (9, "cat >c.txt <<'END'\na --never\nEND", None),
        (12, "d \\\n  --long", None),
        (18, "e", elsewhere),
    ]
