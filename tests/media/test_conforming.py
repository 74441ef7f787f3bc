"""Sources that can't be kept exactly: what is delivered of them, and what stages are shown."""

from __future__ import annotations

import random
import subprocess
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

import veilcast
from veilcast.errors import TruncatedError, VeilcastError
from veilcast.media.conform import Look, Wanted, conform
from veilcast.media.frames import read_frames
from veilcast.media.probe import probe
from veilcast.media.sound import read_sound
from veilcast.plugin import Findings, Phase, Stage, StageSettings, hookimpl
from veilcast.testing import make_host, run_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from veilcast.media.info import MediaInfo
    from veilcast.plugin import LocateContext

PICTURE = "-f lavfi -i testsrc2=s=128x96:r=25:d=2"
SOUND = "-f lavfi -i aevalsrc=0.4*sin(2*PI*(300+200*t)*t):s=48000:d=2"
RATE_HZ = 48_000


def made(path: Path, command: str) -> Path:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *command.split(), str(path)], check=True)
    return path


def two_sizes(path: Path) -> Path:
    """As a call over a network is recorded that becomes smaller on the way."""
    parts = []
    for number, size in enumerate(("160x120", "96x72")):
        part = path.with_name(f"{number}.ts")
        made(part, f"-f lavfi -i testsrc2=s={size}:r=25:d=1 -c:v libx264 -g 10 -bf 0")
        parts.append(part.read_bytes())
    joined = path.with_name("joined.ts")
    joined.write_bytes(b"".join(parts))
    return made(path, f"-fflags +genpts -i {joined} -c copy -bsf:v setts=ts=N*3600")


def equal_times(path: Path) -> Path:
    """As a screen recorder writes them: every tenth frame has the time of the one before."""
    plain = made(path.with_name("plain.mkv"), f"{PICTURE} -c:v libx264 -bf 0")
    return made(path, f"-i {plain} -c copy -bsf:v setts=ts=PTS-40*not(mod(N\\,10))*gt(N\\,0)")


def see_through(path: Path) -> Path:
    """Its left half is not seen."""
    half = "format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*gt(X,64)'"
    return made(path, f"{PICTURE} -vf {half} -c:v libvpx-vp9 -deadline realtime")


def without_times(path: Path) -> Path:
    return made(path, f"{PICTURE} -c:v mpeg4 -vtag xvid -bf 2")


SOURCES = {
    "sizes.ts": two_sizes,
    "equal.mkv": equal_times,
    "alpha.webm": see_through,
    "bframes.avi": without_times,
}


