"""Trains the embedded pipeline. The same sources and seed give the same weights.

    python -m veilcast_identifiers.training.train MTS_DIALOG.csv PRIMOCK.jsonl [TARGET_FOLDER]

It needs Faker and names besides what Veilcast needs, and some minutes on one core.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from veilcast_identifiers.names.lexicon import load_lexicon
from veilcast_identifiers.names.tagger import LABELS, features
from veilcast_identifiers.names.tokens import tokenize
from veilcast_identifiers.training.dialogues import (
    OTHER,
    PERSON,
    copy,
    mts_dialogues,
    primock_dialogues,
    write,
)
from veilcast_identifiers.training.inject import Injector
from veilcast_identifiers.training.sampling import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from veilcast_identifiers.names.lexicon import Lexicon
    from veilcast_identifiers.training.dialogues import Dialogue

TARGET = Path(__file__).parents[1] / "names" / "data" / "pipeline"
SEED = 20_240_601
EPOCHS = 8
PRIMOCK_TIMES = 3
"""How often a consultation is used in an epoch: there are few, and they are what talk is like."""
BATCH = 16
FORGOTTEN = 0.12
"""So many of the names are taken for words that no list has: no list has all names."""
TURNS = (8, 16, 32)


def passages(
    dialogues: list[Dialogue], injector: Injector, random: Random
) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """All dialogues once, with other names each time."""
    order = list(dialogues)
    random.shuffle(order)
    for dialogue in order:
        changed = copy(dialogue)
        injector.inject(changed)
        length = random.choice(TURNS)
        for at in range(0, len(changed), length):
            draw = random.random()
            yield write(changed[at : at + length], plain=draw < 0.72, turns=draw > 0.15)


def examples(
    vocab: Any,
    lexicon: Lexicon,
    texts: Iterator[tuple[str, list[tuple[int, int, str]]]],
    random: Random,
) -> Iterator[Any]:
    """What spaCy trains on: the features of each token, and its tag."""
    from spacy.training import Example

    for content, spans in texts:
        tokens = tokenize(content, lexicon)
        if not tokens:
            continue
        tags = []
        place = 0
        for token in tokens:
            while place < len(spans) and spans[place][1] <= token.start:
                place += 1
            inside = place < len(spans) and spans[place][0] < token.end
            tags.append(spans[place][2] if inside else OTHER)
        tokens = [
            replace(token, code=random.choice(("n", "n", "")))
            if tag == PERSON and token.is_sure and random.random() < FORGOTTEN
            else token
            for token, tag in zip(tokens, tags, strict=True)
        ]
        predicted = features(vocab, tokens)
        reference = predicted.copy()
        for entry, tag in zip(reference, tags, strict=True):
            entry.tag_ = tag
        yield Example(predicted, reference)


def train(
    mts: Path,
    primock: Path,
    *,
    leave_out: Collection[str] = (),
    epochs: int = EPOCHS,
    say: Callable[[str], object] = str,
) -> Any:
    """A trained pipeline.

    Args:
        mts: MTS-Dialog's training set.
        primock: the labelled consultations.
        leave_out: the consultations that it must not see.
        epochs: how often every dialogue is used, each time with other names.
        say: told of the progress.

    Returns:
        A spaCy pipeline with the component ``tagger``.
    """
    from spacy.util import load_config, load_model_from_config
    from thinc.api import Adam, fix_random_seed, require_cpu

    require_cpu()
    fix_random_seed(SEED)
    random = Random(SEED)  # noqa: S311 - no secret
    lexicon = load_lexicon()
    dialogues = list(mts_dialogues(mts, lexicon))
    dialogues += list(primock_dialogues(primock, lexicon, leave_out)) * PRIMOCK_TIMES
    injector = Injector(Names(lexicon, random), random)
    nlp = load_model_from_config(
        load_config(Path(__file__).with_name("pipeline.cfg")), auto_fill=True
    )
    tagger: Any = nlp.get_pipe("tagger")
    for label in LABELS:
        tagger.add_label(label)
    first = list(examples(nlp.vocab, lexicon, passages(dialogues[:20], injector, random), random))
    nlp.initialize(lambda: first)
    optimizer = Adam(0.002, L2=0.01, grad_clip=1.0, use_averages=True, L2_is_weight_decay=True)
    for epoch in range(epochs):
        optimizer.learn_rate = 0.002 * (1 - epoch / epochs) + 0.0002
        losses: dict[str, float] = {}
        batch_of = list(examples(nlp.vocab, lexicon, passages(dialogues, injector, random), random))
        random.shuffle(batch_of)
        for at in range(0, len(batch_of), BATCH):
            tagger.update(batch_of[at : at + BATCH], drop=0.15, sgd=optimizer, losses=losses)
        say(f"epoch {epoch + 1} of {epochs}: loss {losses['tagger']:.0f}")
    with nlp.use_params(optimizer.averages):
        data = nlp.to_bytes(exclude=["tokenizer"])
    return load_model_from_config(nlp.config, auto_fill=True).from_bytes(data)


def main() -> None:
    """Train on everything and save."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"):
        os.environ[name] = "1"
    mts, primock = map(Path, sys.argv[1:3])
    target = Path(sys.argv[3]) if len(sys.argv) > 3 else TARGET
    pipeline = train(mts, primock, say=lambda line: print(line, flush=True))  # noqa: T201
    pipeline.to_disk(target, exclude=["tokenizer"])


if __name__ == "__main__":
    main()
