"""How well what identifies is found in lines of pictures, and how much else is taken for it.

    python benchmarks/screen_lines.py [--names N] [--seed S] [--misses] [--blind] [--lists]

Lines and pages of wards, devices, badges, meetings and title bars, with invented names (Faker, in
many cultures, and some that no list has), numbers and dates in them, whose characters are known.
One is found when every letter and digit of it is covered. They are read as they are, and with the
mistakes of a reader of pictures: characters taken for others that look alike, one in a hundred for
any other, and one space in ten lost. `screen_lines.txt` has lines that identify nobody. Those of
its sections `blind` to `blind3` were each written when the vocabulary was done. It learned from
`blind` afterwards, and from the others nothing. `--blind` tries these, and lines with names of
which none was looked at while the rules were made. `--lists` leaves out the models that have to be
fetched.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from screen_lines_templates import HELD_OUT, LINES, PAGES

from veilcast.errors import VeilcastError
from veilcast.host import Host
from veilcast.models import find
from veilcast.plugin import IdentifierSettings, TextLine
from veilcast_text.understanding import Judge

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCALES = (
    "en_US", "en_GB", "en_IN", "de_DE", "fr_FR", "es_MX", "it_IT", "pl_PL", "pt_BR", "nl_NL",
    "sv_SE", "tr_TR", "cs_CZ", "fi_FI", "id_ID", "yo_NG", "zu_ZA", "hr_HR", "ro_RO", "hu_HU",
    "tw_GH", "da_DK",
)  # fmt: skip
RARE_GIVEN = """
Zynthia Oyelaran Thandolwethu Xiuying Jaroslava Quillen Aoifelle Briseyda Nwakaego Tupaarnaq
Yevhenii Marjolijn Oluwaferanmi Kjerstine Saoirsela Dhruvansh Wiremu Ngaio Phuonglan Tadashiko
""".split()
RARE_SURNAMES = """
Brightwaterson Okwuchukwu Vanterhaegen Szymborowicz Thornbriar Kallasvuori Adzovic Mbekezeli
Quennerstedt Oyinkansade Hrubesova Featherwell Ndiritu-Achieng Llanbedrog Gudbrandsen Tshabangu
Wrzesniewska Caddenhead Yarborouski Pellegrinotti
""".split()
CONFUSED = {
    "O": "0", "0": "O", "o": "0", "l": "1I", "1": "lI", "I": "l1", "i": "l1", "5": "S", "S": "5",
    "s": "5", "8": "B", "B": "8", "m": ("rn",), "Z": "2", "2": "Z", "c": "e", "e": "c", "u": "v",
    "v": "u", "h": "b",
}  # fmt: skip
GROUP = re.compile(r"\[(name|date|number):([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Truth:
    kind: str
    start: int
    end: int


class Filler:
    """Fills templates with what is invented."""

    def __init__(self, seed: int) -> None:
        from faker import Faker

        self.random = Random(seed)  # noqa: S311
        self._fakers = [Faker(locale) for locale in LOCALES]
        for number, faker in enumerate(self._fakers):
            faker.seed_instance(seed + number)

    def _latin(self, kind: str, rare: Sequence[str]) -> str:
        if self.random.random() < 0.15:
            return self.random.choice(rare)
        faker = self.random.choice(self._fakers)
        return str(getattr(faker, kind)()).split(" ")[0]

    def fill(self, template: str) -> tuple[str, tuple[Truth, ...]]:
        """A line and what in it identifies."""
        pick = self.random
        given, surname = (
            self._latin("first_name", RARE_GIVEN),
            self._latin("last_name", RARE_SURNAMES),
        )
        line = template
        values = {
            "G": given, "S": surname, "g": given.upper(), "s": surname.upper(), "I": given[0],
            "D": _date(pick), "T": _stamp(pick), "e": f"{given}.{surname}".lower(),
            "NHS": f"{_n(pick, 3)} {_n(pick, 3)} {_n(pick, 4)}",
            "SSN": f"{_n(pick, 3)}-{_n(pick, 2)}-{_n(pick, 4)}",
            "TEL": f"0{pick.choice('12')}{_n(pick, 2)} {_n(pick, 3)} {_n(pick, 4)}",
            "US": f"({pick.randint(2, 9)}{_n(pick, 2)}) 555-{_n(pick, 4)}",
        }  # fmt: skip
        for name, value in values.items():
            line = line.replace("{" + name + "}", value)
        line = re.sub(r"\{L\}", lambda _: pick.choice("ABCDEFGHKLMNPRSTUVWX"), line)
        line = re.sub(r"\{N(\d)\}", lambda m: _n(pick, int(m[1])), line)
        return _marked(line)


def _marked(line: str) -> tuple[str, tuple[Truth, ...]]:
    text, truths, at = "", [], 0
    for match in GROUP.finditer(line):
        text += line[at : match.start()]
        truths.append(Truth(match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return text + line[at:], tuple(truths)


def _n(pick: Random, count: int) -> str:
    return str(pick.randint(1, 9)) + "".join(str(pick.randint(0, 9)) for _ in range(count - 1))


def _date(pick: Random) -> str:
    d, m, y = pick.randint(1, 28), pick.randint(1, 12), pick.randint(1925, 2024)
    month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[m - 1]
    return pick.choice(
        (
            f"{d:02}/{m:02}/{y}", f"{d:02}-{month.upper()}-{y}", f"{d}.{m}.{y % 100:02}",
            f"{y}-{m:02}-{d:02}", f"{m:02}/{d:02}/{y % 100:02}", f"{d} {month} {y}",
            f"{month} {d}, {y}", f"{d:02} {month.upper()} {y}", f"{d:02}.{m:02}.{y}",
        )
    )  # fmt: skip


def _stamp(pick: Random) -> str:
    d, m = pick.randint(1, 28), pick.randint(1, 12)
    month = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()[m - 1]
    return pick.choice(
        (
            f"2024-{m:02}-{d:02} 14:22:05",
            f"{d:02} {month} 2024 14:22",
            f"2024/{m:02}/{d:02} 02:07:11",
        )
    )


def noisy(text: str, truths: Sequence[Truth], pick: Random) -> tuple[str, tuple[Truth, ...]]:
    """As a reader of pictures may read it."""
    out, places = [], []
    for char in text:
        places.append(len(out))
        roll = pick.random()
        if char == " " and roll < 0.1:
            continue
        if char in CONFUSED and roll < 0.05:
            out += list(pick.choice(CONFUSED[char]))
        elif char.isalnum() and roll > 0.99:
            out.append(
                pick.choice("0123456789" if char.isdigit() else "abcdefghijklmnopqrstuvwxyz")
            )
        else:
            out.append(char)
    places.append(len(out))
    return "".join(out), tuple(Truth(t.kind, places[t.start], places[t.end]) for t in truths)


def line_at(text: str, x: float, y: float, height: float = 20) -> TextLine:
    width = max(1.0, 0.55 * height * len(text))
    quad = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], float)
    return TextLine(quad=quad, text=text, confidences=(0.95,) * len(text))


def missed(judge: Judge, lines: list[TextLine], truths: Sequence[tuple[int, Truth]]) -> list[Truth]:
    found = judge.judge(lines)
    left = []
    for number, truth in truths:
        covered = {at for one in found if one.line == number for at in range(one.start, one.end)}
        text = lines[number].text
        if any(text[at].isalnum() and at not in covered for at in range(truth.start, truth.end)):
            left.append(truth)
    return left


def held_out(
    filler: Filler, times: int
) -> list[tuple[str, list[TextLine], list[tuple[int, Truth]]]]:
    """Lines of which none was looked at while the rules were made."""
    return [
        (template, [line_at(text, 10, 10)], [(0, truth) for truth in truths])
        for _ in range(times)
        for template in HELD_OUT.strip().splitlines()
        for text, truths in [filler.fill(template)]
    ]


def cases(filler: Filler, times: int) -> list[tuple[str, list[TextLine], list[tuple[int, Truth]]]]:
    """Lines alone, and labels with their values beside or below."""
    made = []
    for _ in range(times):
        for template in LINES.strip().splitlines():
            text, truths = filler.fill(template)
            made.append((template, [line_at(text, 10, 10)], [(0, truth) for truth in truths]))
        for template in PAGES.strip().splitlines():
            label, value = template.split("|")
            text, truths = filler.fill(value)
            below = filler.random.random() < 0.5
            place = (10.0, 36.0) if below else (200.0, 11.0)
            lines = [
                line_at(label, 10, 10),
                line_at(text, *place),
                line_at("Sinus Rhythm", 600, 300),
            ]
            made.append((template, lines, [(1, truth) for truth in truths]))
    return made


def models(host: Host) -> dict[str, Path]:
    found = {}
    for name in ("spacy-en", "rampart"):
        try:
            found[name] = find(host.model(name))
        except VeilcastError:
            print(f"without {name}")
    return found


def ordinary(section: str) -> list[str]:
    text = Path(__file__).with_suffix(".txt").read_text("utf-8")
    return [
        line
        for line in text.partition(f"[{section}]\n")[2].partition("\n[")[0].splitlines()
        if line
    ]


def recall(
    judge: Judge, times: int, seed: int, *, noise: bool, misses: bool, blind: bool = False
) -> None:
    filler = Filler(seed)
    count: dict[str, int] = defaultdict(int)
    lost: dict[str, int] = defaultdict(int)
    for template, lines, planted in (held_out if blind else cases)(filler, times):
        truths = planted
        if noise:
            changed = []
            for number, line in enumerate(lines):
                own = [truth for at, truth in truths if at == number]
                text, moved = noisy(line.text, own, filler.random)
                changed += [(number, truth) for truth in moved]
                lines[number] = line_at(text, line.quad[0][0], line.quad[0][1])
            truths = changed
        left = missed(judge, lines, truths)
        for _, truth in truths:
            count[truth.kind] += 1
        for truth in left:
            lost[truth.kind] += 1
        if left and misses:
            shown = [line.text for line in lines if line.text != "Sinus Rhythm"]
            print(f"   missed {[one.kind for one in left]} in {shown} ({template})")
    kinds = "  ".join(
        f"{kind} {1 - lost[kind] / count[kind]:.3f} of {count[kind]}" for kind in sorted(count)
    )
    print(f"{'held out ' if blind else ''}{'noisy' if noise else 'clean'}: {kinds}")


def alarms(judge: Judge, section: str, *, misses: bool) -> None:
    lines = ordinary(section)
    covered = 0
    for text in lines:
        found = judge.judge([line_at(text, 10, 10)])
        covered += bool(found)
        if found and misses:
            told = [(text[f.start : f.end], f.identifier, f.reason, f.recognizer) for f in found]
            print(f"   covered: {text} {told}")
    share = covered / max(1, len(lines))
    print(f"ordinary lines ({section}): {covered} of {len(lines)} covered, {share:.3f}")


def cost(judge: Judge, seed: int) -> None:
    """A page of sixty lines: half ordinary, half with something in it."""
    filler = Filler(seed)
    texts = ordinary("dev")[:30] + [filler.fill(t)[0] for t in LINES.strip().splitlines()[:30]]
    lines = [line_at(text, 10 + 500 * (n % 2), 10 + 30 * (n // 2)) for n, text in enumerate(texts)]
    for name in ("new", "again"):
        begun = time.process_time()
        judge.judge(lines)
        print(f"page of {len(lines)} lines, {name}: {1000 * (time.process_time() - begun):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--blind", action="store_true")
    parser.add_argument("--lists", action="store_true")
    chosen = parser.parse_args()
    host = Host()
    found = {} if chosen.lists else models(host)
    with Judge(IdentifierSettings(), host.recognizers, found, "en") as judge:
        cost(judge, chosen.seed)
        alarms(judge, "dev", misses=chosen.misses)
        if chosen.blind:
            for section in ("blind", "blind2", "blind3"):
                alarms(judge, section, misses=chosen.misses)
        if chosen.blind:
            for noise in (False, True):
                recall(
                    judge,
                    chosen.names,
                    chosen.seed + 2,
                    noise=noise,
                    misses=chosen.misses,
                    blind=True,
                )
        recall(judge, chosen.names, chosen.seed, noise=False, misses=chosen.misses)
        recall(judge, chosen.names, chosen.seed + 1, noise=True, misses=chosen.misses)


if __name__ == "__main__":
    main()
