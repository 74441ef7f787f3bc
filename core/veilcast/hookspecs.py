"""Every extension point.

Hooks declare and the host executes: each hook takes no argument and yields descriptors; the host
calls what they hold itself, so that a failure names its plugin. A plugin is a module (or object)
with any of these functions, marked with `veilcast.plugin.hookimpl` and named by an entry point in
the group ``veilcast``:

    # pyproject.toml
    [project.entry-points.veilcast]
    tattoo = "my_plugin"

The functions below are specifications: nobody calls them. What holds of all hooks:

- They are called once, when Veilcast starts, also when nothing of theirs will be used. So they
  import nothing heavy: that is for the functions in the descriptors.
- They may yield nothing. A name may be used once for each kind, by all plugins together: two that
  provide the same are an error as soon as anything of that kind is asked for.
- Whatever one raises, or a descriptor that is not what it has to be, makes the whole plugin one
  that failed: nothing of it is used, ``veilcast plugins`` says why, and asking for something that
  nobody provides is a `PluginLoadError` (exit code 30) that names it.
- Functions in descriptors may raise any of Veilcast's errors with a sentence for the user, without
  anything of the recording in it. Whatever else they raise is a `PluginFailedError` (exit code 31)
  that names the distribution; answers of a wrong kind are too.
- Times are integer microseconds from the presentation start where a name ends in ``_us``, seconds
  in ``_s``; boxes are pixels of the displayed picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from veilcast.extensions import (
        Check,
        ModelFile,
        ModelFolder,
        PixelTreatment,
        ProfileDocument,
        Recognizer,
        SoundTreatment,
        Stage,
        TextReader,
        Transcriber,
        VisualDetector,
    )


def veilcast_stages() -> Iterable[Stage]:  # type: ignore[empty-body]
    """Whole stages: file in, file out.

    A stage locates, and may redact. Most should only locate: core covers what their findings say.

    Yields:
        `Stage`: `locate(LocateContext) -> Findings` reads `context.source`, which it may not write
        to; `redact(RedactContext) -> Path`, if there is one, gets an intermediate file and returns
        another in `context.scratch`, with the same frames, times and streams unless the stage
        `changes_timing`.

    Threads:
        `locate` runs in a thread of its own, beside the stages of other phases and after earlier
        stages of its own phase; `redact` runs alone. `context.progress` may be called from any
        thread, and has to be called at least every few seconds: it is where an interrupt is raised.
        What is silent for minutes is named to the user, with its distribution.

    Errors:
        `PluginOutputError` (32): findings that are malformed, a file that is none or does not
        decode. `PluginFramesError` (33): a file with other frames, times or streams.

    Example:
        >>> from veilcast.plugin import (
        ...     CoverSettings, Findings, Phase, Sound, Stage, hookimpl
        ... )
        >>> def locate(context):
        ...     first = Sound(
        ...         id=1, identifier="jingle", hipaa="R", detector="jingle",
        ...         start_us=0, end_us=2_000_000,
        ...     )
        ...     return Findings(stage="jingle", sounds=(first,) if context.media.audio else ())
        >>> @hookimpl
        ... def veilcast_stages():
        ...     yield Stage(
        ...         name="jingle", phase=Phase.SOUND, summary="The first two seconds of sound",
        ...         settings=CoverSettings, locate=locate,
        ...     )
    """


def veilcast_detectors() -> Iterable[VisualDetector]:  # type: ignore[empty-body]
    """Pictures in, boxes out.

    Sampling, scaling, tracking and covering are core's: a stage names its detectors and calls
    `locate_visual`.

    Yields:
        `VisualDetector`: `load(DetectorContext)` gives an object with `detect(picture)`, which
        takes a picture of shape (height, width, 3), uint8, RGB, of any size, and gives a list of
        `Detection` with boxes in its pixels and scores from 0 to 1; and with `close()`.

    Threads:
        A loaded detector is used from one thread at a time; several may be loaded at once. It may
        use `context.threads` threads itself, and has to give the same with any number of them.

    Errors:
        `PluginFailedError` (31): it gave something else than detections, a number that is none, or
        more than 100000 detections in one picture.

    Example:
        >>> from veilcast.plugin import Box, Detection, VisualDetector, hookimpl
        >>> class Bright:
        ...     def __init__(self, context):
        ...         self.least = context.least_score
        ...     def detect(self, picture):
        ...         rows, columns = (picture.min(axis=2) > 250).nonzero()
        ...         if not len(rows) or self.least > 0.8:
        ...             return []
        ...         box = Box(
        ...             x=float(columns.min()), y=float(rows.min()),
        ...             width=float(columns.max() - columns.min() + 1),
        ...             height=float(rows.max() - rows.min() + 1),
        ...         )
        ...         return [Detection(box=box, score=0.8)]
        ...     def close(self):
        ...         pass
        >>> @hookimpl
        ... def veilcast_detectors():
        ...     yield VisualDetector(
        ...         name="bright", identifier="label", hipaa="R", summary="White labels",
        ...         load=Bright,
        ...     )
    """


def veilcast_transcribers() -> Iterable[Transcriber]:  # type: ignore[empty-body]
    r"""Sound in, words with times out.

    Windows, stitching them, and the edges of words are the stage's.

    Yields:
        `Transcriber`: `load(TranscriberContext)` gives an object with `transcribe(samples)`, which
        takes a window of mono samples, float32 in -1 to 1, shape (n,), at `rate_hz`, and gives a
        `Transcription`: words in order, with times in seconds from the first sample (or None), and
        confidence from 0 to 1; and with `close()`.

    Threads:
        As detectors.

    Errors:
        `PluginFailedError` (31): it gave something else than a transcription, a time outside the
        window, a confidence outside 0 to 1, or more words than there can be.

    Example:
        >>> from veilcast.plugin import Heard, Transcriber, Transcription, hookimpl
        >>> class Loud:
        ...     def __init__(self, context):
        ...         self.language = context.language or "en"
        ...     def transcribe(self, samples):
        ...         loud = abs(samples) > 0.1
        ...         words = ()
        ...         if loud.any():
        ...             start, end = loud.argmax(), len(loud) - loud[::-1].argmax()
        ...             words = (Heard(
        ...                 text="\N{HORIZONTAL ELLIPSIS}", start_s=float(start) / 16000,
        ...                 end_s=float(end) / 16000, confidence=0.1,
        ...             ),)
        ...         return Transcription(words=words, language=self.language)
        ...     def close(self):
        ...         pass
        >>> @hookimpl
        ... def veilcast_transcribers():
        ...     yield Transcriber(name="loud", summary="That something was said", load=Loud)
    """


def veilcast_text_readers() -> Iterable[TextReader]:  # type: ignore[empty-body]
    """Pictures in, lines of text out.

    Which pictures are looked at, following lines from one to the next, and what of them
    identifies are the stage's.

    Yields:
        `TextReader`: `load(TextReaderContext)` gives an object with `find(picture)`, which takes a
        picture, shape (height, width, 3), uint8, RGB, and gives the corners of each line of text in
        it, float64, shape (4, 2); with `read(picture)`, which takes the picture of one such line,
        turned level, and gives a `LineReading`; and with `close()`.

    Threads:
        As detectors.

    Errors:
        `PluginFailedError` (31): it gave something else than corners in or near the picture, or a
        reading whose confidences and places do not fit its characters.

    Example:
        >>> import numpy as np
        >>> from veilcast.plugin import LineReading, TextReader, hookimpl
        >>> class Labels:
        ...     def __init__(self, context):
        ...         pass
        ...     def find(self, picture):
        ...         rows, columns = np.nonzero(picture.min(axis=2) > 250)
        ...         if not rows.size:
        ...             return []
        ...         left, right = columns.min(), columns.max() + 1
        ...         top, bottom = rows.min(), rows.max() + 1
        ...         corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        ...         return [np.asarray(corners, dtype=np.float64)]
        ...     def read(self, picture):
        ...         return LineReading(text="")
        ...     def close(self):
        ...         pass
        >>> @hookimpl
        ... def veilcast_text_readers():
        ...     yield TextReader(name="labels", summary="White labels, unread", load=Labels)
    """


def veilcast_recognizers() -> Iterable[Recognizer]:  # type: ignore[empty-body]
    r"""Text in, spans of identifiers out: in speech, subtitles, tags and file names.

    All registered recognisers that understand the language read every text, in the forms that
    they declare: as it was said (``spoken``) and as one would write it (``written``).

    Yields:
        `Recognizer`: `load(RecognizerContext)` gives an object with `recognize(passage)`, which
        gives a list of `Recognized`: half-open spans of characters of `passage.content`, a class
        that the recogniser declares, a score from 0 to 1, and a reason that holds nothing of the
        text, since it is written down; and with `close()`.

    Threads:
        As detectors.

    Errors:
        `PluginFailedError` (31): it gave something else than spans in the text, a class that it
        does not declare, or more spans than there can be.

    Example:
        >>> import re
        >>> from veilcast.plugin import Recognized, Recognizer, hookimpl
        >>> class Rooms:
        ...     def __init__(self, context):
        ...         self.pattern = re.compile(r"\broom (\d+)\b", re.IGNORECASE)
        ...     def recognize(self, passage):
        ...         return [
        ...             Recognized(
        ...                 start=found.start(1), end=found.end(1), identifier="room",
        ...                 score=0.9, reason="cue: room",
        ...             )
        ...             for found in self.pattern.finditer(passage.content)
        ...         ]
        ...     def close(self):
        ...         pass
        >>> @hookimpl
        ... def veilcast_recognizers():
        ...     yield Recognizer(
        ...         name="wards", identifiers={"room": "R"}, summary="Room numbers",
        ...         load=Rooms, forms=("written",),
        ...     )
    """


def veilcast_treatments() -> Iterable[PixelTreatment | SoundTreatment]:  # type: ignore[empty-body]
    """How covered pixels and sounds are destroyed.

    Yields:
        `PixelTreatment`: `apply(samples, plane, params)` gets the samples of one component inside
        a cover's bounding rectangle, shape (rows, columns), unsigned 8 or 16 bit, and returns an
        array of the same shape and type. `params` has ``block_px`` (int) and ``sigma_px`` (float),
        in displayed pixels, and ``rgb`` (three values, 0 to 255).
        `SoundTreatment`: `apply(samples, part)` gets float64 in -1 to 1, shape (samples, channels),
        and returns as many. Nothing of what it gets may be left in what it returns.

    Threads:
        `apply` may be called from several threads at once, and keeps no state: the same samples and
        numbers always give the same.

    Errors:
        `PluginOutputError` (32): another shape, type or depth than it was given.

    Example:
        >>> from veilcast.plugin import PixelTreatment, SoundTreatment, hookimpl
        >>> def level(samples, plane, params):
        ...     whole = samples.copy()
        ...     whole[...] = int(samples.mean())
        ...     return whole
        >>> def hush(samples, part):
        ...     return samples * 0.0
        >>> @hookimpl
        ... def veilcast_treatments():
        ...     yield PixelTreatment(name="level", summary="One value", apply=level)
        ...     yield SoundTreatment(name="hush", summary="Silence", apply=hush)
    """


def veilcast_checks() -> Iterable[Check]:  # type: ignore[empty-body]
    """What the delivered file must pass: every registered check runs on every delivered file.

    Yields:
        `Check`: `run(CheckContext)` examines `context.delivered` and gives a list of `Problem`: an
        empty one is a pass. Sentences hold no value, no word and no path. What can't be examined is
        a `VeilcastError` to raise, never a pass.

    Threads:
        Checks run side by side, each in a thread of its own; `context.progress` as for stages.

    Errors:
        A problem stops the publication: of the kind ``residual`` with exit code 60 unless a person
        accepts it, of the kind ``broken`` with 62. `PluginOutputError` (32): something that is no
        problem. `PluginFailedError` (31): more than 10000 of them.

    Example:
        >>> from veilcast.plugin import Check, Problem, hookimpl
        >>> def short(context):
        ...     if context.delivered_media.duration_us > 3_600_000_000:
        ...         return [Problem(sentence="The delivered file is longer than an hour.")]
        ...     return []
        >>> @hookimpl
        ... def veilcast_checks():
        ...     yield Check(name="short", summary="It is at most an hour long", run=short)
    """


def veilcast_models() -> Iterable[ModelFile | ModelFolder]:  # type: ignore[empty-body]
    """Models by name: where they come from, their checksum and licence.

    Runs only ever look models up; ``veilcast models pull NAME`` fetches them.

    Yields:
        `ModelFile`: one file, with its SHA-256 and its size in bytes.
        `ModelFolder`: a folder of a model hub; its checksums are written down as it is fetched.

    Threads:
        Models are read only, and shared by everything that names them.

    Errors:
        `ModelMissingError` (40): a model that is needed is not on this machine.
        `ModelChecksumError` (41): a file of its name is another one.

    Example:
        >>> from veilcast.plugin import Download, ModelFile, hookimpl
        >>> @hookimpl
        ... def veilcast_models():
        ...     yield ModelFile(
        ...         name="tattoo", filename="tattoo.onnx", sha256="0" * 64, size=1_048_576,
        ...         licence="Apache-2.0", origin="Example Labs",
        ...         sources=(Download(url="https://example.org/tattoo.onnx"),),
        ...     )
    """


def veilcast_profiles() -> Iterable[ProfileDocument]:  # type: ignore[empty-body]
    """Ready settings for a use, chosen with ``--profile NAME``.

    Yields:
        `ProfileDocument`: a name, and the text of a profile in YAML. It is read when it is asked
        for.

    Threads:
        A profile is text.

    Errors:
        `ProfileError` and its kin (20 to 23): the text is no profile.

    Example:
        >>> from veilcast.plugin import ProfileDocument, hookimpl
        >>> @hookimpl
        ... def veilcast_profiles():
        ...     yield ProfileDocument(
        ...         name="dental", summary="Mouths", text="stages: [regions, metadata]"
        ...     )
    """
