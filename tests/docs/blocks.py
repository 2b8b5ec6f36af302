"""The fenced code blocks of the documentation, each with the page and line where it begins."""

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is that of its first line of code, counted from one."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page}:{self.line}"


def pages() -> list[Path]:
    """List what a reader may copy code from."""
    written = [path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts]
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(written)]


def read_blocks(page: Path) -> list[Block]:
    """Find the blocks of a page, those inside lists and quotations too."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [
        # A fence's map starts, counted from zero, at the line of backticks: the code starts on the next one.
        Block(page, token.map[0] + 2, token.info.split()[0] if token.info.strip() else "", token.content)
        for token in tokens
        if token.type == "fence" and token.map is not None
    ]
