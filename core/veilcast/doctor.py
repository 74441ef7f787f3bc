"""What this machine lacks, and the command that puts it right."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediascrub.stills import jpeg_scans
from veilcast import models
from veilcast.errors import ModelChecksumError, ModelMissingError
from veilcast.extensions import ModelFolder
from veilcast.workspace import default_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from veilcast.extensions import ModelFile
    from veilcast.host import Plugin

OLDEST_PYTHON = (3, 11)

ENCODERS = ("libx264", "libx265", "ffv1")
"""What PyAV must be able to write: the two usual deliveries, and lossless intermediates."""

LEAST_ROOM = 5 << 30
"""Bytes. Lossless intermediates are large; each run also estimates what it needs itself."""

_TOOLS = (
    ("ffmpeg", ("-version",), r"ffmpeg version (\S+)", "ffmpeg"),
    ("ffprobe", ("-version",), r"ffprobe version (\S+)", "ffmpeg"),
    ("exiftool", ("-ver",), r"(\d[\d.]*)", "libimage-exiftool-perl"),
)
_PATIENCE_S = 30
_PIP = "python -m pip"
_NOT_HERE = "not on this machine, or not readable"
_READING = (
    *("spacy", "presidio-analyzer", "tldextract"),
    *("jellyfish", "nicknames", "phonenumbers", "rapidfuzz"),  # for what is known of somebody
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what it is.
        ok: whether Veilcast can work with it.
        detail: what was seen, without paths and names of hosts.
        fix: the command (or the step) that puts it right; "" when it is.
    """

    name: str
    ok: bool
    detail: str
    fix: str = ""


def examine(
    host_models: Sequence[ModelFile | ModelFolder], plugins: Sequence[Plugin] = ()
) -> list[Finding]:
    """Looks at everything that a run needs. Changes nothing and uses no network.

    Args:
        host_models: the model files that the loaded plugins name.
        plugins: those that were found; nothing is told of one that is well.
    """
    found = [(model, _model(model)) for model in host_models]
    folders = [model.name for model, one in found if isinstance(model, ModelFolder) and one.ok]
    whisper = [name for name in folders if name.startswith("whisper-")]
    return [
        _python(),
        *(_tool(*tool) for tool in _TOOLS),
        _encoders(),
        _opencv(),
        _turbojpeg(),
        _mediapipe(),
        _transcriber(whisper),
        _recognisers(),
        _text(),
        # No run needs a folder: transcriber and pipeline are there embedded.
        *(_plugin(plugin) for plugin in plugins if plugin.failure),
        *(one for model, one in found if not (isinstance(model, ModelFolder) and _lacks(one))),
        *_folders(),
    ]


def _plugin(plugin: Plugin) -> Finding:
    return Finding(
        name=f"plugin {plugin.name} of {plugin.distribution} {plugin.version}",
        ok=False,
        detail="it can't be loaded, and no run begins without it",
        fix=f"'veilcast plugins' says why; or {_PIP} uninstall {plugin.distribution}",
    )


def _python() -> Finding:
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return Finding(
        name="Python",
        ok=sys.version_info >= OLDEST_PYTHON,
        detail=platform.python_version(),
        fix="" if sys.version_info >= OLDEST_PYTHON else f"install Python {oldest} or newer",
    )


