"""One tree of errors. Each has an exit code of its own and says, in one sentence, what to do.

Messages never hold paths, tag values or recognised words: they may end up in logs. The command
line knows which input it was working on and puts the user's own argument in front.
"""

from __future__ import annotations


class VeilcastError(Exception):
    """Base of everything Veilcast raises on purpose."""

    exit_code = 1
    attributed = False
    """Whether the message names the plugin whose it is."""


class SomeInputsFailed(VeilcastError):
    """Several inputs were given and at least one of them failed."""

    exit_code = 3


class UsageError(VeilcastError):
    """The command line or an API call contradicts itself."""

    exit_code = 2


class NotMediaError(VeilcastError):
    """The input is not a media file that Veilcast understands."""

    exit_code = 10


class TruncatedError(VeilcastError):
    """The input ends early or holds data that can't be decoded."""

    exit_code = 11


class EmptyInputError(VeilcastError):
    """The input has no bytes."""

    exit_code = 12


class NoPictureError(VeilcastError):
    """A picture is needed and the input has none."""

    exit_code = 13


class UnreadableError(VeilcastError):
    """The input does not exist or may not be read."""

    exit_code = 14


class UnwritableError(VeilcastError):
    """The output or the work folder can't be written."""

    exit_code = 15


class DiskFullError(VeilcastError):
    """There is not enough room for the output or for scratch files."""

    exit_code = 16


class OutputExistsError(VeilcastError):
    """The output is there already and --force was not given."""

    exit_code = 17


class UnsupportedError(VeilcastError):
    """The input is valid media but holds something that can't be written back as it was."""

    exit_code = 18


class StructureError(VeilcastError):
    """A file breaks its own format's rules, so nobody can say what is in it."""

    exit_code = 19


class ProfileError(VeilcastError):
    """The profile does not exist or is malformed."""

    exit_code = 20


class UnknownStageError(ProfileError):
    """A profile or --set names a stage that no loaded plugin provides."""

    exit_code = 21


class UnknownKeyError(ProfileError):
    """A profile or --set names a setting that does not exist."""

    exit_code = 22


class SettingError(ProfileError):
    """A setting has a value that is not allowed."""

    exit_code = 23


class RegionsError(VeilcastError):
    """The regions file is malformed; the message points at line and key."""

    exit_code = 24


class FindingsError(VeilcastError):
    """The findings file is malformed or belongs to another input or profile."""

    exit_code = 25


class PluginLoadError(VeilcastError):
    """A plugin that the profile needs could not be loaded."""

    exit_code = 30


class PluginFailedError(VeilcastError):
    """A plugin raised an error of its own."""

    exit_code = 31


class PluginOutputError(VeilcastError):
    """A stage did not return a file that exists and decodes."""

    exit_code = 32


class PluginFramesError(PluginOutputError):
    """A stage returned a file whose frames, timing or streams are not its input's."""

    exit_code = 33


class ModelMissingError(VeilcastError):
    """A model file is not on this machine."""

    exit_code = 40


class ModelChecksumError(VeilcastError):
    """A model file is not the one that was asked for."""

    exit_code = 41


class ModelFetchError(VeilcastError):
    """No source could provide a model file."""

    exit_code = 42


class ToolMissingError(VeilcastError):
    """ffmpeg, ExifTool or libjpeg-turbo is not installed, or does not answer."""

    exit_code = 50


class NetworkError(VeilcastError):
    """This system can't keep a run off the network."""

    exit_code = 51


class VerificationError(VeilcastError):
    """The delivered file was examined, and something that identifies was left in it."""

    exit_code = 60


class ManifestError(VeilcastError):
    """A manifest is malformed, its chain is broken, or it does not belong to the file."""

    exit_code = 61


class UnverifiableError(VeilcastError):
    """The delivered file can't be vouched for: it is damaged, or is not what it should be."""

    exit_code = 62


class InternalError(VeilcastError):
    """Something happened that should not: a fault of Veilcast."""

    exit_code = 70


class Interrupted(VeilcastError):
    """The user stopped the run."""

    exit_code = 130
