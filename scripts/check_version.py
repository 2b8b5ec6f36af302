"""Fail if the changelog's newest entry is not for the version that is being built."""

import re
import sys
import tomllib
from pathlib import Path


def main() -> int:
    """Compare the version in pyproject.toml with the first second-level heading of CHANGELOG.md."""
    version = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    newest = re.search(r"^## (\S+)", Path("CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    entry = newest[1] if newest else "nothing"
    if entry != version:
        print(f"pyproject.toml says {version}, the newest entry of CHANGELOG.md is for {entry}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
