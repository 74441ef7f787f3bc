"""Whatever is read in a picture, spans lie within it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from veilcast_text.understanding.forms import forms
from veilcast_text.understanding.shapes import own_spans

PIECES = st.sampled_from(
    "Name: |DOB|07/03/1951|447l9O2|Mr |Mrs.|HOLLOWAY,|Xİ|ß|(Host)|’s iPhone|RN|Bed 4|_|:|,| |\t|١٢٣"
    "|94 yrs|JUL|2024|14:22|St Ann|\\Users\\x|ﬁ|é|0O0l1|MD|\N{COMBINING ACUTE ACCENT}".split("|")
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=9).map("".join)))
def test_any_text(text: str) -> None:
    for form in forms(text):
        assert len(form.origin) == len(form.text)
        assert list(form.origin) == sorted(form.origin)
        for span in own_spans(form.text):
            assert 0 <= span.start < span.end <= len(form.text)
            start, end = form.back(span.start, span.end)
            assert 0 <= start < end <= len(text)
