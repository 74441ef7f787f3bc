"""Every kind of file that people have, run whole: delivered, played, in step, covered, clean.

    python benchmarks/formats.py [--only WORD] [--again] [--write]

A clip with a face, a spoken name and a tag that names somebody is written in each format by ffmpeg
and run with the default profile. What is delivered is then judged from outside: ffmpeg decodes it
to its end, Chromium plays it where it knows the format, its sound is in step with the source's to
20 ms where nothing was covered, a face detector finds nobody, the sound under the name is another,
and the tag's words are not in its bytes. `--write` puts the table into docs/formats.md.

The clip is the one of the folder for development (`VEILCAST_SHARED`), 8 s of two people.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
from measuring import HERE, OUT, SHARED

import veilcast
from veilcast.host import Host
from veilcast.models import find_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

DOCS = HERE.parent / "docs"
MARK = "<!-- table -->"
CLIP = SHARED / "cases" / "base.mp4"
NAME = "Quixby"
NAMED_S = (0.85, 1.95)
"""When the name is said in the clip."""
LEAST_S = 0.6
"""A stretch of sound that is long enough to say whether it is in step."""
RATE_HZ = 16_000
IN_STEP_S = 0.020
ENDS_S = 7.4
"""Behind this the clip is silent."""
LOOKS_PER_S = 2
SURE = 0.8
"""Score of YuNet for a face that anybody would see."""
PLAYS = {".mp4", ".webm", ".m4a", ".mp3", ".wav", ".ogg", ".opus", ".flac", ".ogv", ".mkv", ".mov"}
SHOWS = {".png", ".jpg", ".webp"}
CHROMIUM = "/usr/bin/chromium"

H264, AAC, FACE = "-c:v libx264", "-c:a aac", "-frames:v 1 -an"
SMALL = "-s 352x288 -r 15"
PHONE = "-vn -ac 1 -ar 8000"
FORMATS = {
    "h264-aac.mp4": f"{H264} {AAC}",
    "h264-bframes-vfr.mp4": f"{H264} -bf 3 -vf select='mod(n\\,5)' -fps_mode vfr {AAC}",
    "h264-422-10.mp4": f"{H264} -pix_fmt yuv422p10le {AAC}",
    "h264-440.mp4": f"{H264} -vf format=yuv440p {AAC}",
    "h264-interlaced.mp4": f"{H264} -flags +ildct+ilme -x264-params tff=1 {AAC}",
    "h264-ac3.mp4": f"{H264} -c:a ac3",
    "h264-alac.mp4": f"{H264} -c:a alac",
    "h264-flac.mp4": f"{H264} -c:a flac -strict -2",
    "hevc.mp4": f"-c:v libx265 -x265-params log-level=0 {AAC}",
    "hevc-10-eac3.mp4": "-c:v libx265 -x265-params log-level=0 -pix_fmt yuv420p10le -c:a eac3",
    "av1-opus.mp4": "-c:v libsvtav1 -preset 10 -c:a libopus",
    "vp9-opus.mp4": "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -c:a libopus",
    "mpeg4-mp3.mp4": "-c:v mpeg4 -q:v 3 -c:a libmp3lame",
    "fragmented.mp4": f"{H264} {AAC} -movflags frag_keyframe+empty_moov",
    "prores422-pcm.mov": "-c:v prores_ks -profile:v 2 -c:a pcm_s24le",
    "prores4444.mov": "-c:v prores_ks -profile:v 4 -pix_fmt yuv444p10le -c:a pcm_s16le",
    "prores4444-alpha.mov": "-c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le -c:a pcm_s16le",
    "mjpeg-pcm.mov": "-c:v mjpeg -q:v 2 -c:a pcm_s16be",
    "dnxhd.mov": "-s 1280x720 -r 25 -c:v dnxhd -b:v 90M -pix_fmt yuv422p -c:a pcm_s16le",
    "animation.mov": "-s 320x180 -c:v qtrle -c:a pcm_s16le",
    "png.mov": "-s 320x180 -c:v png -c:a pcm_s16le",
    "sorenson-ima4.mov": "-c:v svq1 -c:a adpcm_ima_qt",
    "hevc.mov": f"-c:v libx265 -x265-params log-level=0 -tag:v hvc1 {AAC}",
    "h264.3gp": f"{H264} {SMALL} {AAC}",
    "h263.3gp": f"-c:v h263 {SMALL} -ar 16000 -ac 1 {AAC}",
    "h264-aac.mkv": f"{H264} {AAC}",
    "h264-pcm.mkv": f"{H264} -c:a pcm_s16le",
    "hevc-opus.mkv": "-c:v libx265 -x265-params log-level=0 -c:a libopus",
    "ffv1-flac.mkv": "-c:v ffv1 -c:a flac",
    "ffv1-16.mkv": "-c:v ffv1 -pix_fmt yuv420p16le -c:a pcm_s24le",
    "mpeg2-ac3.mkv": "-c:v mpeg2video -q:v 3 -c:a ac3",
    "utvideo.mkv": "-c:v utvideo -c:a pcm_s16le",
    "theora.mkv": "-c:v libtheora -q:v 8 -c:a libvorbis",
    "vp8-opus.webm": "-c:v libvpx -b:v 2M -c:a libopus",
    "vp8-vorbis.webm": "-c:v libvpx -b:v 2M -ar 44100 -c:a libvorbis",
    "vp9-opus.webm": "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -c:a libopus",
    "vp9-alpha.webm": "-vf format=yuva420p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime "
    "-c:a libopus",
    "av1-opus.webm": "-c:v libsvtav1 -preset 10 -c:a libopus",
    "mjpeg-pcm.avi": "-c:v mjpeg -q:v 2 -c:a pcm_s16le",
    "xvid-mp3.avi": "-c:v mpeg4 -vtag xvid -q:v 3 -c:a libmp3lame",
    "xvid-bframes.avi": "-c:v mpeg4 -vtag xvid -bf 2 -q:v 3 -c:a libmp3lame",
    "divx3-adpcm.avi": "-c:v msmpeg4 -q:v 3 -c:a adpcm_ms",
    "raw.avi": "-s 320x180 -c:v rawvideo -pix_fmt yuv420p -c:a pcm_s16le",
    "huffyuv.avi": "-c:v huffyuv -c:a pcm_s16le",
    "cinepak.avi": "-s 320x180 -c:v cinepak -c:a pcm_u8",
    "dv.avi": "-s 720x576 -r 25 -pix_fmt yuv420p -c:v dvvideo -c:a pcm_s16le",
    "h264-aac.ts": f"{H264} {AAC}",
    "mpeg2-mp2.ts": "-c:v mpeg2video -q:v 3 -c:a mp2",
    "hevc-ac3.ts": "-c:v libx265 -x265-params log-level=0 -c:a ac3",
    "avchd.m2ts": f"{H264} -c:a ac3 -f mpegts -mpegts_m2ts_mode 1",
    "mpeg2-mp2.mpg": "-c:v mpeg2video -q:v 3 -c:a mp2 -f vob",
    "mpeg1.mpg": "-r 25 -c:v mpeg1video -q:v 3 -c:a mp2",
    "wmv2-wma2.wmv": "-c:v wmv2 -q:v 3 -c:a wmav2",
    "wmv1-wma1.wmv": "-c:v wmv1 -q:v 3 -c:a wmav1",
    "sorenson-mp3.flv": "-c:v flv -q:v 3 -ar 44100 -c:a libmp3lame",
    "h264-aac.flv": f"{H264} {AAC}",
    "mpeg2-pcm.mxf": "-r 25 -c:v mpeg2video -q:v 3 -ar 48000 -c:a pcm_s16le",
    "pal.dv": "-target pal-dv",
    "theora-vorbis.ogv": "-c:v libtheora -q:v 8 -c:a libvorbis",
    "vp8.ivf": "-an -c:v libvpx -b:v 2M",
    "raw.h264": f"-an {H264} -bf 2",
    "animation.gif": "-an -r 10 -s 480x270",
    "pcm16.wav": "-vn -c:a pcm_s16le",
    "pcm24.wav": "-vn -c:a pcm_s24le",
    "mulaw.wav": f"{PHONE} -c:a pcm_mulaw",
    "adpcm-ms.wav": f"{PHONE} -c:a adpcm_ms",
    "adpcm-ima.wav": f"{PHONE} -c:a adpcm_ima_wav",
    "mp3.mp3": "-vn -c:a libmp3lame",
    "aac.m4a": f"-vn {AAC}",
    "alac.m4a": "-vn -c:a alac",
    "aac.aac": f"-vn {AAC}",
    "flac.flac": "-vn -c:a flac",
    "vorbis.ogg": "-vn -c:a libvorbis",
    "opus.opus": "-vn -c:a libopus",
    "wma.wma": "-vn -c:a wmav2",
    "pcm.caf": "-vn -c:a pcm_s16be",
    "mulaw.au": f"{PHONE} -c:a pcm_mulaw",
    "pcm.aiff": "-vn -c:a pcm_s16be",
    "pcm.w64": "-vn -c:a pcm_s16le",
    "still.jpg": f"{FACE} -q:v 2",
    "still.png": FACE,
    "still.webp": FACE,
    "still.tiff": f"{FACE} -pix_fmt rgb24",
    "still.bmp": FACE,
}
"""By name, how ffmpeg writes it from the clip."""


@dataclass(slots=True)
class Row:
    """What became of one file. None: it does not apply, or nobody here can say."""

    name: str
    delivered: str = ""
    rules: list[str] = field(default_factory=list)
    refused: str = ""
    decodes: bool | None = None
    plays: bool | None = None
    late_ms: int | None = None
    covered: bool | None = None
    beeped: bool | None = None
    clean: bool | None = None

    @property
    def well(self) -> bool:
        """Delivered, and nothing against it."""
        judged = (self.decodes, self.plays, self.covered, self.beeped, self.clean)
        late = self.late_ms is not None and abs(self.late_ms) > 1000 * IN_STEP_S
        return bool(self.delivered) and False not in judged and not late


def main() -> None:
    """Run them all and print a line for each."""
    said = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    said.add_argument("--only", default="", help="formats whose name has this in it")
    said.add_argument("--again", action="store_true", help="also what was tried before")
    said.add_argument("--write", action="store_true", help="put the table into docs/formats.md")
    asked = said.parse_args()
    if not CLIP.exists():
        sys.exit("VEILCAST_SHARED has to name the folder with cases/base.mp4.")
    OUT.mkdir(exist_ok=True)
    kept = OUT / "formats.json"
    known = (
        {one["name"]: Row(**one) for one in json.loads(kept.read_text())} if kept.exists() else {}
    )
    with tempfile.TemporaryDirectory() as folder, browser() as page:
        detector = _detector()
        for name in FORMATS:
            if asked.only in name and (asked.again or name not in known):
                known[name] = _row(name, Path(folder), detector, page)
                print(json.dumps(asdict(known[name])), flush=True)
                kept.write_text(json.dumps([asdict(row) for row in known.values()], indent=1))
    rows = [known[name] for name in FORMATS if name in known]
    good = sum(row.well for row in rows)
    print(f"{good} of {len(rows)} delivered as they should be")
    if asked.write:
        _write(rows)


def _row(name: str, folder: Path, detector: Any, page: Any) -> Row:
    row, work = Row(name), folder / name.replace(".", "_")
    work.mkdir()
    source = work / name
    tags = ["-metadata", f"title={NAME} visit", "-metadata", f"comment={NAME}"]
    command = ["ffmpeg", "-v", "error", "-i", str(CLIP), *FORMATS[name].split(), *tags]
    subprocess.run([*command, str(source)], check=True)
    try:
        result = veilcast.run(source, work=work / "work", report=False)
    except veilcast.errors.VeilcastError as error:
        row.refused = f"{error.exit_code}: {error}"
        return row
    except Exception as error:  # noqa: BLE001 - the program would say that it is its fault
        row.refused = f"70: {type(error).__name__}"
        return row
    out = result.output
    row.delivered = out.suffix
    said = json.loads(result.manifest.read_bytes())["input"]["conformed"]
    row.rules = [one["rule"] for one in said]
    probed = ["ffmpeg", "-v", "error", "-xerror", "-i", str(out), "-f", "null", "-"]
    row.decodes = subprocess.run(probed, check=False, capture_output=True).returncode == 0
    # What it does not play of the source, it need not play of the copy.
    if source.suffix != out.suffix or played(page, source) is not False:
        row.plays = played(page, out)
    row.clean = NAME.encode() not in out.read_bytes()
    with av.open(str(source)) as container:
        pictures, sounds = bool(container.streams.video), bool(container.streams.audio)
    if pictures:
        row.covered = not faces(out, detector) and bool(faces(CLIP, detector))
    if sounds:
        start_s = starts(source)
        before, after = heard(source, start_s), heard(out, start_s)
        row.beeped = abs(alike(before, after, NAMED_S)) < 0.3
        left = uncovered(json.loads(result.manifest.read_bytes()), len(before) / RATE_HZ)
        row.late_ms = None if left is None else round(1000 * late_s(before, after, left))
    shutil.rmtree(work)
    return row


def _detector() -> Any:
    model = find_all([Host().model("yunet")])["yunet"]
    return cv2.FaceDetectorYN.create(str(model), "", (320, 320), SURE)


def faces(path: Path, detector: Any) -> int:
    """How many are seen in two frames of each second."""
    found, due = 0, 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time < due:
                continue
            due += 1 / LOOKS_PER_S
            picture = frame.to_ndarray(format="bgr24")
            detector.setInputSize((picture.shape[1], picture.shape[0]))
            seen = detector.detect(picture)[1]
            found += 0 if seen is None else len(seen)
    return found


def uncovered(manifest: dict[str, Any], lasts_s: float) -> tuple[float, float] | None:
    """The longest stretch of sound in which nothing was covered, in seconds."""
    edges = [(0.0, 0.0), (min(lasts_s, ENDS_S), lasts_s)]
    for entry in manifest["entries"]:
        for change in entry["changes"]:
            if change["kind"] == "sound":
                edges.append((change["from_us"] / 1e6, change["to_us"] / 1e6))
    edges.sort()
    longest, end = (0.0, 0.0), 0.0
    for start, stop in edges:
        if start - end > longest[1] - longest[0]:
            longest = (end, start)
        end = max(end, stop)
    return longest if longest[1] - longest[0] >= LEAST_S else None


def starts(path: Path) -> float:
    """The file's first time stamp, in seconds."""
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0"]
    said = subprocess.run([*asked, str(path)], check=True, capture_output=True, text=True).stdout
    return max(0.0, float(said.strip().replace("N/A", "0")))


