"""The programs that Hallway is measured against, each in a virtual environment of its own under `.bench/`."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Peer:
    """A program from the package index; `packages` is what pip is asked for, the peer's own package first."""

    name: str
    packages: Sequence[str]

    @property
    def bin(self) -> Path:
        """The folder with the peer's `python` and commands."""
        return ROOT / ".bench" / self.name / "bin"

    def build(self) -> None:
        """Install the peer, unless the same packages are installed already."""
        folder = self.bin.parent
        stamp = folder / "installed.json"
        wanted = [*self.packages, sys.version]
        if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
            return
        print(f"Installing the peer {self.name} into {folder.relative_to(ROOT)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [self.bin / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, *self.packages], check=True)
        stamp.write_text(json.dumps(wanted), encoding="utf-8")

    def version(self) -> str:
        """Give the version that was installed."""
        package = self.packages[0].partition("[")[0]
        return run(self.bin / "python", f"import importlib.metadata as m; print(m.version({package!r}))")


def run(python: Path | str, code: str) -> str:
    """Run code in a fresh interpreter and give what it printed."""
    # Not in this folder: `-c` would let the code import from it.
    done = subprocess.run(
        [python, "-I", "-c", code], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=60
    )
    return done.stdout.strip()
