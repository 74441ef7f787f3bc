"""The host: what is loaded, what failed, what clashes, and to whom things belong."""

from __future__ import annotations

import importlib.metadata
import sys
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from veilcast.errors import PluginLoadError, SettingError, UnknownStageError
from veilcast.host import Host, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.metadata import EntryPoint
    from pathlib import Path

OURS = tuple(importlib.metadata.entry_points(group="veilcast"))

STAGE = """
from veilcast.plugin import Findings, Phase, Stage, StageSettings, hookimpl


@hookimpl
def veilcast_stages():
    yield Stage(
        name={name!r},
        phase=Phase.PICTURE,
        summary="Nothing",
        settings=StageSettings,
        locate=lambda context: Findings(stage={name!r}),
    )
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., EntryPoint]]:
    """Writes a plugin's module and gives its entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def make(module: str, source: str, *, entry: str = "", attribute: str = "") -> EntryPoint:
        (tmp_path / f"{module}.py").write_text(source)
        value = f"{module}:{attribute}" if attribute else module
        return importlib.metadata.EntryPoint(entry or module, value, "veilcast")

    yield make
    for name in set(sys.modules) - before:
        if name.startswith("thirdparty_"):
            del sys.modules[name]


def test_what_veilcast_brings() -> None:
    host = Host()
    assert [plugin.failure for plugin in host.plugins if plugin.distribution == "veilcast"] == [
        ""
    ] * len(OURS)
    assert set(host.stages) >= {"faces", "regions", "speech", "metadata"}
    assert set(host.detectors) >= {"blazeface-short", "blazeface-full"}
    assert set(host.pixel_treatments) == {"mosaic", "blur", "fill", "picture", "emoji"}
    assert set(host.sound_treatments) == {"beep", "mute", "noise", "excise"}
    assert set(host.transcribers) == {"whisper", "pocketsphinx"}
    assert set(host.recognizers) >= {"names", "numbers", "dates", "addresses", "presidio"}
    assert set(host.checks) >= {"playback", "tags"}
    for kind, names in (("stage", host.stages), ("check", host.checks), ("model", host.models)):
        for name in names:
            assert host.owner(kind, name).distribution == "veilcast"


def test_built_in_plugins_are_found_like_any_others() -> None:
    host = Host(entry_points=())
    assert host.plugins == ()
    assert host.stages == {}
    with pytest.raises(UnknownStageError, match="there are none"):
        host.stage("faces")


def test_a_third_partys_stage_is_one_more(write: Callable[..., EntryPoint]) -> None:
    host = Host((*OURS, write("thirdparty_a", STAGE.format(name="badges"))))
    assert host.stage("badges").name == "badges"
    assert host.owner("stage", "badges").provides == ("stage badges",)
    assert host.stage("faces").name == "faces"


def test_the_order_of_installation_changes_nothing(write: Callable[..., EntryPoint]) -> None:
    points = [write(f"thirdparty_{n}", STAGE.format(name=n)) for n in ("x", "y", "z")]
    seen = {
        (tuple(host.stages), tuple(plugin.name for plugin in host.plugins))
        for order in permutations(points)
        for host in [Host(order)]
    }
    assert seen == {(("x", "y", "z"), ("thirdparty_x", "thirdparty_y", "thirdparty_z"))}


FAULTS = {
    "import quixby": "ModuleNotFoundError",
    "raise RuntimeError('no licence')": "RuntimeError: no licence",
    "raise SystemExit(0)": "SystemExit",
    "def (": "SyntaxError",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_oracles(): pass": "oracles",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_stages(host): pass": "host",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_stages(): 1 / 0": "ZeroDivision",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_stages(): return ['a']": "str",
    STAGE.format(name="badges") + "    1 / 0\n": "ZeroDivision",
    STAGE.format(name="badges")
    + "\n@hookimpl\ndef veilcast_checks(): raise OSError('late')\n": "OSError: late",
}


@pytest.mark.parametrize("source", FAULTS)
def test_a_plugin_that_fails_is_kept_with_its_reason_and_spoils_no_other(
    source: str, write: Callable[..., EntryPoint]
) -> None:
    # Sorted before everything else.
    host = Host((*OURS, write("thirdparty_bad", source, entry="aaa")))
    (failed,) = [plugin for plugin in host.plugins if plugin.failure]
    assert failed.name == "aaa"
    assert failed.provides == ()
    assert FAULTS[source] in failed.failure
    assert set(host.stages) == set(Host(OURS).stages), "nothing of it counts, not even a part"
    assert host.stage("faces").name == "faces"
    for look in (host.stage, host.detector, host.model):
        with pytest.raises(PluginLoadError, match="aaa"):
            look("badges")


def test_what_nothing_provides_is_no_loading_error() -> None:
    host = Host(OURS)
    with pytest.raises(UnknownStageError, match="did you mean 'regions'"):
        host.stage("region")
    with pytest.raises(SettingError, match="did you mean 'blazeface-full'"):
        host.detector("blazefacefull")


@pytest.mark.parametrize("entry", ["aaa", "zzz"])
def test_a_name_that_two_provide_is_an_error_that_names_both(
    entry: str, write: Callable[..., EntryPoint]
) -> None:
    host = Host((*OURS, write("thirdparty_faces", STAGE.format(name="faces"), entry=entry)))
    for look in (lambda: host.stages, lambda: host.stage("faces"), lambda: host.stage("regions")):
        with pytest.raises(PluginLoadError) as caught:
            look()
        assert "stage 'faces'" in str(caught.value)
        assert "veilcast" in str(caught.value)
        assert "unknown" in str(caught.value), "this one was not installed as a distribution"
    assert host.checks, "other kinds are not touched"


def test_an_object_can_be_a_plugin(write: Callable[..., EntryPoint]) -> None:
    source = (
        STAGE.format(name="badges")
        + """

class Plugin:
    @hookimpl
    def veilcast_stages(self):
        return veilcast_stages()


plugin = Plugin()
"""
    )
    host = Host((*OURS, write("thirdparty_object", source, attribute="plugin")))
    assert host.stage("badges").name == "badges"
    assert len(host.code_digest(host.owner("stage", "badges"))) == 64


def test_located_results_are_kept_by_the_code_that_located_them(
    write: Callable[..., EntryPoint], tmp_path: Path
) -> None:
    """Also when two distributions give their plugins the same name."""
    host = Host((*OURS, write("thirdparty_badges", STAGE.format(name="badges"), entry="faces")))
    badges, faces = host.owner("stage", "badges"), host.owner("stage", "faces")
    assert badges.name == faces.name == "faces"
    before = host.code_digest(badges), host.code_digest(faces)
    assert before[0] != before[1]
    assert before == (host.code_digest(badges), host.code_digest(faces))
    module = tmp_path / "thirdparty_badges.py"
    module.write_text(module.read_text() + "# changed\n")
    assert host.code_digest(badges) != before[0]
    assert host.code_digest(faces) == before[1]


def test_the_nearest_name() -> None:
    known = ("padding", "pixel_size", "shape")
    assert nearest("paddin", known) == "did you mean 'padding'?"
    assert nearest("zzz", known) == "known: padding, pixel_size, shape."
    assert nearest("x", ()) == "there are none."
