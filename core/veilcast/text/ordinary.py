"""Ordinary English words: none of them alone is taken for somebody's name.

The 8,000 words that are most often written in lower case, and not more often with a capital, by the
word probabilities of spacy-lookups-data (MIT); words that are said in the dialogues of MTS-Dialog
(Ben Abacha et al., EACL 2023) and PriMock57 (Papadopoulos Korfiatis et al., ACL 2022), both CC BY
4.0; and words that are names as well.
"""

from __future__ import annotations

from importlib.resources import files

ORDINARY = frozenset(files("veilcast.text").joinpath("ordinary.txt").read_text("ascii").split())
