"""The words that the rules for each language look for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Words of one language, lower-cased; phrases and patterns are regular expressions.

    Attributes:
        numerals: words that numbers are said with.
        compound: what a number written as one word matches, where the language has such.
        joins: words that stand between the parts of a number: "and", "dash", "plus".
        months: their names.
        names: what announces a name behind it, however it is written.
        mentions: what a name often stands behind; it counts when it has a capital.
        titles: what stands before a surname, which has a capital.
        small: words that are no part of a name, and end one.
        particles: words inside names: "de la", "von".
        born: what announces a date of birth.
        old: what stands behind an age.
        aged: numerals of ages over 89.
        numbers: what announces a number, and its class.
        street: what a street's name begins with; or, as a suffix, ends with.
        street_behind: whether the words above are endings.
    """

    numerals: frozenset[str]
    compound: str
    joins: frozenset[str]
    months: frozenset[str]
    names: str
    mentions: str
    titles: str
    small: frozenset[str]
    particles: frozenset[str]
    born: str
    old: str
    aged: str
    numbers: tuple[tuple[str, str], ...]
    street: str
    street_behind: bool = False


_FRENCH = Lexicon(
    numerals=frozenset(
        "zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze "
        "quinze seize vingt vingts trente quarante cinquante soixante septante huitante octante "
        "nonante cent cents mille premier double triple".split()
    ),
    compound=r"(?:quatre|vingt|trente|quarante|cinquante|soixante|dix)(?:-\w+)+",
    joins=frozenset("et tiret plus trait point virgule".split()),
    months=frozenset(
        "janvier février fevrier mars avril mai juin juillet août aout septembre octobre "
        "novembre décembre decembre".split()
    ),
    names=r"[ms]'appelle|(?:mon|son|votre|le) (?:nom|prénom)(?: de famille)?(?: est| c'est)?"
    r"|de la part de",
    mentions=r"(?:mon|ma|son|sa|votre) (?:mari|femme|épouse|père|mère|frère|sœur|fils|fille|amie?"
    r"|voisine?)|bonjour(?: ici)?|ici|je suis|c'est",
    titles=r"monsieur|madame|mademoiselle|mme|mlle|m\.|docteur|docteure|dr|professeur|maître",
    small=frozenset(
        "et est a à au aux le la les un une de des du dans en pour par sur avec sans qui que "
        "quoi où ou mais donc je tu il elle on nous vous ils elles ne pas plus très bien oui "
        "non merci ce cet cette ces mon ma mes son sa ses votre vos notre nos leur suis sont "
        "était ai as ont avait habite j'ai c'est née né comment puis alors voilà aussi encore "
        "toujours aujourd'hui hier demain ici là fait va vais voudrais peut".split()
    ),
    particles=frozenset("de du des le la d' d".split()),
    born=r"née? le|naissance(?: est)?(?: le)?|naissance c'est le",
    old=r"ans",
    aged=r"quatre-vingts?[- ](?:dix(?:[- ](?:sept|huit|neuf))?|onze|douze|treize|quatorze|quinze"
    r"|seize)|nonante|cent",
    numbers=(
        (r"télécopie|fax", "fax"),
        (r"téléphone|portable|mobile|joindre au|appele[rz] au|numéro de tél", "phone"),
        (r"dossier|patient", "mrn"),
        (r"sécurité sociale|carte vitale|assuré|mutuelle", "health plan"),
        (r"compte|carte bancaire|carte de crédit|client|facture", "account"),
        (r"passeport|permis", "passport"),
        (r"code postal", "postcode"),
        (r"numéro|code|référence|matricule", "id number"),
    ),
    street=r"rue|avenue|boulevard|place|chemin|allée|impasse|quai|route|square|cours|passage",
)
_SPANISH = Lexicon(
    numerals=frozenset(
        "cero un uno una dos tres cuatro cinco seis siete ocho nueve diez once doce trece "
        "catorce quince dieciséis dieciseis diecisiete dieciocho diecinueve veinte veintiuno "
        "veintiún veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
        "veintiocho veintinueve veintidos veintitres veintiseis treinta cuarenta cincuenta "
        "sesenta setenta ochenta noventa cien ciento doscientos trescientos cuatrocientos "
        "quinientos seiscientos setecientos ochocientos novecientos mil primero doble "
        "triple".split()
    ),
    compound=r"(?!)",
    joins=frozenset("y guion guión más raya punto coma".split()),
    months=frozenset(
        "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre "
        "noviembre diciembre".split()
    ),
    names=r"me llamo|se llama|(?:mi|su|el|tu) (?:nombre|apellido)(?: completo)? es|de parte de",
    mentions=r"(?:mi|su) (?:marido|espos[oa]|mujer|padre|madre|herman[oa]|hij[oa]|amig[oa]"
    r"|vecin[oa])|soy|habla",
    titles=r"señora?|señorita|sra?\.?|doctora?|dra?\.?|don|doña|profesora?|licenciad[oa]",
    small=frozenset(
        "y e es está a al el la los las un una de del en para por sobre con sin que quien donde "
        "o pero yo tú él ella nosotros ustedes ellos no más muy bien sí gracias este esta estos "
        "mi mis su sus nuestro soy son era he ha han había vivo tengo tiene nacido nacida cómo "
        "luego entonces también todavía siempre hoy ayer mañana aquí allí va voy puede "
        "quiero".split()
    ),
    particles=frozenset("de del la las los y".split()),
    born=r"nacid[oa] el|nací el|nacimiento(?: es)?(?: el)?",
    old=r"años",
    aged=r"noventa|cien|ciento",
    numbers=(
        (r"fax", "fax"),
        (r"teléfono|móvil|celular|llam(?:ar|e|arme) al", "phone"),
        (r"historia clínica|expediente|historial|paciente", "mrn"),
        (r"seguridad social|tarjeta sanitaria|seguro", "health plan"),
        (r"cuenta|tarjeta|cliente|factura", "account"),
        (r"pasaporte|dni|nie|carné|licencia", "passport"),
        (r"código postal", "postcode"),
        (r"número|código|referencia|matrícula", "id number"),
    ),
    street=r"calle|avenida|paseo|plaza|camino|carretera|ronda|travesía|callejón",
)
_UNITS = "ein|eins|eine|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun"
_TEENS = "zehn|elf|zwölf|(?:drei|vier|fünf|sech|sieb|acht|neun)zehn"
_TENS = "zwanzig|dreißig|dreissig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig"
_GERMAN = Lexicon(
    numerals=frozenset(
        f"null {_UNITS} zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn "
        "neunzehn "
        f"{_TENS} hundert tausend doppel erste ersten zweite zweiten dritte dritten vierte vierten "
        "fünfte fünften sechste sechsten siebte siebten achte achten neunte neunten zehnte zehnten "
        "elfte elften zwölfte zwölften".replace("|", " ").split()
    ),
    compound=rf"(?:(?:{_UNITS}|{_TEENS})?(?:tausend|hundert))*(?:und)?"
    rf"(?:(?:{_UNITS})und(?:{_TENS})|{_TENS}|{_TEENS}|hundert|tausend)(?:s?ten?)?",
    joins=frozenset("und strich bindestrich plus punkt komma".split()),
    months=frozenset(
        "januar jänner februar feber märz april mai juni juli august september oktober november "
        "dezember".split()
    ),
    names=r"ich hei(?:ß|ss)e|hei(?:ß|ss)t|(?:mein|sein|ihr|der) (?:vor|nach|familien)?name ist",
    mentions=r"(?:meine?|ihre?|seine?) (?:mann|frau|vater|mutter|bruder|schwester|sohn|tochter"
    r"|freund(?:in)?|nachbar(?:in)?)|hier (?:spricht|ist)|spreche ich mit",
    titles=r"herr|herrn|frau|doktor|doktorin|dr\.?|professor|professorin|prof\.?|schwester|pfleger",
    small=frozenset(
        "und ist sind war der die das den dem des ein eine einen einem in im an am auf für von "
        "vom zu zum zur mit ohne wer was wo oder aber ich du er sie es wir ihr nicht kein mehr "
        "sehr gut ja nein danke dieser diese mein meine sein seine ihre unser bin habe hat "
        "haben hatte wohne wohnt geboren wie dann also auch noch immer heute gestern morgen "
        "hier da geht kann möchte will sagt sagte kommt doch mal schon bitte".split()
    ),
    particles=frozenset("von van zu zum zur der den de".split()),
    born=r"geboren am|geburtsdatum(?: ist)?(?: der)?|geboren",
    old=r"jahre",
    aged=r"\w*neunzig|\w*hundert\w*",
    numbers=(
        (r"telefax|fax\w*", "fax"),
        (r"telefon\w*|handy\w*|mobil\w*|rückruf\w*|erreichen (?:sie mich )?unter", "phone"),
        (r"patienten\w*|akten\w*|fall\w*nummer", "mrn"),
        (r"versicherten\w*|versicherungs\w*|krankenkasse\w*", "health plan"),
        (r"konto\w*|karten\w*|kunden\w*|rechnungs\w*", "account"),
        (r"reisepass\w*|ausweis\w*|führerschein\w*", "passport"),
        (r"postleitzahl|plz", "postcode"),
        (r"\w*nummer|code|kennzeichen|aktenzeichen", "id number"),
    ),
    street=r"\w+(?:straße|strasse|str\.|weg|platz|gasse|allee|ring|ufer|damm)",
    street_behind=True,
)
LEXICONS = {"fr": _FRENCH, "es": _SPANISH, "de": _GERMAN}
"""By language, ISO 639-1."""
