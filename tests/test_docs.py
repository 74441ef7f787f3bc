"""README, docs and changelog agree with the program, and the repository speaks only of itself."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import typer
from ruamel.yaml import YAML

from veilcast import errors
from veilcast.cli.app import app
from veilcast.errors import VeilcastError
from veilcast.findings.schema import schema as findings_schema
from veilcast.host import Host
from veilcast.manifest import schema
from veilcast.media.codecs import DeliverSettings
from veilcast.profile import identifier_settings, load_profile
from veilcast.text.known import KEYS, load_known
from veilcast.text.policies import CLASSES, POLICIES
from veilcast.verification import load_acceptance

if TYPE_CHECKING:
    from veilcast.extensions import Stage

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("fixtures/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    return _FENCE.sub("", text_of(name))


def blocks(language: str) -> list[Any]:
    """Every fenced block of a language, in any page."""
    return [
        pytest.param(found[2], id=f"{name}-{number}")
        for name in NAMES
        for number, found in enumerate(_FENCE.finditer(text_of(name)), 1)
        if found[1] == language
    ]


def rows(name: str, heading: str) -> list[list[str]]:
    """The cells of the tables under a heading (up to the next one of any level)."""
    _, _, after = text_of(name).partition(f"\n{heading}\n")
    assert after, f"{name} has lost the heading {heading!r}"
    section = re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("-: ")]


@pytest.fixture(scope="module")
def host() -> Host:
    return Host()


# Commands


def shell_lines() -> list[Any]:
    lines = []
    for block in blocks("sh"):
        script = re.sub(r"<<'END'.*?^END$", "", block.values[0], flags=re.DOTALL | re.MULTILINE)
        lines += [line.strip() for line in script.splitlines() if "veilcast " in line]
    return lines


def inline_commands() -> list[str]:
    found = {code for name in NAMES for code in _CODE.findall(prose_of(name))}
    return sorted(code for code in found if re.match(r"(\./run )?veilcast [a-z]", code))


def command_for(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words call, and its arguments."""
    command: Any = typer.main.get_command(app)
    while words and getattr(command, "commands", None):
        assert words[0] in command.commands, f"there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("line", shell_lines())
def test_commands_to_type_are_understood(line: str) -> None:
    words = shlex.split(line)
    command, arguments = command_for(words[words.index("veilcast") + 1 :])
    # Parses as the program does, and raises on an unknown option or a missing argument.
    command.make_context(command.name, arguments)


@pytest.mark.parametrize("code", inline_commands())
def test_commands_that_are_spoken_of_exist(code: str) -> None:
    words = code.removeprefix("./run ").split()[1:]
    if words == ["..."]:
        return
    command, arguments = command_for(words)
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    assert {word for word in arguments if word.startswith("-")} <= known


@pytest.mark.parametrize("name", NAMES)
def test_options_that_are_spoken_of_exist(name: str) -> None:
    root: Any = typer.main.get_command(app)
    commands = [root]
    for command in commands:
        commands.extend(getattr(command, "commands", {}).values())
    options = [p for command in commands for p in command.params]
    known = {opt for p in options for opt in (*p.opts, *p.secondary_opts)} | {"--help"}
    others = {"--out", "--list", "--hd"} if name.startswith("fixtures") else set()
    spoken = {code.split()[0].split("=")[0] for code in _CODE.findall(prose_of(name))}
    assert {word for word in spoken if re.match(r"--?\w", word)} <= known | others


def test_what_is_said_of_run_is_what_it_does() -> None:
    usage = subprocess.run(
        [ROOT / "run", "help"], check=True, capture_output=True, text=True
    ).stdout
    offered = set(re.findall(r"^\./run (\w+)", usage, re.MULTILINE))
    spoken = {word for name in NAMES for word in re.findall(r"\./run (\w+)", text_of(name))}
    assert spoken <= offered


# Links


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in _LINK.findall(prose_of(name)):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} is not there"
        assert linked.is_relative_to(ROOT), f"{target} is outside of the repository"
        if anchor:
            assert anchor in _anchors(linked), f"{target} names no heading"


def _anchors(page: Path) -> set[str]:
    """As code hosts make them of headings."""
    bare = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(bare)
    }


def test_files_that_architecture_names_are_there() -> None:
    named = {
        code
        for row in rows("docs/architecture.md", "## Where to look for a change")[1:]
        for code in _CODE.findall(row[1])
        if "/" in code or code.endswith(".py")
    }
    bases = (ROOT, ROOT / "core/veilcast")
    assert named
    assert not {code for code in named if not any(any(base.glob(code)) for base in bases)}