def _tool(name: str, arguments: tuple[str, ...], pattern: str, package: str) -> Finding:
    fix = f"sudo apt-get install {package}"
    found = shutil.which(name)
    if found is None:
        return Finding(name=name, ok=False, detail="not found", fix=fix)
    try:
        answer = subprocess.run(
            [found, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        answer = ""
    version = re.match(pattern, answer)
    if version is None:
        return Finding(name=name, ok=False, detail="found, but does not run", fix=fix)
    return Finding(name=name, ok=True, detail=version[1])


def _encoders() -> Finding:
    fix = f"{_PIP} install --force-reinstall '{_requirement('av')}'"
    try:
        import av
    except ImportError:
        return Finding(name="PyAV", ok=False, detail="does not load", fix=fix)
    lacking = [name for name in ENCODERS if not _can_encode(name)]
    if lacking:
        return Finding(name="PyAV", ok=False, detail=f"can't write {', '.join(lacking)}", fix=fix)
    return Finding(name="PyAV", ok=True, detail=f"{av.__version__}, writes {', '.join(ENCODERS)}")


def _can_encode(name: str) -> bool:
    import av

    try:
        av.codec.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def _opencv() -> Finding:
    """Two distributions that own `cv2` overwrite each other's files, so there must be one."""
    owners = sorted(set(importlib.metadata.packages_distributions().get("cv2", ())))
    detail = ", ".join(f"{owner} {importlib.metadata.version(owner)}" for owner in owners)
    wanted = _requirement("opencv-contrib-python")
    reinstall = f"{_PIP} install --force-reinstall --no-deps '{wanted}'"
    if not owners:
        return Finding(name="OpenCV", ok=False, detail="not installed", fix=reinstall)
    if len(owners) > 1:
        # Removing one takes files of the other with it, so all go and one comes back.
        remove = f"{_PIP} uninstall --yes {' '.join(owners)}"
        return Finding(
            name="OpenCV",
            ok=False,
            detail=f"{detail}: several in each other's place",
            fix=f"{remove} && {reinstall}",
        )
    try:
        import cv2  # noqa: F401
    except ImportError:
        return Finding(
            name="OpenCV",
            ok=False,
            detail=f"{detail}: does not load, a system library is missing",
            fix="sudo apt-get install libgl1 libglib2.0-0",
        )
    return Finding(name="OpenCV", ok=True, detail=detail)


def _turbojpeg() -> Finding:
    """JPEG pictures and Motion JPEG are searched with it; no run delivers them without."""
    version = _version("PyTurboJPEG")
    if not version:
        fix = f"{_PIP} install '{_requirement('PyTurboJPEG')}'"
        return Finding(
            name="libjpeg-turbo", ok=False, detail="PyTurboJPEG is not installed", fix=fix
        )
    try:
        ctypes.CDLL(jpeg_scans.LIBRARY)
    except OSError:
        return Finding(
            name="libjpeg-turbo",
            ok=False,
            detail=f"PyTurboJPEG {version}: the system library {jpeg_scans.LIBRARY} is missing",
            fix=f"sudo apt-get install {jpeg_scans.PACKAGE}",
        )
    return Finding(name="libjpeg-turbo", ok=True, detail=f"PyTurboJPEG {version}")


def _mediapipe() -> Finding:
    """Not imported: that takes a second or two. Its library needs these two to load."""
    if importlib.util.find_spec("mediapipe") is None:
        return Finding(
            name="MediaPipe",
            ok=False,
            detail="not installed; the stage faces needs it",
            fix=f"{_PIP} install '{_requirement('mediapipe')}'",
        )
    version = importlib.metadata.version("mediapipe")
    for library, package in (("libEGL.so.1", "libegl1"), ("libGLESv2.so.2", "libgles2")):
        try:
            ctypes.CDLL(library)
        except OSError:
            return Finding(
                name="MediaPipe",
                ok=False,
                detail=f"{version}: the system library {library} is missing",
                fix=f"sudo apt-get install {package}",
            )
    return Finding(name="MediaPipe", ok=True, detail=version)


def _transcriber(folders: Sequence[str]) -> Finding:
    """The embedded one is enough; Whisper, with one of its models' folders, is better."""
    name = "transcriber"
    embedded, whisper = _version("pocketsphinx"), _version("faster-whisper")
    if whisper and folders:
        return Finding(name=name, ok=True, detail=f"faster-whisper {whisper}, {folders[0]}")
    if embedded:
        return Finding(
            name=name,
            ok=True,
            detail=f"pocketsphinx {embedded}: recall is reduced without a Whisper model, "
            "for example 'veilcast models pull whisper-base'",
        )
    return Finding(
        name=name,
        ok=False,
        detail="not installed; the stage speech needs it",
        fix=f"{_PIP} install '{_requirement('pocketsphinx')}'",
    )


def _recognisers() -> Finding:
    """Not imported: that takes seconds."""
    found = {name: _version(name) for name in _READING}
    lacking = [name for name, version in found.items() if not version]
    if lacking:
        return Finding(
            name="recognisers",
            ok=False,
            detail=f"not installed: {', '.join(lacking)}; the stages speech and text need them",
            fix=f"{_PIP} install {' '.join(repr(_requirement(name)) for name in lacking)}",
        )
    detail = ", ".join(f"{name} {version}" for name, version in found.items())
    return Finding(name="recognisers", ok=True, detail=detail)


def _text() -> Finding:
    """What finds lines of text and codes. Not imported: that takes a second."""
    found = {name: _version(name) for name in ("openvino", "zxing-cpp")}
    lacking = [name for name, version in found.items() if not version]
    if lacking:
        return Finding(
            name="text in the picture",
            ok=False,
            detail=f"not installed: {', '.join(lacking)}; the stage text needs them",
            fix=f"{_PIP} install {' '.join(repr(_requirement(name)) for name in lacking)}",
        )
    detail = ", ".join(f"{name} {version}" for name, version in found.items())
    return Finding(name="text in the picture", ok=True, detail=detail)


def _version(distribution: str) -> str:
    """Of an installed distribution, or ""."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _lacks(finding: Finding) -> bool:
    return finding.detail == _NOT_HERE


def _model(model: ModelFile | ModelFolder) -> Finding:
    name = f"model {model.name}"
    try:
        models.find(model)
    except ModelChecksumError:
        detail = "the file has a wrong checksum"
    except ModelMissingError:
        detail = _NOT_HERE
    else:
        return Finding(name=name, ok=True, detail=f"checksum right; licence {model.licence}")
    return Finding(name=name, ok=False, detail=detail, fix=f"veilcast models pull {model.name}")


def _folders() -> Iterator[Finding]:
    for name, folder, variable in (
        ("model cache", models.cache_folder(), models.CACHE_VARIABLE),
        ("work folder", default_root(), "VEILCAST_WORK"),
    ):
        there = _nearest(folder)
        writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
        yield Finding(
            name=name,
            ok=writable,
            detail="writable" if writable else "can't be written",
            fix="" if writable else f"export {variable}=FOLDER, one that you may write to",
        )
    free = shutil.disk_usage(_nearest(default_root())).free
    yield Finding(
        name="disk space",
        ok=free >= LEAST_ROOM,
        detail=f"{free / 2**30:.1f} GiB free in the work folder",
        fix="" if free >= LEAST_ROOM else "export VEILCAST_WORK=FOLDER, one on a larger disk",
    )


def _nearest(folder: Path) -> Path:
    """The folder, or where it would be made."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _requirement(name: str) -> str:
    """What Veilcast asks for of a distribution, e.g. ``av<19,>=18``."""
    try:
        lines = importlib.metadata.requires("veilcast") or ()
    except importlib.metadata.PackageNotFoundError:
        lines = ()
    found = (re.match(rf"{re.escape(name)}(?![\w.-])[^;]*", line) for line in lines)
    return next((match[0].strip() for match in found if match), name)
