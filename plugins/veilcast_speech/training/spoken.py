"""Numbers, dates, addresses and whatever else identifies, as they are said."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

FIRST, LAST, TOWN, LETTER, NATO = "_first", "_last", "_town", "_letter", "_nato"
"""Words that stand for a class."""

_DIGITS = "zero one two three four five six seven eight nine".split()
_TEENS = ("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen").split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_STREETS = (
    "street road avenue drive lane close court crescent place way boulevard terrace gardens square "
    "hill park row walk grove circle"
).split()
_STREET_NAMES = (
    "church high station park main oak maple cedar elm pine mill victoria king queen willow river "
    "lake hill west north spring forest garden bank chestnut orchard meadow school"
).split()
_HOSTS = "gmail yahoo hotmail outlook icloud aol protonmail btinternet".split()
_ENDINGS = ("com|com|com|co dot uk|org|net|edu|ac dot uk|gov|nhs dot uk|io").split("|")
_SITES = "|www dot |w w w dot |portal dot |files dot |mail dot |secure dot |intranet dot ".split(
    "|"
)
_FACILITIES = (
    "hospital|clinic|medical centre|medical center|surgery|practice|family practice|hospice|"
    "health centre|health center|general hospital|teaching hospital|infirmary|care home|school|"
    "nursing home|primary school|university|pharmacy|dental practice|memorial hospital|"
    "skin clinic|eye clinic"
).split("|")
_DRUGS = (
    "ibuprofen paracetamol aspirin insulin morphine warfarin metformin amoxicillin penicillin "
    "prednisone hydrocortisone cortisone atenolol bisoprolol ramipril lisinopril simvastatin "
    "atorvastatin omeprazole levothyroxine thyroxine salbutamol albuterol codeine tramadol "
    "diazepam sertraline fluoxetine citalopram amitriptyline gabapentin furosemide amlodipine "
    "clopidogrel heparin apixaban digoxin methotrexate naproxen diclofenac tamoxifen cetirizine "
    "loratadine erythromycin doxycycline ciprofloxacin vancomycin acetaminophen tylenol lithium "
    "antibiotics"
).split()
_EPONYMS = (
    "parkinson's alzheimer's crohn's addison's cushing's hashimoto's huntington's raynaud's "
    "hodgkin's bell's tourette's down's wilson's paget's meniere's marfan dupuytren's asperger's "
    "sjogren's"
).split()
_CONDITIONS = (
    "atrial fibrillation|hypertension|diabetes|type two diabetes|asthma|pneumonia|arthritis|"
    "osteoporosis|heart failure|migraine|depression|anxiety|angina|epilepsy|eczema|psoriasis|"
    "anaemia|reflux|gout|high blood pressure|high cholesterol|chest pain|a urinary tract infection|"
    "kidney stones|back pain"
).split("|")
_KIN = (
    "wife husband son daughter mother father brother sister mum mom dad uncle aunt neighbour "
    "friend partner grandson granddaughter nephew niece carer"
).split()


def cardinal(number: int) -> str:
    """A number under ten thousand, such as "three hundred and five"."""
    if number < 10:
        return _DIGITS[number]
    if number < 20:
        return _TEENS[number - 10]
    if number < 100:
        rest = f" {_DIGITS[number % 10]}" if number % 10 else ""
        return _TENS[number // 10 - 2] + rest
    unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = f" and {cardinal(number % unit)}" if number % unit else ""
    return f"{cardinal(number // unit)} {name}{rest}"


def ordinal(number: int) -> str:
    """The ordinal of a number up to 39, such as "twenty first"."""
    if number < 20:
        return _ORDINALS[number - 1]
    if number % 10 == 0:
        return _TENS[number // 10 - 2].removesuffix("y") + "ieth"
    return f"{_TENS[number // 10 - 2]} {_ORDINALS[number % 10 - 1]}"


class Speaker:
    """Says made-up things. The same seed says the same."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.slots: dict[str, Callable[[], str]] = {
            "first": lambda: FIRST,
            "last": lambda: LAST,
            "town": lambda: TOWN,
            "odd": lambda: LAST,
            "full": self.person,
            "any": self.person,
            "date": self.date,
            "year": self.year,
            "month": lambda: self._one(_MONTHS),
            "day": lambda: ordinal(self._up_to(1, 31)),
            "phone": self.phone,
            "street": self.street,
            "postcode": self.postcode,
            "zip": lambda: self.digits(5),
            "email": lambda: f"{self.user()} at {self.host()}",
            "url": lambda: self._one(_SITES) + self.host(),
            "ip": lambda: " dot ".join(self._octet() for _ in range(4)),
            "user": self.user,
            "code": self.code,
            "pin": lambda: self.digits(4),
            "ssn": lambda: f"{self.digits(3)} {self.pair()} {self.digits(4)}",
            "card": lambda: " ".join(self.digits(4) for _ in range(4)),
            "spelling": self.spelling,
            "plate": self.plate,
            "age": lambda: cardinal(self._up_to(1, 104)),
            "facility": self.facility,
            "number": lambda: cardinal(self._up_to(1, 99)),
            "amount": self.amount,
            "digit": lambda: _DIGITS[self._up_to(1, 9)],
            "drug": lambda: self._one(_DRUGS),
            "eponym": lambda: self._one(_EPONYMS),
            "condition": lambda: self._one(_CONDITIONS),
            "kin": lambda: self._one(_KIN),
            "pressure": self.pressure,
        }

    def _one(self, choices: Sequence[str]) -> str:
        return choices[int(self._random.random() * len(choices))]

    def _up_to(self, least: int, most: int) -> int:
        return least + int(self._random.random() * (most - least + 1))

    def digit(self) -> str:
        """One digit of a number that is read out."""
        value = self._up_to(0, 9)
        return _DIGITS[value] if value else self._one(("oh", "oh", "zero"))

    def digits(self, count: int) -> str:
        """So many digits, some doubled, tripled or in pairs."""
        said: list[str] = []
        while count > 0:
            draw = self._random.random()
            if count >= 2 and draw < 0.10:
                said.append(f"double {self.digit()}")
                count -= 2
            elif count >= 3 and draw < 0.13:
                said.append(f"triple {self.digit()}")
                count -= 3
            elif count >= 2 and draw < 0.17:
                said.append(cardinal(self._up_to(10, 99)))
                count -= 2
            else:
                said.append(self.digit())
                count -= 1
        return " ".join(said)

    def pair(self) -> str:
        """Two digits, one by one or as a number."""
        return self._one((self.digits(2), cardinal(self._up_to(10, 99))))

    def phone(self) -> str:
        """A telephone number."""
        draw = self._random.random()
        if draw < 0.5:
            return f"{self.digits(3)} {self.digits(3)} {self.digits(4)}"
        if draw < 0.7:
            return f"{self.digits(3)} {self.digits(4)}"
        return f"oh {self.digits(self._up_to(9, 10))}"

    def year(self) -> str:
        """A year from 1915 to 2029."""
        year = self._up_to(1915, 2029)
        if 2000 <= year < 2010:
            return cardinal(year)
        century = "nineteen" if year < 2000 else self._one(("twenty", "twenty", "two thousand and"))
        rest = cardinal(year % 100) if year % 100 else "hundred"
        return f"{century} {'oh ' if 0 < year % 100 < 10 else ''}{rest}"

    def date(self) -> str:
        """A day, with or without its year."""
        month, day = self._one(_MONTHS), ordinal(self._up_to(1, 31))
        said = self._one(
            (
                f"{month} {day}",
                f"{month} the {day}",
                f"the {day} of {month}",
                f"{day} of {month}",
                f"{day} {month}",
                f"the {day} of the {ordinal(self._up_to(1, 12))}",
            )
        )
        return f"{said} {self.year()}" if self._random.random() < 0.6 else said

    def person(self) -> str:
        """Somebody's name, as people give it."""
        return self._one(
            (
                *(f"{FIRST} {LAST}",) * 6,
                *(FIRST,) * 2,
                f"{self._one(('mister', 'missus', 'miss', 'doctor'))} {LAST}",
                f"{self._one(('mister', 'missus', 'miss', 'doctor'))} {FIRST} {LAST}",
            )
        )

    def street(self) -> str:
        """A house number and a street, perhaps with a flat and a town."""
        number = self._one(
            (
                cardinal(self._up_to(1, 999)),
                cardinal(self._up_to(1, 99)),
                self.digits(self._up_to(3, 4)),
                f"{cardinal(self._up_to(1, 99))} {cardinal(self._up_to(10, 99))}",
            )
        )
        name = self._one((LAST, LAST, LAST, TOWN, FIRST, *(self._one(_STREET_NAMES),) * 5))
        if self._random.random() < 0.15:
            name += " " + self._one(("bank", "hill", "park", "view", "green", "field", "lodge"))
        said = f"{number} {name} {self._one(_STREETS)}"
        if self._random.random() < 0.3:
            kind = self._one(("apartment", "flat", "suite", "unit", "number"))
            said += f" {kind} {cardinal(self._up_to(1, 60))}"
        return f"{said} {self._one(('in ', ''))}{TOWN}" if self._random.random() < 0.4 else said

    def postcode(self) -> str:
        """A British postcode or a ZIP code."""
        if self._random.random() < 0.3:
            return self.digits(5)
        area = " ".join([LETTER] * self._up_to(1, 2))
        return f"{area} {cardinal(self._up_to(1, 30))} {self.digit()} {LETTER} {LETTER}"

    def spelling(self) -> str:
        """A word letter by letter."""
        count, draw = self._up_to(3, 8), self._random.random()
        if draw < 0.5:
            return " ".join([LETTER] * count)
        if draw < 0.75:
            link = self._one(("as in", "for", "as in", "like"))
            return " ".join([f"{LETTER} {link} {NATO}"] * count)
        if draw < 0.88:
            return " ".join([NATO] * count)
        return " ".join(self._one((LETTER, LETTER, f"double {LETTER}")) for _ in range(count))

    def user(self) -> str:
        """The part of an e-mail address before the at."""
        parts = self._one(
            (FIRST, LAST, LETTER, f"{FIRST} {LAST}", f"{LETTER} {LAST}", f"{FIRST} {LETTER}")
        )
        if self._random.random() < 0.8:
            link = self._one(("dot", "dot", "underscore", "", "dash", "hyphen"))
            parts += f" {link} {self._one((LAST, LAST, FIRST, LETTER, self.pair()))}"
        return f"{parts} {self.pair()}" if self._random.random() < 0.25 else parts

    def host(self) -> str:
        """The part of an e-mail address behind the at."""
        own = (LAST, TOWN, f"{LAST} hospital", f"{TOWN} clinic", f"{LAST} clinic", f"{TOWN} health")
        return f"{self._one((*_HOSTS, *own))} dot {self._one(_ENDINGS)}"

    def _octet(self) -> str:
        number = cardinal(self._up_to(0, 255))
        return self._one((number, number, self.digits(self._up_to(1, 3))))

    def code(self) -> str:
        """A record or account number."""
        count, draw = self._up_to(4, 10), self._random.random()
        if draw < 0.6:
            return self.digits(count)
        if draw < 0.8:
            return f"{' '.join([LETTER] * self._up_to(1, 2))} {self.digits(count)}"
        return " ".join(self._one((LETTER, NATO, self.digit(), self.digit())) for _ in range(count))

    def plate(self) -> str:
        """A number plate."""
        letters = self._one((LETTER, NATO))
        return self._one(
            (
                f"{letters} {letters} {self.digits(2)} {letters} {letters} {letters}",
                f"{self.digit()} {letters} {letters} {letters} {self.digits(3)}",
            )
        )

    def facility(self) -> str:
        """A place of work or care."""
        name = self._one(
            (LAST, TOWN, LAST, f"the {TOWN}", f"saint {FIRST}", f"the {LAST}", f"{TOWN} community",
             "lakeside", "riverside", "oak", "north", "royal", "park")
        )  # fmt: skip
        return f"{name} {self._one(_FACILITIES)}"

    def amount(self) -> str:
        """A quantity: small, or large and round."""
        return cardinal(
            self._random.choice((self._up_to(1, 99), self._up_to(1, 999), 50 * self._up_to(1, 20)))
        )

    def pressure(self) -> str:
        """A blood pressure."""
        above = self._one((cardinal(self._up_to(90, 190)), f"one {cardinal(self._up_to(10, 90))}"))
        return f"{above} over {cardinal(self._up_to(50, 110))}"
