"""The site leads to every page, and its reference to every public name."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

import pytest
from docs.reading import ROOT

import veilcast
from veilcast import plugin, testing

if TYPE_CHECKING:
    from types import ModuleType

PUBLIC = {
    "veilcast": set(veilcast.__all__) - {"__version__", "errors"},
    "plugin": set(plugin.__all__),
    "testing": set(testing.__all__),
}


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "docs/build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_navigation_has_every_page_once(build: ModuleType) -> None:
    assert build.astray() == []
    assert len(build.pages()) > 10


@pytest.mark.parametrize("page", PUBLIC)
def test_the_reference_has_every_public_name(page: str) -> None:
    text = (ROOT / f"docs/reference/{page}.md").read_text(encoding="utf-8")
    package = page if page == "veilcast" else f"veilcast.{page}"
    listed = re.findall(rf"^::: {re.escape(package)}\.(\w+)$", text, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) - {"fixtures"} == PUBLIC[page]


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://unpkg.example/mermaid.js">',
        '<link rel="stylesheet" href="https://fonts.example/css?family=Roboto">',
        "<img alt='' src=//images.example/badge.svg>",
    ],
)
def test_a_page_that_fetches_from_elsewhere_is_noticed(
    build: ModuleType, tag: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = tmp_path_factory.mktemp("site")
    (site / "page.html").write_text(f'<a href="https://ok.example">x</a>{tag}', encoding="utf-8")
    (address,) = build.fetched(site)
    assert "example" in address
    assert "ok.example" not in address