def heard(path: Path, start_s: float) -> NDArray[np.float64]:
    """What ffmpeg plays from this time on: gaps are silent."""
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0"]
    said = subprocess.run([*asked, str(path)], check=True, capture_output=True, text=True).stdout
    first = round((float(said.strip().replace("N/A", "0")) - start_s) * RATE_HZ)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-af"]
    command += ["aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le"]
    done = subprocess.run([*command, "-"], check=True, capture_output=True)
    samples = np.frombuffer(done.stdout, np.int16) / 32768
    return np.concatenate([np.zeros(max(0, first)), samples[max(0, -first) :]])


def alike(
    before: NDArray[np.float64], after: NDArray[np.float64], span: tuple[float, float]
) -> float:
    """The correlation of both within a span."""
    first, last = (round(at * RATE_HZ) for at in span)
    return float(np.corrcoef(before[first:last], after[first:last])[0, 1])


def late_s(
    before: NDArray[np.float64], after: NDArray[np.float64], span: tuple[float, float]
) -> float:
    """How much later than in the source a span is heard."""
    near = round(0.1 * RATE_HZ)
    first, last = (round(at * RATE_HZ) for at in span)
    own = after[first + near : last - near]
    products = [
        float(own @ before[first + near - shift : first + near - shift + len(own)])
        for shift in range(-near, near + 1, 4)
    ]
    return (int(np.argmax(products)) * 4 - near) / RATE_HZ


