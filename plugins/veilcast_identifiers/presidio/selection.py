"""Which of Presidio's own recognisers are used, by the language of the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from veilcast_identifiers.presidio.adapter import from_presidio

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

    from veilcast.plugin import Recognizer

_ANY_LANGUAGE = (
    "CreditCardRecognizer",
    "CryptoRecognizer",
    "EmailRecognizer",
    "IbanRecognizer",
    "IpRecognizer",
    "MacAddressRecognizer",
)
# Without the bank, passport and licence numbers that are any run of digits: `numbers` finds those
# by what announces them.
_ENGLISH = (
    "AbaRoutingRecognizer",
    "AuMedicareRecognizer",
    "AuTfnRecognizer",
    "CaPostalCodeRecognizer",
    "CaSinRecognizer",
    "MedicalLicenseRecognizer",
    "NhsRecognizer",
    "UkDrivingLicenceRecognizer",
    "UkNinoRecognizer",
    "UkPassportRecognizer",
    "UkPostcodeRecognizer",
    "UkVehicleRegistrationRecognizer",
    "UsItinRecognizer",
    "UsLicenseRecognizer",
    "UsMbiRecognizer",
    "UsNpiRecognizer",
    "UsPassportRecognizer",
    "UsSsnRecognizer",
)
_SENTENCES = re.compile(r"^[^\W_]+\.[A-Z][a-z]*$")
_REGIONS = {
    "en": ("US", "GB", "CA", "AU", "IE", "NZ", "IN", "ZA"),
    "de": ("DE", "AT", "CH"),
    "es": ("ES", "MX", "AR", "CO", "CL", "PE", "US"),
    "fr": ("FR", "BE", "CH", "CA"),
    "it": ("IT", "CH"),
    "nl": ("NL", "BE"),
    "pl": ("PL",),
    "pt": ("PT", "BR"),
}
_MOST_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "IN", "BR")


def build(language: str) -> list[EntityRecognizer]:
    """Presidio's recognisers for a language: those for any, and those for its countries."""
    from presidio_analyzer import PatternRecognizer, predefined_recognizers
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer, UrlRecognizer

    class Phones(PhoneRecognizer):
        """With a higher score: what may be dialled in a country is not often a quantity."""

        SCORE = 0.6

    class Addresses(UrlRecognizer):
        """Without the end of a sentence that has no space behind it: "right.So"."""

        def invalidate_result(self, pattern_text: str) -> bool | None:
            return ".." in pattern_text or bool(_SENTENCES.search(pattern_text))

    chosen: list[EntityRecognizer] = [
        getattr(predefined_recognizers, name)(supported_language=language) for name in _ANY_LANGUAGE
    ]
    chosen.append(Addresses(supported_language=language))
    chosen.append(
        Phones(
            supported_language=language,
            supported_regions=_REGIONS.get(language, _MOST_REGIONS),
        )
    )
    if language == "en":
        names = list(_ENGLISH)
    else:
        names = [
            name
            for name in sorted(predefined_recognizers.__all__)
            if name not in (*_ANY_LANGUAGE, *_ENGLISH)
        ]
    for name in names:
        kind = getattr(predefined_recognizers, name)
        if not (isinstance(kind, type) and issubclass(kind, PatternRecognizer)):
            continue
        recognizer = kind()  # type: ignore[call-arg]  # each has its own defaults
        if recognizer.supported_language == language:
            chosen.append(recognizer)
    return chosen


def describe() -> Recognizer:
    """The recogniser `presidio`."""
    return from_presidio(
        build, name="presidio", summary="Presidio's patterns with checksums and context words"
    )
