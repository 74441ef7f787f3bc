"""Labels of forms, tables and screens, and of what class the value beside one is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from veilcast_text.understanding.vocabulary import all_ordinary

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["name", "date", "number", "text", "age"]

_NO = "no|num|number|nr|id|code"
# Class, what its values are like, words that are labels by themselves, and words that are only
# with a colon. "*" stands for "number" and its like, which must be there; "~" where it may be.
_TABLE: tuple[tuple[str, Kind, str, str], ...] = (
    (
        "person",
        "name",
        "patient name;pt name;patients name;name;full name;patient;pt;surname;last name;first name"
        ";given name;given names;forename;forenames;family name;middle name;maiden name"
        ";preferred name;nok;next of kin;emergency contact;contact name;consultant;attending"
        ";attending physician;attending doctor;physician;referring physician;referring doctor"
        ";ref physician;ref phys;ref dr;referred by;performed by;reported by;signed by;verified by"
        ";entered by"
        ";ordered by;requested by;prescribed by;prescriber;dictated by;reviewed by;collected by"
        ";checked by;given by;administered by;administered;printed by;witnessed by;read by"
        ";approved by;created by;modified by;logged in as;signed in as;logged in;signed in"
        ";surgeon;anaesthetist;anesthesiologist;anesthetist;radiologist;sonographer;operator"
        ";technologist;responsible clinician;named nurse;primary nurse;your nurse today is"
        ";your nurse;your doctor;my name is;hello my name is;hello i am;hi i am;i am;mother;father"
        ";baby of;mother of;son of;daughter of;wife of;guardian;aka;alias;insured name"
        ";cardholder;account holder;talking;now speaking;speaking;welcome back;call from"
        ";call with;chat with;meeting with;message from;shared by;presented by;owner name",
        "client;resident;mother name;carer;caregiver;spouse;husband;wife;partner;son;daughter;gp"
        ";doctor;dr;nurse;rn;midwife;therapist;clinician;provider;pcp;consultants;team lead;lead"
        ";tech;oper;phys;re;technician;radiographer;author;user;participant;subject;host"
        ";presenter;speaker;organizer;organiser;from;to;cc;bcc;attn;attention;fao;dear;welcome"
        ";hello;hi;owner;employee;staff;student;teacher;visitor;driver;member;insured;guarantor"
        ";subscriber;beneficiary;contact;assigned to;seen by;by;assistant;scrub;circulating"
        ";anaes;anesthesia;with;shared with;display name"
        ";paciente;nombre;apellido;apellidos;nom;prenom;prénom;patiente;vorname;nachname;nome;cognome"
        ";sobrenome;naam;achternaam;voornaam;navn;namn;imię;nazwisko;arzt;medecin;médecin;medico",
    ),
    (
        "date",
        "date",
        "dob;d o b;date of birth;birth date;birthdate;birthday;born;date;doa;dod;study date"
        ";exam date;admission date;date of admission;admit date;adm date;discharge date;edd;lmp"
        ";date of death;date of service;dos;date of surgery;visit date;collection date;report date",
        "admitted;admission;adm;discharged;discharge;collected;received;reported;printed;visit"
        ";appointment;appt;next appt;deceased;surgery;scheduled;created;modified;acquired;time"
        ";taken;date time;geburtsdatum;geb;fecha de nacimiento;fecha nac;date de naissance"
        ";né le;née le;data di nascita;data de nascimento;geboortedatum;fecha;datum;data"
        ";start date;end date;expected discharge;studied;performed",
    ),
    (
        "mrn",
        "number",
        "mrn;m r n;mr*;mrnumber;medical record~;hospital*;hosp*;patient*;pt*;pat*;patientid;ptid"
        ";pid;nhs~;nhsno;chi~;record*;chart*;visit*;encounter*;episode*;fin;csn;urn;uhid;ur*;unit*"
        ";case*;admission*;hcn;health card~;hospno;hn;phn",
        "record;chart;hosp;chi;unit;encounter;episode",
    ),
    (
        "id number",
        "number",
        "acc;acc*;accn;accession;accession*;id;id*;badge*;employee*;staff*;student*;order*;req*"
        ";requisition*;specimen*;sample*;ref*;reference*;booking*;ticket*;study*;exam*;barcode"
        ";confirmation*;referral*;rx*;prescription*;meeting*;subject*;participant*;lab*;tax*"
        ";study uid;sop uid;series uid;bag*;unit*;donation*",
        "accn number;badge;order;specimen;sample;ref;reference;ticket;pin;subject;participant;case"
        ";req;exam;study uid number;rx",
    ),
    ("ssn", "number", "ssn;s s n;ss*;social security~;nino;ni*;national insurance~;sin", "ss"),
    (
        "health plan",
        "number",
        "member*;policy*;group*;medicare~;medicaid~;insurance*;plan*;subscriber*;health plan~;mbi"
        ";claim*",
        "policy;insurance;group;plan;claim",
    ),
    ("account", "number", "account*;acct;acct*;a c no;invoice*;customer*;iban", "account;invoice"),
    ("credit card", "number", "card*;credit card~", "card"),
    ("phone", "number", "tel;telephone~;phone~;mobile*;cell*;pager;bleep;ext;extension"
     ";contact*;home phone;work phone;mobile phone;cell phone;call back*",
     "mobile;cell;home;ph;work;emergency;contact tel"),
    ("fax", "number", "fax~", ""),
    ("device", "number", "sn;s n;serial~;serialno;imei;udi;asset~;asset tag;mac address;device*"
     ";implant*;equipment*", "mac;ser"),
    ("plate", "number", "license plate~;licence plate~;number plate~;plate*;vin;vehicle reg~"
     ";car reg;reg no;registration*", "reg;plate;registration"),
    ("licence", "number", "licence*;license*;driving licence~;drivers license~;driver license~;dl*"
     ";gmc~;npi~;dea~;nmc~;hcpc~;pin number", "licence;license;dl"),
    ("passport", "number", "passport~", ""),
    ("username", "text", "username;user name;user id;login name;password;passcode", "login"),
    ("email", "text", "e mail;email;email address", ""),
    ("address", "text", "address;home address;addr;street address;postal address", "street"
     ";residence;lives at"),
    ("postcode", "text", "postcode;post code;zip code;zip", ""),
    ("city", "text", "place of birth;birthplace;birth place", "city;town;county"),
    ("facility", "text", "institution;hospital name;facility name;clinic name", "hospital;facility"
     ";clinic;practice;site;school;gp practice;surgery name;employer"),
    ("age", "age", "age;patient age", "aged"),
    ("room", "number", "room;room*;rm;bed;bed*;bay;ward;ward*", "location;loc"),
)  # fmt: skip
_CONFUSED = {
    "o": "[o0]", "i": "[il1|]", "l": "[l1i|]", "s": "[s5]", "b": "[b8]", "m": "(?:m|rn)",
    "z": "[z2]", "g": "[g9]",
}  # fmt: skip
_KEPT = 8192
_INEXACT = 6
"""Letters of a label of which one may have been misread."""
_BEGINNING = re.compile(r"\s*(?P<words>[^\W_][^:;=|\d]{3,24}?)\s*(?:(?P<mark>[:;=])\s*|$)")
_SEPARATOR = r"(?P<mark>\s*[:;=#>]+[\s.:#-]*|\.(?=[\s\d:]|$)\s*:?\s*|\s+-\s+)"
"""What may stand between a label and its value, beside a space."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a line.

    Attributes:
        identifier: the class of its value.
        kind: what its values are like.
        start: its first character.
        end: where its value may begin.
        marked: whether a colon or its like follows.
        counts: whether the words are a label without a colon, too.
    """

    identifier: str
    kind: Kind
    start: int
    end: int
    marked: bool
    counts: bool


@lru_cache(maxsize=_KEPT)
def find_labels(text: str) -> tuple[Label, ...]:
    """The labels in a line, in order."""
    found = tuple(_labels(text))
    if found and found[0].start == 0:
        return found
    begins = _misread(text)
    return (begins, *(one for one in found if one.start >= begins.end)) if begins else found


def whole_label(text: str, *, sure: bool = True) -> Label | None:
    """The label that is all that a line says; where not `sure`, one that wants a colon too."""
    bare = text.strip()
    label = next(iter(find_labels(bare)), None)
    if label is None and not sure:
        label = next(_labels(bare, sure=False), None)
    if label is None or label.start or any(char.isalnum() for char in bare[label.end :]):
        return None
    return label


def _labels(text: str, *, sure: bool = True) -> Iterator[Label]:
    at = 0
    for match in _pattern().finditer(text):
        if match.start() < at:
            continue
        entry = _entries().get(_key(match["words"]))
        if entry is None:
            continue
        identifier, kind, counts = entry
        marked = match["mark"] is not None and not (
            match["mark"].startswith(".") and ":" not in match["mark"] and kind == "name"
        )
        if counts or marked or not sure:
            yield Label(identifier, kind, match.start(), match.end(), marked, counts)
            at = match.end()


def _misread(text: str) -> Label | None:
    """The label with which a line begins, or that it is, with one character misread."""
    from rapidfuzz.distance import Levenshtein

    match = _BEGINNING.match(text)
    if match is None or all_ordinary(match["words"]):
        return None
    key = _key(match["words"])
    if len(key) < _INEXACT:
        return None
    for known, (identifier, kind, counts) in _entries().items():
        if abs(len(known) - len(key)) > 1 or len(known) < _INEXACT:
            continue
        if not (counts or match["mark"]) or Levenshtein.distance(known, key, score_cutoff=1) > 1:
            continue
        marked = bool(match["mark"])
        return Label(identifier, kind, match.start("words"), match.end(), marked, counts)
    return None


def _forms(phrase: str) -> Iterator[str]:
    if phrase.endswith(("*", "~")):
        yield from (f"{phrase[:-1]} {word}" for word in _NO.split("|"))
        if phrase.endswith("~"):
            yield phrase[:-1]
    else:
        yield phrase


@cache
def _entries() -> dict[str, tuple[str, Kind, bool]]:
    entries: dict[str, tuple[str, Kind, bool]] = {}
    for counts in (True, False):
        for identifier, kind, sure, marked in _TABLE:
            for phrase in (sure if counts else marked).split(";"):
                for form in _forms(phrase) if phrase else ():
                    entries.setdefault(_key(form), (identifier, kind, counts))
    return entries


@cache
def _pattern() -> re.Pattern[str]:
    phrases = {
        form
        for _, _, sure, marked in _TABLE
        for phrase in f"{sure};{marked}".split(";")
        if phrase
        for form in _forms(phrase)
    }
    words = "|".join(map(_spelled, sorted(phrases, key=lambda one: (-len(one), one))))
    return re.compile(
        rf"(?<![^\W_])(?P<words>{words})(?:{_SEPARATOR}|(?=\s*\d)|\s*[-\u2013\u2014](?=\s)|(?=\s|$)|(?=\())\s*",
        re.IGNORECASE,
    )


def _spelled(phrase: str) -> str:
    """A pattern for a label as it may have been read."""
    return r"[\s._/'’-]*".join(
        "".join(_CONFUSED.get(char, char) for char in word) for word in phrase.split()
    )


def _key(words: str) -> str:
    """A label without what may be misread in it."""
    plain = "".join(char for char in words.casefold() if char.isalnum() or char == "|")
    return plain.replace("rn", "m").translate(str.maketrans("01|5829", "ollsbzg")).replace("i", "l")
