"""The English words that stand for characters, and the words around them that matter."""

from __future__ import annotations

DIGITS = {
    "zero": "0", "nought": "0", "naught": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9",
}  # fmt: skip
OH = frozenset({"oh", "o"})
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
MULTIPLES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "nineth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12,
    "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
    "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
    "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90,
}  # fmt: skip

# What a recogniser hears for a digit: taken as one only between digits that are sure.
HOMOPHONES = {
    "to": "2", "too": "2", "for": "4", "fore": "4", "ate": "8", "won": "1", "tree": "3",
    "sex": "6", "fife": "5", "nein": "9",
}  # fmt: skip

# Fillers after which digits may be said again.
CORRECTIONS = frozenset({"sorry", "no", "mean", "wait", "actually"})
# Said between numbers of a row as well.
ROW_FILLERS = frozenset({"then", "actually", "and"})
# Said between the digits or letters of one thing, and no part of it.
FILLERS = frozenset(
    "uh uhh um umm uhm er erm ah ahh hm hmm mm mmm eh sorry wait then actually".split()
)
FILLER_PHRASES = frozenset(
    {
        ("no", "sorry"), ("no", "wait"), ("sorry", "no"), ("i", "mean"), ("you", "know"),
        ("and", "then"), ("let", "me", "see"), ("no", "no"), ("oh", "sorry"), ("i'm", "sorry"),
    }
)  # fmt: skip

# Between two numbers.
NUMBER_MARKS = {
    "dot": ".", "point": ".", "decimal": ".", "dash": "-", "hyphen": "-", "slash": "/",
    "stroke": "/", "colon": ":", "space": " ",
}  # fmt: skip
# Between two spelled letters.
LETTER_MARKS = {"dash": "-", "hyphen": "-", "apostrophe": "'", "slash": "/", "colon": ":"}
# In an address; two words may make one mark.
ADDRESS_MARKS = {
    "dot": ".", "point": ".", "period": ".", "underscore": "_", "dash": "-", "hyphen": "-",
    "minus": "-", "plus": "+", "slash": "/", "stroke": "/", "colon": ":", "equals": "=",
    "at": "@",
}  # fmt: skip
ADDRESS_PAIRS = {
    ("under", "score"): "_", ("forward", "slash"): "/", ("at", "sign"): "@",
    ("question", "mark"): "?",
}  # fmt: skip

MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7,
    "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
    "jan": 1, "feb": 2, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sept": 9, "sep": 9, "oct": 10,
    "nov": 11, "dec": 12,
}  # fmt: skip
# Months that are ordinary words as well: they need a word before them that a date has.
WORD_MONTHS = frozenset({"may", "march"})
BEFORE_MONTH = frozenset(
    "on in of since by until till from last this every the is was between before after and".split()
)
# "You may first ...": no date.
BEFORE_VERB = frozenset("i you we they he she it who which that this one".split())
BIRTH = frozenset({"birth", "born", "birthday", "birthdate", "dob"})