class browser:  # noqa: N801 - used as a function is
    """A page of Chromium, or None where there is none."""

    def __enter__(self) -> Any:
        self._playing = None
        if not Path(CHROMIUM).exists():
            return None
        from playwright.sync_api import sync_playwright

        self._playing = sync_playwright().start()
        options = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        running = self._playing.chromium.launch(executable_path=CHROMIUM, args=options)
        return running.new_page()

    def __exit__(self, *failure: object) -> None:
        if self._playing is not None:
            self._playing.stop()


PLAYING = """(kind) => new Promise((done) => {
    const it = document.createElement(kind);
    const end = (well) => done(well);
    it.onerror = () => end(false);
    if (kind === 'img') it.onload = () => end(it.naturalWidth > 0);
    else it.ontimeupdate = () => { if (it.currentTime > 0.3) end(true); };
    setTimeout(() => end(false), 20000);
    it.muted = true;
    it.src = document.title;
    document.body.append(it);
    if (kind !== 'img') it.play().catch(() => end(false));
})"""


def played(page: Any, path: Path) -> bool | None:
    """Whether the browser plays or shows it; None where it is not expected to."""
    if page is None or path.suffix not in PLAYS | SHOWS or path.suffix in (".mkv", ".mov"):
        return None
    kind = "img" if path.suffix in SHOWS else "video"
    stand = path.with_name("page.html")
    stand.write_text(f"<title>{path.name}</title><body></body>")
    page.goto(stand.as_uri())
    return bool(page.evaluate(PLAYING, kind))