# Exit codes


def all_errors() -> dict[str, int]:
    return {
        name: thing.exit_code
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, VeilcastError)
    }


def test_every_exit_code_is_listed() -> None:
    listed = [row[0] for row in rows("docs/exit-codes.md", "## When a run stops")[1:]]
    assert len(listed) == len(set(listed))
    assert {int(code) for code in listed} == {0, *all_errors().values()}


def test_architecture_has_every_error_with_its_code() -> None:
    listed = {}
    for row in rows("docs/architecture.md", "## Errors")[1:]:
        for name, code in ((row[0], row[1]), (row[3], row[4])):
            if name:
                listed[name.strip("`")] = int(code)
    assert listed == all_errors()


@pytest.mark.parametrize("name", NAMES)
def test_exit_codes_in_the_text_exist(name: str) -> None:
    spoken = re.findall(r"exit\s+code\s+(?:is\s+)?(\d+)", text_of(name))
    assert {int(code) for code in spoken} <= {0, *all_errors().values()}


# Hooks


def test_every_transcriber_reader_policy_class_and_key_of_known_is_listed(host: Host) -> None:
    text = text_of("docs/profiles.md")
    transcribers = {row[0].strip("`") for row in rows("docs/profiles.md", "### Transcribers")[1:]}
    assert set(host.transcribers) <= transcribers
    readers = {row[0].strip("`") for row in rows("docs/profiles.md", "### Text readers")[1:]}
    assert set(host.text_readers) <= readers
    policies = {row[0].strip("`") for row in rows("docs/profiles.md", "### Policies")[1:]}
    assert policies == set(POLICIES)
    classes = text.partition("\nThe classes: ")[2].partition("\n\n")[0]
    found = {name for recognizer in host.recognizers.values() for name in recognizer.identifiers}
    assert set(CLASSES) | found <= set(_CODE.findall(classes))
    keys = text.partition("\nKeys, each with ")[2].partition(". For several")[0]
    assert set(_CODE.findall(keys)) == set(KEYS)


def test_architecture_has_every_hook() -> None:
    from veilcast import hookspecs

    listed = {row[0].strip("`") for row in rows("docs/architecture.md", "## Hooks")[1:]}
    assert listed == {name for name in vars(hookspecs) if name.startswith("veilcast_")}


# Profiles and settings


def test_every_shipped_profile_is_listed_with_its_settings(host: Host) -> None:
    listed = {}
    header, *lines = rows("docs/profiles.md", "## Profiles that ship")
    keys = [cell.strip("`") for cell in header[2:]]
    for name, _, *values in lines:
        listed[name.strip("`")] = dict(zip(keys, map(float, values), strict=True))
    shipped = {}
    for name in host.profiles:
        stages: dict[str, Any] = {p.stage.name: p.settings for p in load_profile(host, name).stages}
        assert list(stages) == ["faces", "text", "regions", "speech", "metadata"]
        default = {p.stage.name: p.settings for p in load_profile(host, "default").stages}
        assert stages["speech"] == default["speech"]
        different = {"reader", "scout", "sample_rate"} if name == "fast" else set()
        read, usually = (each["text"].model_dump(exclude=different) for each in (stages, default))
        assert read == usually
        if different:
            assert stages["text"].reader.said == {"size": "tiny"}
            assert stages["text"].scout.name == "none"
            assert stages["text"].sample_rate == 1
        shipped[name] = {key: float(getattr(stages["faces"], key)) for key in keys}
        # The page says that everything else is the default.
        usual = type(stages["faces"])()
        if name == "fast":
            usual = usual.model_copy(update={"detectors": usual.detectors[:1], "sample_rate": 4.0})
        if name == "sensitive":
            usual = usual.model_copy(update={"treatment": "fill"})
        others = stages["faces"].model_dump(exclude={*keys, "detectors"})
        assert others == usual.model_dump(exclude={*keys, "detectors"})
        assert names_of(stages["faces"]) == names_of(usual)
    assert listed == shipped


@pytest.mark.parametrize("name", NAMES)
def test_profiles_that_are_spoken_of_ship(name: str, host: Host) -> None:
    spoken = re.findall(r"--profile (\w+)\b(?!\.)", text_of(name))
    spoken += re.findall(r"veilcast profiles (\w+)", text_of(name))
    assert set(spoken) <= set(host.profiles)


def names_of(settings: Any) -> list[str]:
    """Of its detectors."""
    return [choice.name for choice in settings.detectors]