class Watcher:
    """Notes every picture that a stage is given to look at."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()

    @hookimpl
    def veilcast_stages(self) -> Iterator[Stage]:
        yield Stage(
            name="watcher",
            summary="looks at everything",
            phase=Phase.PICTURE,
            settings=StageSettings,
            locate=self.locate,
            redact=lambda context: context.file,
        )

    def locate(self, context: LocateContext) -> Findings:
        self.seen |= {digest(frame) for _, frame in read_frames(context.source, context.media)}
        return Findings(stage="watcher")


def digest(frame: av.VideoFrame) -> bytes:
    return sha256(frame.to_ndarray().tobytes()).digest()


@pytest.mark.quick(every=4)
@pytest.mark.parametrize("name", SOURCES)
def test_every_picture_that_is_delivered_was_looked_at(name: str, tmp_path: Path) -> None:
    """Whatever was wrong with a source: no rule makes a picture that no stage was shown."""
    watcher = Watcher()
    source = SOURCES[name](tmp_path / name)
    document = {
        "stages": ["watcher", "metadata"],
        "deliver": {"codec": "ffv1", "container": "mkv"},
    }
    ran = run_pipeline(source, tmp_path / "out", make_host(watcher), profile=document)
    assert ran.manifest["input"]["conformed"]
    with av.open(str(ran.output)) as container:
        delivered = [digest(frame) for frame in container.decode(video=0)]
    assert len(delivered) > 40
    assert set(delivered) <= watcher.seen


def test_a_picture_that_becomes_smaller_keeps_its_largest_size(tmp_path: Path) -> None:
    source = two_sizes(tmp_path / "sizes.ts")
    path, media = conform(source, probe(source), tmp_path, Wanted(look="thorough"))
    sizes = {(frame.width, frame.height) for _, frame in read_frames(path, media)}
    assert sizes == {(160, 120)}
    assert [told.rule for told in media.conformed] == ["picture-size"]


def heard(path: Path, media: MediaInfo) -> NDArray[np.float64]:
    """Every sample at its time, mono, from the presentation start on."""
    (audio,) = media.audio
    whole = np.zeros(3 * RATE_HZ)
    for at, frame in read_sound(path, media, audio):
        first = round((at - media.origin) * RATE_HZ)
        samples = frame.to_ndarray().reshape(-1)[: frame.samples].astype(float)
        scale = 32768.0 if frame.format.name.startswith("s16") else 1.0
        whole[first : first + len(samples)] = samples / scale
    return whole


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        # A tenth of a second is missing, or two; or each packet is early or late by some ms.
        ("drop=between(n\\,40\\,45)", ["sound-gap"]),
        ("drop=between(n\\,20\\,24)+between(n\\,60\\,64)", ["sound-gap"]),
        ("ts=PTS+0.008/TB*(mod(N\\,4)-1)", ["sound-times"]),
    ],
)
def test_sound_is_heard_when_it_was_whatever_its_times_say(
    change: str, rules: list[str], tmp_path: Path
) -> None:
    plain = made(tmp_path / "plain.mka", f"{SOUND} -c:a libopus -b:a 96k -frame_duration 20")
    source = tmp_path / "odd.mka"
    noise = f"noise={change}" if change.startswith("drop") else f"setts={change}"
    made(source, f"-i {plain} -c copy -bsf:a {noise}")
    path, media = conform(source, probe(source), tmp_path, Wanted())
    assert [told.rule for told in media.conformed] == rules
    before, after = heard(plain, probe(plain)), heard(path, media)
    there = np.convolve(np.abs(after), np.ones(480), "same") > 1e-3
    for second in np.arange(0.1, 1.8, 0.1):
        part = slice(round(second * RATE_HZ), round((second + 0.05) * RATE_HZ))
        if not there[part].all():
            continue
        agreement = np.correlate(before[part.start - 960 : part.stop + 960], after[part], "valid")
        assert abs(int(np.argmax(agreement)) - 960) <= 0.02 * RATE_HZ


def test_a_cut_out_of_a_longer_recording_begins_with_its_first_whole_frame(tmp_path: Path) -> None:
    """As video recorders and editors that do not encode cut: by packets."""
    whole = made(tmp_path / "whole.ts", f"{PICTURE} {SOUND} -c:v libx264 -g 15 -c:a mp2")
    packets = whole.read_bytes()
    first = len(packets) // 188 // 5 * 188
    source = tmp_path / "cut.ts"
    source.write_bytes(packets[first:])
    ran = run_pipeline(source, tmp_path / "out", make_host(), profile={"stages": ["metadata"]})
    assert [one["rule"] for one in ran.manifest["input"]["conformed"]] == ["late-start"]
    with av.open(str(whole)) as before, av.open(str(ran.output)) as after:
        looks = {f.time: f.to_ndarray(format="gray") for f in before.decode(video=0)}
        frames = [(f.time, f.to_ndarray(format="gray")) for f in after.decode(video=0)]
    assert len(frames) >= 30
    # Each frame is that of the whole recording at this time.
    for time, luma in frames:
        nearest = min(looks, key=lambda at: abs((at or 0) - (time or 0)))
        assert abs((nearest or 0) - (time or 0)) < 0.001
        assert abs(looks[nearest].astype(int) - luma).mean() < 3


@pytest.mark.parametrize("codec", ["libopus", "libvorbis"])
def test_recordings_that_follow_on_each_other_in_one_file_are_all_heard(
    codec: str, tmp_path: Path
) -> None:
    """Chained Ogg: each part begins at 0 again."""
    parts = []
    for number, pitch in enumerate((300, 900)):
        tone = f"-f lavfi -i sine=f={pitch}:r=48000:d=1.5 -c:a {codec}"
        parts.append(made(tmp_path / f"{number}.ogg", tone).read_bytes())
    source = tmp_path / "chain.ogg"
    source.write_bytes(b"".join(parts))
    ran = run_pipeline(source, tmp_path / "out", make_host(), profile={"stages": ["metadata"]})
    rules = [one["rule"] for one in ran.manifest["input"]["conformed"]]
    assert rules == ["sound-chain", *(["sound-codec"] if codec == "libvorbis" else [])]
    with av.open(str(ran.output)) as container:
        blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    whole = np.concatenate(blocks).astype(float)
    assert abs(len(whole) - 3 * RATE_HZ) < 4096
    for second, pitch in ((0.5, 300), (2.2, 900)):
        part = whole[round(second * RATE_HZ) :][:9600]
        loudest = int(np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part))))))
        assert abs(loudest * 5 - pitch) < 15


def test_what_is_fine_is_left_alone(tmp_path: Path) -> None:
    command = f"{PICTURE} {SOUND} -c:v libx264 -bf 3 -c:a aac"
    for name in ("a.mp4", "a.mkv", "a.ts", "a.mov", "a.flv"):
        source = made(tmp_path / name, command)
        assert conform(source, probe(source), tmp_path, Wanted()) == (source, probe(source))


def test_what_is_lost_is_measured(tmp_path: Path) -> None:
    """Half a second of two is gone: more than anybody would want to miss."""
    whole = made(tmp_path / "whole.mkv", f"{PICTURE} -c:v libx264 -g 5")
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 7 // 10])
    media = probe(cut)
    with pytest.raises(TruncatedError, match="--accept-loss"):
        conform(cut, media, tmp_path, Wanted())
    _, taken = conform(cut, media, tmp_path, Wanted(accept_loss=True))
    assert "early-end" in [told.rule for told in taken.conformed]
    assert taken.duration is not None
    assert Fraction(1, 2) < taken.duration < Fraction(19, 10)


@pytest.mark.quick(every=30)
@pytest.mark.parametrize("seed", range(60))
def test_damage_is_an_error_of_ours_or_is_mended(seed: int, tmp_path: Path) -> None:
    """And what is mended can be read to its end."""
    chance = random.Random(seed)
    name = chance.choice(sorted(SOURCES))
    data = bytearray(SOURCES[name](tmp_path / name).read_bytes())
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(data))
        length = chance.randrange(1, 2000)
        data[at : at + length] = chance.choice((b"", bytes(length), data[at : at + length] * 2))
    source = tmp_path / f"damaged-{name}"
    source.write_bytes(data)
    looks: tuple[Look, ...] = ("doubtful", "thorough", "every")
    look = chance.choice(looks)
    try:
        media = probe(source)
        path, media = conform(source, media, tmp_path, Wanted(look=look, accept_loss=True))
    except VeilcastError:
        return
    if path != source and media.video is not None:
        assert sum(1 for _ in read_frames(path, media)) > 0


GAP = "-filter_complex [1:a]aselect='not(between(t\\,{})'[g] -map 0:v -map [g]"
SLOW = "-f lavfi -i testsrc2=s=128x96:r=10:d=2"


def gap_in_mp4(path: Path) -> Path:
    """B-frames: the picture's first decoding time is before 0."""
    gap = GAP.format("1.2\\,1.5)")
    return made(path, f"{SLOW} {SOUND} {gap} -c:v libx264 -bf 3 -c:a aac")


