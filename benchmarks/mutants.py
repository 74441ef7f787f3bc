"""What the tests notice: a sample of faults, each put into the code alone, and the tests run on it.

    python benchmarks/mutants.py sample            # draw them: out/mutants.json
    python -m pytest -n auto --cov --cov-context=test --times=benchmarks/out/times.json
    python benchmarks/mutants.py run --name quick  # an hour: out/mutants-quick.json
    python benchmarks/mutants.py run --name release --release --only-survivors-of quick
    python benchmarks/mutants.py table quick release

Faults come from the operators of Cosmic Ray: a sum becomes a difference, `<` becomes `<=`, a
number one more, a loop is not entered. They are drawn at random with a fixed seed, the same number
from each room. A test that fails *kills* a mutant. For each mutant only tests that reach its lines
are run (coverage.py noted which), the cheapest first, until one fails or `--at-most` processor
seconds are used; then those that run the program in a process of its own, of which nobody knows
what they reach. Needs the dependency groups `test` and `mutation`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Queue
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = HERE / "out"
SAMPLE = OUT / "mutants.json"

SEED = 20261130
EACH = 20
"""So many of each room."""
ROOMS = [
    f"core/veilcast/{room}"
    for room in ("redaction", "tracking", "pipeline", "verification", "text", "settings")
] + [
    f"plugins/veilcast_{plugin}"
    for plugin in ("faces", "identifiers", "metadata", "plates", "regions", "speech")
]

A_PROCESS_S = 0.2
"""A test that takes less than this starts no process of Veilcast."""
FIRST = 40
"""So many tests are tried before all the others are loaded."""


@dataclass(frozen=True)
class Mutant:
    """One fault: which occurrence of what an operator changes, and the line where that is."""

    room: str
    path: str
    line: int
    operator: str
    occurrence: int

    def code(self, root: Path) -> str:
        """The module with the fault in it."""
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        source = (root / self.path).read_text(encoding="utf-8")
        mutated = mutate_code(source, get_operator(self.operator)(), self.occurrence)
        assert mutated is not None, self
        return str(mutated)


# Drawing


def sample() -> None:
    drawn = [mutant for room in ROOMS for mutant in _drawn(room)]
    OUT.mkdir(exist_ok=True)
    SAMPLE.write_text(json.dumps([asdict(mutant) for mutant in drawn], indent=0))
    print(f"{len(drawn)} mutants in {len({mutant.path for mutant in drawn})} modules: {SAMPLE}")


def _drawn(room: str) -> list[Mutant]:
    # Some operators have a dozen variants, and would be most of what is drawn.
    places: dict[tuple[str, int, str], list[Mutant]] = defaultdict(list)
    for path in sorted((ROOT / room).rglob("*.py")):
        if "training" in path.parts:
            continue
        for mutant in _possible(room, path):
            kind = mutant.operator.partition("_")[0]
            places[mutant.path, mutant.line, kind].append(mutant)
    chance = random.Random(f"{SEED}-{room}")  # noqa: S311 - the same each time
    order = sorted(places)
    chance.shuffle(order)
    drawn: list[Mutant] = []
    for place in order:
        mutant = chance.choice(places[place])
        if _meaning(mutant.code(ROOT)) != _meaning((ROOT / mutant.path).read_text("utf-8")):
            drawn.append(mutant)
        if len(drawn) == EACH:
            break
    return drawn


def _possible(room: str, path: Path) -> list[Mutant]:
    from cosmic_ray.ast import ast_nodes, get_ast_from_path
    from cosmic_ray.plugins import get_operator, operator_names

    tree = get_ast_from_path(path)
    found = []
    for name in operator_names():
        if get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        positions = (at for node in ast_nodes(tree) for at in operator.mutation_positions(node))
        for occurrence, ((line, _), _) in enumerate(positions):
            relative = path.relative_to(ROOT).as_posix()
            found.append(Mutant(room, relative, line, name, occurrence))
    return found


def _meaning(code: str) -> str:
    """The program without what does nothing when it runs: annotations and docstrings."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            for argument in [*every, node.args.vararg, node.args.kwarg]:
                if argument:
                    argument.annotation = None
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = [ast.Pass()]
    return ast.dump(tree)


