"""Makes the embedded language model and its dictionary.

Sources: MTS-Dialog and PriMock57 (CC BY 4.0), the general English model and dictionary in
PocketSphinx's distribution (BSD), names of the census (public domain) and of Faker (MIT), and the
towns of the name recogniser's word list (GeoNames, CC BY 4.0). The same sources give the same
files:

    python -m veilcast_speech.training.build MTS_DIALOG.csv PRIMOCK.jsonl CENSUS_FOLDER
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

from veilcast_identifiers.names.lexicon import load_lexicon
from veilcast_speech.training import dialogue
from veilcast_speech.training.estimate import END, START, Mixture, Model, large, ranked
from veilcast_speech.training.spoken import FIRST, LAST, LETTER, NATO, TOWN, Speaker
from veilcast_speech.training.vocabulary import Vocabulary

_HERE = Path(__file__).parent
TARGET = _HERE.parent / "data"
_NAME_TURNS = _HERE.parents[1] / "veilcast_identifiers" / "training" / "templates.txt"
_WORDS = 25_000  # so many of the general model's words
_TURNS = 30_000
_RARE = 3  # names that are said less often in the text are only known as names
_MIXTURE = Mixture(scale={FIRST: 1e-3, LAST: 2e-4, TOWN: 2e-4, LETTER: 0.06, NATO: 0.06})
# The library crashes after it has written words and pairs, and more is not needed; and it is the
# only one that knows these formats.
_CONVERT = """
import sys, pocketsphinx
mathematics = pocketsphinx.LogMath()
model = pocketsphinx.NGramModel(pocketsphinx.Config(loglevel="ERROR"), mathematics, sys.argv[1])
model.write(sys.argv[2], pocketsphinx.NGramModel.str_to_type(sys.argv[3]))
"""


def main(mts_dialog: Path, primock: Path, census: Path) -> None:
    """Writes `english.lm.bin` and `english.dict.gz` into the package's data."""
    import pocketsphinx  # type: ignore[import-untyped]

    random = Random(20)  # noqa: S311 - text, no secret
    words_of = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    vocabulary = Vocabulary(words_of, _HERE / "pronunciations.txt", census, load_lexicon().codes)
    said = [
        *dialogue.sentences(mts_dialog, primock, vocabulary, random),
        *dialogue.made_up(_HERE / "templates.txt", _NAME_TURNS, Speaker(random), random, _TURNS),
    ]
    with tempfile.TemporaryDirectory() as scratch:
        general = Path(scratch, "general.arpa")
        _convert(pocketsphinx.get_model_path("en-us/en-us.lm.bin"), general, "arpa")
        order = [word for word in ranked(general) if vocabulary.says(word)]
        wanted = _wanted(said, order, vocabulary)
        classes = {word: name for word, name in vocabulary.surely.items() if word not in wanted}
        model = Model(said, wanted, large(general, wanted, classes), _MIXTURE)
        arpa = Path(scratch, "english.arpa")
        arpa.write_text("\n".join(model.arpa()) + "\n", encoding="utf-8")
        TARGET.mkdir(exist_ok=True)
        _convert(arpa, TARGET / "english.lm.bin", "bin")
    entries = vocabulary.entries(sorted(wanted - {START, END}), order)
    text = "".join(f"{word}\t{written}\t{sounds}\n" for word, written, sounds in entries)
    (TARGET / "english.dict.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _wanted(said: list[list[str]], order: list[str], vocabulary: Vocabulary) -> set[str]:
    """The words of the model: the general ones and those of the text, names only as classes."""
    times: dict[str, int] = {}
    for sentence in said:
        for word in sentence:
            times[word] = times.get(word, 0) + 1
    words = {*order[:_WORDS], *(word for word in times if vocabulary.says(word))}
    names = {word for word in vocabulary.surely if times.get(word, 0) < _RARE}
    return words - names | {START, END, *vocabulary.members}


def _convert(source: str | Path, target: Path, kind: str) -> None:
    subprocess.run(
        [sys.executable, "-c", _CONVERT, str(source), str(target), kind],
        check=False,
        stderr=subprocess.DEVNULL,
    )
    if not target.is_file():
        raise SystemExit(f"{target.name} could not be made")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
