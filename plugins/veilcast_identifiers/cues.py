"""What announces a number, and of which class the number then is.

"record number ...", "could you verify your social?", "... is my account". A *strong* cue names a
number; a *weak* one names a thing that may have one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NO = r"(?:\s*(?:number|numbers|no|num|nr|code|id|i\.?d\.?|identifier|#))"
"""What makes a noun name a number."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Where something is announced. `fewest` is how many digits the number must have."""

    start: int
    end: int
    identifier: str
    strong: bool
    fewest: int
    name: str


# Class, strong, fewest digits, what the reason calls it, and the words. The first that matches at a
# place counts, so longer phrases stand above the words that they hold.
_TABLE: tuple[tuple[str, bool, int, str, str], ...] = (
    ("fax", True, 3, "fax", r"(?:tele)?fax(?:es)?" + _NO + r"?|facsimile"),
    (
        "ssn",
        True,
        3,
        "social security",
        r"social\s+security" + _NO + r"?|s\.?s\.?n\.?"
        r"|social\s+insurance" + _NO + r"?|national\s+insurance" + _NO + r"?|ni\s+number"
        r"|last\s+four(?:\s+digits)?\s+of\s+(?:your|my|the|his|her)\s+social|(?:your|my|his|her|their|the)\s+social"
        r"(?!\s+(?:li[fv]|work|worker|service|history|anxiety|media|distanc|care|drink|situation|network|hour))",
    ),
    (
        "mrn",
        True,
        3,
        "record number",
        r"medical\s+record" + _NO + r"?|(?:chart|hospital|patient|clinic"
        r"|health\s+record|unit|episode|encounter|admission|visit|file)"
        + _NO
        + r"|record"
        + _NO
        + r"|m\.?r\.?n\.?|nhs"
        + _NO
        + r"?|n\.h\.s\.\s+number|hospital\s+number"
        r"|records?(?:\s+is|\s*:)",
    ),
    (
        "health plan",
        True,
        3,
        "plan number",
        r"(?:health\s+plan|member(?:ship)?|subscriber|policy"
        r"|insurance|plan|group|beneficiary|medicare|medicaid|claim|benefits?|prior\s+authorization"
        r"|authorization|enrol?lee)" + _NO + r"|insurance\s+(?:policy|card)(?:" + _NO + r")?|mbi",
    ),
    (
        "credit card",
        True,
        3,
        "card number",
        r"(?:(?:credit|debit|bank|visa|master|amex|payment)\s*)?"
        r"card" + _NO + r"|(?:credit|debit)\s+card|visa|mastercard|american\s+express|amex"
        r"|c\.?v\.?[cv]\.?|security\s+code|expir(?:y|es|ation)(?:\s+date)?",
    ),
    ("iban", True, 6, "iban", r"iban"),
    (
        "account",
        True,
        3,
        "account number",
        r"(?:account|card)(?:\s+number)?\s+(?:ending|ends)(?:\s+(?:in|with))?"
        r"|(?:bank\s+)?(?:account|acct|routing|sort|swift|invoice"
        r"|customer|client|billing|loan|mortgage)"
        + _NO
        + r"|sort\s+code|account\s+(?:is|ending(?:\s+in)?)"
        r"|acct|pin(?:\s+(?:number|code))?(?=\s+(?:is|number|code)|\s*:)",
    ),
    ("passport", True, 4, "passport", r"passport" + _NO + r"?"),
    (
        "licence",
        True,
        4,
        "licence",
        r"(?:driv(?:er|ers|er's|ing)\s+)?licen[sc]e"
        + _NO
        + r"|driv(?:er|ers|er's|ing)\s+licen[sc]e|dea"
        + _NO
        + r"?|npi"
        + _NO
        + r"?|(?:gmc|nmc|gphc)"
        + _NO
        + r"?|(?:registration|certificate|permit|provider)"
        + _NO,
    ),
    (
        "plate",
        True,
        2,
        "number plate",
        r"(?:licen[sc]e|number|vehicle|car|registration)\s+plates?"
        + _NO
        + r"?|plates?(?:"
        + _NO
        + r"|\s+is|\s+reads)|(?:car|vehicle)\s+reg(?:istration)?"
        + _NO
        + r"?|registration(?:\s+is)?|my\s+reg|the\s+reg|tag\s+number|v\.?i\.?n\.?(?:\s+number)"
        r"|vehicle\s+identification" + _NO,
    ),
    (
        "device",
        True,
        3,
        "serial number",
        r"(?:serial|device|imei|lot|model|implant|pacemaker|pump|meter"
        r"|asset|equipment)" + _NO + r"|serial|imei|mac\s+address",
    ),
    ("postcode", True, 1, "postcode", r"zip(?:\s*code)?|post\s?code|postal\s+code"),
    (
        "phone",
        True,
        3,
        "phone number",
        r"(?:(?:tele)?phone|mobile|cell(?:\s*phone)?|contact|call\s*back"
        r"|landline|extension|work|home|office|daytime|pager|whatsapp|emergency\s+contact)"
        + _NO
        + r"|(?:reach|call|ring|phone|text|contact)\s+(?:me|us|him|her|them|you)(?:\s+back)?"
        r"(?:\s+(?:on|at))?|(?:call|ring|dial|text)(?=\s+\d)|(?:reached|called|contacted)\s+(?:on|at)"
        r"|extension|ext|landline|pager|best\s+number|number\s+to\s+(?:call|reach)|(?:tele)?phone\s+is"
        r"|mobile\s+is|cell\s+is|(?:phone|mobile|cell|tel|telephone)\s*:",
    ),
    (
        "id number",
        True,
        3,
        "number",
        r"(?:badge|employee|staff|student|reference|ref|case|ticket|order"
        r"|confirmation|booking|tracking|prescription|rx|serial|specimen|sample|accession|study"
        r"|participant|subject|tax|taxpayer|identity|identification|security|access|locker|referral"
        r"|appointment|report|enrol?lment|protocol|script|national|military|service|payroll|personnel"
        r"|voter|contract|user|locator|parcel)" + _NO + r"|badge|i\.d\.|id(?=\s*(?:is|:|\d))"
        r"|passcode|pass\s+code|door\s+code|tin|ein|itin",
    ),
    ("username", True, 3, "login", r"password|user\s?name|log\s?in"),
    ("mrn", False, 4, "chart", r"chart|file|record|patient(?:\s+is)?"),
    ("health plan", False, 4, "group", r"group|member|claim|plan"),
    ("plate", False, 4, "tag", r"tag|reg"),
    ("device", False, 4, "lot", r"lot|batch|model|asset"),
    (
        "phone",
        False,
        4,
        "pager",
        r"bleep|page|pager|dial|(?:page|bleep|fax|whatsapp)\s+(?:me|us|him|her|them|it)(?:\s+(?:on|at|to))?",
    ),
    (
        "id number",
        False,
        3,
        "code",
        r"booking|invoice|subject|participant|sample|specimen|locker|incident|permit|ticket|order|meeting|zoom"
        r"|contract|report|study|(?:the|my|your|a)\s+(?:\w+\s+)?code|(?:it|which|that|and)\s+(?:ends|starts|begins)"
        r"(?:\s+(?:in|with))?|digits\s+on\s+the\s+(?:back|front|card)(?:\s+are)?",
    ),
    ("phone", False, 6, "phone", r"(?:tele)?phone|mobile|cell|landline|call"),
    (
        "health plan",
        False,
        5,
        "insurance",
        r"insurance|medicare|medicaid|policy|subscriber|coverage",
    ),
    ("account", False, 5, "account", r"account|billing"),
    ("credit card", False, 5, "card", r"card"),
    ("licence", False, 5, "licence", r"licen[sc]e"),
    ("id number", False, 5, "reference", r"reference|confirmation|case|ticket|identification"),
    (
        "id number",
        False,
        4,
        "number",
        r"numbers?(?:\s+(?:is|are|was)|\s*(?:[:?]|$|\n))|digits|the\s+number"
        r"|my\s+number|your\s+number|code(?:\s+is|\s*:)|(?:it|that)\s+reads|ending\s+in|starts\s+with"
        r"|begins\s+with",
    ),
)

_PATTERNS = tuple(
    (
        identifier,
        strong,
        fewest,
        name,
        re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE | re.MULTILINE),
    )
    for identifier, strong, fewest, name, words in _TABLE
)


def find_cues(content: str) -> list[Cue]:
    """All cues by where they end; one that lies within another of them is dropped."""
    cues = [
        Cue(match.start(), match.end(), identifier, strong, fewest, name)
        for identifier, strong, fewest, name, pattern in _PATTERNS
        for match in pattern.finditer(content)
    ]
    cues.sort(key=lambda cue: (cue.start, -cue.end, not cue.strong))
    kept: list[Cue] = []
    for cue in cues:
        if kept and cue.start < kept[-1].end:
            if cue.strong and not kept[-1].strong:
                kept.pop()
            elif cue.end <= kept[-1].end or not cue.strong:
                continue
            elif cue.start == kept[-1].start:
                kept.pop()
        kept.append(cue)
    return sorted(kept, key=lambda cue: (cue.end, cue.start))