NATO = {
    "alfa": "A", "alpha": "A", "bravo": "B", "charlie": "C", "delta": "D", "echo": "E",
    "foxtrot": "F", "golf": "G", "hotel": "H", "india": "I", "juliet": "J", "juliett": "J",
    "kilo": "K", "lima": "L", "mike": "M", "november": "N", "oscar": "O", "papa": "P",
    "quebec": "Q", "romeo": "R", "sierra": "S", "tango": "T", "uniform": "U", "victor": "V",
    "whiskey": "W", "whisky": "W", "xray": "X", "x-ray": "X", "yankee": "Y", "zulu": "Z",
}  # fmt: skip
# The ones that nobody says for another reason.
SURE_NATO = frozenset({"alfa", "bravo", "foxtrot", "sierra", "tango", "yankee", "zulu"})
# Letters that are words.
WORD_LETTERS = frozenset({"a", "i", "o"})
# Names of letters as recognisers write them: next to sure letters only.
LETTER_NAMES = {
    "zed": "Z", "zee": "Z", "aitch": "H", "haitch": "H", "ess": "S", "vee": "V", "dee": "D",
    "gee": "G", "eff": "F", "el": "L", "em": "M", "en": "N", "ex": "X", "jay": "J", "kay": "K",
    "cue": "Q", "queue": "Q", "bee": "B", "tee": "T", "pee": "P", "double-u": "W",
}  # fmt: skip
# Words that sound like a letter: only before "as in".
SOUNDED_LETTERS = {
    **LETTER_NAMES,
    "be": "B", "see": "C", "sea": "C", "pea": "P", "tea": "T", "are": "R", "you": "U",
    "why": "Y", "eye": "I", "oh": "O", "eh": "A", "he": "E",
}  # fmt: skip
CAPITALS = frozenset({"capital", "uppercase", "lowercase"})
# Spelled abbreviations after a number that are measures.
MEASURES = frozenset(
    "MG ML CM MM KG AM PM CC MCG IU LB LBS BPM KM G L M C F MPH DL MMHG HZ MB GB".split()
)

# Spelled names of identifiers: no part of the identifier that follows.
LABELS = frozenset(
    {"MRN", "IBAN", "SSN", "DOB", "NHS", "VIN", "PIN", "MAC", "IP", "ID", "DEA", "NPI"}
)

# A word after which a lone "one" or "oh six" is a number.
NUMBERED = frozenset(
    "number room bed ward apartment apt flat unit suite floor level bay building block house "
    "extension box gate line page type stage grade step day theatre badge".split()
)
MEASURED = frozenset(
    "percent milligram milligrams gram grams microgram micrograms litre litres liter liters "
    "millilitre millilitres milliliter milliliters pound pounds dollar dollars kilo kilos "
    "inch inches foot feet mile miles mg ml mcg kg cm mm cc degrees".split()
)
DETERMINERS = frozenset(
    "this that no another any every each which some the other only my your".split()
)
DURATIONS = frozenset(
    "second seconds minute minutes hour hours day days night nights week weeks month months year "
    "years times people".split()
)
CLOCK_BEFORE = frozenset("at by until till before after around from since".split())
CLOCK_AFTER = frozenset({"am", "pm", "a.m", "p.m", "tonight", "tomorrow", "today", "o'clock"})
YEAR_BEFORE = frozenset({"in", "since", "of", "year"})
STREETS = frozenset(
    "street st road rd avenue ave drive dr lane ln boulevard blvd court ct close crescent way "
    "place terrace square gardens grove parkway highway".split()
)
# Verbs after which a last spelled "i" was the pronoun.
AFTER_I = frozenset(
    "am was had have think felt feel just would can could did do got went know don't didn't "
    "couldn't can't will need want mean take took get see said guess never also".split()
)
TWO_LETTER_WORDS = frozenset(
    "ad ah am an as at be by do dr eh er go ha he hi hm if in is it ma me mm mr ms my no of oh ok "
    "on or pa so st to uh um up us vs we ya ye yo".split()
)

# Top-level domains that people say; those that are words count only after two dots.
DOMAINS = frozenset(
    "com org net edu gov mil int info biz co uk io ai app dev health clinic care doctor hospital "
    "dental ca au nz ie de fr es nl ch eu nhs ac tv cc me us tech online site cloud".split()
)
WORD_DOMAINS = frozenset({"care", "doctor", "hospital", "me", "us", "health", "online", "site"})
MAIL_CUES = frozenset({"is", "email", "e-mail", "mail", "address", "it's", "its", "that's"})
# Words that end a leftward search for the first part of an address.
NOT_LOCAL = frozenset(
    "is are was were be it it's its that's me us him her them you i we he she they look go went "
    "see visit found find available online here there website site page out sits hosted running "
    "still now just actually probably the my your our his a an and or so at on in to of for from "
    "with all email e-mail mail address account called contact reach write lower case one word "
    "capital yes no yeah okay ok right stored logged work works".split()
)
