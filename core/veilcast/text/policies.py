"""The classes of identifiers in text, and which of them a policy covers."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = {
    "person": "A",
    "organization": "A",
    "facility": "R",
    "address": "B",
    "postcode": "B",
    "city": "B",
    "date": "C",
    "age": "C",
    "age under 90": "",
    "phone": "D",
    "fax": "E",
    "email": "F",
    "ssn": "G",
    "mrn": "H",
    "health plan": "I",
    "account": "J",
    "credit card": "J",
    "iban": "J",
    "licence": "K",
    "passport": "K",
    "plate": "L",
    "device": "M",
    "url": "N",
    "ip": "O",
    "room": "R",
    "id number": "R",
    "username": "R",
    "unintelligible": "R",
    "number": "",
    "other": "R",
}
"""By class, its letter in 45 CFR 164.514(b)(2)(i). ``age`` is over 89; ``number`` is any number;
``unintelligible`` is speech that could not be understood beside an announcement of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which classes count: all but some, so that a class that a plugin adds does, or only some."""

    name: str
    summary: str
    off: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    def covers(self, identifier: str) -> bool:
        """Whether a class counts."""
        if self.only is not None:
            return identifier in self.only
        return identifier not in self.off


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(
            name="hipaa-safe-harbor",
            summary="45 CFR 164.514(b)(2): the identifiers A to R; ages under 90 stay",
            off=frozenset({"age under 90", "room", "number"}),
        ),
        Policy(
            name="gdpr",
            summary="GDPR article 4(1): whatever relates to a person, ages and rooms too",
            off=frozenset({"number"}),
        ),
        Policy(
            name="names-only",
            summary="names of persons, and what could not be understood where one was announced",
            only=frozenset({"person", "unintelligible"}),
        ),
    )
}
