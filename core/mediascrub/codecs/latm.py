"""AAC in LATM and LOAS (ISO/IEC 14496-3, 1.7): refused.

Its frames begin at any bit, may be spread over several packets and may hold several programs and
"other data" beside them, so what stands in them is not taken apart here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from mediascrub.errors import UnsupportedError

if TYPE_CHECKING:
    from mediascrub.codecs.scrubber import Scrubber

REFUSAL = (
    "A sound stream of the input is AAC in LATM, in which text can stand where nobody looks; "
    "convert it first: ffmpeg -i IN -map 0 -c copy -c:a aac OUT.mp4"
)


def scrubber(extradata: bytes) -> Scrubber:
    """None: there is nothing that cleans such a stream.

    Raises:
        UnsupportedError: always.
    """
    _refuse()


def _refuse() -> NoReturn:
    raise UnsupportedError(REFUSAL)