# Which tests


class Reach:
    """Which tests run which lines, as coverage.py noted it, and what each test takes."""

    def __init__(self, data: Path, times: Path, root: Path) -> None:
        from coverage import CoverageData

        self._data = CoverageData(str(data))
        self._data.read()
        self._root = root
        self._files = {Path(name).as_posix(): name for name in self._data.measured_files()}
        self._took = {
            name: took["setup"] + took["call"]
            for name, took in json.loads(times.read_text()).items()
        }

    def tests(self, mutant: Mutant) -> list[str]:
        """Names of tests, the cheapest first."""
        (name,) = [n for n in self._files.values() if n.endswith("/" + mutant.path)] or [""]
        if not name:
            return []
        by_line = self._data.contexts_by_lineno(name)
        lines = self._statement(mutant)
        contexts = {c for line in lines for c in by_line.get(line, ())}
        if not any(contexts):  # run as the module is imported
            contexts = {c for each in by_line.values() for c in each}
        tests = {context.partition("|")[0] for context in contexts if context}
        return sorted(tests, key=lambda test: self._took.get(test, 0.0))

    def apart(self, known: set[str]) -> list[str]:
        """Tests in files that run the program in processes of their own, the cheapest first."""
        files = {name.partition("::")[0] for name in known}
        running = {name for name in files if _runs_programs(self._root / name)}
        tests = [
            name
            for name in known
            if name.partition("::")[0] in running and self._took.get(name, 0.0) > A_PROCESS_S
        ]
        return sorted(tests, key=lambda test: (self._took.get(test, 0.0), test))

    def within(self, tests: list[str], most_s: float) -> list[str]:
        """The first of them, as many as take so many processor seconds in all."""
        total = 0.0
        for number, test in enumerate(tests):
            total += self._took.get(test, 0.0)
            if total > most_s:
                return tests[:number]
        return tests

    def _statement(self, mutant: Mutant) -> range:
        """The lines of the smallest statement around a mutant; of a compound one, its head."""
        tree = ast.parse((self._root / mutant.path).read_text(encoding="utf-8"))
        best = range(mutant.line, mutant.line + 1)
        size = 10**9
        for node in ast.walk(tree):
            if not isinstance(node, ast.stmt):
                continue
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno
            lines = range(node.lineno, max(end or 0, node.lineno) + 1)
            if mutant.line in lines and len(lines) < size:
                best, size = lines, len(lines)
        return best


def _runs_programs(path: Path) -> bool:
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    return "cli.program" in text or "subprocess" in text or "CommandLine" in text


# Running


