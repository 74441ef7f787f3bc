"""Presidio's entity types and the classes they become."""

from __future__ import annotations

CLASSES = {
    "CREDIT_CARD": "credit card",
    "CRYPTO": "account",
    "DATE_TIME": "date",
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "LOCATION": "city",
    "MAC_ADDRESS": "device",
    "ORGANIZATION": "organization",
    "PERSON": "person",
    "PHONE_NUMBER": "phone",
    "URL": "url",
    "UUID": "device",
    "ABA_ROUTING_NUMBER": "account",
    "AU_MEDICARE": "health plan",
    "CA_SIN": "ssn",
    "DE_HEALTH_INSURANCE": "health plan",
    "DE_KFZ": "plate",
    "DE_PLZ": "postcode",
    "DE_SOCIAL_SECURITY": "ssn",
    "MEDICAL_LICENSE": "licence",
    "UK_NHS": "mrn",
    "UK_NINO": "ssn",
    "US_BANK_NUMBER": "account",
    "US_HEALTH_INSURANCE_MEMBER_ID": "health plan",
    "US_ITIN": "ssn",
    "US_MBI": "health plan",
    "US_NPI": "licence",
    "US_PROVIDER_TAX_ID": "id number",
    "US_SSN": "ssn",
}
"""What can't be told from the name of the type."""

LETTERS = {
    "account": "J",
    "city": "B",
    "credit card": "J",
    "date": "C",
    "device": "M",
    "email": "F",
    "health plan": "I",
    "iban": "J",
    "id number": "R",
    "ip": "O",
    "licence": "K",
    "mrn": "H",
    "organization": "A",
    "passport": "K",
    "person": "A",
    "phone": "D",
    "plate": "L",
    "postcode": "B",
    "ssn": "G",
    "url": "N",
}
"""Every class that a type can become, with its letter in 45 CFR 164.514(b)(2)(i)."""

_BY_WORD = (
    ("PASSPORT", "passport"),
    ("LICENSE_PLATE", "plate"),
    ("VEHICLE", "plate"),
    ("LICENSE", "licence"),
    ("LICENCE", "licence"),
    ("POSTAL", "postcode"),
    ("POSTCODE", "postcode"),
    ("ZIP", "postcode"),
    ("PHONE", "phone"),
    ("MEDICARE", "health plan"),
    ("INSURANCE", "health plan"),
    ("DATE", "date"),
    ("BANK", "account"),
)


def class_of(entity: str) -> str:
    """The class of an entity type; a type that says nothing is an ``id number``."""
    if entity in CLASSES:
        return CLASSES[entity]
    return next((name for word, name in _BY_WORD if word in entity), "id number")
