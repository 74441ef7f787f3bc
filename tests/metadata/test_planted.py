"""A secret in every place that a file has, and none of them after a run.

An eighth of the places is tried on every change, some of each family; the release set tries
all of them, and `benchmarks/metadata.py` beside other tools.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from fractions import Fraction
from typing import TYPE_CHECKING

import planting
import pytest
from pipeline.program import Program
from planting.played import ExifTool, alike, presented, same
from thorough import only

from veilcast.errors import StructureError, TruncatedError, UnsupportedError, VerificationError
from veilcast.extensions import RedactContext
from veilcast.findings import Findings
from veilcast.media.probe import probe
from veilcast_metadata import veilcast_stages
from veilcast_metadata.settings import MetadataSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

(STAGE,) = veilcast_stages()
METADATA_ONLY = "stages:\n  - metadata\n"

REFUSED = {
    "tiff second page": "which one is the picture is not for a program to say",
    "tiff sub-directory": "it may be another picture",
    "heic archive behind the end": "a picture that is decoded anew must be whole, and nothing else",
    "mov deflated movie box": "a header that inflates may be of any size",
    "mp4 index box at the end": "a reader that believes it finds no samples",
}
"""Files that need not be rewritten, and why. Nothing of them may ever be published unclean."""

EXACT = Fraction(1, 1000)
INTERRUPTED = {"mp3 tag in the middle": "roomy.mp3", "mp3 bytes between frames": "roomy.mp3"}
"""FFmpeg loses a frame behind such bytes; delivered is what was there before they were planted."""

PLACED = [name for name in planting.PLACES if name not in REFUSED]
TRIED = [
    name
    for family in {planting.PLACES[name].family: None for name in PLACED}
    for name in [n for n in PLACED if planting.PLACES[n].family == family][::8]
]
"""Every eighth in the order of the list: neighbours are alike, so no whole kind is left out."""
ONE_OF_EACH = {place.family: name for name, place in planting.PLACES.items() if name not in REFUSED}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


@pytest.fixture(scope="module")
def exiftool() -> Iterator[ExifTool]:
    process = ExifTool()
    yield process
    process.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("runs"))


def scrubbed(path: Path, scratch: Path) -> Path:
    """What the stage writes, without the examination of it; HEIC has to be converted first."""
    if path.suffix == ".heic":
        return whole_run(path, Program(scratch))
    media = probe(path)
    assert STAGE.redact is not None
    return STAGE.redact(
        RedactContext(
            file=path,
            media=media,
            source_media=media,
            findings=Findings(stage="metadata"),
            settings=MetadataSettings(),
            scratch=scratch,
            progress=lambda activity, done, total: None,
        )
    )


def whole_run(path: Path, program: Program) -> Path:
    # What is converted is delivered as PNG.
    named = "delivered.png" if path.suffix == ".heic" else ""
    return program.run(path, program.profile(METADATA_ONLY), named=named).output


def test_there_are_places_enough() -> None:
    assert len(TRIED) >= 60
    families = {place.family for place in planting.PLACES.values()}
    assert len(planting.PLACES) >= 400
    assert families >= set(
        "mp4 mov m4a mkv webm avi ts wmv wav flac mp3 ogg opus jpg png tiff heic webp".split()
    )
    secrets = [place.secret for place in planting.PLACES.values()]
    assert len(set(secrets)) == len(secrets)


def clean(planted: planting.Planted, out: Path, exiftool: ExifTool) -> None:
    """Asserts that nothing of the secret is left and that what is shown is the same."""
    place = planted.place
    assert list(planting.traces(out.read_bytes(), place)) == []
    listing = exiftool.listing(out)
    assert planting.WORD.lower() not in listing.lower()
    assert [text for text in place.listed if text in listing] == []
    after, errors = presented(out)
    assert errors == []
    if out.suffix == planted.path.suffix:
        name = INTERRUPTED.get(place.name)
        source = planted.path.with_name(f"clean-{name}") if name else planted.path
        before, _ = presented(source, damaged=place.family == "mp3")
        assert same(before, after)
    else:
        assert alike(planted.path, out)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", only(TRIED, PLACED))
def test_nothing_is_left_and_the_recording_is_the_same(
    folder: Path, tmp_path: Path, exiftool: ExifTool, name: str
) -> None:
    planted = planting.plant(name, folder)
    clean(planted, scrubbed(planted.path, tmp_path), exiftool)


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", only([*ONE_OF_EACH.values()][::3], PLACED))
def test_a_whole_run_publishes_it_clean(
    folder: Path, exiftool: ExifTool, program: Program, name: str
) -> None:
    planted = planting.plant(name, folder)
    clean(planted, whole_run(planted.path, program), exiftool)


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_be_refused_is_refused_or_clean(
    folder: Path, exiftool: ExifTool, program: Program, name: str
) -> None:
    planted = planting.plant(name, folder)
    reason = ""
    try:
        out = whole_run(planted.path, program)
    except (UnsupportedError, TruncatedError, StructureError, VerificationError) as refusal:
        reason = str(refusal)
    else:
        clean(planted, out, exiftool)
    assert planting.WORD not in reason


REAL = (
    *("cover_art.mp4", "gopro_max_gps.mp4", "mat2_dirty.avi", "mat2_dirty.flac"),
    *("mat2_dirty.heic", "mat2_dirty.jpg", "mat2_dirty.mp3", "mat2_dirty.mp4", "mat2_dirty.ogg"),
    *("mat2_dirty.png", "mat2_dirty.tiff", "mat2_dirty.wav", "mat2_dirty.webp"),
    *("mat2_dirty.wmv", "mov_text.mp4", "testsrc_with_attachment.mkv", "webvtt.mkv"),
)
STRUCTURAL = re.compile(
    r"(brand|compressor|codec|format|type|profile|space|encoding|version|handler|matrix|"
    r"compression|interpretation|conversion|interlac|mode|rate|channel|duration|size|layout|filter)",
    re.IGNORECASE,
)
"""Names of tags that say how a file is played, whose values any file of the kind has."""


def free_text(values: Mapping[str, object]) -> Iterator[str]:
    """What somebody or something wrote into the tags: texts of six characters and more."""
    for name, value in values.items():
        group, _, tag = name.partition(":")
        if group in ("File", "ExifTool", "Composite", "ICC-header") or STRUCTURAL.search(tag):
            continue
        if not isinstance(value, str) or value.startswith("(Binary data"):
            continue
        if len(value) >= 6 and re.search(r"[^\W\d]{4}", value):
            yield value


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", REAL)
def test_no_text_of_a_real_file_s_tags_is_left(
    shared: Path, tmp_path: Path, exiftool: ExifTool, name: str
) -> None:
    source = shared / "data" / "metadata" / name
    out = scrubbed(source, tmp_path).read_bytes().lower()
    texts = set(free_text(exiftool.values(source)))
    left = [
        text
        for text in texts
        for form in ("utf-8", "utf-16-le", "utf-16-be")
        if text.lower().encode(form) in out
    ]
    assert texts or name in ("mov_text.mp4", "webvtt.mkv")
    assert left == []


@pytest.mark.quick(every=3)
@pytest.mark.parametrize("name", [n for n in REAL if not n.endswith((".mp3", ".heic"))])
def test_a_real_file_plays_as_before(shared: Path, tmp_path: Path, name: str) -> None:
    source = shared / "data" / "metadata" / name
    out = scrubbed(source, tmp_path)
    before, after = presented(source, damaged=True)[0], presented(out)[0]
    # The times of that one's last page are not those of its samples.
    assert same(before, after, late=None if name.endswith(".ogg") else EXACT)


PAGE = """<!doctype html><body><script>
for (const name of %s) {
  const clip = document.createElement("video");
  const report = said => {
    const line = document.createElement("p");
    line.textContent = name + ": " + said;
    document.body.append(line);
  };
  clip.preload = "auto";
  clip.onerror = () => report("error " + clip.error.message);
  clip.onloadeddata = () => { clip.currentTime = clip.duration - 0.05; };
  clip.onseeked = () => report([clip.readyState, clip.videoWidth, clip.duration > 0.4].join(" "));
  clip.src = name;
  document.body.append(clip);
}
</script>"""
SHOWN = (
    *("mp4 user data name", "mp4 H.264 user data in SEI", "mp4 AV1 T.35 metadata"),
    *("mp4 chapters of both kinds", "webm title", "webm tag"),
)


@pytest.mark.release
def test_chromium_plays_what_was_scrubbed(folder: Path, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here: install the Debian package chromium")
    names = []
    for number, name in enumerate(SHOWN):
        planted = planting.plant(name, folder)
        out = tmp_path / f"{number}{planted.path.suffix}"
        (tmp_path / str(number)).mkdir()
        shutil.copy(scrubbed(planted.path, tmp_path / str(number)), out)
        names.append(out.name)
    page = tmp_path / "page.html"
    page.write_text(PAGE % json.dumps(names))
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += ["--virtual-time-budget=60000"]
    home = f"--user-data-dir={tmp_path / 'home'}"
    shown: list[str] = []
    for _ in range(3):  # its own clock runs ahead of its decoders when the machine is busy
        done = subprocess.run(
            [browser, *options, home, "--dump-dom", page.as_uri()],
            capture_output=True,
            text=True,
            check=True,
            timeout=180,
        )
        # The last frames are there, too: 4 is HAVE_ENOUGH_DATA, 2 HAVE_CURRENT_DATA.
        shown = sorted(re.findall(r"<p>(\d+\.\w+): [234] 64 true</p>", done.stdout))
        if shown == names:
            break
    assert shown == names
