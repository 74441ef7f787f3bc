"""What is said when a package is missing that a plugin needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from veilcast.extras import remedy

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    info = tmp_path / "acme_gait-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: acme-gait\nVersion: 2.0\n"
        "Requires-Dist: veilcast>=0.1\n"
        "Requires-Dist: Poses_Kit<3,>=2\n"
        'Requires-Dist: fast-flow[gpu]>=1; extra == "fast"\n'
        'Requires-Dist: fast-flow>=1; extra == "gait"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "acme-gait"


@pytest.mark.parametrize(
    ("module", "plugin", "told"),
    [
        ("spacy", "identifiers", "install veilcast[identifiers]"),
        ("presidio_analyzer.nlp_engine", "identifiers", "install veilcast[identifiers]"),
        ("faster_whisper", "speech", "install veilcast[speech]"),
        ("openvino", "plates", "install veilcast[plates]"),
        ("openvino", "faces", "install veilcast[faces]"),
        ("openvino", "", "install veilcast[plates]"),
    ],
)
def test_an_extra_of_ours_is_named(module: str, plugin: str, told: str) -> None:
    assert remedy(module, "veilcast", plugin) == told


def test_an_extra_of_somebody_else_is_named(acme: str) -> None:
    assert remedy("fast_flow.core", acme) == "install acme-gait[fast]"
    assert remedy("fast_flow", acme, "gait") == "install acme-gait[gait]"


def test_what_was_to_be_there_is_installed_again(acme: str) -> None:
    assert remedy("poses_kit", acme) == "install acme-gait again, with all that it needs"


def test_what_nobody_declared_is_the_authors_fault(acme: str) -> None:
    wanted = "install it, or report this to the author of acme-gait"
    assert remedy("undeclared", acme) == wanted
    assert remedy("undeclared", "no-such-thing") == wanted.replace(acme, "no-such-thing")