def gap_in_mkv(path: Path) -> Path:
    gap = GAP.format("1.2\\,1.5)")
    return made(path, f"{PICTURE} {SOUND} {gap} -c:v libx264 -bf 3 -c:a libopus")


def before_zero(path: Path) -> Path:
    """Sound begins before time 0, and has a gap; the picture is copied."""
    gap = GAP.format("1.2\\,1.5)")
    late = "-copyts -avoid_negative_ts disabled"
    sound = SOUND.replace("-f lavfi", "-itsoffset -0.3 -f lavfi")
    return made(path, f"{PICTURE} {sound} {gap} -c:v libx264 -bf 0 -c:a flac {late}")


def trimmed(path: Path) -> Path:
    """As on a phone: an edit list hides what comes before."""
    gap = GAP.format("1.6\\,1.8)")
    whole = path.with_name("whole.mp4")
    made(whole, f"{PICTURE} {SOUND} {gap} -g 50 -c:v libx264 -bf 0 -c:a aac")
    return made(path, f"-ss 0.5 -i {whole} -c copy")


@pytest.mark.quick(every=2)
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("gap.mp4", gap_in_mp4),
        ("gap.mkv", gap_in_mkv),
        ("early.mkv", before_zero),
        ("trimmed.mp4", trimmed),
    ],
)
def test_covers_land_where_a_person_saw_and_heard(
    name: str, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    """By the time that a player of the source shows, whatever had to be conformed."""
    source = make(tmp_path / name)
    marks = tmp_path / "marks.yaml"
    box = "{label: a, box: [0, 0, 64, 96], treatment: fill, from: 0.5, to: 0.9}"
    marks.write_text(f"regions: [{box}]\nmute: [{{from: 0.5, to: 0.9}}]\n")
    ran = run_pipeline(
        source,
        tmp_path / "out",
        make_host(also=["regions"]),
        profile={"stages": ["regions", "metadata"]},
        files={"regions": marks},
    )
    assert any("gap" in one["rule"] for one in ran.manifest["input"]["conformed"])
    (shown, start), (now, begins) = (watched(path) for path in (source, ran.output))
    assert len(now) == len(shown)
    assert abs(begins - max(0.0, start)) < 0.05  # no container here begins before 0
    for (was, _), (at, luma) in zip(shown, now, strict=True):
        assert abs((at - begins) - (was - start)) < 0.02
        covered, when = luma[8:-8, 8:56].max() < 40, was - start
        if 0.5 <= when < 0.895:
            assert covered, when
        elif not 0.39 < when < 0.91:  # a frame is shown until the next
            assert not covered, when
    before, after = (listened(path) for path in (source, ran.output))
    for second in np.arange(0.1, 1.9, 0.1):
        part = after[round(second * RATE_HZ) :][: RATE_HZ // 25]
        said = before[round(second * RATE_HZ) :][: RATE_HZ // 25]
        if 0.53 < second < 0.83:
            assert np.abs(part).max() < 0.02
        elif not 0.43 < second < 0.93 and np.abs(said).max() > 0.3:
            assert np.abs(part).max() > 0.2, second


def watched(path: Path) -> tuple[list[tuple[float, NDArray[np.uint8]]], float]:
    """The frames that a player shows, and when the file begins, in seconds."""
    with av.open(str(path)) as container:
        frames = [
            (float(f.time or 0), f.to_ndarray(format="gray")) for f in container.decode(video=0)
        ]
    with av.open(str(path)) as container:
        sound = next(container.decode(audio=0)).time
    return frames, min(frames[0][0], sound or 0.0)  # type: ignore[return-value]


def listened(path: Path) -> NDArray[np.float64]:
    """What a player plays from the file's beginning on: gaps are silent."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vn", "-ac", "1", "-ar", str(RATE_HZ)]
    command += ["-af", "aresample=async=1:first_pts=0", "-f", "s16le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.concatenate([np.frombuffer(raw, np.int16) / 32768, np.zeros(3 * RATE_HZ)])


@pytest.mark.release
def test_a_delivered_file_is_verified_as_its_run_saw_the_source(tmp_path: Path) -> None:
    """Only decoding showed that the picture changes its size; the manifest says so."""
    source = two_sizes(tmp_path / "sizes.ts")
    profile = tmp_path / "light.yaml"
    profile.write_text("stages: [metadata]")
    result = veilcast.run(source, profile=profile, work=tmp_path / "work")
    again = veilcast.verify(
        result.output,
        source=source,
        manifest=result.manifest,
        profile=profile,
        work=tmp_path / "work",
    )
    assert again.verdict == "clean"


def test_a_track_is_muted_by_the_number_that_its_own_file_gives_it(tmp_path: Path) -> None:
    """A preview before them is left behind, and so the tracks move up in what is conformed."""
    preview, tone = "-f lavfi -i testsrc2=s=32x32:r=25:d=0.04", "-f lavfi -i sine=f={}:r=48000:d=2"
    tones = " ".join(tone.format(pitch) for pitch in (300, 900))
    maps = "-map 0:v -map 1:v -map 2:a -map 3:a -c:v:0 mjpeg -c:v:1 mpeg4 -c:a pcm_s16le"
    chosen = "-disposition:v:0 0 -disposition:v:1 default"
    source = made(tmp_path / "two.mkv", f"{preview} {PICTURE} {tones} {maps} {chosen}")
    marks = tmp_path / "marks.yaml"
    marks.write_text("mute: [{from: 0.5, to: 1.5, streams: [3]}]\n")
    ran = run_pipeline(
        source,
        tmp_path / "out",
        make_host(also=["regions"]),
        profile={"stages": ["regions", "metadata"], "deliver": {"fidelity": "conformed"}},
        files={"regions": marks},
    )
    loud = []
    for track in (0, 1):
        with av.open(str(ran.output)) as container:
            decoded: Any = container.decode(audio=track)
            whole = np.concatenate([f.to_ndarray().reshape(-1) for f in decoded]).astype(float)
        loud.append(np.abs(whole[40_000:56_000]).max() > 100)
    assert loud == [True, False]
