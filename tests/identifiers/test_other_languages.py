"""French, Spanish and German: what is said of a person is found, what is said of a dose is not."""

from __future__ import annotations

import pytest

from veilcast.extensions.recognizers import Passage, RecognizerContext
from veilcast_identifiers.other_languages import describe

SAID = [
    # Whisper writes names with capitals and most numbers in figures; others write neither.
    (
        "fr",
        "Bonjour, je m'appelle [Hélène Courtois] et je suis née le [4 mai 1951].",
        "person date",
    ),
    ("fr", "bonjour je m'appelle [courtois]", "person"),
    ("fr", "Mon numéro de téléphone est le [06 12 34 56 78].", "phone"),
    (
        "fr",
        "mon téléphone c'est [zéro six douze trente-quatre cinquante-six soixante-dix-huit]",
        "phone",
    ),
    ("fr", "J'habite au [12 rue des Lilas] à Lyon.", "address"),
    ("fr", "Le dossier numéro [448 219] est ici.", "mrn"),
    ("fr", "Docteur [Lefèvre], Madame [de La Tour] est arrivée.", "person person"),
    ("fr", "Elle a [94] ans.", "age"),
    ("fr", "Rendez-vous le [quatre septembre].", "date"),
    ("es", "Me llamo [Lucía Fernández Ortega] y nací el [3 de marzo de 1948].", "person date"),
    ("es", "me llamo [lucía]", "person"),
    ("es", "Mi teléfono es el [612 345 678].", "phone"),
    ("es", "mi teléfono es [seis uno dos tres cuatro cinco seis siete ocho]", "phone"),
    ("es", "Vivo en la [calle Mayor número 15].", "address"),
    ("es", "El expediente es el [77 31 09].", "mrn"),
    ("es", "La señora [Gutiérrez] tiene cita con el doctor [Ramos].", "person person"),
    ("es", "Cumplió [noventa y cuatro] años.", "age"),
    (
        "de",
        "Guten Tag, mein Name ist [Katharina Vogel], geboren am [4. September 1951].",
        "person date",
    ),
    ("de", "ich heiße [vogel]", "person"),
    ("de", "Meine Telefonnummer ist [0171 234 56 78].", "phone"),
    ("de", "Meine Telefonnummer ist [null eins sieben eins zwei drei vier].", "phone"),
    (
        "de",
        "Rufen Sie an: [null eins lieben eins Smeid bei vier, fünf Nächs lieben acht].",
        "id_number",
    ),
    ("es", "vivo en la [calle, mayor número quince]", "address"),
    ("de", "Ich wohne in der [Lindenstraße 14].", "address"),
    ("de", "Die Patientennummer ist [44 82 19].", "mrn"),
    ("de", "Herr Doktor [Brandt] kommt, Frau [von Stein] wartet.", "person person"),
    ("de", "Sie ist [vierundneunzig] Jahre alt.", "age"),
    ("fr", "Écrivez à [helene.courtois@exemple.fr].", "email"),
]
HARMLESS = [
    ("fr", "Prenez deux comprimés de 500 milligrammes trois fois par jour pendant dix jours."),
    ("fr", "La tension est de 140 sur 85 et le pouls à 72."),
    ("fr", "La rose du jardin est belle, et la place est grande."),
    ("es", "Tome dos pastillas de 500 miligramos tres veces al día durante diez días."),
    ("es", "La tensión es de 140 sobre 85 y el pulso de 72."),
    ("de", "Nehmen Sie zwei Tabletten mit 500 Milligramm dreimal am Tag, zehn Tage lang."),
    ("de", "Der Blutdruck ist 140 zu 85, der Puls 72."),
    ("fr", "Mon mari est malade, je suis diabétique, c'est grave."),
    ("es", "Soy diabético y mi marido está enfermo."),
    ("de", "Guten Tag zusammen, meine Frau arbeitet heute."),
    ("de", "Wir gehen den Weg zusammen, der Platz ist frei."),
]


def recognized(language: str, content: str) -> list[tuple[int, int, str]]:
    loaded = describe().load(RecognizerContext(language=language, models={}))
    passage = Passage(content=content, form="spoken", language=language, modality="speech")
    spans = [s for s in loaded.recognize(passage) if s.score >= 0.5]
    return [(s.start, s.end, s.identifier) for s in spans if s.identifier != "age under 90"]


@pytest.mark.parametrize(("language", "marked", "classes"), SAID)
def test_what_identifies_is_found_whole(language: str, marked: str, classes: str) -> None:
    content, inside, begun = "", [], 0
    for character in marked:
        if character == "[":
            begun = len(content)
        elif character == "]":
            inside.append((begun, len(content)))
        else:
            content += character
    found = recognized(language, content)
    for (start, end), identifier in zip(inside, classes.split(), strict=True):
        covering = [f for f in found if f[0] <= start and end <= f[1]]
        assert identifier.replace("_", " ") in {f[2] for f in covering}, content[start:end]
    allowed = 2 * sum(end - start for start, end in inside)
    assert sum(end - start for start, end, _ in found) <= allowed + 10


@pytest.mark.parametrize(("language", "content"), HARMLESS)
def test_what_is_said_of_illness_is_left(language: str, content: str) -> None:
    assert [content[start:end] for start, end, _ in recognized(language, content)] == []
