"""The host: what is loaded, what failed, what clashes, and to whom things belong."""

from __future__ import annotations

import doctest
import importlib.metadata
import inspect
import sys
from itertools import permutations
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from veilcast import hookspecs
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
    assert set(host.stages) >= {"faces", "text", "regions", "speech", "metadata"}
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
    "import quixby": "ModuleNotFoundError: it needs the module 'quixby', which is not installed",
    "raise RuntimeError('no licence')": "RuntimeError: no licence",
    "raise SystemExit(0)": "SystemExit",
    "def (": "SyntaxError",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_oracles(): pass": "oracles",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_stages(host): pass": "host",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_stages(): 1 / 0": "ZeroDivision",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_stages(): return ['a']": "str",
    STAGE.format(name="badges") + "    1 / 0\n": "ZeroDivision",
    STAGE.format(name="two words"): "the name of a Stage is not letters",
    STAGE.format(name="badges").replace(
        "settings=StageSettings", "settings=dict"
    ): "derived from StageSettings",
    STAGE.format(name="badges").replace("Phase.PICTURE", "'picture'"): "the phase of the Stage",
    STAGE.format(name="badges").replace("settings=", "locate_settings=('x',), settings="): "names",
    "import itertools\n"
    + STAGE.format(name="badges").replace("yield Stage(", "yield from itertools.repeat(Stage(")
    + ")": "twice",
    "from veilcast.plugin import hookimpl\n@hookimpl\ndef veilcast_stages(): pass": "gave None",
    "class Loud(Exception):\n    def __str__(self): raise OSError\nraise Loud": "Loud",
    "class Mine(KeyboardInterrupt): pass\nraise Mine": "Mine",
    "raise ValueError('x' * 100_000)": "ValueError: xxx",
    "veilcast_api = '2.0'": "upgrade Veilcast",
    "veilcast_api = '0.9'": "upgrade the plugin",
    "veilcast_api = '1.1'": "written for version 1.1 of the plugin API and this Veilcast has 1.0",
    "veilcast_api = 1.0": "no version in two numbers",
    "veilcast_api = '1'": "no version in two numbers",
    "veilcast_api = '1.0.0'": "no version in two numbers",
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
    assert len(failed.failure) < 500
    assert "\n" not in failed.failure
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


@pytest.mark.parametrize("said", ["", "veilcast_api = '1.0'\n"])
def test_a_plugin_for_this_api_is_loaded(said: str, write: Callable[..., EntryPoint]) -> None:
    host = Host((write("thirdparty_a", said + STAGE.format(name="badges")),))
    assert [plugin.failure for plugin in host.plugins] == [""]
    assert host.stage("badges").name == "badges"


def test_an_objects_module_may_say_for_which_api_it_is(write: Callable[..., EntryPoint]) -> None:
    source = (
        "veilcast_api = '3.0'\n"
        + STAGE.format(name="badges")
        + "\n\nclass Plugin:\n    veilcast_stages = staticmethod(veilcast_stages)\n\n\n"
        "plugin = Plugin()\n"
    )
    (plugin,) = Host((write("thirdparty_o", source, attribute="plugin"),)).plugins
    assert "3.0" in plugin.failure


def test_ctrl_c_while_plugins_are_loaded_is_the_users(write: Callable[..., EntryPoint]) -> None:
    with pytest.raises(KeyboardInterrupt):
        Host((write("thirdparty_slow", "raise KeyboardInterrupt"),))


def test_a_name_that_two_provide_names_distributions_and_entry_points(
    write: Callable[..., EntryPoint],
) -> None:
    first = write("thirdparty_a", STAGE.format(name="badges"), entry="one")
    second = write("thirdparty_b", STAGE.format(name="badges"), entry="two")
    with pytest.raises(PluginLoadError, match=r"\(as 'one' and 'two'\)"):
        Host((first, second)).stage("badges")


HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("veilcast_"))


def test_every_hook_is_one_that_the_host_calls() -> None:
    parts = ("Yields:", "Threads:", "Errors:", "Example:")
    for name in HOOKS:
        said = inspect.getdoc(getattr(hookspecs, name))
        assert said
        assert [part for part in parts if f"\n{part}\n" in said] == list(parts), name


@pytest.mark.parametrize("name", HOOKS)
def test_the_example_of_a_hook_is_a_plugin(name: str) -> None:
    """It is run as it stands in the documentation."""
    said = inspect.getdoc(getattr(hookspecs, name))
    assert said
    examples = doctest.DocTestParser().get_examples(said)
    module = ModuleType("example")
    for example in examples:
        exec(compile(example.source, name, "exec"), vars(module))  # noqa: S102 - our own
    host = Host((), objects={"example": module})
    (plugin,) = host.plugins
    assert plugin.failure == ""
    kind = name.removeprefix("veilcast_").rstrip("s").replace("_", " ")
    assert plugin.provides
    assert all(one.startswith(kind) for one in plugin.provides)
    assert len(host.code_digest(plugin)) == 64