def _write(rows: list[Row]) -> None:
    page = DOCS / "formats.md"
    before, _, _ = page.read_text().partition(MARK)
    page.write_text(before + MARK + "\n\n" + "\n".join(_table(rows)) + "\n")


def _table(rows: list[Row]) -> Iterator[str]:
    good, refused = sum(row.well for row in rows), [row for row in rows if row.refused]
    yield f"{good} of {len(rows)} are delivered as they should be; {len(refused)} are refused."
    yield ""
    yield "| written | delivered | conformed by | decoded | Chromium | late | face | name | tag |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        late = "" if row.late_ms is None else f"{row.late_ms} ms"
        told = ", ".join(f"`{rule}`" for rule in row.rules)
        marks = (row.decodes, row.plays, late, row.covered, row.beeped, row.clean)
        what = ("yes", "plays", "", "covered", "beeped", "gone")
        cells = [
            mark if isinstance(mark, str) else {True: word, False: "**no**", None: ""}[mark]
            for mark, word in zip(marks, what, strict=True)
        ]
        made = FORMATS[row.name].replace("|", "\\|")
        yield f"| {row.name} (`ffmpeg {made}`) | {row.delivered or '**refused**'} | {told} | " + (
            " | ".join(cells) + " |"
        )
    for row in refused:
        yield ""
        yield f"`{row.name}` is refused with exit code {row.refused}"


if __name__ == "__main__":
    main()