@pytest.mark.parametrize("stage", ["faces", "text", "regions", "speech", "metadata", "deliver"])
def test_every_setting_is_listed_with_its_default(stage: str, host: Host) -> None:
    found: Stage | None = host.stages.get(stage)
    model = DeliverSettings if found is None else found.settings
    defaults = model().model_dump(mode="json")
    if "detectors" in defaults:
        defaults["detectors"] = names_of(model())
    for choice in {"transcriber", "beside", "reader", "scout"} & set(defaults):
        defaults[choice] = defaults[choice]["name"]
    # A manifest says only how many phrases these hold; a profile lists them.
    defaults |= {key: [] for key in ("allow", "deny") if key in defaults}
    listed = {
        row[0].strip("`"): json.loads(row[1].strip("`"))
        for row in rows("docs/profiles.md", f"## `{stage}`")
        if row[0].startswith("`")
    }
    assert listed == defaults


def test_every_key_of_a_region_is_listed(host: Host) -> None:
    from veilcast_regions.spec import Region

    listed = {
        key.strip().strip("`")
        for row in rows("docs/profiles.md", "### The regions file")[1:]
        for key in row[0].split(",")
    }
    assert listed == {field.alias or name for name, field in Region.model_fields.items()}


@pytest.mark.parametrize("block", blocks("yaml"))
def test_yaml_examples_are_accepted(block: str, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(block, encoding="utf-8")
    document = YAML(typ="safe").load(block)
    if isinstance(document, list):
        assert len(load_acceptance(file).entries) == len(document)
        return
    if "stages" in document:
        profile = load_profile(host, str(file))
        assert [p.stage.name for p in profile.stages] == [
            item if isinstance(item, str) else next(iter(item)) for item in document["stages"]
        ]
        return
    if not {"regions", "mute"} & set(document):
        # What is known of a person.
        profile = load_profile(host, known=file)
        assert any(getattr(p.settings, "known", None) for p in profile.stages)
        assert load_known(file).raw_values()
        return
    profile = load_profile(host, files={"regions": file})
    (settings,) = (p.settings for p in profile.stages if p.stage.name == "regions")
    read = settings.model_dump()
    assert len(read["regions"]) == len(document.get("regions", []))
    assert len(read["mute"]) == len(document.get("mute", []))


@pytest.mark.parametrize("line", shell_lines())
def test_settings_in_commands_are_accepted(line: str, host: Host) -> None:
    words = shlex.split(line)
    overrides = [value for flag, value in pairwise(words) if flag == "--set"]
    if "recognize" in words:
        assert identifier_settings(host, overrides)
        return
    assert load_profile(host, overrides=overrides).stages


# The manifest excerpt


def lenient(part: Any) -> Any:
    """The schema for an excerpt: keys may be left out, and hashes are shortened."""
    if isinstance(part, dict):
        return {k: lenient(v) for k, v in part.items() if k not in {"required", "pattern"}}
    return [lenient(item) for item in part] if isinstance(part, list) else part


@pytest.mark.parametrize("block", blocks("json"))
def test_excerpts_have_the_keys_of_the_schema(block: str) -> None:
    """Of a manifest, or of findings where they are edits."""
    excerpt = json.loads(block)
    published = findings_schema() if "edits" in excerpt else schema()
    jsonschema.validate(excerpt, lenient(published))


@pytest.mark.parametrize(
    "strange",
    [
        {"entries": [{"changes": [{"whose": "face"}]}]},
        {"entries": [{"phase": "lunch"}]},
        {"input": {"path": "visit.mp4"}},
    ],
)
def test_an_excerpt_with_a_strange_key_would_be_noticed(strange: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(strange, lenient(schema()))


# The repository speaks only of itself

_FOREIGN = {
    "a path of somebody's machine": r"(?<![\w./*}\])-])/(?:work|root|Users|home/\w|tmp/\w)[\w/-]*",
    "the host of a package registry": r"\b(?:p[y]pi|p[y]thonh[o]sted|n[p]mjs)\.(?:org|com|co)",
}


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout, so nothing says which files are tracked")
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
    ).stdout
    return [ROOT / name.decode() for name in listed.split(b"\0") if name]


@pytest.mark.parametrize("what", _FOREIGN)
def test_no_tracked_file_names(what: str) -> None:
    pattern = re.compile(_FOREIGN[what])
    files = [path for path in tracked() if path.is_file()]
    assert len(files) > 50
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if pattern.search(line)
    ]
    assert not found
