"""Tags inside the codec configuration of Vorbis do not come along when its packets are copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from mediascrub.codecs.xiph import without_comments
from veilcast.media.container import remux
from veilcast.media.probe import probe
from veilcast.media.sound import read_sound

if TYPE_CHECKING:
    from pathlib import Path

    from testmedia import Corpus

SECRET = b"TITLE=Quixby"


def _lengths(value: int) -> bytes:
    return b"\xff" * (value // 255) + bytes([value % 255])


def _with_comment(plain: bytes) -> bytes:
    """Vorbis headers, in Xiph lacing, with a tag in the second."""
    first, second = plain[1], plain[2]
    identification = plain[3 : 3 + first]
    setup = plain[3 + first + second :]
    comments = b"\x03vorbis" + bytes(4) + (1).to_bytes(4, "little")
    comments += len(SECRET).to_bytes(4, "little") + SECRET + b"\x01"
    return b"\x02" + _lengths(first) + _lengths(len(comments)) + identification + comments + setup


def test_a_tag_in_the_codec_headers_is_gone(media: Corpus, tmp_path: Path) -> None:
    source, planted, clean = media["vp8.webm"], tmp_path / "planted.mkv", tmp_path / "clean.mkv"
    with av.open(str(source)) as given, av.open(str(planted), "w", format="matroska") as out:
        template = given.streams.audio[0]
        stream = out.add_stream_from_template(template, opaque=True)
        assert template.codec_context.extradata is not None
        headers = without_comments("vorbis", bytes(template.codec_context.extradata))
        stream.codec_context.extradata = _with_comment(headers)
        for packet in given.demux(template):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    assert SECRET in planted.read_bytes()

    held = probe(planted)
    remux(planted, clean, held, progress=lambda *told: None)
    assert b"Quixby" not in clean.read_bytes()

    def samples(path: Path) -> list[bytes]:
        media = probe(path)
        return [f.to_ndarray().tobytes() for _, f in read_sound(path, media, media.audio[0])]

    assert samples(clean) == samples(planted)
