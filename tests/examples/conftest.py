"""Puts the example apps where a host puts them: on the import path."""

import sys
from pathlib import Path

_EXAMPLES = str(Path(__file__).parents[2] / "examples")
if _EXAMPLES not in sys.path:
    sys.path.insert(0, _EXAMPLES)
