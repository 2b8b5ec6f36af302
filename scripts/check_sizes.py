"""Keep modules small: a file that nobody wants to read to its end should become two."""

import sys
from pathlib import Path

NOTE = 300
LIMIT = 400


def main() -> int:
    """List the modules that grow large, and fail if one is larger than the limit."""
    too_long = False
    for path in sorted(Path("src").rglob("*.py")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LIMIT:
            too_long = True
            print(f"{path}: {lines} lines, the limit is {LIMIT}: split it where it has a seam")
        elif lines > NOTE:
            print(f"note: {path} has grown to {lines} lines of {LIMIT}")
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