class Bench:
    """A copy of the checkout to put faults into."""

    def __init__(self, folder: Path, root: Path, options: list[str]) -> None:
        self.root, self._options = folder, options
        if not folder.exists():
            kept = shutil.ignore_patterns(".git", ".venv", ".tox", "__pycache__", "out", ".*_cache")
            shutil.copytree(root, folder, ignore=kept)
        self.env = {
            **os.environ,
            "PYTHONPATH": f"{folder / 'core'}:{folder / 'plugins'}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.env.pop("CI", None)

    def fails(self, tests: list[str], limit_s: float) -> str | None:
        """The first test that fails, "" when none does, None when it takes too long."""
        listed = self.root / "tests.txt"
        listed.write_text("\n".join(tests))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += ["--no-header", "--timeout=120", *self._options, f"@{listed}"]
        try:
            done = subprocess.run(
                command,
                cwd=self.root,
                env=self.env,
                capture_output=True,
                text=True,
                check=False,
                timeout=limit_s,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode in (0, 5):
            return ""
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return lines[0][:200] if lines else f"exit {done.returncode}: {done.stdout[-150:]}"


def attempt(
    mutant: Mutant, bench: Bench, reach: Reach, known: set[str], asked: argparse.Namespace
) -> dict[str, Any]:
    """Put the fault in, run tests until one fails, take it out."""
    path = bench.root / mutant.path
    original = path.read_text(encoding="utf-8")
    began = time.monotonic()
    near = [test for test in reach.tests(mutant) if test in known]
    apart = [test for test in reach.apart(known) if test not in set(near)]
    tried = reach.within([*near, *apart], asked.at_most)
    path.write_text(mutant.code(bench.root), encoding="utf-8")
    killer: str | None = ""
    try:
        for tests in (tried[:FIRST], tried[FIRST:]):
            if tests and killer == "":
                # A mutant that makes tests take far longer than they do hangs: that is noticed.
                killer = bench.fails(tests, 60 + 6 * asked.at_most)
    finally:
        path.write_text(original, encoding="utf-8")
    return asdict(mutant) | {
        "killed": killer != "",
        "by": "it took too long" if killer is None else killer,
        "reached_by": len(near),
        "tried": len(tried),
        "took_s": round(time.monotonic() - began, 1),
    }


def collected(root: Path, options: list[str]) -> set[str]:
    """The names of the tests of a set."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return {line for line in done.stdout.splitlines() if "::" in line}


def run(asked: argparse.Namespace) -> None:
    root = asked.root.resolve()
    options = ["--release"] if asked.release else []
    known = collected(root, options)
    reach = Reach(asked.coverage, asked.times, root)
    mutants = [Mutant(**fields) for fields in json.loads(SAMPLE.read_text())]
    for name in asked.only_survivors_of or ():
        left = {_key(r) for r in _results(name) if not r["killed"]}
        mutants = [mutant for mutant in mutants if _key(asdict(mutant)) in left]
    target = OUT / f"mutants-{asked.name}.json"
    results = _results(asked.name) if target.exists() else []
    done = {_key(result) for result in results}
    benches: Queue[Bench] = Queue()
    for number in range(asked.jobs):
        benches.put(Bench(asked.scratch / f"{asked.name}-{number}", root, options))

    def one(mutant: Mutant) -> None:
        bench = benches.get()
        try:
            results.append(attempt(mutant, bench, reach, known, asked))
        finally:
            benches.put(bench)
        target.write_text(json.dumps(results, indent=0))
        last = results[-1]
        print(len(results), last["path"], last["line"], last["killed"], last["took_s"], flush=True)

    with ThreadPoolExecutor(asked.jobs) as pool:
        left_over = [mutant for mutant in mutants if _key(asdict(mutant)) not in done]
        list(pool.map(one, left_over))


def _key(result: dict[str, Any]) -> tuple[Any, ...]:
    return result["path"], result["line"], result["operator"], result["occurrence"]


def _results(name: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads((OUT / f"mutants-{name}.json").read_text())
    return results


def table(names: list[str]) -> None:
    """Killed by room, for each of several runs; of a run on survivors, what it killed of them."""
    print("| room | mutants | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    drawn = json.loads(SAMPLE.read_text())
    killed = [{_key(r) for r in _results(name) if r["killed"]} for name in names]
    for room in [*ROOMS, ""]:
        mutants = [m for m in drawn if m["room"].startswith(room)]
        counts = [sum(_key(m) in each for m in mutants) for each in killed]
        print(f"| {room or 'all'} | {len(mutants)} | " + " | ".join(map(str, counts)) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("sample", help="draw mutants")
    running = commands.add_parser("run", help="run the tests on each")
    running.add_argument("--name", required=True, help="of the results")
    running.add_argument("--root", type=Path, default=ROOT, help="the checkout with the tests")
    running.add_argument("--release", action="store_true", help="with the release set")
    running.add_argument("--only-survivors-of", nargs="*", metavar="NAME")
    running.add_argument("--coverage", type=Path, default=ROOT / ".coverage")
    running.add_argument("--times", type=Path, default=OUT / "times.json")
    running.add_argument(
        "--at-most", type=float, default=300, metavar="S", help="processor seconds for each mutant"
    )
    running.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    running.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir(), "mutants"))
    shown = commands.add_parser("table", help="what was killed, by room")
    shown.add_argument("names", nargs="+")
    asked = parser.parse_args()
    if asked.command == "sample":
        sample()
    elif asked.command == "run":
        run(asked)
    else:
        table(asked.names)


if __name__ == "__main__":
    main()
