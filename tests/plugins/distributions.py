"""Third-party distributions as pip would leave them: a module and its metadata in a folder."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STAGE = """
from pathlib import Path

from veilcast.plugin import Findings, Phase, Stage, StageSettings, hookimpl


def copy(context, keep=lambda number: True, size=None, shift=0, sound=True, draw=None):
    '''A lossless copy of the intermediate, decoded sound too, changed in the given ways.'''
    import av

    target = context.scratch / "copy.nut"
    video = context.media.video
    with av.open(str(context.file)) as reader, av.open(str(target), "w") as writer:
        picture = reader.streams.video[0]
        out = writer.add_stream("ffv1", options={"level": "3", "g": "1"})
        out.width, out.height = size or (video.width, video.height)
        out.pix_fmt = video.pix_fmt
        out.time_base = out.codec_context.time_base = video.time_base
        sounds = {}
        if sound:
            for stream in reader.streams.audio:
                kept = writer.add_stream("pcm_f32le", rate=stream.rate, layout=stream.layout.name)
                sounds[stream.index] = kept
        wanted = [picture, *(reader.streams[index] for index in sounds)]
        number = 0
        for packet in reader.demux(*wanted):
            if packet.stream.index in sounds:
                kept = sounds[packet.stream.index]
                for frame in packet.decode():
                    writer.mux(kept.encode(frame))
                continue
            for frame in packet.decode():
                if keep(number):
                    if draw is not None:
                        frame.make_writable()
                        draw(frame)
                    if size:
                        frame = frame.reformat(*size)
                    frame.pts += shift
                    frame.pict_type = 0
                    writer.mux(out.encode(frame))
                number += 1
        for stream in (out, *sounds.values()):
            writer.mux(stream.encode(None))
    return target


def locate(context):
    return Findings(stage="stamp")


def redact(context):
    return copy(context)


@hookimpl
def veilcast_stages():
    yield Stage(
        name="stamp",
        phase=PHASE,
        summary="Stamps every frame",
        settings=StageSettings,
        locate=locate,
        redact=redact,
    )
"""


def install(
    folder: Path,
    source: str,
    *,
    distribution: str = "acme-stamp",
    version: str = "1.2",
    entry: str = "stamp",
    attribute: str = "",
) -> Path:
    """Puts a distribution with one plugin into a folder.

    Args:
        folder: to be put on the path; made when it is not there.
        source: of its only module.
        distribution: its name; the module's follows from it.
        version: its version.
        entry: the name of its entry point.
        attribute: of the module, when the plugin is not the module itself.

    Returns:
        The folder.
    """
    module = distribution.replace("-", "_")
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text(dedent(source))
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
    )
    value = f"{module}:{attribute}" if attribute else module
    (info / "entry_points.txt").write_text(f"[veilcast]\n{entry} = {value}\n")
    return folder


def stage(**functions: str) -> str:
    """The source of a plugin with the stage `stamp`.

    Args:
        **functions: bodies of ``locate`` and ``redact`` other than the well-behaved ones; ``phase``
            for a phase other than ``picture``.
    """
    source = STAGE.replace("PHASE", f"Phase.{functions.pop('phase', 'picture').upper()}")
    for name, body in functions.items():
        source += f"\n\ndef {name}(context):\n    " + "\n    ".join(body.splitlines()) + "\n"
    # The hook comes first and is called last, so it sees the functions as they are in the end.
    return source
