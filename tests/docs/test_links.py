"""What a page links to is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .blocks import ROOT, pages


def targets_of(page: Path) -> Iterator[str]:
    """List where a page's links and pictures point to."""
    waiting: list[Token] = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    while waiting:
        token = waiting.pop()
        waiting += token.children or []
        target = token.attrGet("href") or token.attrGet("src")
        if target:
            yield str(target)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_links_to_exists(page: Path) -> None:
    files = [target.partition("#")[0] for target in targets_of(page) if "://" not in target]
    assert [file for file in files if file and not (page.parent / file).exists()] == []
