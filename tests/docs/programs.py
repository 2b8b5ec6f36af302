"""Run the Python of one page as its reader would: block after block, with the files that it says to write."""

import contextlib
import importlib
import re
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from types import ModuleType

from .blocks import ROOT, Block

_FILE = re.compile(r"# file: (\S+\.py)\n")


class EarlierBlockFailed(Exception):
    """A block could not be tried because one that it builds on does not work."""


class Program:
    """The Python blocks of one page, which share a namespace and a folder."""

    def __init__(self, blocks: Sequence[Block], folder: Path) -> None:
        self._waiting = list(blocks)
        self._folder = folder
        files = [found[1] for block in blocks if (found := _FILE.match(block.text))]
        self._file_names = {file.removesuffix(".py").partition("/")[0] for file in files}
        self._broken: Block | None = None
        page = ModuleType(f"page_{blocks[0].page.stem.replace('-', '_')}")
        self._namespace = page.__dict__
        # The page's modules are put away between its blocks: another page may have an `app` of its own.
        self._modules = {page.__name__: page}

    def run_up_to(self, wanted: Block) -> None:
        """Run the blocks that have not run yet, up to and with this one."""
        while wanted in self._waiting:
            if self._broken:
                raise EarlierBlockFailed(f"{wanted} builds on {self._broken}, which failed")
            block = self._waiting.pop(0)
            self._broken = block
            with self._entered():
                self._run(block)
            self._broken = None

    def _run(self, block: Block) -> None:
        file = _FILE.match(block.text)
        if file:
            path = self._folder / file[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            importlib.invalidate_caches()
            importlib.import_module(file[1].removesuffix(".py").replace("/", "."))
        else:
            # The empty lines make a traceback name the line of the page.
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, block.page, "exec"), self._namespace)

    @contextlib.contextmanager
    def _entered(self) -> Generator[None]:
        # So is what others imported under the names of this page's files: the demo has a `gauges`, too.
        hidden = {
            name: sys.modules.pop(name)
            for name in list(sys.modules)
            if name.partition(".")[0] in self._file_names
        }
        before = set(sys.modules)
        sys.modules.update(self._modules)
        sys.path.insert(0, str(self._folder))
        try:
            with contextlib.chdir(self._folder):
                yield
        finally:
            sys.path.remove(str(self._folder))
            for name in set(sys.modules) - before:
                if name in self._modules or self._is_ours(sys.modules[name]):
                    self._modules[name] = sys.modules.pop(name)
            sys.modules.update(hidden)

    def _is_ours(self, module: ModuleType) -> bool:
        return Path(getattr(module, "__file__", None) or ROOT).is_relative_to(self._folder)
