"""What the program prints may have nowhere to go: a full disk behind `>`."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.program import Program
    from testmedia import Corpus

SENTENCE = "veilcast: Cannot write to standard output; see where it is sent.\n"


def printing_on_a_full_disk(program: Program, *arguments: object) -> tuple[int, str]:
    """Exit code and standard error."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            program.line(*arguments),
            env=program.env,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    return done.returncode, done.stderr


@pytest.mark.quick(every=4)
@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "--version",
        "run --help",
        "plugins",
        "profiles",
        "profiles fast",
        "models list",
        "manifest schema",
        "findings schema",
        "doctor",
        "clean",
    ],
)
def test_commands_say_so_and_fail(command: str, veilcast: Program) -> None:
    assert printing_on_a_full_disk(veilcast, *command.split()) == (1, SENTENCE)


@pytest.mark.quick(every=2)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_so_does_what_looks_at_a_file(
    form: list[str], veilcast: Program, media: Corpus, light: Path
) -> None:
    said = printing_on_a_full_disk(veilcast, "inspect", media["gray.png"], "-p", light, *form)
    assert said == (1, SENTENCE)


@pytest.mark.release
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_so_does_what_listens_to_text(form: list[str], veilcast: Program, tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("My name is Ann Lee.\n")
    assert printing_on_a_full_disk(veilcast, "recognize", text, *form) == (1, SENTENCE)


def test_events_that_nobody_gets_stop_a_run(
    veilcast: Program, media: Corpus, light: Path, bench: Path
) -> None:
    said = printing_on_a_full_disk(
        veilcast, "run", media["gray.png"], "-o", bench / "o.png", "-p", light, "--json"
    )
    assert said == (1, SENTENCE)
    assert list(bench.iterdir()) == []


def test_a_run_whose_result_can_t_be_named_fails_and_its_result_is_there(
    veilcast: Program, media: Corpus, light: Path, bench: Path
) -> None:
    code, said = printing_on_a_full_disk(
        veilcast, "run", media["gray.png"], "-o", bench / "o.png", "-p", light, "--no-report"
    )
    assert code == 1
    assert said.endswith(SENTENCE)
    assert (bench / "o.png").exists()


def test_nothing_is_wrong_without_any_standard_output(veilcast: Program) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *veilcast.line("--version")],
        env=veilcast.env,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
