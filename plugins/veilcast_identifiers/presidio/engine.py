"""What Presidio's recognisers are given beside the text, without a model and without a network."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from veilcast.plugin import VeilcastError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from presidio_analyzer.nlp_engine import NlpArtifacts

_LOGGERS = ("presidio-analyzer", "decision_process", "tldextract")


def keep_quiet_and_offline() -> None:
    """Presidio asks no server and logs no text.

    `tldextract`, which validates e-mail addresses, would fetch the public suffix list and keep it
    in the home folder; the list in its package does. Presidio's debug messages hold words of the
    text.
    """
    import tldextract

    # Presidio calls `tldextract.extract`, which uses this one.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True
    )
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


class _Counter(logging.Handler):
    """Counts warnings without reading them."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.count += 1


@contextmanager
def nothing_skipped() -> Iterator[None]:
    """Presidio warns where it gives up on a pattern and goes on; that would be a leak.

    Raises:
        VeilcastError: it warned.
    """
    logger, counter = logging.getLogger("presidio-analyzer"), _Counter()
    logger.addHandler(counter)
    try:
        yield
    finally:
        logger.removeHandler(counter)
    if counter.count:
        raise VeilcastError(
            "Presidio gave up on a part of the text; leave the recogniser `presidio` out, or "
            "report the kind of text that it was given."
        )


class Words:
    """Words of a text for Presidio's context words: a spaCy pipeline that only separates them."""

    def __init__(self, language: str) -> None:
        import spacy
        from presidio_analyzer.nlp_engine import NlpEngine

        try:
            self._nlp = spacy.blank(language)
        except ImportError:
            # spaCy has no rules for this language; these part words in any.
            self._nlp = spacy.blank("xx")
        vocabulary, words_of = self._nlp.vocab, self.of

        class Engine(NlpEngine):
            """Answers what a recogniser may ask an engine."""

            def load(self) -> None:
                """There is nothing to load."""

            def is_loaded(self) -> bool:
                return True

            def process_text(self, text: str, language: str) -> NlpArtifacts:
                return words_of(text)

            def process_batch(
                self,
                texts: Iterable[str],
                language: str,
                batch_size: int = 1,
                n_process: int = 1,
                **kwargs: Any,
            ) -> Iterator[tuple[str, NlpArtifacts]]:
                for text in texts:
                    yield text, words_of(text)

            def is_stopword(self, word: str, language: str) -> bool:
                return bool(vocabulary[word].is_stop)

            def is_punct(self, word: str, language: str) -> bool:
                return bool(vocabulary[word].is_punct)

            def get_supported_entities(self) -> list[str]:
                return []

            def get_supported_languages(self) -> list[str]:
                return [language]

        self._engine = Engine()
        self._language = language

    def of(self, text: str) -> NlpArtifacts:
        """The words of a text; their base form is the word itself."""
        from presidio_analyzer.nlp_engine import NlpArtifacts

        doc = self._nlp.make_doc(text)
        return NlpArtifacts(
            entities=[],
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.text.lower() for token in doc],
            nlp_engine=self._engine,
            language=self._language,
        )
